-- Format 3. Delivery receipts: what was handed over to whom, and receipts that wait for their message.

-- One row a message from its first claim on; `account` and `key` come with the network's answer.
-- recipient: as in `message`, 0 = not known. told: what a receipt said. key: `canonical`.
CREATE TABLE handover (
  message INTEGER PRIMARY KEY REFERENCES message (number), recipient INTEGER NOT NULL,
  reference INTEGER NOT NULL, until INTEGER NOT NULL, account TEXT, key TEXT, told INTEGER
) STRICT;
CREATE INDEX handover_by_key ON handover (account, key, recipient) WHERE key IS NOT NULL;
CREATE INDEX handover_by_recipient ON handover (recipient);
CREATE TABLE parked_receipt (
  number INTEGER PRIMARY KEY, at INTEGER NOT NULL, account TEXT NOT NULL,
  message_id TEXT NOT NULL, key TEXT, recipient INTEGER, reference INTEGER,
  delivered INTEGER NOT NULL
) STRICT;
CREATE INDEX parked_receipt_by_time ON parked_receipt (at);
CREATE INDEX parked_receipt_by_recipient ON parked_receipt (account, recipient, key);
-- How an account spells ids in receipts, against its answers. form: 0 the same, 1 ours decimal and
-- theirs hexadecimal, 2 ours hexadecimal and theirs decimal. seen: lately, 8 at most.
CREATE TABLE receipt_form (
  account TEXT NOT NULL, form INTEGER NOT NULL, seen INTEGER NOT NULL,
  PRIMARY KEY (account, form)
) STRICT, WITHOUT ROWID;

-- What was handed over before this format is still found by its id. -1: no reference was given.
INSERT INTO handover (message, recipient, reference, until, account, key)
  SELECT number, recipient, -1, expires_at + 86400000, link,
    CASE WHEN trim(network_id) = '' THEN NULL
      ELSE coalesce(nullif(ltrim(lower(trim(network_id)), '0'), ''), '0') END
  FROM message WHERE network_id IS NOT NULL AND link IS NOT NULL AND state IN (2, 5, 6, 9);
INSERT INTO parked_receipt (at, account, message_id, key, delivered)
  SELECT at, link, network_id,
    CASE WHEN trim(network_id) = '' THEN NULL
      ELSE coalesce(nullif(ltrim(lower(trim(network_id)), '0'), ''), '0') END, delivered
  FROM early_status;
-- `early_status` is not written any more; the previous program still opens it.
DROP INDEX message_by_network;
