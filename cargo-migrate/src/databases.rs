//! A package with several databases: which of them is meant, and what is set for it.

use std::path::PathBuf;

use migrate_runtime::graph::nearest;

use crate::globals::Globals;
use crate::manifest::Settings;
use crate::project::DEFAULT_DIR;
use crate::report::{Failure, Kind};

/// Which of the package's databases is meant; none where it has one without a name.
pub(crate) fn chosen(globals: &Globals, settings: &Settings, package: &str) -> Result<Option<String>, Failure> {
    let names = || settings.databases.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match (&globals.name, settings.databases.len()) {
        (Some(name), _) if settings.databases.contains_key(name) => Ok(Some(name.clone())),
        (Some(name), 0) => Err(Failure::new(Kind::Usage, format!("{package} has no database called `{name}`")).help(
            format!("it has one without a name; others stand in Cargo.toml: `[package.metadata.migrate.{name}]`"),
        )),
        (Some(name), _) => {
            let near = nearest(name, settings.databases.keys().map(String::as_str));
            Err(Failure::new(Kind::Usage, format!("{package} has no database called `{name}`")).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its databases are {}", names()),
            }))
        }
        (None, 0) => Ok(None),
        (None, 1) => Ok(settings.databases.keys().next().cloned()),
        // The first, for whoever asks for all of them.
        (None, _) if globals.all => Ok(settings.databases.keys().next().cloned()),
        (None, _) => Err(Failure::new(Kind::Usage, format!("{package} has several databases"))
            .help(format!("choose one with `-n`: {}; `--all` takes each in turn", names()))),
    }
}

/// What is set for a database: its own settings, else the package's; its folder and its variable have its name.
pub(crate) fn settings_of(name: &str, mut settings: Settings) -> Settings {
    let own = settings.databases.remove(name).unwrap_or_default();
    let variable = format!("{}_DATABASE_URL", name.to_uppercase().replace('-', "_"));
    let folder = settings.dir.take().unwrap_or_else(|| PathBuf::from(DEFAULT_DIR)).join(name);
    let named = Settings { dir: Some(folder), database_url_env: Some(variable), ..Settings::default() };
    own.or(named).or(settings)
}
