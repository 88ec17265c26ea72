-- Format 5. People who were captured more than once.

-- Edges of the observed-remove set, named by the entry that added them. A removal may come first.
CREATE TABLE edge (
  addition BLOB PRIMARY KEY, one BLOB NOT NULL, other BLOB NOT NULL, removed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX edge_one ON edge (one) WHERE removed = 0;
CREATE INDEX edge_other ON edge (other) WHERE removed = 0;
-- Pairs that a person called two people.
CREATE TABLE distinct_pair (
  one BLOB NOT NULL, other BLOB NOT NULL, PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
-- Pairs that are asked about; the number is shared with reviews of registrations.
CREATE TABLE match (
  number INTEGER PRIMARY KEY, one BLOB NOT NULL, other BLOB NOT NULL, decided INTEGER,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE INDEX match_one ON match (one);
CREATE INDEX match_other ON match (other);
CREATE INDEX match_open ON match (number) WHERE decided IS NULL;
