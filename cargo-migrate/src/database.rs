//! Which database is meant, from the option, the environment or a `.env` file; never with its password in a message.

use std::env;
use std::path::Path;

use crate::dsn::Dsn;
use crate::invocation::Invocation;
use crate::project::Project;
use crate::report::{Failure, Kind};

/// Where a URL comes from when the package names no variable of its own.
const DEFAULT_VARIABLE: &str = "DATABASE_URL";

/// The database that the user means.
pub(crate) fn find(invocation: &Invocation, project: &Project) -> Result<Dsn, Failure> {
    let variable = variable(project);
    look_for(invocation, project)?.ok_or_else(|| {
        Failure::new(Kind::Usage, format!("no database is named: `{variable}` is not set, and no `.env` sets it"))
            .help(format!("pass `--database-url postgres://user@host/database`, or set `{variable}`"))
    })
}

/// The database that the user means, if one is named anywhere.
pub(crate) fn look_for(invocation: &Invocation, project: &Project) -> Result<Option<Dsn>, Failure> {
    let variable = variable(project);
    if let Some(url) = &invocation.globals.database_url {
        return Dsn::parse(url, "`--database-url`").map(Some);
    }
    if let Some(url) = env::var(variable).ok().filter(|url| !url.is_empty()) {
        return Dsn::parse(&url, &format!("`{variable}` in the environment")).map(Some);
    }
    for folder in &project.env_dirs {
        let path = folder.join(".env");
        if let Some(url) = in_file(&path, variable)? {
            return Dsn::parse(&url, &format!("`{variable}` in `{}`", path.display())).map(Some);
        }
    }
    Ok(None)
}

/// The database that the user means, also where no project is: then only the option and the environment can name it.
pub(crate) fn look_for_anywhere(invocation: &Invocation) -> Result<Option<Dsn>, Failure> {
    if let Ok(project) = invocation.located() {
        return look_for(invocation, project);
    }
    if let Some(url) = &invocation.globals.database_url {
        return Dsn::parse(url, "`--database-url`").map(Some);
    }
    let url = env::var(DEFAULT_VARIABLE).ok().filter(|url| !url.is_empty());
    url.map(|url| Dsn::parse(&url, &format!("`{DEFAULT_VARIABLE}` in the environment"))).transpose()
}

/// The environment variable that holds the URL.
fn variable(project: &Project) -> &str {
    project.database_url_env.as_deref().unwrap_or(DEFAULT_VARIABLE)
}

fn in_file(path: &Path, variable: &str) -> Result<Option<String>, Failure> {
    if !path.is_file() {
        return Ok(None);
    }
    let unreadable = || {
        Failure::new(Kind::Usage, format!("`{}` cannot be read as a list of NAME=value lines", path.display()))
            .help("put values with spaces or special characters into single quotes")
    };
    for entry in dotenvy::from_path_iter(path).map_err(|_| unreadable())? {
        // The error of dotenvy repeats the line, which may hold a password.
        let (name, value) = entry.map_err(|_| unreadable())?;
        if name == variable && !value.is_empty() {
            return Ok(Some(value));
        }
    }
    Ok(None)
}
