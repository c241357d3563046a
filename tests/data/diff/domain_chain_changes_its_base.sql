-- before
CREATE DOMAIN amount AS int CHECK (VALUE > 0);
CREATE DOMAIN price AS amount NOT NULL DEFAULT 3 CONSTRAINT low CHECK (VALUE < 1000);
CREATE FUNCTION twice(amount) RETURNS price LANGUAGE sql AS 'SELECT ($1 * 2)::price';
CREATE TABLE goods (id int, price price, prices amount[], CHECK (price <> 7));
CREATE VIEW cheap AS SELECT id, price FROM goods WHERE price < 10;
COMMENT ON DOMAIN price IS 'what it costs';
COMMENT ON CONSTRAINT low ON DOMAIN price IS 'not too much';
-- rows
INSERT INTO goods VALUES (1, 5, '{4}');
-- kept
SELECT id, price::text, prices::text FROM goods
-- after
CREATE DOMAIN amount AS bigint CHECK (VALUE > 0);
CREATE DOMAIN price AS amount NOT NULL DEFAULT 3 CONSTRAINT low CHECK (VALUE < 1000);
CREATE FUNCTION twice(amount) RETURNS price LANGUAGE sql AS 'SELECT ($1 * 2)::price';
CREATE TABLE goods (id int, price price, prices amount[], CHECK (price <> 7));
CREATE VIEW cheap AS SELECT id, price FROM goods WHERE price < 10;
COMMENT ON DOMAIN price IS 'what it costs';
COMMENT ON CONSTRAINT low ON DOMAIN price IS 'not too much';
