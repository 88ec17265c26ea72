-- Format 1 of a hub's store on PostgreSQL. Plain SQL, so that an engine that speaks the same protocol
-- can run it. Numbers that are unsigned elsewhere keep their bits in bigint; 20-byte names are
-- origin ‖ epoch ‖ scope ‖ seq, big-endian; sealed columns hold nonce ‖ ciphertext ‖ tag.
--
-- Rights: the role outpost_hub, of which each replica's login is a member, may add to the journal
-- and read it; nobody but the owner of the tables may change or delete what stands there.

CREATE TABLE setting (name text PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE certificate (
  node bigint NOT NULL, epoch bigint NOT NULL, serial bigint NOT NULL, bytes bytea NOT NULL,
  PRIMARY KEY (node, epoch)
);

-- Journal. -------------------------------------------------------------------------------------
-- clock: the highest hybrid clock that was given or seen in this chain.
CREATE TABLE chain (
  hub bytea NOT NULL, origin bigint NOT NULL, epoch bigint NOT NULL, scope bigint NOT NULL,
  seq bigint NOT NULL, hash bytea NOT NULL, clock bigint NOT NULL,
  PRIMARY KEY (hub, origin, epoch, scope)
);
CREATE TABLE entry (
  origin bigint NOT NULL, epoch bigint NOT NULL, scope bigint NOT NULL, seq bigint NOT NULL,
  kind smallint NOT NULL, quality smallint NOT NULL, hlc bigint NOT NULL, doc bytea NOT NULL,
  doc_ref bytea, schema integer NOT NULL, author bigint NOT NULL, session bigint NOT NULL,
  commitment bytea NOT NULL, hash bytea NOT NULL,
  PRIMARY KEY (origin, epoch, scope, seq)
) PARTITION BY HASH (origin);
CREATE TABLE entry_0 PARTITION OF entry FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE entry_1 PARTITION OF entry FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE entry_2 PARTITION OF entry FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE entry_3 PARTITION OF entry FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE entry_4 PARTITION OF entry FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE entry_5 PARTITION OF entry FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE entry_6 PARTITION OF entry FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE entry_7 PARTITION OF entry FOR VALUES WITH (MODULUS 8, REMAINDER 7);

-- What an erasure drops lies in tables of its own. kind and owner: as in the store on SQLite.
CREATE TABLE data_key (
  kind smallint NOT NULL, owner bytea NOT NULL, wrapped bytea NOT NULL, PRIMARY KEY (kind, owner)
);
CREATE TABLE body (
  origin bigint NOT NULL, epoch bigint NOT NULL, scope bigint NOT NULL, seq bigint NOT NULL,
  kind smallint NOT NULL, owner bytea NOT NULL, sealed bytea NOT NULL,
  PRIMARY KEY (origin, epoch, scope, seq)
);
CREATE TABLE seed (
  origin bigint NOT NULL, epoch bigint NOT NULL, scope bigint NOT NULL, block bigint NOT NULL,
  wrapped bytea NOT NULL, PRIMARY KEY (origin, epoch, scope, block)
);
CREATE TABLE salt (
  origin bigint NOT NULL, epoch bigint NOT NULL, scope bigint NOT NULL, seq bigint NOT NULL,
  wrapped bytea NOT NULL, PRIMARY KEY (origin, epoch, scope, seq)
);
-- Documents of which nothing is taken any more.
CREATE TABLE erased (doc bytea PRIMARY KEY);

CREATE TABLE receipt (
  origin bigint NOT NULL, epoch bigint NOT NULL, scope bigint NOT NULL, up_to bigint NOT NULL,
  bytes bytea NOT NULL, PRIMARY KEY (origin, epoch, scope)
);

-- Outbox. --------------------------------------------------------------------------------------
-- state: 0 pending, 1 sent, 2 unknown, 3 acknowledged, 4 refused
CREATE TABLE outbox (
  request_id text PRIMARY KEY, upstream text NOT NULL, registration bytea NOT NULL,
  correlation text NOT NULL, lane smallint NOT NULL, state smallint NOT NULL,
  due_at bigint NOT NULL, leased_until bigint NOT NULL, attempt integer NOT NULL,
  kind smallint NOT NULL, owner bytea NOT NULL, sealed bytea NOT NULL,
  UNIQUE (registration, upstream)
);
CREATE INDEX outbox_due ON outbox (upstream, lane, due_at) WHERE state < 3;

-- Rights. --------------------------------------------------------------------------------------
GRANT SELECT ON format TO outpost_hub;
GRANT SELECT, INSERT ON entry, body, data_key, salt, erased TO outpost_hub;
GRANT SELECT, INSERT, DELETE ON seed TO outpost_hub;
GRANT SELECT, INSERT, UPDATE ON setting, certificate, chain, receipt, outbox TO outpost_hub;
