//! The queries, sent together: one message there, the answers back, whatever the number of tables.

use super::row::Row;
use futures_util::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Either, PgConnection};

/// Names the queries and finds their text.
macro_rules! queries {
    ($($name:ident = $file:literal),* $(,)?) => {
        /// A query of the batch.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Query {
            $($name,)*
        }

        const QUERIES: &[&str] = &[$(include_str!(concat!("sql/", $file, ".sql")),)*];
    };
}

queries! {
    Settings = "settings",
    Schemas = "schemas",
    Extensions = "extensions",
    Members = "members",
    Relations = "relations",
    Columns = "columns",
    Defaults = "defaults",
    Constraints = "constraints",
    Indexes = "indexes",
    Inheritance = "inheritance",
    Sequences = "sequences",
    Types = "types",
    Ranges = "ranges",
    Routines = "routines",
    Aggregates = "aggregates",
    Triggers = "triggers",
    Rules = "rules",
    Policies = "policies",
    Statistics = "statistics",
    Collations = "collations",
    Casts = "casts",
    Operators = "operators",
    EventTriggers = "event_triggers",
    Publications = "publications",
    PublicationTables = "publication_tables",
    PublicationSchemas = "publication_schemas",
    Foreign = "foreign",
    TextSearch = "text_search",
    Others = "others",
    Comments = "comments",
    Privileges = "privileges",
    DefaultPrivileges = "default_privileges",
    Dependencies = "dependencies",
}

/// One moment, nothing written, and everything printed the same whatever the session is set to. Names are printed without
/// their schema where that is `public`.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL search_path TO public;
SET LOCAL quote_all_identifiers TO off;
SET LOCAL datestyle TO 'ISO, YMD';
SET LOCAL intervalstyle TO postgres;
SET LOCAL timezone TO 'UTC';
SET LOCAL extra_float_digits TO 1;
SET LOCAL bytea_output TO hex;
SET LOCAL xmlbinary TO base64;
SET LOCAL jit TO off;
";

/// How many statements come before the first query.
const N_BEGIN: usize = 10;

/// The answers, in the order of the queries.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) server_version: u32,
    pub(super) role: String,
    answers: Vec<Vec<PgRow>>,
}

impl Batch {
    pub(super) async fn fetch(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let server_version = connection.server_version_num().unwrap_or(0);
        let mut script = BEGIN.to_owned();
        for query in QUERIES {
            script += &for_version(query, server_version / 10_000);
            script += ";\n";
        }
        script += "COMMIT";
        let answers = match fetch(connection, &script).await {
            Ok(answers) => answers,
            Err(error) => {
                // The transaction is still open; that it cannot be ended says no more than the error does.
                let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
                return Err(error);
            }
        };
        let mut batch = Self { server_version, role: String::new(), answers };
        let role = batch.rows(Query::Settings).next().map(|mut row| row.text());
        batch.role = role.unwrap_or_default();
        Ok(batch)
    }

    pub(super) fn rows(&self, query: Query) -> impl Iterator<Item = Row<'_>> {
        self.answers.get(N_BEGIN + query as usize).into_iter().flatten().map(Row::new)
    }
}

async fn fetch(connection: &mut PgConnection, script: &str) -> Result<Vec<Vec<PgRow>>, sqlx::Error> {
    let mut answers = Vec::new();
    let mut rows = Vec::new();
    let mut stream = sqlx::raw_sql(AssertSqlSafe(script)).fetch_many(connection);
    while let Some(next) = stream.try_next().await? {
        match next {
            Either::Left(_) => answers.push(std::mem::take(&mut rows)),
            Either::Right(row) => rows.push(row),
        }
    }
    Ok(answers)
}

/// The lines for a major version: a line may end in `-- since 15`, `-- before 15`, or `-- from 15 before 17`,
/// and in a colon and the reason after that.
fn for_version(query: &str, major: u32) -> String {
    let mut text = String::with_capacity(query.len());
    for line in query.lines() {
        let (sql, remark) = line.rsplit_once("-- ").unwrap_or((line, ""));
        let condition = remark.split_once(':').map_or(remark, |(condition, _why)| condition);
        let words: Vec<_> = condition.split_whitespace().collect();
        let limit = |word: &str| word.parse::<u32>().ok();
        let (applies, is_condition) = match words[..] {
            ["since" | "from", from] => (limit(from).is_none_or(|from| major >= from), true),
            ["before", before] => (limit(before).is_none_or(|before| major < before), true),
            ["from", from, "before", before] => (
                limit(from).is_none_or(|from| major >= from) && limit(before).is_none_or(|before| major < before),
                true,
            ),
            _ => (true, false),
        };
        if applies {
            text += if is_condition { sql } else { line };
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, N_BEGIN, QUERIES, for_version};

    #[test]
    fn lines_are_chosen_by_version() {
        let query = "a\nb  -- since 15\nc  -- before 15: it is new\nd  -- from 14 before 16\ne -- a remark\n";
        assert_eq!(for_version(query, 13), "a\nc  \ne -- a remark\n");
        assert_eq!(for_version(query, 15), "a\nb  \nd  \ne -- a remark\n");
        assert_eq!(for_version(query, 16), "a\nb  \ne -- a remark\n");
    }

    #[test]
    fn the_statements_before_the_queries_are_counted() {
        assert_eq!(BEGIN.matches(';').count(), N_BEGIN);
        assert!(QUERIES.iter().all(|query| !query.contains(';')));
    }
}
