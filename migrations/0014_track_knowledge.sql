-- What a workspace knows (its documents and its playbook) has a revision: random, set by every transaction that changes it, and kept with each panel
-- that was made from it. Another one means that the panel is behind; neither ids nor moments tell that, for what commits late may have early ones.

CREATE TABLE knowledge_state (
    workspace TEXT NOT NULL CONSTRAINT knowledge_state_workspace_key PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    revision TEXT NOT NULL
);
ALTER TABLE panels ADD COLUMN knowledge TEXT NOT NULL DEFAULT '';
