SELECT 'd', d.oid, d.dictnamespace, d.dictname, pg_get_userbyid(d.dictowner),
       ARRAY['TEMPLATE = ' || CASE WHEN tn.nspname = 'pg_catalog' THEN '' ELSE quote_ident(tn.nspname) || '.' END
             || quote_ident(t.tmplname), d.dictinitoption]
  FROM pg_ts_dict d
  JOIN pg_namespace n ON n.oid = d.dictnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  JOIN pg_ts_template t ON t.oid = d.dicttemplate
  JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
 UNION ALL
SELECT 'p', p.oid, p.prsnamespace, p.prsname, '',
       ARRAY['START = ' || p.prsstart::regproc, 'GETTOKEN = ' || p.prstoken::regproc, 'END = ' || p.prsend::regproc,
             'LEXTYPES = ' || p.prslextype::regproc,
             CASE WHEN p.prsheadline <> 0 THEN 'HEADLINE = ' || p.prsheadline::regproc END]
  FROM pg_ts_parser p
  JOIN pg_namespace n ON n.oid = p.prsnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 UNION ALL
SELECT 't', t.oid, t.tmplnamespace, t.tmplname, '',
       ARRAY[CASE WHEN t.tmplinit <> 0 THEN 'INIT = ' || t.tmplinit::regproc END, 'LEXIZE = ' || t.tmpllexize::regproc]
  FROM pg_ts_template t
  JOIN pg_namespace n ON n.oid = t.tmplnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 UNION ALL
SELECT 'c', c.oid, c.cfgnamespace, c.cfgname, pg_get_userbyid(c.cfgowner),
       ARRAY[CASE WHEN pn.nspname = 'pg_catalog' THEN '' ELSE quote_ident(pn.nspname) || '.' END
             || quote_ident(p.prsname)]
       || ARRAY(SELECT quote_ident(t.alias) || ' = ' || string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)
                  FROM pg_ts_config_map m
                  JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
                 WHERE m.mapcfg = c.oid
                 GROUP BY t.alias)
  FROM pg_ts_config c
  JOIN pg_namespace n ON n.oid = c.cfgnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  JOIN pg_ts_parser p ON p.oid = c.cfgparser
  JOIN pg_namespace pn ON pn.oid = p.prsnamespace
