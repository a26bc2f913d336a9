-- What happened, who did it, how much was used, and what was already answered.
-- `heads` is the one row of a workspace that every commit with events or audit lines locks last: it makes both sequences gap-free in commit order.

CREATE TABLE heads (
    workspace TEXT NOT NULL CONSTRAINT heads_workspace_key PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    event_seq BIGINT NOT NULL,
    audit_n BIGINT NOT NULL,
    audit_mac TEXT NOT NULL,
    audit_seal TEXT NOT NULL
);

CREATE TABLE events (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    ticket TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT events_workspace_seq_key PRIMARY KEY (workspace, seq)
);
CREATE INDEX events_of_ticket ON events (workspace, ticket, seq);

CREATE TABLE audit (
    workspace TEXT NOT NULL REFERENCES workspaces (id),
    n BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    at BIGINT NOT NULL,
    mac TEXT NOT NULL,
    CONSTRAINT audit_workspace_n_key PRIMARY KEY (workspace, n)
);

CREATE TABLE usage_counts (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    what TEXT NOT NULL,
    day TEXT NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT usage_counts_workspace_what_day_key PRIMARY KEY (workspace, what, day)
);

CREATE TABLE idempotency (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    actor TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT,
    body TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT idempotency_workspace_actor_idempotency_key_key PRIMARY KEY (workspace, actor, idempotency_key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE playbook_versions (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    hash TEXT NOT NULL,
    files TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    promoted_at BIGINT,
    CONSTRAINT playbook_versions_workspace_n_key PRIMARY KEY (workspace, n),
    CONSTRAINT playbook_versions_workspace_hash_key UNIQUE (workspace, hash)
);

CREATE TABLE settings (
    name TEXT NOT NULL CONSTRAINT settings_name_key PRIMARY KEY,
    value TEXT NOT NULL
);
