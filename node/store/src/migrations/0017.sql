-- Registrations that their worker took back. event_void holds the names of both kinds of entry,
-- whether they are here yet or not; this column follows it.
ALTER TABLE registration ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX registration_withdrawn ON registration (withdrawn) WHERE withdrawn = 1;
