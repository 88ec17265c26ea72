-- People registered by this node whose number is provisional or a slip's, until they get their own.
CREATE TABLE unnumbered (entry INTEGER PRIMARY KEY REFERENCES entry (id)) STRICT;
