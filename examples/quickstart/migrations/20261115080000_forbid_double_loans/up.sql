--! Lend a book to one reader at a time.
--!
--! parent: 20261108101500

CREATE UNIQUE INDEX loans_one_open_per_book ON loans (book) WHERE returned IS NULL;
