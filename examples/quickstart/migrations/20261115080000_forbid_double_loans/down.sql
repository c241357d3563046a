DROP INDEX loans_one_open_per_book;
