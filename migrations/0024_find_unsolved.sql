-- What waits for the desk is asked for at every visit of the inbox: without this every ticket would be read for it, solved ones too.

CREATE INDEX tickets_unsolved ON tickets (workspace, assignee, id) WHERE status <> 'solved';
