-- destroys data: the values of products.is_active
ALTER TABLE products DROP COLUMN is_active;
