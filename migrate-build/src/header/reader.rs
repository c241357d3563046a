//! Reads a header line by line and notes everything that is wrong with it.

use migrate_runtime::graph::nearest;
use migrate_runtime::table::{Position, Transaction};

use super::limit;
use super::piece::{Piece, block};
use super::{Header, HeaderError, KEYS, NO_TRANSACTION, Parsed, Partial, Style, one_line};
use crate::name::{FolderName, id_fault, is_reserved};

/// Reads the header of an `up.sql` or a `migration.rs`.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn parse(text: &str, style: Style) -> Result<Parsed, Vec<HeaderError>> {
    let (Partial { parsed, .. }, errors) = read(text, style);
    if errors.is_empty() { Ok(parsed) } else { Err(errors) }
}

/// Reads what can be read of a header, and everything that is wrong with it.
pub(crate) fn read(text: &str, style: Style) -> (Partial, Vec<HeaderError>) {
    let mut reader = Reader::new(text, style);
    let (lines, body) = block(text, style);
    if lines.is_empty() {
        return (Partial::nothing(), vec![reader.missing_header()]);
    }
    let (summary, keys) = reader.summary(&lines);
    let mut values = Values::default();
    for line in &keys {
        reader.key(line, &mut values);
    }
    // A mistyped `parent` was reported already.
    if values.parent.is_none() && !reader.doubtful.contains(&"parent") {
        reader.missing_parent(&lines, body);
    }
    let parsed = Parsed {
        header: Header {
            summary,
            parents: owned(&values.parents),
            branch_labels: owned(&values.branch_labels),
            depends_on: owned(&values.depends_on),
            transaction: values.transaction.map_or(Transaction::PerRevision, |()| Transaction::None),
            breaks_older: values.breaks_older.is_some(),
            lock_timeout: values.lock_timeout,
            statement_timeout: values.statement_timeout,
        },
        parent: reader.position(values.parent.unwrap_or_default()),
        parent_value: values.parent_value.map_or(0..0, Piece::range),
        parents: reader.positions(&values.parents),
        depends_on: reader.positions(&values.depends_on),
        branch_labels: reader.positions(&values.branch_labels),
        body,
    };
    (Partial { parsed, doubtful: reader.doubtful }, reader.errors)
}

/// Reads the header of a `down.sql`, which may say `transaction: none` and nothing else.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn parse_down(text: &str) -> Result<Transaction, Vec<HeaderError>> {
    let mut reader = Reader::new(text, Style::Sql);
    let mut transaction = Transaction::PerRevision;
    for line in block(text, Style::Sql).0.into_iter().filter(|line| !line.text.is_empty()) {
        if line.text != NO_TRANSACTION {
            let what = line.text.split(':').next().unwrap_or_default().trim();
            reader.error(
                line.offset,
                format!("`{what}` in the header of a down.sql"),
                "a down.sql may say `--! transaction: none` and nothing else; the header belongs in up.sql",
            );
        } else if transaction == Transaction::None {
            reader.error(line.offset, "`transaction` is given twice", "delete one of the lines");
        } else {
            transaction = Transaction::None;
        }
    }
    if reader.errors.is_empty() { Ok(transaction) } else { Err(reader.errors) }
}

/// What the key lines said so far, and where.
#[derive(Default)]
struct Values<'t> {
    parent: Option<usize>,
    parent_value: Option<Piece<'t>>,
    parents: Vec<Piece<'t>>,
    branch_labels: Vec<Piece<'t>>,
    depends_on: Vec<Piece<'t>>,
    transaction: Option<()>,
    breaks_older: Option<()>,
    lock_timeout: Option<u64>,
    statement_timeout: Option<u64>,
    seen: Vec<&'static str>,
}

/// Turns lines into values and notes what is wrong with them.
struct Reader<'t> {
    text: &'t str,
    style: Style,
    errors: Vec<HeaderError>,
    /// The keys with a value that could not be read, or that may be meant by a line that could not.
    doubtful: Vec<&'static str>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, style: Style) -> Self {
        Self { text, style, errors: Vec::new(), doubtful: Vec::new() }
    }

    fn position(&self, offset: usize) -> Position {
        Position::of(self.text, offset)
    }

    fn positions(&self, pieces: &[Piece<'_>]) -> Vec<Position> {
        pieces.iter().map(|piece| self.position(piece.offset)).collect()
    }

    fn error(&mut self, offset: usize, message: impl Into<String>, help: impl Into<String>) {
        let position = self.position(offset);
        self.errors.push(HeaderError { position, message: message.into(), help: help.into() });
    }

    /// The byte of the first header line at or after `from`, where one was cut off from the top of the file.
    fn stray_line(&self, from: usize) -> Option<usize> {
        let mut offset = from;
        for line in self.text[from..].split_inclusive('\n') {
            if line.starts_with(self.style.marker()) {
                return Some(offset);
            }
            offset += line.len();
        }
        None
    }

    fn missing_header(&self) -> HeaderError {
        let marker = self.style.marker();
        match self.stray_line(0) {
            Some(offset) => HeaderError {
                position: self.position(offset),
                message: "the header does not begin the file".to_owned(),
                help: format!("move the `{marker}` lines to the top"),
            },
            None => HeaderError {
                position: self.position(0),
                message: "the header is missing".to_owned(),
                help: format!(
                    "begin the file with these three lines; for a first revision the parent is `base`\n\
                     {marker} What this revision does.\n{marker}\n{marker} parent: <id of the revision before it>"
                ),
            },
        }
    }

    fn missing_parent(&mut self, lines: &[Piece<'_>], body: usize) {
        let marker = self.style.marker();
        match self.stray_line(body) {
            Some(offset) => {
                // The lines that are cut off may say anything.
                self.doubtful.extend(KEYS);
                self.error(
                    offset,
                    format!("a line without `{marker}` cuts this one off from the header"),
                    format!("put `{marker}` before every line of the header, the blank ones too"),
                );
            }
            None => {
                self.doubtful.push("parent");
                self.error(
                    lines[0].offset,
                    "the header has no `parent`",
                    format!(
                        "add the line `{marker} parent: <id of the revision before it>`, or `{marker} parent: base` for a first revision"
                    ),
                );
            }
        }
    }

    /// The summary, and the lines that are to be read as keys.
    fn summary<'l>(&mut self, lines: &'l [Piece<'t>]) -> (String, Vec<&'l Piece<'t>>) {
        let marker = self.style.marker();
        let end = lines.iter().position(|line| line.text.is_empty()).unwrap_or(lines.len());
        let (mut summary, keys) = lines.split_at(end);
        let mut run_on: &[Piece<'_>] = &[];
        // A message may itself look like `parent: x`, so the first line is a key only when no other line is.
        let keys_follow = keys.iter().any(|line| line.is_known_key());
        if let Some(first_key) = summary.iter().position(|line| line.is_known_key())
            && !(keys_follow && first_key == 0 && summary.len() == 1)
        {
            let key = |line: &Piece<'t>| line.key().map(|(key, _)| key.text);
            let is_summary = first_key == 0 && summary[1..].iter().any(|line| key(line) == key(&summary[0]));
            let from = if is_summary { 1 } else { first_key };
            (summary, run_on) = summary.split_at(from);
            if from > 0 {
                self.error(
                    run_on[0].offset,
                    format!("no blank `{marker}` line between the summary and this line"),
                    format!("insert a line with `{marker}` alone above it"),
                );
            }
        }
        if summary.is_empty() {
            self.error(
                lines[0].offset,
                "the header has no summary",
                format!(
                    "begin it with a line that says what the revision does, `{marker} Create the users table.`, and a blank `{marker}` line"
                ),
            );
        }
        let text: Vec<&str> = summary.iter().map(|line| line.text).collect();
        (one_line(&text.join(" ")), run_on.iter().chain(keys).filter(|line| !line.text.is_empty()).collect())
    }

    fn key(&mut self, line: &Piece<'t>, values: &mut Values<'t>) {
        let marker = self.style.marker();
        let Some((key, value)) = line.key() else {
            self.error(
                line.offset,
                format!("`{}` is not `key: value`", line.text),
                "only keys follow the blank line; put longer explanations into ordinary comments below the header",
            );
            return;
        };
        if key.text == "replaces" {
            self.error(
                key.offset,
                "`replaces` is not supported yet",
                "delete the line and keep the replaced revisions",
            );
            return;
        }
        let Some(known) = KEYS.into_iter().find(|known| *known == key.text) else {
            let help = match nearest(key.text, KEYS) {
                Some(meant) => {
                    self.doubtful.push(meant);
                    format!("did you mean `{meant}`?")
                }
                None => format!("the keys are {}", KEYS.map(|known| format!("`{known}`")).join(", ")),
            };
            self.error(key.offset, format!("unknown header key `{}`", key.text), help);
            return;
        };
        if values.seen.contains(&known) {
            let help = match known {
                list @ ("parent" | "branch-label" | "depends-on") => {
                    format!("write one line, `{marker} {list}: one, other`")
                }
                _ => "delete one of the lines".to_owned(),
            };
            self.error(key.offset, format!("`{known}` is given twice"), help);
            self.doubtful.push(known);
            return;
        }
        values.seen.push(known);
        let n_errors = self.errors.len();
        match known {
            "parent" => {
                values.parent = Some(key.offset);
                values.parent_value = Some(value);
                values.parents = self.parents(value);
            }
            "branch-label" => values.branch_labels = self.branch_labels(value),
            "depends-on" => values.depends_on = self.dependencies(value),
            "transaction" => values.transaction = self.only(key, value, "none"),
            "lock-timeout" => values.lock_timeout = self.limit(key, value),
            "statement-timeout" => values.statement_timeout = self.limit(key, value),
            _ => values.breaks_older = self.only(key, value, "true"),
        }
        if self.errors.len() > n_errors {
            self.doubtful.push(known);
        }
    }

    fn parents(&mut self, value: Piece<'t>) -> Vec<Piece<'t>> {
        if value.text == "base" {
            return Vec::new();
        }
        const WANTED: &str = "write the id of the revision before it, or `base` for a first revision";
        self.list(value, "parent", WANTED, |reader, id| {
            if id.text == "base" {
                reader.error(
                    id.offset,
                    "`base` beside ids in `parent`",
                    "`parent: base` says that there is no parent, so it stands alone",
                );
            } else if let Ok(name) = FolderName::parse(id.text) {
                reader.error(id.offset, format!("`{}` is not an id", id.text), format!("write `{}`", name.id()));
            } else if let Some(reason) = id_fault(id.text) {
                reader.error(id.offset, format!("the id `{}` {reason}", id.text), WANTED);
            }
        })
    }

    /// Ids, or branch labels for the revisions that carry them; an id of another crate's has the crate before it.
    fn dependencies(&mut self, value: Piece<'t>) -> Vec<Piece<'t>> {
        self.list(value, "depends-on", "delete the line", |reader, name| {
            if let Some((crate_name, id)) = name.text.split_once("::") {
                if syn::parse_str::<syn::Ident>(crate_name).is_err() || id_fault(id).is_some() {
                    reader.error(
                        name.offset,
                        format!("`{}` is not a revision of another crate", name.text),
                        "write the crate as code names it, and the id: `auth::20260801090000`",
                    );
                }
            } else if !is_label(name.text) {
                reader.error(
                    name.offset,
                    format!("`{}` is neither an id nor a branch label", name.text),
                    "name a revision that must come first, or delete the line",
                );
            }
        })
    }

    fn branch_labels(&mut self, value: Piece<'t>) -> Vec<Piece<'t>> {
        self.list(value, "branch-label", "delete the line", |reader, label| {
            if !is_label(label.text) {
                reader.error(
                    label.offset,
                    format!("`{}` cannot be a branch label", label.text),
                    "use lower-case letters, digits and `_`, and none of `base`, `head`, `heads`, `current`",
                );
            }
        })
    }

    /// The values of a comma-separated list that are neither empty nor repeated and that `check` finds no fault with.
    fn list(
        &mut self,
        value: Piece<'t>,
        key: &str,
        when_empty: &str,
        check: impl Fn(&mut Self, Piece<'t>),
    ) -> Vec<Piece<'t>> {
        if value.text.is_empty() {
            self.error(value.offset, format!("`{key}` has no value"), when_empty);
            return Vec::new();
        }
        let pieces = value.list();
        let mut sound = Vec::new();
        for (n, piece) in pieces.iter().enumerate() {
            let n_errors = self.errors.len();
            if piece.text.is_empty() {
                self.error(piece.offset, format!("an empty value in `{key}`"), "delete the comma");
            } else if pieces[..n].iter().any(|earlier| earlier.text == piece.text) {
                self.error(piece.offset, format!("`{}` twice in `{key}`", piece.text), "delete one of them");
            } else {
                check(self, *piece);
            }
            if self.errors.len() == n_errors {
                sound.push(*piece);
            }
        }
        sound
    }

    fn limit(&mut self, key: Piece<'_>, value: Piece<'_>) -> Option<u64> {
        let limit = limit::parse(value.text);
        if limit.is_none() {
            self.error(
                value.offset,
                format!("`{}` is not a value of `{}`", value.text, key.text),
                format!(
                    "write a time in whole milliseconds, as in `{}: 5s`, `500ms` or `10min`; `0` is without limit",
                    key.text
                ),
            );
        }
        limit
    }

    fn only(&mut self, key: Piece<'_>, value: Piece<'_>, allowed: &str) -> Option<()> {
        if value.text != allowed {
            self.error(
                value.offset,
                format!("`{}` is not a value of `{}`", value.text, key.text),
                format!("write `{}: {allowed}`, or delete the line", key.text),
            );
        }
        Some(())
    }
}

fn is_label(text: &str) -> bool {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !is_reserved(text) && text.bytes().all(lower)
}

fn owned(pieces: &[Piece<'_>]) -> Vec<String> {
    pieces.iter().map(|piece| piece.text.to_owned()).collect()
}
