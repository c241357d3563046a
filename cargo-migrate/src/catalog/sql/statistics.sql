SELECT s.oid, s.stxnamespace, s.stxname, s.stxrelid, pg_get_userbyid(s.stxowner), pg_get_statisticsobjdef(s.oid),
       CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END
  FROM pg_statistic_ext s
