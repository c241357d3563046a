-- before
CREATE TABLE s (id int, at date, n int);
CREATE VIEW v AS SELECT id, n FROM s;
CREATE MATERIALIZED VIEW m WITH (fillfactor = 80) AS SELECT id, sum(n) AS total FROM v GROUP BY id WITH NO DATA;
CREATE UNIQUE INDEX m_id ON m (id) INCLUDE (total);
CREATE INDEX m_total ON m (total DESC NULLS LAST);
CREATE VIEW top AS SELECT id FROM m ORDER BY total DESC LIMIT 3;
-- after
CREATE TABLE s (id int, at date, n int);
CREATE VIEW v AS SELECT at, id, n::numeric AS n FROM s;
CREATE MATERIALIZED VIEW m WITH (fillfactor = 80) AS SELECT id, sum(n) AS total FROM v GROUP BY id WITH NO DATA;
CREATE UNIQUE INDEX m_id ON m (id) INCLUDE (total);
CREATE INDEX m_total ON m (total DESC NULLS LAST);
CREATE VIEW top AS SELECT id FROM m ORDER BY total DESC LIMIT 3;
