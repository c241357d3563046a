//! Scripts that `pg_dump` wrote, for a server that gets them over the wire.

use std::borrow::Cow;

/// The script without the commands that only psql understands: releases since August 2025 write `\restrict` and
/// `\unrestrict` around a dump (<https://www.postgresql.org/docs/current/app-psql.html>).
///
/// What a dump sets for its session, an empty `search_path` above all, ends with the session: whoever loads it reads the
/// schema through another one, or after [`RESET`].
///
/// ```
/// let dump = "\\restrict k3y\nSET search_path = '';\nCREATE TABLE public.t ();\n\\unrestrict k3y\n";
/// let script = cargo_migrate::catalog::script::without_commands(dump);
/// assert_eq!(script, "SET search_path = '';\nCREATE TABLE public.t ();\n");
/// ```
#[must_use]
pub fn without_commands(script: &str) -> Cow<'_, str> {
    if !script.lines().any(is_command) {
        return Cow::Borrowed(script);
    }
    Cow::Owned(script.split_inclusive('\n').filter(|line| !is_command(line)).collect())
}

/// What gives a session back its own settings.
pub const RESET: &str = "RESET ALL";

fn is_command(line: &str) -> bool {
    let key = line.strip_prefix(r"\restrict ").or_else(|| line.strip_prefix(r"\unrestrict "));
    key.is_some_and(|key| !key.trim().is_empty() && key.trim().bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
