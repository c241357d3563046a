-- By the clock and not by a sequence: those of a database that was copied from another may count again after a crash.
CREATE TABLE log (
    at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    what text NOT NULL
);
