-- The knowledge base, what waits to be taken apart for it, and what the index still has to forget.

CREATE TABLE documents (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    title TEXT NOT NULL,
    language TEXT,
    audience TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    passage_count BIGINT NOT NULL,
    CONSTRAINT documents_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT documents_workspace_external_id_key UNIQUE (workspace, external_id)
);
CREATE INDEX documents_by_change ON documents (workspace, updated_at, id);

CREATE TABLE passages (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    position BIGINT NOT NULL,
    headings TEXT NOT NULL,
    body TEXT NOT NULL,
    span_start BIGINT NOT NULL,
    span_end BIGINT NOT NULL,
    audience TEXT NOT NULL,
    pending_revision BIGINT,
    CONSTRAINT passages_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT passages_workspace_document_position_key UNIQUE (workspace, document, position),
    FOREIGN KEY (workspace, document) REFERENCES documents (workspace, id) ON DELETE CASCADE
);
CREATE INDEX passages_pending ON passages (workspace, id) WHERE pending_revision IS NOT NULL;

CREATE TABLE index_tombstones (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    CONSTRAINT index_tombstones_workspace_kind_id_key PRIMARY KEY (workspace, kind, id)
);

CREATE TABLE index_state (
    workspace TEXT NOT NULL CONSTRAINT index_state_workspace_key PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    encoder_revision TEXT NOT NULL
);
