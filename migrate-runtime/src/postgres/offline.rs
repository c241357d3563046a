//! Offline mode: the statements of a run as a text, for somebody else to run.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::migration::{Action, Executes};
use crate::migrations::Migrations;
use crate::plan::{Direction, Plan};
use crate::postgres::chart::Chart;
use crate::postgres::context::{Caller, Context, Medium as ContextMedium};
use crate::postgres::error::Error;
use crate::postgres::frame::{Frame, Medium, Scope};
use crate::postgres::goal::task;
use crate::postgres::message::{Message, Part};
use crate::postgres::options::{Options, Transactions};
use crate::postgres::state::State;
use crate::postgres::step::{Share, Task, call};
use crate::postgres::version_table::Progress;
use crate::range::Range;
use crate::script::{Script, Transaction};
use crate::target::Target;

/// A text under way.
struct Text<'run> {
    frame: Frame<'run>,
    sql: String,
}

/// Renders what would be run between the ends of a range: from base where it has no beginning, to the heads where it has
/// no end.
pub(crate) async fn render(
    migrations: &Migrations,
    options: &Options,
    direction: Direction,
    range: &Range,
) -> Result<String, Error> {
    let chart = Chart::of(migrations)?;
    let heads = Target::heads();
    let start = chart.graph.offline_start(range)?;
    let plan = match (direction, range.from(), range.to()) {
        (Direction::Up, _, to) => chart.graph.plan_upgrade(&start, to.unwrap_or(&heads))?,
        (Direction::Down, Some(_), Some(to)) => chart.graph.plan_downgrade(&start, to)?,
        (Direction::Down, ..) => return Err(Error::NoStart),
    };
    let mut text = Text::new(migrations, options, !start.is_empty());
    let verb = match direction {
        Direction::Up => "upgrade",
        Direction::Down => "downgrade",
    };
    let begins_at: Vec<&str> = chart.graph.maximal(&start);
    text.title(verb, migrations.package(), &begins_at, &plan.heads);
    if plan.steps.is_empty() {
        text.comment("nothing to do: no step leads there from where this begins");
    }
    text.check_start(&start);
    text.steps(migrations, &chart, &plan).await?;
    Ok(text.sql)
}

/// Renders a stamp, from what the range begins with; from base where it has no beginning.
pub(crate) fn render_stamp(
    migrations: &Migrations,
    options: &Options,
    from: Option<&Target>,
    targets: &[Target],
) -> Result<String, Error> {
    let chart = Chart::of(migrations)?;
    let start = chart.graph.offline_start(&Range { from: from.cloned(), to: None })?;
    let stamp = chart.graph.plan_stamp(&start, targets)?;
    let mut text = Text::new(migrations, options, !start.is_empty());
    text.title("stamp", migrations.package(), &chart.graph.maximal(&start), &stamp.heads);
    text.check_start(&start);
    let (table, package) = (&options.version_table, migrations.package());
    let mut message = text
        .frame
        .open(Scope::Transaction, text.frame.own_limits())
        .with(Part::Lock, &text.frame.lock.for_transaction());
    if !text.frame.table_exists {
        message.push(Part::CreateTable, &table.create());
    }
    let forgotten: Vec<&str> = stamp.forgotten.iter().map(String::as_str).collect();
    if !forgotten.is_empty() {
        message.push(Part::Record, &table.forget(package, &forgotten));
    }
    for migration in stamp.recorded.iter().filter_map(|id| chart.migration(id)) {
        message.push(Part::Record, &table.insert(package, migration, Progress::Whole));
    }
    text.message(&message.with(Part::Commit, "COMMIT"));
    Ok(text.sql)
}

impl<'run> Text<'run> {
    fn new(migrations: &Migrations, options: &'run Options, table_exists: bool) -> Self {
        let frame = Frame::new(migrations.package(), options, table_exists, Medium::Text { begun: false });
        Self { frame, sql: String::new() }
    }

    fn title(&mut self, verb: &str, package: &str, from: &[&str], to: &[String]) {
        let base = |ids: String| if ids.is_empty() { "base".to_owned() } else { ids };
        self.comment(&format!("{verb} of {package} from {} to {}", base(from.join(", ")), base(to.join(", "))));
        self.comment(
            "run it whole: psql --no-psqlrc --quiet --output /dev/null --set ON_ERROR_STOP=1 --file THIS_FILE",
        );
        self.sql.push_str("\nSET client_encoding = 'UTF8';\n");
    }

    /// Raises when the database is not where the range begins. At base there may be no table to look into: there each row
    /// stops whoever writes it a second time.
    fn check_start(&mut self, start: &BTreeSet<&str>) {
        if !start.is_empty() {
            let revisions: Vec<&str> = start.iter().copied().collect();
            let guard = self.frame.options.version_table.has(self.frame.package, &revisions);
            self.statement(&guard);
        }
    }

    async fn steps(&mut self, migrations: &Migrations, chart: &Chart, plan: &Plan) -> Result<(), Error> {
        // As an upgrade from there finds it: no row is unfinished.
        let state = State::new(*migrations, None);
        let options = self.frame.options;
        let (together, last) = (options.transactions == Transactions::All, plan.steps.len().saturating_sub(1));
        for (n, step) in plan.steps.iter().enumerate() {
            let task = task(chart, &state, step.direction, &step.revision)?;
            let (transaction, file) = (task.action.transaction(), task.action.file());
            if together && last > 0 && transaction == Transaction::None {
                return Err(Error::NotTogether { revision: step.revision.clone(), file: file.to_owned() });
            }
            let verb = match step.direction {
                Direction::Up => "upgrade",
                Direction::Down => "downgrade",
            };
            self.sql.push('\n');
            self.comment(&format!("{verb} {} {} ({file})", step.revision, task.migration.summary_text()));
            self.set_up();
            self.step(Task { share: Share::of(n, last, together), ..task }).await?;
            self.frame.table_exists = true;
            self.frame.medium = Medium::Text { begun: true };
        }
        if let Some(sql) = &options.session_end {
            self.sql.push('\n');
            self.statement(sql);
        }
        Ok(())
    }

    /// The caller's SQL for the session, which is reset before it where a script was there already.
    fn set_up(&mut self) {
        let Some(sql) = &self.frame.options.session_setup else { return };
        if matches!(self.frame.medium, Medium::Text { begun: true }) {
            self.sql.push_str("RESET ALL;\nSET client_encoding = 'UTF8';\nDISCARD TEMP;\n");
            self.frame.medium = Medium::Text { begun: false };
        }
        self.statement(sql);
    }

    async fn step(&mut self, task: Task<'_>) -> Result<(), Error> {
        match (task.action.transaction(), task.action) {
            (Transaction::PerRevision, action) => {
                self.message(&self.frame.begin(task));
                match action {
                    Action::Sql(script) => self.script(script),
                    _ => self.rust(task).await?,
                }
                self.message(&self.frame.end(Message::default(), task));
                Ok(())
            }
            (Transaction::None, action) => {
                self.message(&self.frame.begin(task).with(Part::Commit, "COMMIT"));
                match action {
                    Action::Sql(script) if !script.statements().is_empty() => self.statements(task, script),
                    _ => {
                        self.rust(task).await?;
                        self.message(&self.frame.finish(task));
                    }
                }
                Ok(())
            }
        }
    }

    /// A whole script as its author wrote it, from the first statement to the last.
    fn script(&mut self, script: &Script) {
        if let [first, ..] = script.statements() {
            let end = script.statements().last().map_or(first.end(), |last| last.end());
            self.statement(&script.text()[first.start()..end]);
        }
    }

    /// One statement at a time, each recorded before the next, as it is run online.
    fn statements(&mut self, task: Task<'_>, script: &Script) {
        let of = script.statements().len();
        for n in 0..of {
            self.statement(script.statement(n));
            if let Some(check) = self.frame.index_is_valid(script.statement(n)) {
                self.message(&check);
            }
            self.message(&self.frame.record(task, script, n));
        }
    }

    async fn rust(&mut self, task: Task<'_>) -> Result<(), Error> {
        let mut executed = Vec::new();
        match task.action {
            Action::Rust(script) => {
                let medium = ContextMedium::Offline(&mut executed);
                call(task, script, &mut Context::new(medium, &self.frame, task, Caller::Function)).await?;
            }
            Action::Uncompiled(script) => match script.executes() {
                Executes::Texts(texts) => executed.extend(texts.iter().map(|text| (*text).to_owned())),
                Executes::Unknown { line, why } => {
                    let (revision, file) = (task.migration.id().to_owned(), script.file().to_owned());
                    return Err(Error::Unrendered { revision, file, line, why });
                }
            },
            Action::Sql(_) => {}
        }
        executed.iter().for_each(|sql| self.statement(sql));
        Ok(())
    }

    fn message(&mut self, message: &Message) {
        message.statements().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &str) {
        let statement = statement.trim_end().trim_end_matches(';');
        if statement.is_empty() {
            return;
        }
        // The newline keeps a comment at the statement's end from swallowing what follows.
        let commented = statement.rsplit('\n').next().is_some_and(|line| line.contains("--"));
        // Writing to a String cannot fail.
        let _ = writeln!(self.sql, "{statement}{};", if commented { "\n" } else { "" });
    }

    /// A comment of one line, whatever the text has.
    fn comment(&mut self, text: &str) {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(self.sql, "-- {line}");
    }
}
