-- before
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad', 'odd');
CREATE FUNCTION is_fine(mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 IN ('ok', 'glad') $$;
CREATE FUNCTION usual() RETURNS mood LANGUAGE sql STABLE AS $$ SELECT 'ok'::mood $$;
CREATE DOMAIN good AS mood CHECK (VALUE <> 'sad') DEFAULT 'ok';
CREATE TYPE reading AS (at date, mood mood);
CREATE TABLE days (
    id int PRIMARY KEY,
    mood mood NOT NULL DEFAULT 'ok',
    moods mood[] DEFAULT ARRAY['ok', 'glad']::mood[],
    best good,
    last reading,
    fine boolean GENERATED ALWAYS AS (mood = 'glad') STORED,
    CHECK (mood <> 'sad' OR id > 3),
    UNIQUE (mood, id)
);
CREATE INDEX days_ok ON days (id) WHERE mood = 'ok';
CREATE INDEX days_expr ON days ((mood = 'ok'));
CREATE VIEW oks AS SELECT id, mood, moods FROM days WHERE mood = ANY (ARRAY['ok', 'glad']::mood[]);
CREATE MATERIALIZED VIEW counts AS SELECT mood, count(*) AS n FROM days GROUP BY mood;
CREATE UNIQUE INDEX counts_mood ON counts (mood);
CREATE TABLE moods (mood mood PRIMARY KEY);
ALTER TABLE days ADD FOREIGN KEY (mood) REFERENCES moods;
ALTER TABLE days ENABLE ROW LEVEL SECURITY;
CREATE POLICY glad ON days USING (mood = 'glad');
COMMENT ON TYPE mood IS 'how it is';
COMMENT ON VIEW oks IS 'those';
-- rows
INSERT INTO moods VALUES ('ok'), ('glad');
INSERT INTO days VALUES (1, 'ok', '{ok,sad}', 'ok', ('2020-01-01', 'sad')), (2, 'glad', NULL, NULL, NULL);
-- kept
SELECT id, mood::text, moods::text, best::text, last::text, fine FROM days ORDER BY id
-- after
CREATE TYPE mood AS ENUM ('glad', 'ok', 'sad');
CREATE FUNCTION is_fine(mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 IN ('ok', 'glad') $$;
CREATE FUNCTION usual() RETURNS mood LANGUAGE sql STABLE AS $$ SELECT 'ok'::mood $$;
CREATE DOMAIN good AS mood CHECK (VALUE <> 'sad') DEFAULT 'ok';
CREATE TYPE reading AS (at date, mood mood);
CREATE TABLE days (
    id int PRIMARY KEY,
    mood mood NOT NULL DEFAULT 'ok',
    moods mood[] DEFAULT ARRAY['ok', 'glad']::mood[],
    best good,
    last reading,
    fine boolean GENERATED ALWAYS AS (mood = 'glad') STORED,
    CHECK (mood <> 'sad' OR id > 3),
    UNIQUE (mood, id)
);
CREATE INDEX days_ok ON days (id) WHERE mood = 'ok';
CREATE INDEX days_expr ON days ((mood = 'ok'));
CREATE VIEW oks AS SELECT id, mood, moods FROM days WHERE mood = ANY (ARRAY['ok', 'glad']::mood[]);
CREATE MATERIALIZED VIEW counts AS SELECT mood, count(*) AS n FROM days GROUP BY mood;
CREATE UNIQUE INDEX counts_mood ON counts (mood);
CREATE TABLE moods (mood mood PRIMARY KEY);
ALTER TABLE days ADD FOREIGN KEY (mood) REFERENCES moods;
ALTER TABLE days ENABLE ROW LEVEL SECURITY;
CREATE POLICY glad ON days USING (mood = 'glad');
COMMENT ON TYPE mood IS 'how it is';
COMMENT ON VIEW oks IS 'those';
