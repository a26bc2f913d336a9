-- An answer that is given again says, like the first, where the thing is that it made.

ALTER TABLE idempotency ADD COLUMN location TEXT;
