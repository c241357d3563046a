CREATE TABLE log (
    n integer GENERATED ALWAYS AS IDENTITY,
    what text NOT NULL
);
