--! rename product names
--!
--! parent: 20261020110000

ALTER TABLE products RENAME COLUMN name TO product_name;
