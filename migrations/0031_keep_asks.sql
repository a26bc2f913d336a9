-- What somebody was about to ask in a side conversation, without its words: what was found for it and what became of it. `arm` says whether
-- the finds were shown or kept back. `used_kind` and `used_id` name the find that answered.
CREATE TABLE asks (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    ticket TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    arm TEXT NOT NULL,
    intent TEXT,
    channel TEXT,
    outcome TEXT NOT NULL,
    decided_at BIGINT,
    used_kind TEXT,
    used_id TEXT,
    CONSTRAINT asks_workspace_id_key PRIMARY KEY (workspace, id),
    FOREIGN KEY (workspace, ticket) REFERENCES tickets (workspace, id) ON DELETE CASCADE
);
CREATE INDEX asks_by_age ON asks (workspace, asked_at, id);
CREATE INDEX asks_of_ticket ON asks (workspace, ticket, asked_by, asked_at);

-- What was found for an ask, best first; `worth` is how sure the search was, from which a probability is made and which is shown to nobody.
CREATE TABLE ask_finds (
    workspace TEXT NOT NULL,
    ask TEXT NOT NULL,
    place BIGINT NOT NULL,
    kind TEXT NOT NULL,
    thing TEXT NOT NULL,
    worth DOUBLE PRECISION NOT NULL,
    CONSTRAINT ask_finds_workspace_ask_place_key PRIMARY KEY (workspace, ask, place),
    FOREIGN KEY (workspace, ask) REFERENCES asks (workspace, id) ON DELETE CASCADE
);
