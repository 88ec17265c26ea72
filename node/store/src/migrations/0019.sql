-- The SMS link (docs/protocols/sms.md): one row for each life of a node that has an SMS root, at
-- both ends. `state` holds counters, windows, runs and parts of runs, sealed as a whole.
CREATE TABLE sms_link (
  node INTEGER NOT NULL, epoch INTEGER NOT NULL, steps INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), state BLOB NOT NULL,
  -- What the other end told last of lists and certificates; -1 = nothing yet.
  list INTEGER NOT NULL, serial INTEGER NOT NULL, hub_serial INTEGER NOT NULL,
  PRIMARY KEY (node, epoch)
) STRICT;
-- Runs that the state holds, and what each is about; a row lives as long as its run.
CREATE TABLE sms_run (
  ticket INTEGER PRIMARY KEY, node INTEGER NOT NULL, epoch INTEGER NOT NULL,
  about BLOB NOT NULL,
  FOREIGN KEY (node, epoch) REFERENCES sms_link (node, epoch)
) STRICT;
CREATE INDEX sms_run_link ON sms_run (node, epoch);
-- How far the other end holds our chains, and how far it knows that we hold its own.
CREATE TABLE sms_have (
  node INTEGER NOT NULL, epoch INTEGER NOT NULL, origin INTEGER NOT NULL,
  chain_epoch INTEGER NOT NULL, scope INTEGER NOT NULL, up_to INTEGER NOT NULL,
  PRIMARY KEY (node, epoch, origin, chain_epoch, scope),
  FOREIGN KEY (node, epoch) REFERENCES sms_link (node, epoch)
) STRICT, WITHOUT ROWID;
-- What each SIM has sent for the link, and parts of texts to people that left by it: all, and as
-- far as the purse has counted them. Nothing in it is personal.
CREATE TABLE sms_purse (
  sim TEXT PRIMARY KEY, counts BLOB NOT NULL,
  others INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
