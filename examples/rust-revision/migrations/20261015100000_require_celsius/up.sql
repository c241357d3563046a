--! No reading without degrees Celsius.
--!
--! parent: 20261012110000

ALTER TABLE readings ALTER COLUMN celsius SET NOT NULL;
