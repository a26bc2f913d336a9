-- What searches look at, without case: `LOWER` knows ASCII alone in SQLite, and in PostgreSQL what the locale of its cluster knows. The
-- texts are folded by the program when a row is written; rows that are here already are folded in the same transaction as this step.

ALTER TABLE customers ADD COLUMN folded_name TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN folded_rest TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN folded TEXT NOT NULL DEFAULT '';
