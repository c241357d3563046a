DELETE FROM readings;
DELETE FROM stations;
