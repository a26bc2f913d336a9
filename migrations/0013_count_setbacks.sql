-- What happens to a job that is no attempt of its own: something outside was away (how often in a row, and since when), or its process died.

ALTER TABLE jobs ADD COLUMN outages BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN outage_since BIGINT;
ALTER TABLE jobs ADD COLUMN crashes BIGINT NOT NULL DEFAULT 0;
