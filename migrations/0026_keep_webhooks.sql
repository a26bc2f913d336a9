-- Webhooks: addresses outside that are told of events, and the messages to them.

-- A signing secret is made of `salt` and the key of the installation, so that a copy of the database alone signs nothing.
-- `former_salt` is the one before the last rotation; its secret signs too until `former_until`.
CREATE TABLE webhooks (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    description TEXT,
    salt TEXT NOT NULL,
    former_salt TEXT,
    former_until BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    failing_since BIGINT,
    disabled_at BIGINT,
    disabled_reason TEXT,
    CONSTRAINT webhooks_workspace_id_key PRIMARY KEY (workspace, id)
);

-- Written in the transaction of what they tell. `body` is what is sent, byte for byte, at every attempt. While a message is being sent
-- (`sending`), `next_at` is when its lease ends; `fence` rises at every claim.
CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL CONSTRAINT webhook_deliveries_id_key PRIMARY KEY,
    workspace TEXT NOT NULL,
    webhook TEXT NOT NULL,
    ticket TEXT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    sending BIGINT NOT NULL,
    next_at BIGINT,
    created_at BIGINT NOT NULL,
    last_at BIGINT,
    last_status BIGINT,
    last_reason TEXT,
    FOREIGN KEY (workspace, webhook) REFERENCES webhooks (workspace, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (workspace, webhook, created_at, id);
CREATE INDEX webhook_deliveries_of_ticket ON webhook_deliveries (workspace, ticket);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook, next_at, id) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_under_way ON webhook_deliveries (webhook, next_at) WHERE state = 'waiting' AND sending = 1;
CREATE INDEX webhook_deliveries_old ON webhook_deliveries (created_at) WHERE state <> 'waiting';
