-- What becomes of the knowledge base: which documents panels show, what could not be taken in, and what was asked and found nowhere.

ALTER TABLE documents ADD COLUMN folded TEXT NOT NULL DEFAULT '';

-- Whether an article answers the ticket; nothing is said of solved tickets, and of those whose matter is not clear.
ALTER TABLE panels ADD COLUMN is_answered BIGINT;
-- Panels that are here already know neither that nor what they use: they are behind, and made again.
UPDATE panels SET knowledge = '';

CREATE TABLE document_uses (
    workspace TEXT NOT NULL,
    document TEXT NOT NULL,
    ticket TEXT NOT NULL,
    shown_at BIGINT NOT NULL,
    is_cited BIGINT NOT NULL,
    CONSTRAINT document_uses_workspace_document_ticket_key PRIMARY KEY (workspace, document, ticket),
    FOREIGN KEY (workspace, document) REFERENCES documents (workspace, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX document_uses_of_ticket ON document_uses (workspace, ticket);

CREATE TABLE document_refusals (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    external_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    refused_at BIGINT NOT NULL,
    CONSTRAINT document_refusals_workspace_external_id_key PRIMARY KEY (workspace, external_id)
);

CREATE TABLE unanswered_questions (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    ticket TEXT NOT NULL,
    question TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    CONSTRAINT unanswered_questions_workspace_id_key PRIMARY KEY (workspace, id),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX unanswered_questions_by_age ON unanswered_questions (workspace, asked_at);

CREATE INDEX suggestions_by_target ON suggestions (workspace, target);
