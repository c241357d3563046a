//! One revision: its header and its files, read and checked on their own.

use std::path::{Path, PathBuf};

use migrate_runtime::table::{Checksum, Position, Span, Transaction};

use crate::digest;
use crate::executes::Executes;
use crate::header::{self, Header, HeaderError, Partial, Style};
use crate::name::FolderName;
use crate::problem::{Problem, slashed};
use crate::rust_file;
use crate::source::{Folder, Found, Text};
use crate::sql_file;
use crate::statements::{Statement, Tokens};

/// A revision's header and files.
#[derive(Clone, Debug)]
pub struct RevisionFiles {
    name: FolderName,
    folder: PathBuf,
    header: Header,
    dependencies: Vec<String>,
    /// The other crates' revisions among what the header depends on.
    of_crates: Vec<CrateRevision>,
    checksums: [Checksum; 2],
    up: SourceFile,
    down: Down,
}

/// Another crate's revision that one depends on.
#[derive(Clone, Debug)]
pub(crate) struct CrateRevision {
    /// What code calls the crate.
    pub(crate) crate_name: String,
    pub(crate) id: String,
    /// Where the header names it.
    pub(crate) position: Position,
}

/// What undoes a revision.
#[derive(Clone, Debug)]
enum Down {
    Nothing,
    /// A function in the file that holds the way up; with its own notion of what it executes.
    Function(SourceFile),
    File(SourceFile),
}

impl RevisionFiles {
    pub(crate) fn name(&self) -> &FolderName {
        &self.name
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.name.id()
    }

    /// The slug.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.name.slug()
    }

    /// What the header says.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The ids that come first without being parents: where the header names a branch label, the revision that carries it.
    /// Those of other crates, as `auth::20260801090000`, are the last.
    #[must_use]
    pub fn dependencies(&self) -> &[String] {
        &self.dependencies
    }

    pub(crate) fn depend_on(&mut self, ids: &[String]) {
        let of_crates = self.of_crates.iter().map(|other| format!("{}::{}", other.crate_name, other.id));
        self.dependencies = ids.iter().cloned().chain(of_crates).collect();
    }

    pub(crate) fn of_crates(&self) -> &[CrateRevision] {
        &self.of_crates
    }

    /// The folder, under the path that was given for reading.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `up.sql` or `migration.rs`.
    #[must_use]
    pub fn up(&self) -> &SourceFile {
        &self.up
    }

    /// `down.sql`, or `migration.rs` where it has a function `down`.
    #[must_use]
    pub fn down(&self) -> Option<&SourceFile> {
        match &self.down {
            Down::Nothing => None,
            Down::Function(file) | Down::File(file) => Some(file),
        }
    }

    /// The digest of the text of the way up, and that of its tokens.
    #[must_use]
    pub fn checksums(&self) -> [Checksum; 2] {
        self.checksums
    }
}

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A script for the server.
    Sql,
    /// A module with functions.
    Rust,
}

/// A file of a revision.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: PathBuf,
    shown: String,
    text: String,
    language: Language,
    statements: Vec<Span>,
    transaction: Transaction,
    executes: Executes,
}

impl SourceFile {
    /// Where it is, under the path that was given for reading.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path to print, with forward slashes.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The whole text, header included, without a byte order mark and with `\n` for `\r\n`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is written in.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Where the statements lie; none in Rust.
    #[must_use]
    pub fn statements(&self) -> &[Span] {
        &self.statements
    }

    /// Whether it runs inside a transaction.
    #[must_use]
    pub fn transaction(&self) -> Transaction {
        self.transaction
    }

    /// What a Rust function executes, as far as its text tells; nothing in SQL.
    pub(crate) fn executes(&self) -> &Executes {
        &self.executes
    }

    fn new(text: Text, language: Language, statements: Vec<Span>, transaction: Transaction) -> Self {
        let Text { path, shown, text } = text;
        Self { path, shown: slashed(&shown), text, language, statements, transaction, executes: Ok(Vec::new()) }
    }
}

/// A revision as far as it could be read.
pub(crate) struct Draft {
    pub(crate) name: FolderName,
    /// The file with the header, as printed; the folder where there is none.
    pub(crate) shown: PathBuf,
    /// The header, as far as it could be read.
    pub(crate) header: Partial,
    /// Whether that is all of it.
    pub(crate) header_in_order: bool,
    /// The whole, where nothing is wrong that would make it useless.
    pub(crate) files: Option<RevisionFiles>,
}

impl Draft {
    fn read_header(&mut self, text: &Text, style: Style, problems: &mut Vec<Problem>) {
        let (header, errors) = header::read(&text.text, style);
        self.header = header;
        self.header_in_order = errors.is_empty();
        report(text, errors, problems);
    }

    fn of_crates(&self) -> Vec<CrateRevision> {
        let named = self.header.parsed.header.depends_on.iter().zip(&self.header.parsed.depends_on);
        let of_crate = |(name, position): (&String, &Position)| {
            let (crate_name, id) = name.split_once("::")?;
            Some(CrateRevision { crate_name: crate_name.to_owned(), id: id.to_owned(), position: *position })
        };
        named.filter_map(of_crate).collect()
    }

    /// Adds the files, which are of no use without their header.
    fn complete(&mut self, folder: PathBuf, up: SourceFile, checksums: [Checksum; 2], down: Down) {
        if self.header_in_order {
            let (name, header, dependencies) = (self.name.clone(), self.header.parsed.header.clone(), Vec::new());
            let of_crates = self.of_crates();
            self.files = Some(RevisionFiles { name, folder, header, dependencies, of_crates, checksums, up, down });
        }
    }
}

/// Reads the header alone; any problem says that there is one, and a reading of the whole folder says it well.
pub(crate) fn read_header(folder: Folder, problems: &mut Vec<Problem>) -> Draft {
    let Folder { name, shown, up, rust, .. } = folder;
    let mut draft = Draft { name, shown, header: Partial::nothing(), header_in_order: false, files: None };
    let (text, style) = match (up, rust) {
        (Found::File(up), Found::Absent) => (up, Style::Sql),
        (Found::Absent, Found::File(rust)) => (rust, Style::Rust),
        _ => {
            problems.push(Problem::new(&draft.shown, "one of up.sql and migration.rs is to be read"));
            return draft;
        }
    };
    draft.shown.clone_from(&text.shown);
    draft.read_header(&text, style, problems);
    draft
}

/// Reads what is in a revision's folder.
pub(crate) fn read(folder: Folder, problems: &mut Vec<Problem>) -> Draft {
    let Folder { name, path, shown, up, down, rust } = folder;
    let has_down = down.is_there();
    let mut draft = Draft { name, shown, header: Partial::nothing(), header_in_order: false, files: None };
    match (up, rust) {
        (Found::Absent, Found::Absent) => {
            problems.push(
                Problem::new(&draft.shown, "the revision has neither up.sql nor migration.rs")
                    .help("write one of them, or delete the folder"),
            );
        }
        (up, rust) if up.is_there() && rust.is_there() => {
            problems.push(
                Problem::new(&draft.shown, "the revision has both up.sql and migration.rs")
                    .help("keep one of them, and make a second revision of the other with `cargo migrate new`"),
            );
        }
        (Found::File(up), _) => {
            draft.shown.clone_from(&up.shown);
            draft.read_header(&up, Style::Sql, problems);
            let (up, checksums) = read_up(up, &draft.header, problems);
            let down = match down {
                Found::File(down) => read_down(down, &draft.header, problems).map_or(Down::Nothing, Down::File),
                _ => Down::Nothing,
            };
            draft.complete(path, up, checksums, down);
        }
        (_, Found::File(rust)) => {
            draft.shown.clone_from(&rust.shown);
            draft.read_header(&rust, Style::Rust, problems);
            if let Some((up, checksums, down)) = read_rust(rust, &draft.header, problems) {
                draft.complete(path, up, checksums, down);
            }
            if has_down {
                let shown = draft.shown.with_file_name("down.sql");
                problems.push(
                    Problem::new(shown, "a down.sql beside a migration.rs")
                        .help("write `pub async fn down` in migration.rs, and delete this file"),
                );
            }
        }
        _ => {}
    }
    draft
}

fn read_up(text: Text, header: &Partial, problems: &mut Vec<Problem>) -> (SourceFile, [Checksum; 2]) {
    let script = Tokens::of(&text.text);
    sql_file::check(&text, &script, header.transaction(), problems);
    let body = header.parsed.body;
    let says_why = script.comments.iter().any(|comment| comment.start >= body);
    if script.statements.is_empty() && script.error.is_none() && !says_why && !may_merge(header) {
        problems.push(
            Problem::new(&text.shown, "the script has no statement")
                .at(Position::of(&text.text, body))
                .help("write SQL below the header, or a comment that says why there is none: `-- nothing to do`"),
        );
    }
    let checksums = [digest::text(&text.text), digest::sql(&script.statements)];
    let statements = script.statements.iter().map(Statement::span).collect();
    let transaction = header.parsed.header.transaction;
    (SourceFile::new(text, Language::Sql, statements, transaction), checksums)
}

/// Whether the revision joins branches, as far as is known: that alone is something to do.
fn may_merge(header: &Partial) -> bool {
    !header.knows("parent") || header.parsed.header.parents.len() > 1
}

fn read_down(text: Text, header: &Partial, problems: &mut Vec<Problem>) -> Option<SourceFile> {
    let transaction = header::parse_down(&text.text);
    let script = Tokens::of(&text.text);
    sql_file::check(&text, &script, transaction.as_ref().ok().copied(), problems);
    let says_why = script.comments.iter().any(|comment| !text.text[comment.start..].starts_with("--!"));
    if script.statements.is_empty() && script.error.is_none() && !says_why && !may_merge(header) {
        // A downgrade that does nothing would be recorded as one that has undone something.
        problems.push(
            Problem::new(&text.shown, "the downgrade has no statement")
                .at(Position::of(&text.text, text.text.len()))
                .help("write what undoes up.sql, delete the file if nothing can, or say why: `-- nothing to undo`"),
        );
    }
    let statements = script.statements.iter().map(Statement::span).collect();
    match transaction {
        Ok(transaction) => Some(SourceFile::new(text, Language::Sql, statements, transaction)),
        Err(errors) => {
            report(&text, errors, problems);
            None
        }
    }
}

fn read_rust(text: Text, header: &Partial, problems: &mut Vec<Problem>) -> Option<(SourceFile, [Checksum; 2], Down)> {
    let file = rust_file::check(&text, problems)?;
    let checksums = [digest::text(&text.text), file.token_checksum];
    let transaction = header.parsed.header.transaction;
    let up = SourceFile { executes: file.up, ..SourceFile::new(text, Language::Rust, Vec::new(), transaction) };
    let down = file.down.map_or(Down::Nothing, |executes| Down::Function(SourceFile { executes, ..up.clone() }));
    Some((up, checksums, down))
}

fn report(text: &Text, errors: Vec<HeaderError>, problems: &mut Vec<Problem>) {
    problems.extend(
        errors
            .into_iter()
            .map(|HeaderError { position, message, help }| Problem::new(&text.shown, message).at(position).help(help)),
    );
}
