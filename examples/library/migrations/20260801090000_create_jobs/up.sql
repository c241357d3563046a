--! Create the table of jobs.
--!
--! parent: base

CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    payload text NOT NULL,
    taken_until timestamptz
);
CREATE INDEX jobs_queue_id ON jobs (queue, id);
