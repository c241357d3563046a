--! Take over the readings of the first year.
--!
--! parent: 20261001080000

INSERT INTO stations (name, position) VALUES
    ('Vienna', '48°12′30″N 16°22′23″E'),
    ('Reykjavík', '64°8′48″N 21°56′24″W'),
    ('Hobart', '42°52′50″S 147°19′30″E');

INSERT INTO readings (station, taken, fahrenheit)
SELECT
    stations.id,
    timestamptz '2025-10-01 00:00+00' + n * interval '75 minutes',
    50 + n % 36
FROM stations, generate_series(1, 6667) AS n
ORDER BY n, stations.id;
