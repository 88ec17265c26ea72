-- Frames of other origins as they were signed, for neighbours and the hub (docs/decisions/0062);
-- each is sealed under a data key of its own (kind 21), which goes with it. Spare: of a hub, or
-- covered by a receipt. A run is what is kept of a chain without a gap from its first kept frame,
-- with counts of all that is kept of it.
CREATE TABLE relay_frame (
  number INTEGER PRIMARY KEY, chain INTEGER NOT NULL REFERENCES chain (id),
  first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, bytes INTEGER NOT NULL,
  spare INTEGER NOT NULL, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL,
  UNIQUE (chain, last_seq)
) STRICT;
CREATE INDEX relay_frame_spare ON relay_frame (spare, number);
CREATE TABLE relay_run (
  chain INTEGER PRIMARY KEY REFERENCES chain (id), first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL, owed_frames INTEGER NOT NULL, owed_bytes INTEGER NOT NULL,
  spare_frames INTEGER NOT NULL, spare_bytes INTEGER NOT NULL
) STRICT;
