-- before
CREATE TYPE money_of AS (amount int, unit varchar(3), note text);
CREATE TABLE bills (id int PRIMARY KEY, total money_of, parts money_of[]);
CREATE VIEW totals AS SELECT (total).amount FROM bills;
CREATE FUNCTION cost(money_of) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).amount::int';
-- rows
INSERT INTO bills VALUES (1, (3, 'EUR', 'n'), ARRAY[ROW(1, 'USD', 'm')::money_of]);
-- kept
SELECT id, (total).amount, (parts[1]).unit FROM bills
-- after
CREATE TYPE money_of AS (amount bigint, unit text, note text);
CREATE TABLE bills (id int PRIMARY KEY, total money_of, parts money_of[]);
CREATE VIEW totals AS SELECT (total).amount FROM bills;
CREATE FUNCTION cost(money_of) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).amount::int';
