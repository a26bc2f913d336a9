-- Side conversations that are held in Slack or Teams.

-- Where each is held there. `named` is the channel of the directory that it was opened in; without it, it goes to those who take part.
-- `conversation` is the channel's id over there, `root` the message that all others of the side conversation answer; both are known once the
-- first message stands there. `service_url` is where Teams wants to be answered.
CREATE TABLE thread_places (
    workspace TEXT NOT NULL,
    thread TEXT NOT NULL,
    kind TEXT NOT NULL,
    named TEXT,
    conversation TEXT,
    root TEXT,
    service_url TEXT,
    CONSTRAINT thread_places_workspace_thread_key PRIMARY KEY (workspace, thread),
    CONSTRAINT thread_places_workspace_conversation_root_key UNIQUE (workspace, kind, conversation, root),
    FOREIGN KEY (workspace, thread) REFERENCES threads (workspace, id) ON DELETE CASCADE
);

-- Messages as they stand over there. A long one of the desk stands there in several parts. What was deleted leaves its row behind without a
-- message, so that what comes late of it changes nothing. `edited` is when it was last edited, in the words of the other side.
CREATE TABLE postings (
    workspace TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    conversation TEXT NOT NULL,
    posting TEXT NOT NULL,
    thread TEXT,
    message TEXT,
    part BIGINT NOT NULL,
    is_ours BIGINT NOT NULL,
    edited TEXT,
    files TEXT NOT NULL,
    CONSTRAINT postings_workspace_conversation_posting_key PRIMARY KEY (workspace, kind, conversation, posting),
    FOREIGN KEY (workspace, thread) REFERENCES threads (workspace, id) ON DELETE CASCADE
);
CREATE INDEX postings_of_message ON postings (workspace, message, part);
CREATE INDEX postings_of_thread ON postings (workspace, thread);
