-- What auditors look for in the log: class (Class::number) and area (lane bits zero) of each read.
ALTER TABLE read_count ADD COLUMN class INTEGER NOT NULL DEFAULT 0;
ALTER TABLE read_count ADD COLUMN area INTEGER NOT NULL DEFAULT 0;
CREATE INDEX read_count_by_class ON read_count (class, at, entry);
