//! What of a schema is looked at, and where it is loaded: options of every verb that compares schemas.

use migrate_schema::{self as catalog, Catalog, Id};

use crate::catalog::{Filter, check_pattern};
use crate::database;
use crate::interrupting::unless_interrupted;
use crate::invocation::Invocation;
use crate::online;
use crate::report::{Failure, Kind};
use crate::runner::Build;
use crate::source::{Reader, Source};

/// What of a schema is looked at, and where it is loaded.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Scope {
    /// Look only at this schema; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) schema: Vec<String>,
    /// Look only at what this pattern names, and at what belongs to it; may be given several times.
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub(crate) include: Vec<String>,
    /// Pass over what this pattern names, as in `tmp_*`, `audit.*` or `view:report_*`; may be given several times.
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub(crate) exclude: Vec<String>,
    /// Where to load files and revisions: a temporary database is made on this server. Where the role may not make one, the
    /// database itself is used, which must be empty, and is emptied again.
    #[arg(long, value_name = "URL")]
    pub(crate) dev_url: Option<String>,
    #[command(flatten)]
    build: Build,
}

impl Scope {
    /// Whether anything was typed.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.dev_url.is_some()
            || self.build != Build::default()
            || [&self.schema, &self.include, &self.exclude].iter().any(|typed| !typed.is_empty())
    }

    /// The schemas of two sources.
    pub(crate) fn read(
        &self,
        from: &mut Source,
        to: &mut Source,
        invocation: &Invocation,
    ) -> Result<(Catalog, Catalog), Failure> {
        for source in [&mut *from, &mut *to] {
            let replay = match source {
                Source::Migrations(replay) => Some(replay),
                Source::Models(models) => models.libraries(),
                _ => None,
            };
            if let Some(replay) = replay {
                replay.compile(&self.build, invocation)?;
            }
        }
        let target = match from.dsn().or(to.dsn()) {
            Some(dsn) => Some(dsn.clone()),
            None => database::look_for_anywhere(invocation)?,
        };
        let mut reader = Reader::new(invocation, self.dev_url.as_deref(), target, self.filter(invocation));
        let (one, other) =
            online::runtime()?.block_on(unless_interrupted(async move { reader.read_pair(from, to).await }))?;
        // What belongs to the whole database is in no schema, and is looked at whatever the names are.
        let is_named = |id: &Id| id.kind == catalog::Kind::Schema || !id.name.schema.is_empty();
        let is_nothing = !one.objects.keys().chain(other.objects.keys()).any(is_named);
        if is_nothing && !(self.schema.is_empty() && self.include.is_empty()) {
            return Err(Failure::new(Kind::Usage, "neither schema has anything that `--schema` and `--include` name")
                .help("check how the names are written; `cargo migrate dump` lists what there is"));
        }
        if is_nothing {
            invocation.shell.warn("nothing is compared: `include` and `exclude` in Cargo.toml leave nothing over");
        }
        Ok((one, other))
    }

    /// What was typed, and what the package says.
    fn filter(&self, invocation: &Invocation) -> Filter {
        let desired = invocation.located().map(|project| project.desired.clone()).unwrap_or_default();
        let both = |typed: &[String], configured: Option<Vec<String>>| {
            typed.iter().cloned().chain(configured.into_iter().flatten()).collect()
        };
        Filter {
            schemas: self.schema.clone(),
            include: both(&self.include, desired.include),
            exclude: both(&self.exclude, desired.exclude),
            version_table: Some(("public".to_owned(), "migrate_revisions".to_owned())),
        }
    }
}

fn pattern(text: &str) -> Result<String, String> {
    check_pattern(text).map(|()| text.to_owned())
}
