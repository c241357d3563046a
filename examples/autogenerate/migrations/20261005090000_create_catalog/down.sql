-- destroys data: the rows of products
DROP TABLE products;

-- destroys data: the rows of suppliers
DROP TABLE suppliers;
