--! A.
--!
--! parnet: base

COMMIT;
SELECT 'x