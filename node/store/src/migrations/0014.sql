-- Who lives with whom, by the names of entries; no value of a person. A household has no row: it is
-- its memberships. The kind is a keyed token of the programme.
CREATE TABLE household_member (
    entry INTEGER PRIMARY KEY REFERENCES entry (id),
    name BLOB NOT NULL,
    household BLOB NOT NULL,
    person BLOB NOT NULL,
    kind BLOB NOT NULL,
    role INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT;
CREATE INDEX household_member_home ON household_member (household, kind);
CREATE INDEX household_member_person ON household_member (person, kind);
-- Memberships that ended; an end may arrive before its beginning.
CREATE TABLE household_end (name BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
