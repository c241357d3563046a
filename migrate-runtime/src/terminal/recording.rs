//! `stamp`: the version table says what it is told, and nothing is run.

use serde_json::json;

use crate::plan::Stamp;
use crate::state::Edit;
use crate::terminal::interrupt::Sessions;
use crate::terminal::journey::Journey;
use crate::terminal::refusal::{self, Texts};
use crate::terminal::report::{Failure, Kind};
use crate::terminal::shell::Shell;
use crate::{Migrator, Purge, Range, Target};

/// What is to be recorded.
#[derive(Clone, Debug, clap::Args)]
pub struct Recording {
    /// Up to where everything is applied: `heads`, `base`, an id, a unique prefix of one, a slug, a branch label,
    /// `LABEL@head`, `LABEL@base`; with `--sql` also FROM:TO.
    #[arg(required_unless_present = "accept", allow_negative_numbers = true)]
    targets: Vec<String>,
    /// Forget everything first, also revisions that the files do not have.
    #[arg(long)]
    purge: bool,
    /// Print the SQL instead of running it, for a database where nothing is recorded, or that is at FROM.
    #[arg(long, conflicts_with = "purge")]
    pub sql: bool,
    /// Take the file of this applied revision, as it is now, for what was applied: after an edit that was meant.
    #[arg(long, value_name = "REV", conflicts_with_all = ["targets", "purge", "sql"])]
    accept: Option<String>,
}

impl Recording {
    /// Prints the SQL that records it.
    ///
    /// # Errors
    ///
    /// When a target means nothing.
    pub fn print(&self, migrator: &Migrator<'_>, shell: &Shell, texts: &dyn Texts) -> Result<(), Failure> {
        let (from, to) = ends(&self.targets)?;
        let sql = migrator.stamp_sql(from.as_ref(), &to);
        shell.script(&sql.map_err(|error| refusal::offline(&error, texts))?);
        Ok(())
    }

    /// Records it.
    ///
    /// # Errors
    ///
    /// What the database reports, and the signal that ended it.
    pub async fn record(&self, journey: Journey<'_>, migrator: &Migrator<'_>) -> Result<(), Failure> {
        if let Some(revision) = &self.accept {
            let accepted = async |connect| migrator.accept(&connect, revision).await;
            let edit = journey.on_database(&Sessions::new(), accepted).await?;
            show_accepted(revision, edit, journey.shell);
            return Ok(());
        }
        if let Some(range) = self.targets.iter().find(|target| Range::is_range(target)) {
            return Err(refusal::range(range, "stamp"));
        }
        let targets: Vec<Target> = self.targets.iter().map(|target| Target::from(target.as_str())).collect();
        let purge = if self.purge { Purge::Everything } else { Purge::Nothing };
        let stamped = async |connect| migrator.stamp(&connect, &targets, purge).await;
        show(&journey.on_database(&Sessions::new(), stamped).await?, journey.shell);
        Ok(())
    }
}

/// The targets, the first of which may say where the database is.
fn ends(targets: &[String]) -> Result<(Option<Target>, Vec<Target>), Failure> {
    let mut from = None;
    let mut to = Vec::new();
    for target in targets {
        match target.parse::<Range>() {
            Err(_) => to.push(Target::from(target.as_str())),
            Ok(range) => match (range.from(), range.to(), &from) {
                (Some(start), Some(end), None) => {
                    from = Some(start.clone());
                    to.push(end.clone());
                }
                (_, None, _) | (None, ..) => {
                    return Err(Failure::new(Kind::Target("bad_range"), format!("`{target}` leaves an end out"))
                        .help("write FROM:TO"));
                }
                _ => {
                    return Err(Failure::new(Kind::Target("bad_range"), "two ranges begin in two places")
                        .help("write FROM once, as in `FROM:TO OTHER`"));
                }
            },
        }
    }
    Ok((from, to))
}

fn show_accepted(revision: &str, edit: Option<Edit>, shell: &Shell) {
    let how = match edit {
        None => "unchanged",
        Some(Edit::Cosmetic) => "cosmetic",
        Some(Edit::Real) => "real",
    };
    if shell.is_json() {
        shell.json(&json!({"accepted": revision, "edit": how}));
        return;
    }
    match edit {
        None => shell.status("Unchanged", format_args!("{revision} is what was applied")),
        Some(_) => shell.status("Accepted", format_args!("{revision} as its file is now")),
    }
}

fn show(stamp: &Stamp, shell: &Shell) {
    if shell.is_json() {
        shell.json(&json!({"recorded": stamp.recorded, "forgotten": stamp.forgotten, "heads": stamp.heads}));
        return;
    }
    for revision in &stamp.forgotten {
        shell.status("Forgotten", revision);
    }
    for revision in &stamp.recorded {
        shell.status("Recorded", revision);
    }
    let heads = if stamp.heads.is_empty() { "base".to_owned() } else { stamp.heads.join(", ") };
    shell.status("Stamped", format_args!("at {heads}; nothing was run"));
}
