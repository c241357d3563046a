//! The digest of all that a template is made of: another digest, another template.

use crate::checksum::Checksum;
use crate::migration::Migration;
use crate::migrations::Migrations;
use crate::postgres::options::Options;
use crate::script::Transaction;
use crate::table::Action;

/// Another number when templates are made in another way: the version table's layout is part of them.
const FORMAT: &str = "1";

/// The digest of a table, run with these options as this role, and of the fixtures. The role counts since only the owner of
/// a database may copy it.
pub(crate) fn of(migrations: &Migrations, options: &Options, fixtures: &[String], role: &str) -> Checksum {
    let (schema, table) = options.version_table.names();
    let mut tokens: Vec<String> =
        [FORMAT, env!("CARGO_PKG_VERSION"), role, migrations.package(), schema, table].map(str::to_owned).into();
    for text in [options.role.as_deref(), options.session_setup.as_deref(), options.session_end.as_deref()] {
        tokens.push(format!("{text:?}"));
    }
    tokens.extend(migrations.list().iter().flat_map(revision));
    tokens.extend(fixtures.iter().cloned());
    Checksum::of_tokens(tokens.iter().map(String::as_str))
}

/// All that is applied or recorded.
fn revision(migration: &Migration) -> [String; 7] {
    let down = migration.down_action().map(|action| match action {
        Action::Sql(script) => (script.text(), is_alone(action)),
        _ => (action.file(), is_alone(action)),
    });
    [
        migration.id().to_owned(),
        migration.summary_text().to_owned(),
        format!("{:?} {:?}", migration.parent_ids(), migration.dependency_ids()),
        format!("{} {}", migration.checksum(), migration.token_checksum()),
        format!("{} {}", migration.is_breaking(), is_alone(migration.up_action())),
        format!("{:?} {:?}", migration.lock_limit(), migration.statement_limit()),
        format!("{down:?}"),
    ]
}

fn is_alone(action: &Action) -> bool {
    action.transaction() == Transaction::None
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::checksum::Checksum;
    use crate::migrations::Migrations;
    use crate::postgres::options::Options;
    use crate::script::Script;
    use crate::table::{Action, Migration};

    fn shop(migration: Migration) -> Migrations {
        Migrations::new("shop", vec![migration].leak())
    }

    fn first(checksum: u8) -> Migration {
        Migration::new("1", "users", [Checksum::new([checksum; 32]); 2], Action::Sql(Script::new("up.sql", "", &[])))
    }

    #[test]
    fn whatever_changes_the_template_changes_the_digest() {
        let (plain, fixture) = (Options::default(), ["INSERT".to_owned()]);
        let base = of(&shop(first(1)), &plain, &[], "me");
        assert_eq!(base, of(&shop(first(1)), &plain, &[], "me"));
        let others = [
            of(&shop(first(2)), &plain, &[], "me"),
            of(&shop(first(1).summary("x")), &plain, &[], "me"),
            of(&shop(first(1).down(Action::Sql(Script::new("down.sql", "DROP", &[])))), &plain, &[], "me"),
            of(&Migrations::new("other", shop(first(1)).list()), &plain, &[], "me"),
            of(&shop(first(1)), &plain, &[], "you"),
            of(&shop(first(1)), &plain, &fixture, "me"),
            of(&shop(first(1)), &plain.clone().role("owner"), &[], "me"),
            of(&shop(first(1)), &plain.clone().session_setup("SET a.b = 1"), &[], "me"),
            of(&shop(first(1)), &plain.session_end("SET a.b = 1"), &[], "me"),
        ];
        for (n, other) in others.iter().enumerate() {
            assert!(*other != base && !others[..n].contains(other), "{n}");
        }
    }
}
