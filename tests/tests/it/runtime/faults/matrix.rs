//! The points of a matrix, computed from a run that nobody disturbs, and what must hold after each.

use std::sync::Arc;

use migrate_runtime::plan::Direction;
use migrate_tests::{Cluster, Database, Proxy, Shutdown};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::moment::{Blocker, Fault, Moment, Point, Runner};
use super::running::Running;

/// What a history leaves when nobody disturbs it, and from where it begins.
#[derive(Debug)]
pub(super) struct Undisturbed {
    history: &'static str,
    direction: Direction,
    runner: Runner,
    /// From where it begins; copied for each point.
    prepared: Database<'static>,
    /// The message texts.
    texts: Vec<String>,
    /// The names of all tables that are there before or after.
    tables: Vec<String>,
    /// What it leaves.
    left: String,
}

/// What came of a point.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// The run was disturbed, and the next one left what an undisturbed one leaves.
    Survived,
    /// The moment did not come: nothing waited.
    NeverCame,
    /// What is wrong.
    Failed(String),
}

/// How the points of a matrix went.
#[derive(Debug, Default)]
pub(super) struct Summary {
    n_tried: usize,
    failures: Vec<String>,
}

impl Undisturbed {
    /// Runs the history through a proxy that counts.
    pub(super) async fn run(
        cluster: &'static Cluster,
        history: &'static str,
        direction: Direction,
        runner: Runner,
    ) -> Arc<Self> {
        let prepared = Database::on(cluster);
        let _ = prepared.ask(include_str!("../../../../data/faults/log.sql"));
        if direction == Direction::Down {
            Running::start(runner, history, Direction::Up, prepared.url()).end().await.unwrap();
        }
        let database = prepared.copy();
        let proxy = Proxy::start(&database).await;
        let before = tables(&database);
        Running::start(runner, history, direction, proxy.url()).end().await.unwrap();
        let mut tables = [before, tables(&database)].concat();
        tables.sort_unstable();
        tables.dedup();
        let left = left(&database);
        Arc::new(Self { history, direction, runner, prepared, texts: proxy.texts(), tables, left })
    }

    fn point(&self, fault: Fault, moment: Moment) -> Point {
        let Self { history, direction, runner, .. } = *self;
        Point { history, direction, runner, fault, moment }
    }

    /// Every message, before and after; for a cut also on its way.
    pub(super) fn at_messages(&self, fault: Fault) -> Vec<Point> {
        let sent = matches!(fault, Fault::Cut | Fault::CutOnce);
        let moments = (1..=self.texts.len()).flat_map(|n| {
            [Some(Moment::Before(n)), sent.then_some(Moment::Sent(n)), Some(Moment::After(n))].into_iter().flatten()
        });
        moments.map(|moment| self.point(fault, moment)).collect()
    }

    /// Every message in which something can be made to wait, by everything that may make it.
    pub(super) fn inside(&self, fault: Fault) -> Vec<Point> {
        let moments = (1..=self.texts.len())
            .flat_map(|n| Blocker::all(&self.tables).into_iter().map(move |blocker| Moment::Inside(n, blocker)));
        moments.map(|moment| self.point(fault, moment)).collect()
    }

    async fn disturb(&self, point: &Point) -> Tried {
        let database = self.prepared.copy();
        let run = match self.run_disturbed(point, &database).await {
            Ok(run) => run,
            Err(tried) => return tried,
        };
        let state = || format!("{}\n--- undisturbed:\n{}", left(&database), self.left);
        if run.is_ok() && left(&database) != self.left {
            return Tried::Failed(format!("the disturbed run said that it was well, and left:\n{}", state()));
        }
        let again = Running::start(point.runner, self.history, self.direction, database.url()).end().await;
        match again {
            Err(error) => Tried::Failed(format!("the next run said: {error}\n(the disturbed run: {run:?})")),
            Ok(()) if left(&database) != self.left => Tried::Failed(format!("the next run left:\n{}", state())),
            Ok(()) => Tried::Survived,
        }
    }

    /// Runs until the moment, and lets the fault happen; what the run itself says of it.
    async fn run_disturbed(&self, point: &Point, database: &Database<'static>) -> Result<Result<(), String>, Tried> {
        let inside = matches!(point.moment, Moment::Inside(..));
        let cut = point.moment.cut();
        let proxy = match point.fault {
            Fault::Cut if !inside => Proxy::start_cutting(database, cut).await,
            Fault::CutOnce if !inside => Proxy::start_cutting_once(database, cut).await,
            _ => Proxy::start_holding(database, cut).await,
        };
        let mut running = Running::start(point.runner, self.history, self.direction, proxy.url());
        if !inside && matches!(point.fault, Fault::Cut | Fault::CutOnce) {
            return Ok(running.end().await);
        }
        tokio::select! {
            () = proxy.held() => {}
            end = running.end() => return Err(Tried::Failed(format!("the run never came to the message: {end:?}"))),
        }
        let mut waited_for = None;
        if let Moment::Inside(n, blocker) = &point.moment {
            let taken = blocker.take(database).await;
            let waits = taken.is_some() && self.waits(*n, &proxy, &running, database).await;
            waited_for = taken;
            if !waits {
                drop(waited_for);
                proxy.release();
                return running.end().await.map_err(Tried::Failed).and(Err(Tried::NeverCame));
            }
        }
        match point.fault {
            Fault::Cut => drop(proxy),
            Fault::CutOnce => proxy.sever(),
            Fault::Cancel => {
                running.cancel();
                drop(proxy);
            }
            Fault::Kill => {
                running.kill();
                drop(proxy);
            }
            Fault::Crash => {
                tokio::task::block_in_place(|| database.cluster().stop(Shutdown::Immediate));
                proxy.release();
                tokio::task::block_in_place(|| database.cluster().start());
            }
        }
        // A run that goes on by itself must not wait for what its last try waited for.
        drop(waited_for);
        Ok(running.end().await)
    }

    /// Lets the message go, and tells whether a statement in it waits.
    async fn waits(&self, n: usize, proxy: &Proxy, running: &Running, database: &Database<'_>) -> bool {
        let mut conn = database.connect().await;
        proxy.release();
        loop {
            let waits: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
            )
            .fetch_one(&mut conn)
            .await
            .unwrap();
            // What waits after the answer waits in a later message.
            if proxy.is_answered(n) || running.has_ended() {
                return false;
            }
            if waits {
                return true;
            }
        }
    }
}

impl Summary {
    /// Tries the points, several at a time.
    pub(super) async fn of(undisturbed: &[Arc<Undisturbed>], points: Vec<Point>, at_once: usize) -> Self {
        let mut summary = Self::default();
        let (semaphore, mut tries) = (Arc::new(Semaphore::new(at_once)), JoinSet::new());
        for point in points {
            let same = |run: &&Arc<Undisturbed>| {
                (run.history, run.direction, run.runner) == (point.history, point.direction, point.runner)
            };
            let (run, semaphore) = (Arc::clone(undisturbed.iter().find(same).unwrap()), Arc::clone(&semaphore));
            tries.spawn(async move {
                let _permit = semaphore.acquire_owned().await.unwrap();
                let tried = run.disturb(&point).await;
                (point, tried)
            });
        }
        while let Some(tried) = tries.join_next().await {
            let (point, tried) = tried.unwrap();
            summary.n_tried += usize::from(tried != Tried::NeverCame);
            if let Tried::Failed(problem) = tried {
                summary.failures.push(format!("{point:?}\n{problem}"));
            }
        }
        summary
    }

    /// Says how many points there were, and fails when one was not survived.
    #[expect(clippy::print_stdout, reason = "shown with --nocapture: how many cuts and kills there were")]
    pub(super) fn report(&self, what: &str) {
        println!("{what}: {} tried", self.n_tried);
        assert!(
            self.failures.is_empty(),
            "{what}: {} of {} not survived\n{}",
            self.failures.len(),
            self.n_tried,
            self.failures.join("\n\n")
        );
        assert_ne!(self.n_tried, 0, "{what}: nothing was tried");
    }
}

/// Everything that a run leaves: objects, rows of the version table, what the scripts noted, and no lock.
fn left(database: &Database<'_>) -> String {
    let mut left = database.objects();
    left.push_str("\n--- rows\n");
    if database.ask("SELECT to_regclass('migrate_revisions')::text").is_empty() {
        left.push_str("(no version table)");
    } else {
        left.push_str(&database.ask(
            "SELECT string_agg((to_jsonb(r) - 'applied_at' - 'execution_time')::text, E'\\n' ORDER BY package, revision) \
             FROM migrate_revisions AS r",
        ));
    }
    left.push_str("\n--- log\n");
    left.push_str(&database.ask("SELECT string_agg(what, ', ' ORDER BY at) FROM log"));
    left
}

fn tables(database: &Database<'_>) -> Vec<String> {
    let names = database.ask(
        "SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
         AND relname NOT IN ('log', 'migrate_revisions')",
    );
    names.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
