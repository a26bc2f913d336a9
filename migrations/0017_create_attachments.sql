-- Files that came with a ticket, a comment or a message. Their bytes lie in `data.dir` under `sha256`; here is what is known of them.
-- `ticket` is null until the file is sent; `comment` or `thread` and `message` say with what. `audience` is that of the message.

CREATE TABLE attachments (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    claimed_type TEXT,
    size_bytes BIGINT NOT NULL,
    uploaded_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ticket TEXT,
    comment TEXT,
    thread TEXT,
    message TEXT,
    audience TEXT,
    read_state TEXT NOT NULL,
    read_reason TEXT,
    CONSTRAINT attachments_workspace_id_key PRIMARY KEY (workspace, id),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX attachments_of_ticket ON attachments (workspace, ticket, created_at, id);
CREATE INDEX attachments_by_hash ON attachments (workspace, sha256);
CREATE INDEX attachments_never_sent ON attachments (created_at) WHERE ticket IS NULL;
