-- Sticks: the number of the revocation list that a peer held when it wrote its last bundle.
ALTER TABLE bundle_peer ADD COLUMN revocations INTEGER NOT NULL DEFAULT 0;
