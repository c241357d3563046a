-- destroys data: the rows of orders
DROP TABLE orders;

DROP TYPE order_state;
