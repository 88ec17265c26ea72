-- What auditors look for in the log: class (Class::number) and area (lane bits zero) of each read.
ALTER TABLE read_count ADD COLUMN class INTEGER NOT NULL DEFAULT 0;
ALTER TABLE read_count ADD COLUMN area INTEGER NOT NULL DEFAULT 0;
CREATE INDEX read_count_by_class ON read_count (class, at, entry);
-- Why a second person approved or refused a large broadcast, sealed.
ALTER TABLE proposal ADD COLUMN reason_key INTEGER REFERENCES data_key (id);
ALTER TABLE proposal ADD COLUMN reason BLOB;
