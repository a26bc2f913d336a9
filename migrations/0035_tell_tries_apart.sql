-- What a message's last try and a mailbox's readings need to be told apart, and why a mail waits for a person.

-- `is_copied`: the mail server took the desk's own copy of the last try, so that a copy that does not come proves that nothing was sent;
-- `resends`: how often it was sent again because none came.
ALTER TABLE message_deliveries ADD COLUMN is_copied BIGINT NOT NULL DEFAULT 0;
ALTER TABLE message_deliveries ADD COLUMN resends BIGINT NOT NULL DEFAULT 0;

-- Why a person looks at a mail, where one has to.
ALTER TABLE incoming_mails ADD COLUMN reason TEXT;
UPDATE incoming_mails SET reason = 'stranger' WHERE outcome = 'held';
UPDATE incoming_mails SET reason = 'too_many' WHERE outcome = 'loop';
UPDATE incoming_mails SET reason = 'machine' WHERE outcome = 'auto_reply';

-- The mail that could not be had from the mailbox, and how often in a row.
ALTER TABLE mailboxes ADD COLUMN failed_uid BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mailboxes ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
