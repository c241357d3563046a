SELECT i.inhrelid, i.inhparent, i.inhseqno
  FROM pg_inherits i
