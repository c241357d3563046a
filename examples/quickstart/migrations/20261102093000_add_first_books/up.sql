--! Put the first books on the shelves.
--!
--! parent: 20261101090000

INSERT INTO books (isbn, title) VALUES
    ('0-201-89683-4', 'The Art of Computer Programming'),
    ('0-262-51087-1', 'Structure and Interpretation of Computer Programs'),
    ('0-13-110362-8', 'The C Programming Language'),
    ('0-13-215871-X', 'A Discipline of Programming');

INSERT INTO readers (name) VALUES ('Ada'), ('Grace');

INSERT INTO loans (book, reader, lent, returned)
SELECT books.id, readers.id, loan.lent, loan.returned
FROM (VALUES
    ('0-262-51087-1', 'Ada', date '2026-10-01', date '2026-10-20'),
    ('0-262-51087-1', 'Grace', date '2026-10-21', NULL),
    ('0-13-215871-X', 'Ada', date '2026-10-20', NULL)
) AS loan (isbn, reader, lent, returned)
JOIN books ON books.isbn = loan.isbn
JOIN readers ON readers.name = loan.reader;
