-- before
CREATE SCHEMA one; CREATE SCHEMA two;
CREATE TABLE one.t (id int PRIMARY KEY); CREATE TABLE public.t (id int, ref int REFERENCES one.t);
CREATE TABLE public.pg_class (a int);
CREATE VIEW two.v AS SELECT a.id, b.ref FROM one.t a JOIN public.t b ON b.ref = a.id;
CREATE TYPE one.kind AS ENUM ('x'); CREATE TYPE two.kind AS ENUM ('y');
CREATE TABLE two.k (a one.kind, b two.kind);
-- after
CREATE SCHEMA one; CREATE SCHEMA three;
CREATE TABLE one.t (id int PRIMARY KEY, k int); CREATE TABLE public.t (id bigint, ref int REFERENCES one.t);
CREATE TABLE public.pg_class (a int, b int);
CREATE VIEW three.v AS SELECT a.id, b.ref FROM one.t a JOIN public.t b ON b.ref = a.id;
CREATE TYPE one.kind AS ENUM ('w', 'x'); CREATE TYPE three.kind AS ENUM ('y');
CREATE TABLE three.k (a one.kind, b three.kind);
