//! What each verb does.

use std::collections::HashMap;
use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use crate::command::Command;
use crate::command::verbs::{Current, Downgrade, History, Output, Run, Stamp, Status, Switch, Upgrade};
use crate::graph::Graph;
use crate::migration::Action;
use crate::plan::Direction;
use crate::state::State;
use crate::terminal::dsn::Dsn;
use crate::terminal::interrupt::Sessions;
use crate::terminal::journey::{Journey, Way};
use crate::terminal::listing::{self, Entry, Listing};
use crate::terminal::refusal::{self, Texts};
use crate::terminal::report::{Failure, Kind};
use crate::terminal::shell::Shell;
use crate::terminal::{offline, standing};
use crate::{Migrations, Migrator, Range};

/// Set where `cargo migrate` has started the program, and advice is that of `cargo migrate`.
const STARTED_BY_CARGO: &str = "CARGO_MIGRATE";

impl Command {
    /// Does it and reports how it ended. Where no database is named, `dsn` says so to those verbs that need one.
    pub(super) async fn answer(self, migrator: Migrator<'_>, dsn: Result<Dsn, Failure>) -> ExitCode {
        let Output { format, quiet, verbose, color } = self.output().clone();
        let shell = Arc::new(Shell::new(verbose, quiet, format, color).of_program(program(self.name())));
        let ended = self.act(migrator, dsn, &shell).await;
        let lost =
            shell.lost_output().map(|reason| Failure::new(Kind::Io, format!("failed to write to stdout: {reason}")));
        match ended.err().or(lost) {
            None => ExitCode::SUCCESS,
            Some(failure) => failure.report(&shell),
        }
    }

    const fn output(&self) -> &Output {
        match self {
            Self::Upgrade(Upgrade { run: Run { output, .. }, .. })
            | Self::Downgrade(Downgrade { run: Run { output, .. }, .. })
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

    async fn act(
        self,
        mut migrator: Migrator<'_>,
        dsn: Result<Dsn, Failure>,
        shell: &Arc<Shell>,
    ) -> Result<(), Failure> {
        let migrations = *migrator.migrations();
        let graph = graph(&migrations)?;
        let texts = Embedded(migrations);
        if let Self::Upgrade(Upgrade { run: Run { manner, .. }, .. })
        | Self::Downgrade(Downgrade { run: Run { manner, .. }, .. })
        | Self::Switch(Switch { manner, .. }) = &self
        {
            migrator = migrator.try_options(|options| manner.options(options))?;
        }
        // What needs no database comes first.
        let range = match &self {
            Self::Upgrade(Upgrade { target, run: Run { sql: true, .. } }) => {
                return offline::print(Direction::Up, target, &migrator, shell, &texts).await;
            }
            Self::Downgrade(Downgrade { target, run: Run { sql: true, .. } }) => {
                return offline::print(Direction::Down, target, &migrator, shell, &texts).await;
            }
            Self::Stamp(Stamp { recording, .. }) if recording.sql => return recording.print(&migrator, shell, &texts),
            Self::History(History { range: Some(range), .. }) => {
                range.parse::<Range>().map_err(|error| refusal::bad_range(&error, range))?
            }
            _ => Range::default(),
        };
        if let Self::History(History { indicate_current: false, .. }) = self
            && !range.needs_current()
        {
            return history(&range, None, false, &listing(&migrations, graph), shell);
        }
        let dsn = dsn?;
        let journey = Journey { shell, texts: &texts, dsn: &dsn };
        match self {
            Self::Upgrade(Upgrade { target, run }) => {
                journey.take(&Way::toward(Direction::Up, &target, &graph)?, migrator, run.manner.dry_run).await
            }
            Self::Downgrade(Downgrade { target, run }) => {
                journey.take(&Way::toward(Direction::Down, &target, &graph)?, migrator, run.manner.dry_run).await
            }
            Self::Switch(Switch { manner, .. }) => journey.take(&Way::Switch, migrator, manner.dry_run).await,
            Self::Current(Current { check_heads, .. }) => {
                let state = state(&migrator, journey).await?;
                current(&state, check_heads, &listing(&migrations, graph), shell)
            }
            Self::History(History { indicate_current, .. }) => {
                let state = state(&migrator, journey).await?;
                history(&range, Some(&state), indicate_current, &listing(&migrations, graph), shell)
            }
            Self::Status(Status { exit_code, .. }) => {
                let state = state(&migrator, journey).await?;
                standing::show(shell, &state, &migrations, &dsn.shown, exit_code)
            }
            Self::Stamp(Stamp { recording, .. }) => recording.record(journey, &migrator).await,
        }
    }
}

fn current(state: &State, check_heads: bool, listing: &Listing<'_>, shell: &Shell) -> Result<(), Failure> {
    let current = listing::current(state, &listing.graph);
    let of_row = |id| state.row(id).map(Entry::of_row);
    let entries: Vec<Entry<'_>> = current.iter().filter_map(|id| listing.entry(id).or_else(|| of_row(id))).collect();
    if shell.is_json() {
        shell.json(&json!({"heads": entries}));
    } else {
        listing::print(shell, &entries);
        if entries.is_empty() {
            shell.status("Current", "at base: no revision is applied");
        }
    }
    if check_heads { listing::check_heads(state, &listing.graph) } else { Ok(()) }
}

fn history(
    range: &Range,
    state: Option<&State>,
    indicate_current: bool,
    listing: &Listing<'_>,
    shell: &Shell,
) -> Result<(), Failure> {
    let applied = state.map(State::applied).unwrap_or_default();
    let ids = listing.graph.history(range, &applied).map_err(|error| refusal::plan(&error))?;
    let mut entries = listing.entries(ids);
    if let Some(state) = state.filter(|_| indicate_current) {
        let current = listing::current(state, &listing.graph);
        entries.iter_mut().for_each(|entry| entry.mark(&applied, &current));
    }
    if shell.is_json() {
        shell.json(&json!({"revisions": entries}));
    } else {
        shell.lines(entries.iter().map(Entry::lineage));
    }
    Ok(())
}

/// What was typed before the verb; none where `cargo migrate` has started the program.
fn program(verb: &str) -> Option<String> {
    if env::var_os(STARTED_BY_CARGO).is_some() {
        return None;
    }
    let mut words = env::args_os().map(|word| word.to_string_lossy().into_owned());
    let file = words.next().unwrap_or_default();
    let name = Path::new(&file).file_name().map_or(file.clone(), |name| name.to_string_lossy().into_owned());
    // Anything else is an argument of the application's, and may hold a password.
    let is_name = |word: &String| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let words = words.take_while(|word| word != verb && !word.starts_with('-') && is_name(word));
    Some([name].into_iter().chain(words).collect::<Vec<_>>().join(" "))
}

async fn state(migrator: &Migrator<'_>, journey: Journey<'_>) -> Result<State, Failure> {
    journey.on_database(&Sessions::new(), async |connect| migrator.state(&connect).await).await
}

fn graph(migrations: &Migrations) -> Result<Graph<'static>, Failure> {
    migrations.graph().map_err(|errors| refusal::graph(&errors))
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
