--! products are active
--!
--! parent: 20261012100000

ALTER TABLE products ADD COLUMN is_active boolean;

ALTER TABLE products ADD CONSTRAINT products_is_active_is_set CHECK (is_active IS NOT NULL) NOT VALID;

UPDATE products
SET is_active = true
WHERE is_active IS NULL;

ALTER TABLE products VALIDATE CONSTRAINT products_is_active_is_set;

ALTER TABLE products ALTER COLUMN is_active SET NOT NULL;

ALTER TABLE products DROP CONSTRAINT products_is_active_is_set;
