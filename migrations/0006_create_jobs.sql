-- The queue. A finished job leaves no row. `unique_key` binds jobs that wait, not those that run or are dead.

CREATE TABLE jobs (
    id TEXT NOT NULL CONSTRAINT jobs_id_key PRIMARY KEY,
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    unique_key TEXT,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    worker TEXT,
    leased_until BIGINT,
    last_error TEXT
);
CREATE UNIQUE INDEX jobs_workspace_unique_key_key ON jobs (workspace, unique_key) WHERE state = 'ready' AND unique_key IS NOT NULL;
CREATE INDEX jobs_ready ON jobs (workspace, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_running ON jobs (workspace, leased_until) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (workspace, id) WHERE state = 'dead';
