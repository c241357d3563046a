--! Create orders.
--!
--! parent: base

-- The buyer is a row in the other database: no foreign key reaches there.
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    buyer bigint NOT NULL,
    article text NOT NULL,
    ordered timestamptz NOT NULL DEFAULT now()
);
