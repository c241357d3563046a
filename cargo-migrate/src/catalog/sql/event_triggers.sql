SELECT e.oid, e.evtname, pg_get_userbyid(e.evtowner), e.evtevent, e.evttags, e.evtfoid::regproc, e.evtenabled
  FROM pg_event_trigger e
