-- Format 7. Guards of people: places of staff lists that ended, PINs of this node.

CREATE TABLE staff_end (
  scope INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (scope, number)
) STRICT, WITHOUT ROWID;

-- holder: 0 and the 20-byte name of a person's document, or 1, scope and place in the staff list.
CREATE TABLE pin (
  holder BLOB PRIMARY KEY, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- Tries charged and not turned out right, by minute since 1970.
CREATE TABLE pin_try (minute INTEGER PRIMARY KEY, tries INTEGER NOT NULL) STRICT;

-- What a person answered when asked to agree, by the 20-byte name of the document, which may not be
-- here yet: a no that comes first must count.
CREATE TABLE consent (
  person BLOB PRIMARY KEY, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Erasures, by the 20-byte name of the person's document; approved: scope and place of the first of two.
CREATE TABLE erasure (
  person BLOB PRIMARY KEY, doc BLOB NOT NULL, asked INTEGER NOT NULL, scope INTEGER, number INTEGER,
  erased INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX erasure_by_doc ON erasure (doc) WHERE erased = 1;
CREATE TABLE erasure_done (
  person BLOB NOT NULL, node INTEGER NOT NULL, PRIMARY KEY (person, node)
) STRICT, WITHOUT ROWID;
-- Salts of entries in blocks whose seed is gone, wrapped.
CREATE TABLE salt (
  chain INTEGER NOT NULL REFERENCES chain (id), seq INTEGER NOT NULL, wrapped BLOB NOT NULL,
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;
