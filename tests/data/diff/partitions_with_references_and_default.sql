-- before
CREATE TABLE places (id int PRIMARY KEY);
CREATE TABLE visits (id int NOT NULL, place int REFERENCES places, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE visits_20 PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE visits_else PARTITION OF visits DEFAULT;
CREATE INDEX visits_place ON visits (place);
-- rows
INSERT INTO places VALUES (1); INSERT INTO visits VALUES (1, 1, '2020-03-03'), (2, 1, '2030-01-01');
-- kept
SELECT id, place, day FROM visits ORDER BY id
-- after
CREATE TABLE places (id bigint PRIMARY KEY);
CREATE TABLE visits (id int NOT NULL, place bigint REFERENCES places ON DELETE SET NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_20 PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE visits_21 PARTITION OF visits FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE visits_else PARTITION OF visits DEFAULT;
CREATE INDEX visits_place ON visits (place) WHERE id > 0;
CREATE TABLE notes (visit int, day date, FOREIGN KEY (visit, day) REFERENCES visits (id, day));
