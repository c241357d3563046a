//! What does not hold yet, each with the reason. With `MIGRATE_STRICT` set it must.

const NOT_YET: &[(&str, &str)] = &[
    (
        "nothing left behind in a pooler",
        "what the last script has set stays on the connection to the server, which is another client's then",
    ),
    (
        "a locked version table is not waited for without end",
        "what a step without a transaction writes there has no `lock_timeout`, while the step holds the migration lock",
    ),
];

/// Whether to pass over what this names.
pub(super) fn not_yet(what: &str) -> bool {
    assert!(NOT_YET.iter().any(|(listed, _)| *listed == what), "{what} is not listed");
    std::env::var_os("MIGRATE_STRICT").is_none()
}
