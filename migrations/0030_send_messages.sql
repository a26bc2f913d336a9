-- Messages of side conversations that leave the desk, and mails that come to it.

-- Written in the transaction of its message. `sending` is committed before the message itself leaves, so that whoever finds it there later
-- knows that it may have been sent; `attempts` rises at every try, and only the last one may say what came of it. `since` is when the state
-- began; `next_at` is when it is tried again.
CREATE TABLE message_deliveries (
    workspace TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    next_at BIGINT,
    CONSTRAINT message_deliveries_workspace_message_key PRIMARY KEY (workspace, message),
    FOREIGN KEY (workspace, message) REFERENCES messages (workspace, id) ON DELETE CASCADE
);
CREATE INDEX message_deliveries_unsettled ON message_deliveries (workspace, message) WHERE state IN ('queued', 'sending', 'unknown');

CREATE TABLE message_recipients (
    workspace TEXT NOT NULL,
    message TEXT NOT NULL,
    address TEXT NOT NULL,
    position BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    CONSTRAINT message_recipients_workspace_message_address_key PRIMARY KEY (workspace, message, address),
    FOREIGN KEY (workspace, message) REFERENCES message_deliveries (workspace, message) ON DELETE CASCADE
);

-- Every mail that came, once. `fingerprint` is the hash of what makes it the same mail, `said` of its words. `raw` is the mail as it came,
-- kept while a person may still need it; `size_bytes` is what it had, also where less was read.
CREATE TABLE incoming_mails (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    outcome TEXT NOT NULL,
    thread TEXT,
    message TEXT,
    message_id TEXT,
    sender TEXT,
    sender_name TEXT,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    said TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    decided_by TEXT,
    raw BYTEA,
    CONSTRAINT incoming_mails_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT incoming_mails_workspace_fingerprint_key UNIQUE (workspace, fingerprint),
    FOREIGN KEY (workspace, thread) REFERENCES threads (workspace, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace, message) REFERENCES messages (workspace, id) ON DELETE CASCADE
);
CREATE INDEX incoming_mails_of_thread ON incoming_mails (workspace, thread, received_at);
CREATE INDEX incoming_mails_of_message ON incoming_mails (workspace, message);
CREATE INDEX incoming_mails_old ON incoming_mails (received_at) WHERE raw IS NOT NULL;

-- How far the desk's mailbox was read: every mail up to `last_uid`, as long as `uid_validity` stays the same. `read_since` is when the last
-- reading began that reached the end. One process reads at a time, the one that holds the lease.
CREATE TABLE mailboxes (
    workspace TEXT NOT NULL CONSTRAINT mailboxes_workspace_key PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    uid_validity BIGINT NOT NULL,
    last_uid BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    read_since BIGINT
);
