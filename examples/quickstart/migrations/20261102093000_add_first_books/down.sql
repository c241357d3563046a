TRUNCATE loans, readers, books;
