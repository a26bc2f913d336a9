-- A view of the inbox may show the tickets of one intent.

ALTER TABLE views ADD COLUMN intent TEXT;
