-- Tenants and who signs in. Ids are UUIDv7 as text, moments are microseconds UTC, secrets are kept as sha256 in hexadecimal.
-- Uniqueness is named `{table}_{columns}_key`: the store derives the same name from SQLite's messages.

CREATE TABLE workspaces (
    id TEXT NOT NULL CONSTRAINT workspaces_id_key PRIMARY KEY,
    slug TEXT NOT NULL CONSTRAINT workspaces_slug_key UNIQUE,
    name TEXT NOT NULL,
    default_language TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    teams TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT users_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT users_workspace_email_key UNIQUE (workspace, email)
);

CREATE TABLE sign_in_links (
    hash TEXT NOT NULL CONSTRAINT sign_in_links_hash_key PRIMARY KEY,
    workspace TEXT NOT NULL,
    user_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    FOREIGN KEY (workspace, user_id) REFERENCES users (workspace, id) ON DELETE CASCADE
);

CREATE TABLE sessions (
    hash TEXT NOT NULL CONSTRAINT sessions_hash_key PRIMARY KEY,
    workspace TEXT NOT NULL,
    user_id TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    idle_until BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (workspace, user_id) REFERENCES users (workspace, id) ON DELETE CASCADE
);
CREATE INDEX sessions_of_user ON sessions (workspace, user_id);

CREATE TABLE tokens (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    hash TEXT NOT NULL CONSTRAINT tokens_hash_key UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    teams TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT tokens_workspace_id_key PRIMARY KEY (workspace, id)
);
