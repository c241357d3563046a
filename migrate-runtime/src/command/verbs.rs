//! The verbs, with what each of them takes.

use std::collections::HashMap;
use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgAction, Args};
use serde_json::json;

use crate::command::Command;
use crate::graph::Graph;
use crate::migration::Action;
use crate::plan::Direction;
use crate::terminal::dsn::Dsn;
use crate::terminal::interrupt::Sessions;
use crate::terminal::journey::{Journey, Way};
use crate::terminal::listing::{self, Entry, Listing};
use crate::terminal::manner::Manner;
use crate::terminal::output::{Colour, Format};
use crate::terminal::recording::Recording;
use crate::terminal::refusal::{self, Texts};
use crate::terminal::report::{Failure, Kind};
use crate::terminal::shell::Shell;
use crate::terminal::{offline, standing};
use crate::{Migrations, Migrator, Range};

/// Set where `cargo migrate` has started the program, and advice is that of `cargo migrate`.
pub(super) const STARTED_BY_CARGO: &str = "CARGO_MIGRATE";

/// What every verb takes.
#[derive(Clone, Debug, Args)]
struct Output {
    /// What is printed as data: text, or JSON documents, one a line.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Print no progress, only data and errors.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more.
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

/// `upgrade`.
#[derive(Clone, Debug, Args)]
pub struct Upgrade {
    /// Where to go: `heads`, `head`, an id, a unique prefix of one, a slug, a branch label, `+N`, `REV+N`, `LABEL@head`,
    /// `LABEL@+N`; with `--sql` also FROM:TO.
    #[arg(default_value = "heads", allow_negative_numbers = true)]
    target: String,
    /// Print the SQL instead of running it: for psql, with the statements that keep the version table.
    #[arg(long, conflicts_with_all = ["dry_run", "wait_timeout"])]
    sql: bool,
    #[command(flatten)]
    manner: Manner,
    #[command(flatten)]
    output: Output,
}

/// `downgrade`.
#[derive(Clone, Debug, Args)]
pub struct Downgrade {
    /// Where to go: `base`, an id, a unique prefix of one, a slug, a branch label, `-N`, `REV-N`, `LABEL@base`, `LABEL@-N`;
    /// with `--sql` FROM:TO.
    #[arg(allow_negative_numbers = true)]
    target: String,
    /// Print the SQL instead of running it: for psql, with the statements that keep the version table.
    #[arg(long, conflicts_with_all = ["dry_run", "wait_timeout"])]
    sql: bool,
    #[command(flatten)]
    manner: Manner,
    #[command(flatten)]
    output: Output,
}

/// `switch`.
#[derive(Clone, Debug, Args)]
pub struct Switch {
    #[command(flatten)]
    manner: Manner,
    #[command(flatten)]
    output: Output,
}

/// `current`.
#[derive(Clone, Debug, Args)]
pub struct Current {
    /// Exit with 5 unless the database is at the heads.
    #[arg(short, long)]
    check_heads: bool,
    #[command(flatten)]
    output: Output,
}

/// `history`.
#[derive(Clone, Debug, Args)]
pub struct History {
    /// The revisions to list, `FROM:TO` with both ends in it.
    #[arg(allow_hyphen_values = true)]
    range: Option<String>,
    /// Ask the database, and mark the revisions that it is at.
    #[arg(short, long)]
    indicate_current: bool,
    #[command(flatten)]
    output: Output,
}

/// `status`.
#[derive(Clone, Debug, Args)]
pub struct Status {
    /// Exit with 5 unless the database is at the heads.
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    output: Output,
}

/// `stamp`.
#[derive(Clone, Debug, Args)]
pub struct Stamp {
    #[command(flatten)]
    recording: Recording,
    #[command(flatten)]
    output: Output,
}

impl Command {
    /// Does it and reports how it ended.
    pub(super) async fn answer(self, migrator: Migrator<'_>, dsn: Result<Dsn, Failure>) -> ExitCode {
        let Output { format, quiet, verbose, color } = self.output().clone();
        let shell = Shell::new(verbose, quiet, format, color).of_program(program(self.name()));
        let shell = Arc::new(shell);
        let ended = match dsn {
            Ok(dsn) => {
                let embedded = Embedded(*migrator.migrations());
                self.run_on(migrator, Journey { shell: &shell, texts: &embedded, dsn: &dsn }).await
            }
            Err(failure) => Err(failure),
        };
        let lost =
            shell.lost_output().map(|reason| Failure::new(Kind::Io, format!("failed to write to stdout: {reason}")));
        match ended.err().or(lost) {
            None => ExitCode::SUCCESS,
            Some(failure) => failure.report(&shell),
        }
    }

    const fn output(&self) -> &Output {
        match self {
            Self::Upgrade(Upgrade { output, .. })
            | Self::Downgrade(Downgrade { output, .. })
            | Self::Switch(Switch { output, .. })
            | Self::Current(Current { output, .. })
            | Self::History(History { output, .. })
            | Self::Status(Status { output, .. })
            | Self::Stamp(Stamp { output, .. }) => output,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Upgrade(_) => "upgrade",
            Self::Downgrade(_) => "downgrade",
            Self::Switch(_) => "switch",
            Self::Current(_) => "current",
            Self::History(_) => "history",
            Self::Status(_) => "status",
            Self::Stamp(_) => "stamp",
        }
    }

    async fn run_on(self, migrator: Migrator<'_>, journey: Journey<'_>) -> Result<(), Failure> {
        let migrations = *migrator.migrations();
        let graph = graph(&migrations)?;
        match self {
            Self::Upgrade(Upgrade { target, sql, manner, .. }) => {
                go(Direction::Up, &target, sql, &manner, migrator, journey, &graph).await
            }
            Self::Downgrade(Downgrade { target, sql, manner, .. }) => {
                go(Direction::Down, &target, sql, &manner, migrator, journey, &graph).await
            }
            Self::Switch(Switch { manner, .. }) => {
                let migrator = migrator.try_options(|options| manner.options(options))?;
                journey.take(&Way::Switch, migrator, manner.dry_run).await
            }
            Self::Current(Current { check_heads, .. }) => {
                let state = state(&migrator, journey).await?;
                let listing = listing(&migrations, graph);
                let current = listing::current(&state, &listing.graph);
                let of_row = |id| state.row(id).map(Entry::of_row);
                let entries: Vec<Entry<'_>> =
                    current.iter().filter_map(|id| listing.entry(id).or_else(|| of_row(id))).collect();
                if journey.shell.is_json() {
                    journey.shell.json(&json!({"heads": entries}));
                } else {
                    listing::print(journey.shell, &entries);
                }
                if check_heads { listing::check_heads(&state, &listing.graph) } else { Ok(()) }
            }
            Self::History(History { range, indicate_current, .. }) => {
                let range: Range = match range.as_deref().map(str::parse) {
                    None => Range::default(),
                    Some(Ok(range)) => range,
                    Some(Err(error)) => return Err(refusal::bad_range(&error, range.as_deref().unwrap_or_default())),
                };
                let state = match range.needs_current() || indicate_current {
                    true => Some(state(&migrator, journey).await?),
                    false => None,
                };
                let applied = state.as_ref().map(crate::state::State::applied).unwrap_or_default();
                let ids = graph.history(&range, &applied).map_err(|error| refusal::plan(&error))?;
                let listing = listing(&migrations, graph);
                let mut entries = listing.entries(ids);
                if let Some(state) = state.as_ref().filter(|_| indicate_current) {
                    let current = listing::current(state, &listing.graph);
                    entries.iter_mut().for_each(|entry| entry.mark(&applied, &current));
                }
                if journey.shell.is_json() {
                    journey.shell.json(&json!({"revisions": entries}));
                } else {
                    journey.shell.lines(entries.iter().map(Entry::lineage));
                }
                Ok(())
            }
            Self::Status(Status { exit_code, .. }) => {
                let state = state(&migrator, journey).await?;
                standing::show(journey.shell, &state, &migrations, &journey.dsn.shown, exit_code)
            }
            Self::Stamp(Stamp { recording, .. }) if recording.sql => {
                recording.print(&migrator, journey.shell, journey.texts)
            }
            Self::Stamp(Stamp { recording, .. }) => recording.record(journey, &migrator).await,
        }
    }
}

/// What was typed before the verb; none where `cargo migrate` has started the program.
fn program(verb: &str) -> Option<String> {
    if env::var_os(STARTED_BY_CARGO).is_some() {
        return None;
    }
    let mut words = env::args_os().map(|word| word.to_string_lossy().into_owned());
    let file = words.next().unwrap_or_default();
    let name = Path::new(&file).file_name().map_or(file.clone(), |name| name.to_string_lossy().into_owned());
    let before: Vec<String> = words.take_while(|word| word != verb).collect();
    // What may be between are options of the application, which may hold a password.
    let words = before.into_iter().take_while(|word| !word.starts_with('-'));
    Some([name].into_iter().chain(words).collect::<Vec<_>>().join(" "))
}

async fn go(
    direction: Direction,
    target: &str,
    sql: bool,
    manner: &Manner,
    migrator: Migrator<'_>,
    journey: Journey<'_>,
    graph: &Graph<'_>,
) -> Result<(), Failure> {
    let migrator = migrator.try_options(|options| manner.options(options))?;
    if sql {
        return offline::print(direction, target, &migrator, journey.shell, journey.texts).await;
    }
    let way = Way::toward(direction, target, graph)?;
    journey.take(&way, migrator, manner.dry_run).await
}

async fn state(migrator: &Migrator<'_>, journey: Journey<'_>) -> Result<crate::state::State, Failure> {
    journey.on_database(&Sessions::new(), async |connect| migrator.state(&connect).await).await
}

fn graph(migrations: &Migrations) -> Result<Graph<'static>, Failure> {
    migrations.graph().map_err(|errors| {
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::new(Kind::Revisions, texts.join("; "))
    })
}

fn listing<'l>(migrations: &Migrations, graph: Graph<'l>) -> Listing<'l> {
    let summaries: HashMap<&str, &str> =
        migrations.list().iter().map(|migration| (migration.id(), migration.summary_text())).collect();
    Listing::new(graph, summaries, Path::new("migrations"))
}

/// The files as they were compiled in.
struct Embedded(Migrations);

impl Texts for Embedded {
    fn text_of(&self, file: &str) -> Option<String> {
        let actions = self.0.list().iter().flat_map(|migration| [Some(migration.up_action()), migration.down_action()]);
        actions.flatten().find_map(|action| match action {
            Action::Sql(script) if script.file() == file => Some(script.text().to_owned()),
            _ => None,
        })
    }
}
