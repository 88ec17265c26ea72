-- data_key.kind: also 4, theirs of a record's ids, by the removal; 5, a last text, by its outbox id.
-- Records at Building Blocks whose person was erased here (docs/decisions/0054).
-- state: 0 waiting, 1 asked, 3 gone. `write_id` is the request id of the effect that may have
-- written the record; `due_at` of one that is gone is its end. Theirs of a record's ids is sealed
-- under a data key of kind 4, which ends with the removal; ours is computed from `entry`.
CREATE TABLE removal (
  number INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, upstream TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES entry (id), person BLOB NOT NULL, write_id TEXT,
  state INTEGER NOT NULL, looks INTEGER NOT NULL, due_at INTEGER NOT NULL,
  leased_until INTEGER NOT NULL, attempt INTEGER NOT NULL,
  owner INTEGER REFERENCES data_key (id), sealed BLOB,
  UNIQUE (entry, upstream)
) STRICT;
CREATE INDEX removal_due ON removal (upstream, due_at) WHERE state < 3;
CREATE INDEX removal_by_write ON removal (write_id) WHERE write_id IS NOT NULL;
