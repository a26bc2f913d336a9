-- What was prepared and shown beside a ticket, and what people thought of it. The panel itself is opaque; the inbox reads the columns beside it.

CREATE TABLE panels (
    workspace TEXT NOT NULL,
    ticket TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    json TEXT NOT NULL,
    intent TEXT,
    sentiment TEXT,
    grp TEXT,
    language TEXT,
    priority TEXT,
    CONSTRAINT panels_workspace_ticket_key PRIMARY KEY (workspace, ticket),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);

CREATE TABLE suggestions (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    ticket TEXT NOT NULL,
    part TEXT NOT NULL,
    target TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT suggestions_workspace_id_key PRIMARY KEY (workspace, id),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX suggestions_of_ticket ON suggestions (workspace, ticket, created_at);

CREATE TABLE feedback (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    suggestion TEXT NOT NULL,
    given_by TEXT NOT NULL,
    verdict TEXT NOT NULL,
    note TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT feedback_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT feedback_workspace_suggestion_given_by_key UNIQUE (workspace, suggestion, given_by),
    FOREIGN KEY (workspace, suggestion) REFERENCES suggestions (workspace, id) ON DELETE CASCADE
);
