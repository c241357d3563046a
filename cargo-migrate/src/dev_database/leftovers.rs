//! What a killed run has left on a server is dropped by the next one.

use std::collections::HashSet;

use sqlx::Row as _;

use super::quote::identifier;
use super::roles;
use super::session::{Session, Token};
use super::temporary;

/// The databases and roles with a sign of ours, then the locks, in this order: who is in the first list has its lock
/// already, so whose lock is not in the second has ended. Locks of all databases are seen from each (Postgres manual, 54.12).
const SURVEY: &str =
    "SELECT 'database' AS kind, d.datname::pg_catalog.text AS name, NULL AS mark, NULL::pg_catalog.int8 AS key
FROM pg_catalog.pg_database AS d
WHERE pg_catalog.starts_with(d.datname::pg_catalog.text, 'migrate_dev_')
    AND pg_catalog.pg_has_role(d.datdba, 'USAGE');
SELECT 'role' AS kind, r.rolname::pg_catalog.text AS name,
    pg_catalog.shobj_description(r.oid, 'pg_authid') AS mark, NULL::pg_catalog.int8 AS key
FROM pg_catalog.pg_roles AS r
WHERE pg_catalog.starts_with(pg_catalog.shobj_description(r.oid, 'pg_authid'), 'cargo migrate: ');
SELECT 'lock' AS kind, NULL AS name, NULL AS mark,
    (l.classid::pg_catalog.int8 OPERATOR(pg_catalog.<<) 32) OPERATOR(pg_catalog.|) l.objid::pg_catalog.int8 AS key
FROM pg_catalog.pg_locks AS l
WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted AND l.objsubid OPERATOR(pg_catalog.=) 1";

/// Drops what is left of runs that have ended. What cannot be dropped now is tried again by the next run.
pub(super) async fn sweep(session: &mut Session) {
    let Ok(rows) = session.ask(SURVEY).await else { return };
    let mut alive = HashSet::new();
    let (mut databases, mut roles) = (Vec::new(), Vec::new());
    for row in &rows {
        let name = || row.try_get::<String, _>("name").unwrap_or_default();
        match row.try_get::<&str, _>("kind") {
            Ok("lock") => alive.extend(row.try_get::<i64, _>("key").map(|key| Token(key.cast_unsigned()))),
            Ok("database") => databases.extend(temporary::owner(&name()).map(|owner| (owner, name()))),
            _ => {
                let mark: String = row.try_get("mark").unwrap_or_default();
                roles.extend(roles::owner(&mark).map(|owner| (owner, name())));
            }
        }
    }
    let dead = |found: Vec<(Token, String)>| found.into_iter().filter(|(owner, _)| !alive.contains(owner)).collect();
    let (databases, roles): (Vec<_>, Vec<_>) = (dead(databases), dead(roles));
    for (_, name) in databases {
        // A session in it has no client any more, and need not have noticed.
        let _ = session.ask(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", identifier(&name))).await;
    }
    for (_, name) in roles {
        let _ = session.ask(&format!("DROP ROLE IF EXISTS {}", identifier(&name))).await;
    }
}
