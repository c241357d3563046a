DROP TABLE readings, stations;
