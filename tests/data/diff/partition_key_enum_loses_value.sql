-- before
CREATE TYPE state AS ENUM ('new', 'paid', 'gone');
CREATE TABLE orders (id bigint NOT NULL, state state NOT NULL DEFAULT 'new', day date NOT NULL, note text,
    PRIMARY KEY (id, state)) PARTITION BY LIST (state);
CREATE TABLE orders_new PARTITION OF orders FOR VALUES IN ('new');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE INDEX orders_day ON orders (day);
CREATE VIEW paid AS SELECT id FROM orders WHERE state = 'paid';
CREATE TABLE lines (order_id bigint, order_state state, FOREIGN KEY (order_id, order_state) REFERENCES orders);
COMMENT ON TABLE orders IS 'All of them';
-- rows
INSERT INTO orders VALUES (1, 'new', '2020-01-01', 'a'), (2, 'paid', '2020-01-02', 'b');
INSERT INTO lines VALUES (2, 'paid');
-- kept
SELECT tableoid::regclass, id, state::text, day, note FROM orders ORDER BY id
-- after
CREATE TYPE state AS ENUM ('paid', 'new');
CREATE TABLE orders (id bigint NOT NULL, state state NOT NULL DEFAULT 'new', day date NOT NULL, note text,
    PRIMARY KEY (id, state)) PARTITION BY LIST (state);
CREATE TABLE orders_new PARTITION OF orders FOR VALUES IN ('new');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE INDEX orders_day ON orders (day);
CREATE VIEW paid AS SELECT id FROM orders WHERE state = 'paid';
CREATE TABLE lines (order_id bigint, order_state state, FOREIGN KEY (order_id, order_state) REFERENCES orders);
COMMENT ON TABLE orders IS 'All of them';
