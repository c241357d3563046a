//! What a Cargo.toml says about revisions: its name, and `[package.metadata.migrate]`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use migrate_build::is_database_name;
use migrate_runtime::graph::nearest;
use migrate_runtime::table::Position;
use toml_edit::{Document, Item, TableLike};

use crate::catalog::check_pattern;
use crate::desired::Desired;
use crate::manner::{Manner, Sharing, limit};
use crate::report::{Failure, Kind};

/// Keys of the configuration that are honoured.
const KEYS: [&str; 14] = [
    "dir",
    "database-url-env",
    "lock-timeout",
    "statement-timeout",
    "transaction",
    "role",
    "session-setup",
    "session-end",
    "models",
    "schema",
    "include",
    "exclude",
    "online",
    "post-write-hooks",
];

/// Keys that are part of the design, and whose time has not come.
const PLANNED: [&str; 3] = ["version-table", "version-table-schema", "lint"];

fn is_known(key: &str) -> bool {
    KEYS.contains(&key) || PLANNED.contains(&key)
}

/// A Cargo.toml, read and parsed, with the positions of what it says.
#[derive(Debug)]
pub(crate) struct Manifest {
    shown: PathBuf,
    text: String,
    document: Document<String>,
}

/// What `[package.metadata.migrate]` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The migrations folder, relative to the package.
    pub(crate) dir: Option<PathBuf>,
    /// The environment variable that holds the database URL.
    pub(crate) database_url_env: Option<String>,
    /// How runs behave where nothing else is typed; its files are relative to the package.
    pub(crate) manner: Manner,
    /// What the schema shall be, and how revisions are made of it.
    pub(crate) desired: Desired,
    /// The databases of a package that has several, each with what is set for it alone.
    pub(crate) databases: BTreeMap<String, Settings>,
}

impl Settings {
    /// These settings, and the others where these say nothing.
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            dir: self.dir.or(others.dir),
            database_url_env: self.database_url_env.or(others.database_url_env),
            manner: self.manner.or(others.manner),
            desired: self.desired.or(others.desired),
            databases: if self.databases.is_empty() { others.databases } else { self.databases },
        }
    }
}

impl Manifest {
    pub(crate) fn read(path: &Path, shown: PathBuf) -> Result<Self, Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::io("read", &shown, &error))?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Failure::new(Kind::Project, "the manifest is not UTF-8").in_file(&shown).help("save it as UTF-8")
        })?;
        Self::parse(text, shown)
    }

    fn parse(text: String, shown: PathBuf) -> Result<Self, Failure> {
        match Document::parse(text.clone()) {
            Ok(document) => Ok(Self { shown, text, document }),
            Err(error) => {
                let position = Position::of(&text, error.span().map_or(0, |span| span.start));
                Err(Failure::new(Kind::Project, format!("the manifest is not valid TOML: {}", error.message())).at(
                    shown,
                    position,
                    Some(text),
                ))
            }
        }
    }

    /// The name in `[package]`; a virtual manifest has none.
    pub(crate) fn package_name(&self) -> Option<&str> {
        self.document.get("package")?.get("name")?.as_str()
    }

    /// The settings under `[package.metadata.migrate]`, or `[workspace.metadata.migrate]`.
    pub(crate) fn settings(&self, owner: &str) -> Result<Settings, Failure> {
        let item = self.document.get(owner).and_then(|item| item.get("metadata")).and_then(|item| item.get("migrate"));
        let Some(item) = item else { return Ok(Settings::default()) };
        let Some(table) = item.as_table_like() else {
            return Err(self.failure(item.span(), format!("`{owner}.metadata.migrate` is not a table")));
        };
        self.settings_in(table, false)
    }

    fn settings_in(&self, table: &dyn TableLike, of_one_database: bool) -> Result<Settings, Failure> {
        let mut settings = Settings::default();
        for (key, value) in table.iter() {
            match key {
                name if !of_one_database && !is_known(name) && is_database_name(name) && value.is_table_like() => {
                    let Some(table) = value.as_table_like() else { continue };
                    settings.databases.insert(name.to_owned(), self.settings_in(table, true)?);
                }
                "dir" => settings.dir = Some(self.dir(table, value)?),
                "database-url-env" => settings.database_url_env = Some(self.text(table, key, value)?.to_owned()),
                "lock-timeout" => settings.manner.lock_timeout = Some(self.time(table, key, value)?),
                "statement-timeout" => settings.manner.statement_timeout = Some(self.time(table, key, value)?),
                "transaction" => settings.manner.transaction = Some(self.transactions(table, value)?),
                "role" => settings.manner.role = Some(self.text(table, key, value)?.to_owned()),
                "session-setup" => settings.manner.session_setup = Some(self.text(table, key, value)?.into()),
                "session-end" => settings.manner.session_end = Some(self.text(table, key, value)?.into()),
                "models" => settings.desired.models = Some(self.paths(key, value, "[\"src/models\"]")?),
                "schema" => settings.desired.schema = Some(self.paths(key, value, "\"schema.sql\"")?),
                "include" => settings.desired.include = Some(self.patterns(key, value)?),
                "exclude" => settings.desired.exclude = Some(self.patterns(key, value)?),
                "online" => settings.desired.online = Some(self.flag(key, value)?),
                "post-write-hooks" => settings.desired.hooks = Some(self.hooks(value)?),
                _ => return Err(self.refused_key(table, key, value)),
            }
        }
        Ok(settings)
    }

    fn dir(&self, table: &dyn TableLike, value: &Item) -> Result<PathBuf, Failure> {
        let text = self.text(table, "dir", value)?;
        let dir = Path::new(text);
        let relative = dir.components().all(|part| !matches!(part, Component::RootDir | Component::Prefix(_)));
        if text.is_empty() || !relative {
            return Err(self
                .failure(value.span(), "`dir` must be a path relative to the package".to_owned())
                .help("for example `dir = \"migrations\"`"));
        }
        Ok(dir.to_owned())
    }

    /// A text, or a list of texts.
    fn list(value: &Item) -> Option<Vec<String>> {
        match (value.as_str(), value.as_array()) {
            (Some(text), _) => Some(vec![text.to_owned()]),
            (None, Some(array)) => array.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
            (None, None) => None,
        }
    }

    /// A path, or a list of them.
    fn paths(&self, key: &str, value: &Item, example: &str) -> Result<Vec<String>, Failure> {
        let is_relative = |text: &String| {
            let mut parts = Path::new(text).components();
            !text.is_empty() && parts.all(|part| !matches!(part, Component::RootDir | Component::Prefix(_)))
        };
        Self::list(value).filter(|paths| paths.iter().all(is_relative)).ok_or_else(|| {
            self.failure(value.span(), format!("`{key}` must be paths relative to the package"))
                .help(format!("for example `{key} = {example}`"))
        })
    }

    /// Patterns of names, each with the kind of object before it where it is about one.
    fn patterns(&self, key: &str, value: &Item) -> Result<Vec<String>, Failure> {
        let patterns = Self::list(value).ok_or_else(|| {
            self.failure(value.span(), format!("`{key}` must be patterns of names"))
                .help(format!("for example `{key} = [\"tmp_*\", \"audit.*\", \"view:report_*\"]`"))
        })?;
        match patterns.iter().find_map(|pattern| check_pattern(pattern).err()) {
            Some(why) => Err(self.failure(value.span(), why)),
            None => Ok(patterns),
        }
    }

    /// Commands, each one line.
    fn hooks(&self, value: &Item) -> Result<Vec<String>, Failure> {
        let is_command = |line: &String| shlex::split(line).is_some_and(|words| !words.is_empty());
        Self::list(value).filter(|lines| lines.iter().all(is_command)).ok_or_else(|| {
            self.failure(value.span(), "`post-write-hooks` must be commands".to_owned()).help(
                "for example `post-write-hooks = [\"sqlfluff fix --dialect postgres\"]`; the new files follow each",
            )
        })
    }

    fn flag(&self, key: &str, value: &Item) -> Result<bool, Failure> {
        value.as_bool().ok_or_else(|| self.failure(value.span(), format!("`{key}` must be `true` or `false`")))
    }

    fn transactions(&self, table: &dyn TableLike, value: &Item) -> Result<Sharing, Failure> {
        match self.text(table, "transaction", value)? {
            "per-revision" => Ok(Sharing::PerRevision),
            "all" => Ok(Sharing::All),
            other => Err(self
                .failure(value.span(), format!("`transaction` cannot be `{other}`"))
                .help("write `per-revision`, the default, or `all` for one transaction in a run")),
        }
    }

    fn time(&self, table: &dyn TableLike, key: &str, value: &Item) -> Result<Duration, Failure> {
        let text = self.text(table, key, value)?;
        limit(text).map_err(|_| {
            self.failure(value.span(), format!("`{key}` is not a time: `{text}`"))
                .help("for example `2s`, `500ms` or `10min`; `0` is without limit")
        })
    }

    fn text<'m>(&self, table: &dyn TableLike, key: &str, value: &'m Item) -> Result<&'m str, Failure> {
        value.as_str().ok_or_else(|| {
            let span = value.span().or_else(|| table.key(key).and_then(toml_edit::Key::span));
            self.failure(span, format!("`{key}` must be a text in quotes"))
        })
    }

    fn refused_key(&self, table: &dyn TableLike, key: &str, value: &Item) -> Failure {
        let span = table.key(key).and_then(toml_edit::Key::span).or_else(|| value.span());
        if PLANNED.contains(&key) {
            return self
                .failure(span, format!("the key `{key}` is not supported yet"))
                .help("remove it: this version would not do what it says");
        }
        let near = nearest(key, KEYS.into_iter().chain(PLANNED));
        if near.is_none() && value.is_table_like() {
            return self
                .failure(span, format!("`{key}` cannot be the name of a database"))
                .help("use lowercase letters, digits, `-` and `_`, and no table inside it");
        }
        self.failure(span, format!("unknown key `{key}`")).help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys are {}", KEYS.map(|key| format!("`{key}`")).join(" and ")),
        })
    }

    fn failure(&self, span: Option<std::ops::Range<usize>>, message: String) -> Failure {
        let position = Position::of(&self.text, span.map_or(0, |span| span.start));
        Failure::new(Kind::Project, message).at(&self.shown, position, Some(self.text.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings, String> {
        Manifest::parse(text.to_owned(), "Cargo.toml".into())
            .and_then(|manifest| manifest.settings("package"))
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_settings_are_read_or_refused_with_a_place() {
        for (text, dir, variable) in [
            ("", None, None),
            ("[package]\nname = \"a\"", None, None),
            ("[package.metadata.migrate]\ndir = \"db/migrations\"", Some("db/migrations"), None),
            ("[package.metadata]\nmigrate = { dir = \"m\", database-url-env = \"PG\" }", Some("m"), Some("PG")),
        ] {
            let settings = settings(text).expect(text);
            assert_eq!(settings.dir.as_deref(), dir.map(Path::new), "{text}");
            assert_eq!(settings.database_url_env.as_deref(), variable, "{text}");
        }
        for (text, expected) in [
            ("[package.metadata.migrate]\ndirs = \"m\"", "Cargo.toml:2:1: unknown key `dirs`; did you mean `dir`?"),
            ("[package.metadata.migrate]\ndir = 3", "Cargo.toml:2:7: `dir` must be a text in quotes"),
            (
                "[package.metadata.migrate]\ndir = \"/srv\"",
                "Cargo.toml:2:7: `dir` must be a path relative to the package; for example `dir = \"migrations\"`",
            ),
            (
                "[package.metadata.migrate]\nlock-timeout = \"soon\"",
                "Cargo.toml:2:16: `lock-timeout` is not a time: `soon`; for example `2s`, `500ms` or `10min`; `0` is \
                 without limit",
            ),
            (
                "[package.metadata.migrate]\ntransaction = \"some\"",
                "Cargo.toml:2:15: `transaction` cannot be `some`; write `per-revision`, the default, or `all` for one \
                 transaction in a run",
            ),
            (
                "[package.metadata.migrate]\nversion-table = 3",
                "Cargo.toml:2:1: the key `version-table` is not supported yet; \
                 remove it: this version would not do what it says",
            ),
            (
                "[package.metadata.migrate.Reporting]\ndir = \"m\"",
                "Cargo.toml:1:27: `Reporting` cannot be the name of a database; \
                 use lowercase letters, digits, `-` and `_`, and no table inside it",
            ),
            (
                "[package.metadata.migrate.reporting]\ndirs = \"m\"",
                "Cargo.toml:2:1: unknown key `dirs`; did you mean `dir`?",
            ),
            ("[package.metadata]\nmigrate = 3", "Cargo.toml:2:11: `package.metadata.migrate` is not a table"),
        ] {
            assert_eq!(settings(text).expect_err(text), expected);
        }
        assert!(
            settings("[package\n").expect_err("invalid").starts_with("Cargo.toml:1:9: the manifest is not valid TOML")
        );
    }
}
