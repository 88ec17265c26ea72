-- Changes of people's details that wait 72 hours, and those that waited (IDENTITY 9).
CREATE TABLE held_change (
    name   BLOB    PRIMARY KEY,
    person BLOB    NOT NULL,
    open   INTEGER NOT NULL,
    owner  INTEGER NOT NULL REFERENCES data_key (id),
    sealed BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX held_change_person ON held_change (person, name);
CREATE INDEX held_change_open ON held_change (name) WHERE open = 1;
CREATE INDEX held_change_owner ON held_change (owner);
