-- Format of slips. A slip's name is random; `entry` is the person's while it holds, NULL after.
CREATE TABLE slip (
  id BLOB PRIMARY KEY, entry INTEGER REFERENCES entry (id), revoked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX slip_by_person ON slip (entry) WHERE entry IS NOT NULL;
-- Keys of short codes per area (lane bits zero), numbered from 1 in the order of their entries.
CREATE TABLE code_key (
  scope INTEGER NOT NULL, number INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL,
  PRIMARY KEY (scope, number)
) STRICT, WITHOUT ROWID;
-- Certificates of all nodes of the network, to check slips with; frames are checked with `certificate`.
CREATE TABLE issuer (
  node INTEGER NOT NULL, epoch INTEGER NOT NULL, serial INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (node, epoch)
) STRICT, WITHOUT ROWID;
-- Reference data, which is public. A revision holds once all its parts are here.
CREATE TABLE reference_list (
  scope INTEGER NOT NULL, list TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (scope, list)
) STRICT, WITHOUT ROWID;
CREATE TABLE reference_item (
  scope INTEGER NOT NULL, list TEXT NOT NULL, place INTEGER NOT NULL, retired INTEGER NOT NULL,
  item BLOB NOT NULL, PRIMARY KEY (scope, list, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE reference_part (
  scope INTEGER NOT NULL, list TEXT NOT NULL, revision INTEGER NOT NULL, part INTEGER NOT NULL,
  items BLOB NOT NULL, PRIMARY KEY (scope, list, revision, part)
) STRICT, WITHOUT ROWID;
-- Broadcasts: who proposed and decided (scope without lane, staff index), and when it lapses.
-- broadcast.state: 5 proposed, 6 refused. broadcast.class: as in `message`.
CREATE TABLE proposal (
  broadcast INTEGER PRIMARY KEY REFERENCES broadcast (id), scope INTEGER NOT NULL,
  author INTEGER NOT NULL, expires_at INTEGER NOT NULL, decided_scope INTEGER,
  decided_author INTEGER, approved INTEGER
) STRICT;
CREATE INDEX registration_by_programme ON registration (programme);
-- Alerts that came here; `after` = the last person looked at. level, kind: 0 to 2 in their order.
-- only: the one origin that sends, -1 = every site to its own people. own: raised here.
CREATE TABLE alert (
  number INTEGER PRIMARY KEY, id BLOB NOT NULL, step INTEGER NOT NULL, scope INTEGER NOT NULL,
  kind INTEGER NOT NULL, level INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  only_origin INTEGER NOT NULL, own INTEGER NOT NULL, after INTEGER NOT NULL,
  done INTEGER NOT NULL, queued INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES data_key (id), sealed BLOB NOT NULL, UNIQUE (id, step)
) STRICT;
CREATE INDEX alert_to_send ON alert (number) WHERE done = 0;
CREATE INDEX alert_by_area ON alert (scope, number);
