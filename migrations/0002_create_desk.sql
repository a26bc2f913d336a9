-- Who can be asked, who asks, and what they ask. `pending_revision` is set in the transaction that changes what the index holds of a row
-- and cleared once the index has exactly that revision. `audience` holds the words of the domain's Audience between bars: `|team:legal|`.

CREATE TABLE people (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    team TEXT,
    role TEXT NOT NULL,
    languages TEXT NOT NULL,
    skills TEXT NOT NULL,
    pending_revision BIGINT,
    CONSTRAINT people_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT people_workspace_email_key UNIQUE (workspace, email)
);
CREATE INDEX people_pending ON people (workspace, id) WHERE pending_revision IS NOT NULL;

CREATE TABLE teams (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    is_external BIGINT NOT NULL,
    CONSTRAINT teams_workspace_name_key PRIMARY KEY (workspace, name)
);

CREATE TABLE channels (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    teams TEXT NOT NULL,
    expected_reply_minutes BIGINT NOT NULL,
    use_for TEXT NOT NULL,
    CONSTRAINT channels_workspace_name_key PRIMARY KEY (workspace, name)
);

CREATE TABLE customers (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    external_id TEXT,
    email TEXT NOT NULL,
    name TEXT,
    organisation TEXT,
    tier TEXT NOT NULL,
    language TEXT,
    notes TEXT,
    orders TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT customers_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT customers_workspace_email_key UNIQUE (workspace, email),
    CONSTRAINT customers_workspace_external_id_key UNIQUE (workspace, external_id)
);
CREATE INDEX customers_by_age ON customers (workspace, created_at, id);

CREATE TABLE tickets (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    external_id TEXT,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    requester TEXT NOT NULL,
    audience TEXT NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT,
    grp TEXT,
    assignee TEXT,
    tags TEXT NOT NULL,
    language TEXT,
    custom_fields TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    solved_at BIGINT,
    pending_revision BIGINT,
    CONSTRAINT tickets_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT tickets_workspace_external_id_key UNIQUE (workspace, external_id),
    FOREIGN KEY (workspace, requester) REFERENCES customers (workspace, id)
);
CREATE INDEX tickets_by_age ON tickets (workspace, created_at, id);
CREATE INDEX tickets_by_solution ON tickets (workspace, solved_at, id) WHERE solved_at IS NOT NULL;
CREATE INDEX tickets_of_customer ON tickets (workspace, requester, created_at);
CREATE INDEX tickets_pending ON tickets (workspace, id) WHERE pending_revision IS NOT NULL;

CREATE TABLE comments (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    ticket TEXT NOT NULL,
    author TEXT NOT NULL,
    is_public BIGINT NOT NULL,
    audience TEXT NOT NULL,
    body TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    pending_revision BIGINT,
    CONSTRAINT comments_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT comments_workspace_ticket_author_created_at_body_hash_key UNIQUE (workspace, ticket, author, created_at, body_hash),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX comments_pending ON comments (workspace, id) WHERE pending_revision IS NOT NULL;

CREATE TABLE labels (
    workspace TEXT NOT NULL,
    ticket TEXT NOT NULL,
    intents TEXT NOT NULL,
    sentiment TEXT,
    urgency TEXT,
    priority TEXT,
    grp TEXT,
    assignee TEXT,
    next_step TEXT,
    CONSTRAINT labels_workspace_ticket_key PRIMARY KEY (workspace, ticket),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
