-- Side conversations. A thread's text is internal to the desk: its audience column says so for every message.

CREATE TABLE threads (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    external_id TEXT,
    ticket TEXT NOT NULL,
    channel TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    participants TEXT NOT NULL,
    audience TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT threads_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT threads_workspace_external_id_key UNIQUE (workspace, external_id),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX threads_of_ticket ON threads (workspace, ticket, created_at, id);
CREATE INDEX threads_by_age ON threads (workspace, created_at, id);
CREATE INDEX threads_still_open ON threads (workspace, id) WHERE status = 'open';

CREATE TABLE messages (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    thread TEXT NOT NULL,
    author TEXT NOT NULL,
    audience TEXT NOT NULL,
    body TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    pending_revision BIGINT,
    CONSTRAINT messages_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT messages_workspace_thread_author_created_at_body_hash_key UNIQUE (workspace, thread, author, created_at, body_hash),
    FOREIGN KEY (workspace, thread) REFERENCES threads (workspace, id) ON DELETE CASCADE
);
CREATE INDEX messages_pending ON messages (workspace, id) WHERE pending_revision IS NOT NULL;
