--! A.
--!
--! parent: 1

COPY t FROM stdin;
it's\N
\.

