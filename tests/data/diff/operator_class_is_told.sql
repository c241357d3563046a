-- before
CREATE TABLE t (a int);
-- after
CREATE TABLE t (a int);
CREATE OPERATOR CLASS backwards FOR TYPE int USING btree AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <,
    FUNCTION 1 btint4cmp(int, int);
-- told
other public.backwards
