-- What Slack and Teams said to the desk, each once: kept before it is answered, and taken in by a job. `raw` is kept until that is done.
CREATE TABLE chat_events (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL,
    raw TEXT,
    received_at BIGINT NOT NULL,
    CONSTRAINT chat_events_workspace_id_key PRIMARY KEY (workspace, id),
    CONSTRAINT chat_events_workspace_event_key UNIQUE (workspace, kind, event)
);
CREATE INDEX chat_events_waiting ON chat_events (workspace, id) WHERE outcome = 'waiting';
CREATE INDEX chat_events_old ON chat_events (received_at);
