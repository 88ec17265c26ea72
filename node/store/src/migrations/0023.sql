-- Facts that wait for what they are about: it came, or will come, over another road. A key names an
-- entry, a review or a pair; the entry is the arrival number of the fact.
CREATE TABLE unresolved (
  key BLOB NOT NULL, entry INTEGER NOT NULL REFERENCES entry (id), PRIMARY KEY (key, entry)
) STRICT, WITHOUT ROWID;
