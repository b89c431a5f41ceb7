-- Imports made thin, and what a guardian is to a child.

ALTER TABLE import_runs ADD COLUMN thinned_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX import_runs_to_thin ON import_runs (started_at) WHERE thinned_at IS NULL;

ALTER TABLE guardianships ADD COLUMN relation TEXT;
