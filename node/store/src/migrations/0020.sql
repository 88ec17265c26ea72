-- Sticks (docs/decisions/0058): the last bundle number of each of our lives, and how far the
-- chains of both stood at a peer when it wrote its last bundle. Nothing in it is personal.
CREATE TABLE bundle_number (
  epoch INTEGER PRIMARY KEY, number INTEGER NOT NULL
) STRICT;
CREATE TABLE bundle_peer (
  node INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, number INTEGER NOT NULL
) STRICT;
CREATE TABLE bundle_have (
  node INTEGER NOT NULL REFERENCES bundle_peer (node), origin INTEGER NOT NULL,
  epoch INTEGER NOT NULL, scope INTEGER NOT NULL, up_to INTEGER NOT NULL,
  receipted INTEGER NOT NULL,
  PRIMARY KEY (node, origin, epoch, scope)
) STRICT, WITHOUT ROWID;
