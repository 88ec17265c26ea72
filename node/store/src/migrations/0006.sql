-- Events of programmes; kind is a keyed token of programme and code, so that a finder of the card
-- learns which rows are of one kind and not which kind. Names of persons and events are names of
-- entries. live = 0: withdrawn or replaced by an entry that may arrive first (event_void).
CREATE TABLE event (
  entry INTEGER PRIMARY KEY REFERENCES entry (id), name BLOB NOT NULL UNIQUE, subject BLOB,
  refers BLOB, kind BLOB NOT NULL, scope INTEGER NOT NULL, author INTEGER NOT NULL,
  at INTEGER NOT NULL, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE INDEX event_by_subject ON event (subject) WHERE subject IS NOT NULL;
CREATE INDEX event_by_refers ON event (refers) WHERE refers IS NOT NULL;
CREATE INDEX event_by_kind ON event (kind, at);
CREATE INDEX event_by_author ON event (scope, author, at);
CREATE TABLE event_void (name BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What is due for a person and who looks after her: one row a person. Days count from 1970;
-- hlc 0 = the worker who registered her. definitions: the programmes by which it was computed.
CREATE TABLE plan (
  id INTEGER PRIMARY KEY, person BLOB NOT NULL UNIQUE, own INTEGER NOT NULL, scope INTEGER NOT NULL,
  worker INTEGER NOT NULL, hlc INTEGER NOT NULL, by BLOB NOT NULL, due INTEGER, remind INTEGER,
  definitions BLOB NOT NULL, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE INDEX plan_by_worker ON plan (scope, worker, due);
CREATE INDEX plan_due ON plan (due) WHERE own = 1 AND due IS NOT NULL;
CREATE INDEX plan_remind ON plan (remind) WHERE own = 1 AND remind IS NOT NULL;
