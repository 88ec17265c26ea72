-- Format of the read log. The newest reads of a person, sealed under her key.
CREATE TABLE read_log (
  person BLOB PRIMARY KEY, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX read_log_by_owner ON read_log (owner);
-- How many records each reader saw, by the entry that says so.
CREATE TABLE read_count (
  reader BLOB NOT NULL, at INTEGER NOT NULL, entry BLOB NOT NULL, persons INTEGER NOT NULL,
  PRIMARY KEY (reader, at, entry)
) STRICT, WITHOUT ROWID;
