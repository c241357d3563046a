//! `cargo migrate history`.

use migrate_runtime::Range;
use serde_json::json;

use crate::invocation::Invocation;
use crate::listing;
use crate::listing::drawing::Drawing;
use crate::refusal;
use crate::report::Failure;
use crate::survey::Survey;

/// Lists the revisions, newest first, and draws how they follow each other.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  cargo migrate history --indicate-current\n  cargo migrate history sales@base:\n  \
                        cargo migrate history current:heads --no-graph\n\n\
                        A solid line leads to a parent, a dashed one to a dependency; `~` ends a line that goes on \
                        outside of the range. With -i a full circle is an applied revision."
)]
pub(crate) struct Args {
    /// The revisions to list, `FROM:TO` with both ends in it; what is left out is base or the heads, `-N` counts from the
    /// heads, and `current` is where the database is.
    #[arg(allow_hyphen_values = true)]
    pub(crate) range: Option<String>,
    /// The same, as Alembic has it.
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true, conflicts_with = "range")]
    pub(crate) rev_range: Option<String>,
    /// Ask the database, and mark the revisions that it is at.
    #[arg(short, long)]
    pub(crate) indicate_current: bool,
    #[command(flatten)]
    drawing: Drawing,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let range = range(args.range.as_deref().or(args.rev_range.as_deref()))?;
    let project = invocation.project()?;
    let outline = project.outline()?;
    let listing = listing::of(&outline, project)?;
    let survey = match range.needs_current() || args.indicate_current {
        true => Some(Survey::of_rows(invocation)?),
        false => None,
    };
    let applied = match &survey {
        Some(survey) if range.needs_current() => survey.applied_and_known(&listing.graph)?,
        _ => Default::default(),
    };
    let ids = listing.graph.history(&range, &applied).map_err(|error| refusal::plan(&error))?;
    let mut entries = listing.entries(ids);
    if let Some(survey) = survey.as_ref().filter(|_| args.indicate_current) {
        let (applied, current) = (survey.state.applied(), listing::current(&survey.state, &listing.graph));
        entries.iter_mut().for_each(|entry| entry.mark(&applied, &current));
        let unknown: Vec<&str> = current.iter().copied().filter(|id| listing.graph.node(id).is_none()).collect();
        if !unknown.is_empty() {
            invocation.shell.warn(format_args!("the database is at {}, not in the files", unknown.join(" and ")));
        }
    }
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"revisions": entries}));
    } else {
        args.drawing.print(&invocation.shell, &entries, &listing);
    }
    Ok(())
}

fn range(typed: Option<&str>) -> Result<Range, Failure> {
    let Some(typed) = typed else { return Ok(Range::default()) };
    // What may begin with a hyphen swallows Alembic's `-r-3:`, and no target begins so.
    let typed = typed.strip_prefix("-r").unwrap_or(typed);
    typed.parse().map_err(|error| refusal::bad_range(&error, typed))
}
