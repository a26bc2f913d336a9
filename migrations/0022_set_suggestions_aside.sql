-- Suggestions that somebody of the desk does not want to see on a ticket: for good, or for a while.

-- A suggestion is the part of the panel and what it points at, so that a panel that is made anew does not bring it back;
-- `target` is empty for a part that is there once. `seen_until` is the number of the workspace's last event then: what is
-- there once comes back when something is said after it.
CREATE TABLE set_asides (
    workspace TEXT NOT NULL,
    ticket TEXT NOT NULL,
    set_by TEXT NOT NULL,
    part TEXT NOT NULL,
    target TEXT NOT NULL,
    seen_until BIGINT NOT NULL,
    set_at BIGINT NOT NULL,
    until_at BIGINT,
    CONSTRAINT set_asides_key PRIMARY KEY (workspace, ticket, set_by, part, target),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
