-- What people keep: what they said of a ticket in place of the triage's guess, and the views of the inbox that they come back to.

-- `intents` is JSON as in `labels`: `null` where nothing was said of the matter, `[]` for what is out of scope.
CREATE TABLE corrections (
    workspace TEXT NOT NULL,
    ticket TEXT NOT NULL,
    intents TEXT NOT NULL,
    grp TEXT,
    corrected_by TEXT NOT NULL,
    corrected_at BIGINT NOT NULL,
    CONSTRAINT corrections_workspace_ticket_key PRIMARY KEY (workspace, ticket),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);

CREATE TABLE views (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    statuses TEXT NOT NULL,
    grp TEXT,
    words TEXT,
    sort TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT views_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT views_workspace_owner_name_key UNIQUE (workspace, owner, name),
    FOREIGN KEY (workspace, owner) REFERENCES users (workspace, id) ON DELETE CASCADE
);
