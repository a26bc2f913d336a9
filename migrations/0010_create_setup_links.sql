-- Links that make the first admin of an empty installation: kept here, so that any replica honours them.

CREATE TABLE setup_links (
    hash TEXT NOT NULL CONSTRAINT setup_links_hash_key PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
