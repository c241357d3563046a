--! Limits.
--!
--! parent: base
--! lock-timeout: soon
--! statement-timeout: 1us
--! lock-timeout: 5s

SELECT 1;
