//! The files of a new revision, as text: the header is complete, the work is left to be written.

use migrate_build::header::{Header, Style};

/// A file of a revision: its name and its text.
pub(crate) type File = (&'static str, String);

/// Which files a revision has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `up.sql` and `down.sql`.
    Sql,
    /// `up.sql` alone: the revision cannot be undone.
    SqlOnlyUp,
    /// `migration.rs`.
    Rust,
    /// `up.sql` and `down.sql` of a merge revision, which has nothing to do.
    Merge,
}

/// The files of a new revision. Those with work to do neither pass the build nor run before they are filled in.
pub(crate) fn files(kind: Kind, header: &Header) -> Vec<File> {
    match kind {
        Kind::Sql => vec![("up.sql", up(header)), ("down.sql", String::new())],
        Kind::SqlOnlyUp => vec![("up.sql", up(header))],
        Kind::Merge => vec![("up.sql", up(header)), ("down.sql", "-- nothing to undo\n".to_owned())],
        Kind::Rust => vec![("migration.rs", rust(header))],
    }
}

fn up(header: &Header) -> String {
    format!("{}\n", header.render(Style::Sql))
}

fn rust(header: &Header) -> String {
    format!(
        "{}\n\
         use migrate_runtime::{{Context, Result}};\n\n\
         pub async fn up(cx: &mut Context<'_>) -> Result<()> {{\n    \
         let _ = cx.conn()?;\n    \
         Err(\"this upgrade is not written yet\".into())\n\
         }}\n",
        header.render(Style::Rust)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_these() {
        let header = Header::new("Create users", ["1"]);
        let names = |kind| files(kind, &header).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(Kind::Sql), ["up.sql", "down.sql"]);
        assert_eq!(names(Kind::SqlOnlyUp), ["up.sql"]);
        assert_eq!(names(Kind::Merge), ["up.sql", "down.sql"]);
        assert_eq!(files(Kind::Sql, &header)[0].1, "--! Create users\n--!\n--! parent: 1\n\n");
        assert_eq!(
            files(Kind::Rust, &header),
            [(
                "migration.rs",
                "//! Create users\n//!\n//! parent: 1\n\nuse migrate_runtime::{Context, Result};\n\n\
                 pub async fn up(cx: &mut Context<'_>) -> Result<()> {\n    let _ = cx.conn()?;\n    \
                 Err(\"this upgrade is not written yet\".into())\n}\n"
                    .to_owned()
            )]
        );
        assert!(syn::parse_file(&files(Kind::Rust, &header)[0].1).is_ok());
    }
}
