-- before
CREATE FUNCTION next_code() RETURNS text LANGUAGE sql AS $$ SELECT 'c' $$;
CREATE TABLE t (id int, code text DEFAULT next_code(), at timestamptz DEFAULT now(), tags text[] DEFAULT '{}', j jsonb DEFAULT '{"a": 1}', i interval DEFAULT '1 day', b bit(3) DEFAULT B'101', n numeric DEFAULT 1.50, u uuid DEFAULT gen_random_uuid());
-- rows
INSERT INTO t (id) VALUES (1);
-- kept
SELECT id, n FROM t
-- after
CREATE FUNCTION next_code(prefix text) RETURNS text LANGUAGE sql AS $$ SELECT prefix || 'c' $$;
CREATE TABLE t (id int, code varchar(40) DEFAULT next_code('x'), at date DEFAULT current_date, tags varchar(10)[] DEFAULT '{a}', j json DEFAULT '{"a": 2}', i interval(0) DEFAULT '2 days', c bit(4) DEFAULT B'1011', n numeric(6,2) DEFAULT 1.5, u text DEFAULT gen_random_uuid());
