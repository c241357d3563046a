--! add orders
--!
--! parent: 20261005090000

CREATE TYPE order_state AS ENUM (
    'placed',
    'paid',
    'shipped'
);

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY,
    product_id bigint NOT NULL,
    quantity integer NOT NULL,
    state order_state NOT NULL,
    ordered_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT orders_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id)
);

CREATE INDEX orders_product_id_idx ON orders (product_id);
