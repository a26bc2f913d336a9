-- Incidents: many like tickets of different customers in a short time. A ticket is part of one at most. `last_seen` is when the last ticket
-- of it was written, kept for the order of the list.
CREATE TABLE incidents (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    about TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    CONSTRAINT incidents_workspace_id_key PRIMARY KEY (workspace, id)
);
CREATE INDEX incidents_by_age ON incidents (workspace, last_seen, id);

CREATE TABLE incident_tickets (
    workspace TEXT NOT NULL,
    ticket TEXT NOT NULL,
    incident TEXT NOT NULL,
    CONSTRAINT incident_tickets_workspace_ticket_key PRIMARY KEY (workspace, ticket),
    FOREIGN KEY (workspace, incident) REFERENCES incidents (workspace, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX incident_tickets_of_incident ON incident_tickets (workspace, incident);
