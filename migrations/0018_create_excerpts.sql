-- The text of attachments in pieces that can be found: a projection of the file, made again whenever it is read.

CREATE TABLE excerpts (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    attachment TEXT NOT NULL,
    ticket TEXT NOT NULL,
    position BIGINT NOT NULL,
    headings TEXT NOT NULL,
    body TEXT NOT NULL,
    page BIGINT,
    audience TEXT NOT NULL,
    pending_revision BIGINT,
    CONSTRAINT excerpts_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT excerpts_workspace_attachment_position_key UNIQUE (workspace, attachment, position),
    FOREIGN KEY (workspace, attachment) REFERENCES attachments (workspace, id) ON DELETE CASCADE
);
CREATE INDEX excerpts_pending ON excerpts (workspace, id) WHERE pending_revision IS NOT NULL;
CREATE INDEX excerpts_of_ticket ON excerpts (workspace, ticket);
