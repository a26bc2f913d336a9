-- Suggestions that somebody of the desk does not want to see on a ticket: for good, or for a while.

-- A suggestion is the part of the panel and what it points at, so that a panel that is made anew does not bring it back;
-- `target` is empty for a draft and the next step. `made_at` is when the panel was made on which it was set aside: what is
-- there once comes back when something was said since.
CREATE TABLE set_asides (
    workspace TEXT NOT NULL,
    ticket TEXT NOT NULL,
    set_by TEXT NOT NULL,
    part TEXT NOT NULL,
    target TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    set_at BIGINT NOT NULL,
    until_at BIGINT,
    CONSTRAINT set_asides_key PRIMARY KEY (workspace, ticket, set_by, part, target),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
