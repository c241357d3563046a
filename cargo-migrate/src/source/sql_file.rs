//! SQL that is loaded: its text, without what is psql's, where its statements are, and where the text comes from.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_build::statements;
use migrate_runtime::table::{Position, Span};

use crate::models::{Models, Script};
use crate::report::{Failure, Kind, Place};

/// What to do about SQL of models that is none.
pub(super) const IS_SQL: &str = "what attributes say in quotes is given to the server as SQL: correct it there";

/// A text of SQL.
#[derive(Debug)]
pub(crate) struct SqlFile {
    /// As messages show it.
    pub(super) shown: PathBuf,
    pub(super) origin: Origin,
    /// The text as it is in the file, without a byte order mark.
    pub(super) text: String,
    /// The same text with spaces in place of what is psql's, so that an offset in it is an offset in the file.
    pub(super) sql: String,
    /// The statements.
    pub(super) statements: Vec<Span>,
}

/// Where a text comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// From the file, as it is.
    File,
    /// From models, which have the places that messages tell.
    Models(Box<Script>),
}

impl SqlFile {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Failure::new(Kind::Failed, "the file is not UTF-8").in_file(path).help(
                "a dump in PostgreSQL's custom format becomes SQL with `pg_restore --file=schema.sql DUMP`; else save it \
                 as UTF-8",
            )
        })?;
        Self::parse(path, Origin::File, text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
    }

    /// The SQL of models.
    pub(super) fn of_models(models: &Models) -> Result<Self, Failure> {
        let script = models.script();
        let origin = Origin::Models(Box::new(script.clone()));
        Self::parse(Path::new("the SQL of the models"), origin, script.text().to_owned())
    }

    fn parse(path: &Path, origin: Origin, text: String) -> Result<Self, Failure> {
        let mut file = Self { shown: path.to_owned(), origin, sql: text.clone(), text, statements: Vec::new() };
        loop {
            let (statements, error) = cut(&file.sql);
            let copy = statements.iter().find(|span| is_copy_from_stdin(&file.sql[span.start()..span.end()]));
            let command = statements.iter().find(|span| file.sql[span.start()..].starts_with('\\'));
            match (copy, command) {
                (Some(copy), command) if command.is_none_or(|command| copy.start() < command.start()) => {
                    return Err(file
                        .failure(copy.start(), "`COPY … FROM stdin` brings rows, and a schema has none")
                        .help(
                            "dump the schema alone: `pg_dump --schema-only`; rows that belong to it can be an INSERT",
                        ));
                }
                (_, Some(command)) => file.clean(command.start())?,
                (_, None) => match error {
                    Some((offset, message)) => {
                        let failure = file.failure(offset, message);
                        return Err(match file.origin {
                            Origin::File => failure,
                            Origin::Models(_) => failure.help(IS_SQL),
                        });
                    }
                    None => {
                        file.statements = statements;
                        return Ok(file);
                    }
                },
            }
        }
    }

    /// Takes out a line of psql's that says nothing about the schema, as `pg_dump` writes them.
    fn clean(&mut self, start: usize) -> Result<(), Failure> {
        let end = self.sql[start..].find('\n').map_or(self.sql.len(), |length| start + length);
        let line = self.sql[start..end].trim_end();
        let command = line.split_whitespace().next().unwrap_or(line);
        match command {
            // What they are is said in the release notes of PostgreSQL 17.6: they keep a dump from running other commands.
            r"\restrict" | r"\unrestrict" => {
                // One character for each, since the server counts characters.
                let blank: String = self.sql[start..end].chars().map(|c| " ".repeat(c.len_utf8())).collect();
                self.sql.replace_range(start..end, &blank);
                Ok(())
            }
            r"\connect" | r"\c" => Err(self
                .failure(start, format!("`{command}` leads to another database"))
                .help("dump without `--create`: `pg_dump --schema-only`")),
            _ => Err(self
                .failure(start, format!("`{command}` is a command of psql, which does not read this"))
                .help("a schema file is SQL alone; files that it would include can be files of a folder")),
        }
    }

    /// A failure at a byte of the text.
    pub(super) fn failure(&self, offset: usize, message: impl Into<String>) -> Failure {
        self.placed(Failure::new(Kind::Failed, message), offset)
    }

    /// The failure as one at a byte of the text.
    pub(super) fn placed(&self, failure: Failure, offset: usize) -> Failure {
        let Place { file, position, source } = self.place(offset);
        match position {
            Some(position) => failure.at(file, position, source),
            None => failure.in_file(file),
        }
    }

    /// The place of a byte of the text, where a person wrote what it comes from.
    pub(super) fn place(&self, offset: usize) -> Place {
        let of_models = match &self.origin {
            Origin::File => None,
            Origin::Models(script) => script.place_at(offset),
        };
        of_models.unwrap_or_else(|| Place {
            file: self.shown.clone(),
            position: Some(Position::of(&self.text, offset)),
            source: Some(self.text.clone()),
        })
    }

    /// The text of a statement.
    pub(super) fn statement(&self, n: usize) -> &str {
        let span = self.statements[n];
        &self.sql[span.start()..span.end()]
    }
}

/// The statements, and where the rest cannot be cut into any. What comes before a mistake is found all the same: rows of a
/// `COPY` look like one.
fn cut(sql: &str) -> (Vec<Span>, Option<(usize, String)>) {
    match statements::split(sql) {
        Ok(statements) => (statements, None),
        Err(error) => {
            let before = statements::split(&sql[..error.offset]).unwrap_or_default();
            (before, Some((error.offset, error.message)))
        }
    }
}

fn is_copy_from_stdin(statement: &str) -> bool {
    let mut tokens = statements::tokens(statement);
    tokens.next().is_some_and(|first| first.eq_ignore_ascii_case("COPY")) && {
        let tokens: Vec<&str> = tokens.collect();
        tokens.windows(2).any(|two| two[0].eq_ignore_ascii_case("FROM") && two[1].eq_ignore_ascii_case("STDIN"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, SqlFile};
    use std::path::Path;

    fn parsed(text: &str) -> Result<SqlFile, String> {
        SqlFile::parse(Path::new("s.sql"), Origin::File, text.to_owned()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_is_psqls_alone_is_taken_out_and_nothing_moves() {
        let text = "\\restrict kä'y\n\nCREATE TABLE t ();\n\\unrestrict kä'y\n";
        let file = parsed(text).expect("parses");
        assert_eq!(file.sql.len(), text.len());
        assert_eq!(file.statements.len(), 1);
        assert_eq!(file.statement(0), "CREATE TABLE t ()");
        assert_eq!(file.statements[0].start(), text.find("CREATE").expect("there"));
    }

    #[test]
    fn a_backslash_in_a_string_is_no_command() {
        let file = parsed("COMMENT ON TABLE t IS '\n\\connect x\n';").expect("parses");
        assert_eq!((file.statements.len(), &file.sql), (1, &file.text));
    }

    #[test]
    fn what_cannot_be_loaded_is_refused_with_its_place() {
        for (text, expected) in [
            ("SELECT 1;\n\\connect shop\n", "s.sql:2:1: `\\connect` leads to another database; "),
            ("SELECT 1;\n  \\i other.sql\n", "s.sql:2:3: `\\i` is a command of psql, which does not read this; "),
            ("SELECT 1;\nCOPY public.t (a) FROM stdin;\nit's\n\\.\n", "s.sql:2:1: `COPY … FROM stdin` brings rows"),
            ("SELECT 1;\nSELECT 'a\n", "s.sql:2:8: unterminated string"),
        ] {
            let problem = parsed(text).expect_err(text);
            assert!(problem.starts_with(expected), "{problem}");
        }
    }
}
