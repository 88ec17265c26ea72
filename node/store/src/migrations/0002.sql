-- Format 2: what the rules of sending read stands beside each message; accounts of links,
-- broadcasts with their lists, and texts that people sent to people.

-- recipient, content, plan: 64 bits of a keyed hash, so that rows stay small.
-- zone: 0 = any time, else offset in quarter hours + 57. reason: code of a refusal, or why held.
ALTER TABLE message ADD COLUMN recipient INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN content INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN zone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN parts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE message ADD COLUMN reason INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN possible_duplicate INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN handed_at INTEGER;
ALTER TABLE message ADD COLUMN repeat_at INTEGER;
ALTER TABLE message ADD COLUMN plan INTEGER;
ALTER TABLE message ADD COLUMN broadcast INTEGER;
-- state: 0 queued, 1 submitting, 2 sent, 3 delivered, 4 failed, 5 expired, 6 unknown,
-- 7 cancelled, 8 held, 9 sent for good on a link without receipts
DROP INDEX message_due;
DROP INDEX message_expiry;
CREATE INDEX message_due ON message (class, zone, due_at) WHERE state = 0;
CREATE INDEX message_by_state ON message (state, expires_at);
CREATE INDEX message_by_recipient ON message (recipient, handed_at);
CREATE INDEX message_to_repeat ON message (repeat_at) WHERE repeat_at IS NOT NULL;
CREATE INDEX message_by_plan ON message (plan) WHERE plan IS NOT NULL;
CREATE INDEX message_by_broadcast ON message (broadcast, state) WHERE broadcast IS NOT NULL;
CREATE INDEX message_codes ON message (created_at) WHERE origin = 4;

-- Parts that left, by minute since 1970.
CREATE TABLE link_use (
  link TEXT NOT NULL, minute INTEGER NOT NULL, parts INTEGER NOT NULL,
  PRIMARY KEY (link, minute)
) STRICT, WITHOUT ROWID;

-- state: 0 draft, 1 running, 2 paused, 3 finished, 4 cancelled; place: lines already queued
CREATE TABLE broadcast (
  id INTEGER PRIMARY KEY, state INTEGER NOT NULL, place INTEGER NOT NULL,
  lines INTEGER NOT NULL, validity_s INTEGER NOT NULL, created_at INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE TABLE broadcast_line (
  broadcast INTEGER NOT NULL, place INTEGER NOT NULL, recipient INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL,
  PRIMARY KEY (broadcast, place)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX broadcast_line_once ON broadcast_line (broadcast, recipient);

-- Texts that no rule understood, and what people answered; thread: keyed hash of the number.
CREATE TABLE inbox_text (
  number INTEGER PRIMARY KEY, thread INTEGER NOT NULL, ours INTEGER NOT NULL,
  desk TEXT NOT NULL, at INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_text_by_thread ON inbox_text (thread, number);
