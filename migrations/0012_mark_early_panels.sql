-- A panel that was made before everything written until then could be found; it is made again once that is so.

ALTER TABLE panels ADD COLUMN is_early BIGINT NOT NULL DEFAULT 0;
CREATE INDEX panels_early ON panels (workspace, ticket) WHERE is_early = 1;
