-- Heads: what was learned from a workspace's labels, each version with what it was made from and how good it was on what it had not seen.

-- `made_from` says which playbook, labels and encoder they were learned from; `metrics` is one line for each head; `bytes` is all of them.
CREATE TABLE head_versions (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    made_from TEXT NOT NULL,
    encoder TEXT NOT NULL,
    playbook TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    examples BIGINT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    metrics TEXT NOT NULL,
    bytes BYTEA NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT head_versions_workspace_version_key PRIMARY KEY (workspace, version)
);

-- The version that answers whatever is learned later, until an admin lets go of it.
CREATE TABLE held_heads (
    workspace TEXT NOT NULL CONSTRAINT held_heads_workspace_key PRIMARY KEY,
    version BIGINT NOT NULL,
    held_by TEXT NOT NULL,
    held_at BIGINT NOT NULL,
    FOREIGN KEY (workspace, version) REFERENCES head_versions (workspace, version) ON DELETE CASCADE
);

-- Random, and set in every transaction that changes a label or a correction.
CREATE TABLE label_state (
    workspace TEXT NOT NULL CONSTRAINT label_state_workspace_key PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    revision TEXT NOT NULL
);
