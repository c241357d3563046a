--! Find the orders of a buyer.
--!
--! parent: 20261003081500
--! transaction: none

CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);
