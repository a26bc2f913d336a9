-- What somebody of the desk said of two tickets: that they are one, or that they are not. The lesser id stands in `one`.
CREATE TABLE said_duplicates (
    workspace TEXT NOT NULL,
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    is_same BIGINT NOT NULL,
    said_by TEXT NOT NULL,
    said_at BIGINT NOT NULL,
    CONSTRAINT said_duplicates_workspace_one_other_key PRIMARY KEY (workspace, one, other),
    FOREIGN KEY (workspace, one) REFERENCES tickets (workspace, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace, other) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX said_duplicates_of_other ON said_duplicates (workspace, other);
