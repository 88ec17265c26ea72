-- The changes of a document, for packed edits: which entry holds the change that one builds on.
CREATE INDEX entry_change ON entry (doc) WHERE kind = 0;
