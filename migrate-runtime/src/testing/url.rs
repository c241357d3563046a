//! Which server is meant, from the environment or a `.env` file.

use std::env;

use crate::testing::error::Error;

/// Where the URL comes from, as everywhere with sqlx.
const VARIABLE: &str = "DATABASE_URL";

/// The URL that the environment names, or else a `.env` file in this folder or above it.
pub(crate) fn find() -> Result<String, Error> {
    if let Some(url) = env::var(VARIABLE).ok().filter(|url| !url.is_empty()) {
        return Ok(url);
    }
    let Ok(entries) = dotenvy::dotenv_iter() else { return Err(Error::NoUrl) };
    for entry in entries {
        // The error of dotenvy repeats the line, which may hold a password.
        let (name, value) = entry.map_err(|_| Error::EnvFile)?;
        if name == VARIABLE && !value.is_empty() {
            return Ok(value);
        }
    }
    Err(Error::NoUrl)
}

/// Puts another database into a URL, and keeps what comes before and after it.
pub(crate) fn with_database(url: &str, database: &str) -> String {
    let authority = url.find("://").map_or(0, |index| index + 3);
    let end = url[authority..].find(['/', '?']).map_or(url.len(), |index| authority + index);
    let parameters = url[end..].split_once('?').map_or("", |(_, parameters)| parameters);
    // This one would be stronger than the path.
    let kept: Vec<&str> =
        parameters.split('&').filter(|part| !part.is_empty() && !part.starts_with("dbname=")).collect();
    let question = if kept.is_empty() { "" } else { "?" };
    format!("{}/{database}{question}{}", &url[..end], kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        assert_eq!(with_database("postgres://a:p@h:1/b", "c"), "postgres://a:p@h:1/c");
        assert_eq!(with_database("postgres://a@h:1/b?sslmode=require", "c"), "postgres://a@h:1/c?sslmode=require");
        assert_eq!(with_database("postgres://h", "c"), "postgres://h/c");
        assert_eq!(with_database("postgres:///b?host=/run/pg&dbname=d", "c"), "postgres:///c?host=/run/pg");
    }
}
