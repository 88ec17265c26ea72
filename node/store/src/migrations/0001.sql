-- Format 1. Sealed columns hold nonce ‖ ciphertext ‖ tag under the data key that `owner` names;
-- 20-byte names are origin ‖ epoch ‖ scope ‖ seq, big-endian. Unsigned 64-bit values are stored
-- as the signed value with the same bits.

CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- kind: 0 site, 1 day, 2 person, 3 served record
CREATE TABLE data_key (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, owner BLOB NOT NULL, wrapped BLOB NOT NULL,
  UNIQUE (kind, owner)
) STRICT;

-- Journal. -------------------------------------------------------------------------------------
CREATE TABLE chain (
  id INTEGER PRIMARY KEY, origin INTEGER NOT NULL, epoch INTEGER NOT NULL, scope INTEGER NOT NULL,
  seq INTEGER NOT NULL, hash BLOB NOT NULL,
  UNIQUE (origin, epoch, scope)
) STRICT;
CREATE TABLE entry (
  id INTEGER PRIMARY KEY, chain INTEGER NOT NULL REFERENCES chain (id), seq INTEGER NOT NULL,
  kind INTEGER NOT NULL, quality INTEGER NOT NULL, hlc INTEGER NOT NULL,
  doc BLOB NOT NULL, doc_ref BLOB, schema INTEGER NOT NULL, author INTEGER NOT NULL,
  session INTEGER NOT NULL, commitment BLOB NOT NULL, hash BLOB NOT NULL,
  UNIQUE (chain, seq)
) STRICT;
CREATE TABLE body (
  entry INTEGER PRIMARY KEY REFERENCES entry (id), owner INTEGER NOT NULL REFERENCES data_key (id),
  sealed BLOB NOT NULL
) STRICT;
CREATE TABLE seed (
  chain INTEGER NOT NULL REFERENCES chain (id), block INTEGER NOT NULL, wrapped BLOB NOT NULL,
  PRIMARY KEY (chain, block)
) STRICT, WITHOUT ROWID;
CREATE TABLE parked (entry INTEGER PRIMARY KEY REFERENCES entry (id), doc BLOB NOT NULL) STRICT;
CREATE TABLE receipt (
  chain INTEGER PRIMARY KEY REFERENCES chain (id), up_to INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT;
CREATE TABLE certificate (
  node INTEGER NOT NULL, epoch INTEGER NOT NULL, serial INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (node, epoch)
) STRICT;

-- The second fence: no code path changes a written entry.
CREATE TRIGGER entry_is_immutable BEFORE UPDATE ON entry
BEGIN SELECT RAISE (ABORT, 'entries are immutable'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry
BEGIN SELECT RAISE (ABORT, 'entries are immutable'); END;

-- Documents and views; rows are named by the arrival number of the entry that created them. ------
CREATE TABLE document (
  entry INTEGER PRIMARY KEY REFERENCES entry (id), owner INTEGER NOT NULL REFERENCES data_key (id),
  changes INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE TABLE person (
  entry INTEGER PRIMARY KEY REFERENCES entry (id), owner INTEGER NOT NULL REFERENCES data_key (id),
  sealed BLOB NOT NULL
) STRICT;
CREATE TABLE registration (
  entry INTEGER PRIMARY KEY REFERENCES entry (id), mother BLOB NOT NULL, child BLOB NOT NULL,
  programme TEXT NOT NULL, version INTEGER NOT NULL, scope INTEGER NOT NULL,
  author INTEGER NOT NULL, status INTEGER NOT NULL, review INTEGER, correlation TEXT NOT NULL,
  captured_at INTEGER NOT NULL, digested INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE INDEX registration_by_author ON registration (scope, author);
CREATE INDEX registration_to_digest ON registration (digested) WHERE digested = 0;
CREATE TABLE review (
  review INTEGER PRIMARY KEY, registration BLOB NOT NULL, other BLOB NOT NULL, entry INTEGER,
  answer INTEGER, decided INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE INDEX review_by_other ON review (other);
CREATE INDEX review_open ON review (entry) WHERE decided = 0;
CREATE TABLE staff (
  id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, number INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL,
  UNIQUE (scope, number)
) STRICT;
CREATE TABLE phone (
  token BLOB PRIMARY KEY, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- about: 0 person, 1 registration, 2 alias of a person, 3 staff, 4 registration by its person
CREATE TABLE token (
  kind INTEGER NOT NULL, value BLOB NOT NULL, about INTEGER NOT NULL, target INTEGER NOT NULL,
  PRIMARY KEY (kind, value, about, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE alias (
  id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entry (id),
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE TABLE lease (
  first INTEGER PRIMARY KEY, count INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE TABLE record (
  id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, registry TEXT NOT NULL, version TEXT NOT NULL,
  live INTEGER NOT NULL, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE INDEX record_live ON record (registry, version, id) WHERE live = 1;

-- Conversations. -------------------------------------------------------------------------------
CREATE TABLE session (
  phone INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE TABLE inbox (key BLOB PRIMARY KEY, day INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_by_day ON inbox (day);

-- Outbox. --------------------------------------------------------------------------------------
-- state: 0 queued, 1 submitting, 2 sent, 3 delivered, 4 failed, 5 expired, 6 unknown
CREATE TABLE message (
  number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, class INTEGER NOT NULL,
  state INTEGER NOT NULL, due_at INTEGER NOT NULL, leased_until INTEGER NOT NULL,
  attempt INTEGER NOT NULL, expires_at INTEGER NOT NULL, link TEXT, network_id TEXT,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE INDEX message_due ON message (class, due_at) WHERE state = 0;
CREATE INDEX message_expiry ON message (expires_at) WHERE state = 0;
CREATE INDEX message_leased ON message (leased_until) WHERE state = 1;
CREATE INDEX message_by_network ON message (network_id, link) WHERE network_id IS NOT NULL;
CREATE TABLE message_cover (
  message INTEGER NOT NULL REFERENCES message (number), entry INTEGER NOT NULL,
  PRIMARY KEY (message, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE early_status (
  network_id TEXT NOT NULL, link TEXT NOT NULL, delivered INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (network_id, link)
) STRICT, WITHOUT ROWID;
-- state: 0 pending, 1 sent, 2 unknown, 3 acknowledged, 4 refused
CREATE TABLE effect (
  number INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, upstream TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES entry (id), correlation TEXT NOT NULL, lane INTEGER NOT NULL,
  state INTEGER NOT NULL, due_at INTEGER NOT NULL, leased_until INTEGER NOT NULL,
  attempt INTEGER NOT NULL, owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL,
  UNIQUE (entry, upstream)
) STRICT;
CREATE INDEX effect_due ON effect (upstream, lane, due_at) WHERE state < 3;

-- Enrolment. -----------------------------------------------------------------------------------
CREATE TABLE slot (
  name TEXT PRIMARY KEY, node INTEGER NOT NULL, tries INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, request BLOB, owner INTEGER NOT NULL REFERENCES data_key (id),
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
