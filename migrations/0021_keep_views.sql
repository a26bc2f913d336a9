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
