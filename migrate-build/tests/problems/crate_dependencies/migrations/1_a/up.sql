--! A.
--!
--! parent: base
--! depends-on: auth::, 9x::1, auth::BAD, a::b::1, auth::7

SELECT 1;
