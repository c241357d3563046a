-- before
CREATE SUBSCRIPTION news CONNECTION 'host=nowhere password=secret' PUBLICATION one WITH (connect = false, slot_name = NONE);
-- after
CREATE SUBSCRIPTION news CONNECTION 'host=nowhere password=secret' PUBLICATION two WITH (connect = false, slot_name = NONE);
-- told
other news
