-- before
CREATE TYPE state AS ENUM ('on', 'off');
CREATE TABLE t (id text PRIMARY KEY DEFAULT '0', s text DEFAULT 'on' CHECK (s IN ('on', 'off')), d varchar(20) DEFAULT '2020-01-01', f text DEFAULT 'true', a text[] DEFAULT '{on}');
CREATE INDEX t_s ON t (s) WHERE s = 'on';
CREATE INDEX t_l ON t (lower(d));
CREATE TABLE r (t text REFERENCES t);
-- rows
INSERT INTO t DEFAULT VALUES; INSERT INTO r VALUES ('0');
-- kept
SELECT id::text, s::text, d::date, f::boolean, a::text FROM t
-- after
CREATE TYPE state AS ENUM ('on', 'off');
CREATE TABLE t (id int PRIMARY KEY DEFAULT 0, s state DEFAULT 'on' CHECK (s IN ('on', 'off')), d date DEFAULT '2020-01-01', f boolean DEFAULT true, a state[] DEFAULT '{on}');
CREATE INDEX t_s ON t (s) WHERE s = 'on';
CREATE TABLE r (t int REFERENCES t);
