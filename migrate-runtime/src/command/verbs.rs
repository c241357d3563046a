//! The verbs, with what each of them takes.

use clap::{ArgAction, Args};

use crate::terminal::manner::Manner;
use crate::terminal::output::{Colour, Format};
use crate::terminal::recording::Recording;

/// What every verb takes. The ids are this crate's own: an application may have options of these names for all its verbs.
#[derive(Clone, Debug, Args)]
pub(super) struct Output {
    /// What is printed as data: text, or JSON documents, one a line.
    #[arg(id = "migrate_format", long = "format", value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,
    /// Print no progress, only data and errors.
    #[arg(id = "migrate_quiet", short = 'q', long = "quiet", conflicts_with = "migrate_verbose")]
    pub(super) quiet: bool,
    /// Print more.
    #[arg(id = "migrate_verbose", short = 'v', long = "verbose", action = ArgAction::Count)]
    pub(super) verbose: u8,
    /// When to use colour.
    #[arg(id = "migrate_color", long = "color", value_name = "WHEN", default_value = "auto")]
    pub(super) color: Colour,
}

/// What both ways take.
#[derive(Clone, Debug, Args)]
pub(super) struct Run {
    /// Print the SQL instead of running it: for psql, with the statements that keep the version table.
    #[arg(long, conflicts_with_all = ["dry_run", "wait_timeout"])]
    pub(super) sql: bool,
    #[command(flatten)]
    pub(super) manner: Manner,
    #[command(flatten)]
    pub(super) output: Output,
}

/// `upgrade`.
#[derive(Clone, Debug, Args)]
pub struct Upgrade {
    /// Where to go: `heads`, `head`, an id, a unique prefix of one, a slug, a branch label, `+N`, `REV+N`, `LABEL@head`,
    /// `LABEL@+N`; with `--sql` also FROM:TO.
    #[arg(default_value = "heads", allow_negative_numbers = true)]
    pub(super) target: String,
    #[command(flatten)]
    pub(super) run: Run,
}

/// `downgrade`.
#[derive(Clone, Debug, Args)]
pub struct Downgrade {
    /// Where to go: `base`, an id, a unique prefix of one, a slug, a branch label, `-N`, `REV-N`, `LABEL@base`, `LABEL@-N`;
    /// with `--sql` FROM:TO.
    #[arg(allow_negative_numbers = true)]
    pub(super) target: String,
    #[command(flatten)]
    pub(super) run: Run,
}

/// `switch`.
#[derive(Clone, Debug, Args)]
pub struct Switch {
    #[command(flatten)]
    pub(super) manner: Manner,
    #[command(flatten)]
    pub(super) output: Output,
}

/// `current`.
#[derive(Clone, Debug, Args)]
pub struct Current {
    /// Exit with 5 unless the database is at the heads.
    #[arg(short, long)]
    pub(super) check_heads: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

/// `history`.
#[derive(Clone, Debug, Args)]
pub struct History {
    /// The revisions to list, `FROM:TO` with both ends in it.
    #[arg(allow_hyphen_values = true)]
    pub(super) range: Option<String>,
    /// Ask the database, and mark the revisions that it is at.
    #[arg(short, long)]
    pub(super) indicate_current: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

/// `status`.
#[derive(Clone, Debug, Args)]
pub struct Status {
    /// Exit with 5 unless the database is at the heads.
    #[arg(long)]
    pub(super) exit_code: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

/// `stamp`.
#[derive(Clone, Debug, Args)]
pub struct Stamp {
    #[command(flatten)]
    pub(super) recording: Recording,
    #[command(flatten)]
    pub(super) output: Output,
}
