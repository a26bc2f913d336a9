-- When somebody can be asked, and who looks after a customer. `away_until` is a day such as `2026-12-03`, the first on which they are back.

ALTER TABLE people ADD COLUMN hours TEXT;
ALTER TABLE people ADD COLUMN away_until TEXT;
ALTER TABLE people ADD COLUMN away_note TEXT;
ALTER TABLE customers ADD COLUMN account_owner TEXT;
CREATE INDEX messages_of_author ON messages (workspace, author, created_at);
