--! Create books, readers and loans.
--!
--! parent: base

CREATE TABLE books (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    isbn text NOT NULL UNIQUE,
    title text NOT NULL
);

CREATE TABLE readers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE loans (
    book bigint NOT NULL REFERENCES books,
    reader bigint NOT NULL REFERENCES readers,
    lent date NOT NULL,
    returned date CHECK (returned >= lent),
    PRIMARY KEY (book, reader, lent)
);
