-- Who signs in with a password beside one-time links, who may not sign in any more, and how often somebody tried in vain.
-- `passwords.hash` is an argon2id hash with its parameters and salt. `sign_in_attempts.subject` is the sha256 of an account or a network
-- address: whoever tries names that nobody has is counted too, and nothing here says whether there is such a user.

ALTER TABLE users ADD COLUMN disabled_at BIGINT;
ALTER TABLE users ADD COLUMN signed_in_at BIGINT;

CREATE TABLE passwords (
    workspace TEXT NOT NULL,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    CONSTRAINT passwords_workspace_user_id_key PRIMARY KEY (workspace, user_id),
    FOREIGN KEY (workspace, user_id) REFERENCES users (workspace, id) ON DELETE CASCADE
);

CREATE TABLE sign_in_attempts (
    subject TEXT NOT NULL CONSTRAINT sign_in_attempts_subject_key PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    held_until BIGINT NOT NULL
);

ALTER TABLE sign_in_links ADD COLUMN purpose TEXT NOT NULL DEFAULT 'sign_in';
CREATE INDEX sign_in_links_of_user ON sign_in_links (workspace, user_id);

ALTER TABLE tokens ADD COLUMN created_by TEXT;
