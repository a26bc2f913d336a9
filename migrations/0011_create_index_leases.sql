-- Who alone may write to the index of a workspace. The fence rises whenever the lease changes hands: whoever comes with an older one has lost it.
-- Free when `leased_until` has passed; released ones have 0 there.

CREATE TABLE index_leases (
    workspace TEXT NOT NULL CONSTRAINT index_leases_workspace_key PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    fence BIGINT NOT NULL,
    leased_until BIGINT NOT NULL
);
