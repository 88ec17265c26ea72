-- Messages of local applications whose end they were not told; receipt: 1 = wanted.
CREATE TABLE application_message (
  message INTEGER PRIMARY KEY REFERENCES message (number), application TEXT NOT NULL,
  source TEXT NOT NULL, receipt INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE INDEX application_message_by_name ON application_message (application);
