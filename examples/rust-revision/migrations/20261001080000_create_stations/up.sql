--! Create stations and readings.
--!
--! parent: base

CREATE TABLE stations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    position text NOT NULL
);

CREATE TABLE readings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station bigint NOT NULL REFERENCES stations,
    taken timestamptz NOT NULL,
    fahrenheit double precision NOT NULL
);
