-- Format 7. Guards of people: places of staff lists that ended.

CREATE TABLE staff_end (
  scope INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (scope, number)
) STRICT, WITHOUT ROWID;
