//! What can be typed: the verbs, the options that all of them share, and how both reach the commands.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands;
use crate::globals::Globals;
use crate::invocation::Invocation;
use crate::output::{Colour, Format};
use crate::report::{Failure, Kind};
use crate::shell::Shell;

/// Revisions for async Postgres: scaffold, compile into the binary, upgrade, downgrade, inspect.
#[derive(Debug, Parser)]
#[command(name = "cargo migrate", bin_name = "cargo migrate", version, max_term_width = 100)]
#[command(after_help = "Begin with `cargo migrate init`, then `cargo migrate new \"create users\"`.")]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Init(commands::init::Args),
    #[command(visible_alias = "revision")]
    New(commands::new::Args),
    Merge(commands::merge::Args),
    Rebase(commands::rebase::Args),
    Upgrade(commands::upgrade::Args),
    Downgrade(commands::downgrade::Args),
    Plan(commands::plan::Args),
    Current(commands::current::Args),
    History(commands::history::Args),
    Heads(commands::heads::Args),
    Branches(commands::branches::Args),
    Show(commands::show::Args),
    Edit(commands::edit::Args),
    Status(commands::status::Args),
    Stamp(commands::stamp::Args),
    Switch(commands::switch::Args),
    Check(commands::check::Args),
    Diff(commands::diff::Args),
    Dump(commands::dump::Args),
    Import(commands::import::Args),
}

/// Parses, runs and reports; the exit code is the whole answer.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = without_cargo_verb(arguments);
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, &arguments),
    };
    if !cli.globals.all {
        return answer(&cli.verb, &Invocation::new(cli.globals));
    }
    // Each database is a run of its own; the first that fails ends it, so that its message is the last.
    let first = Invocation::new(cli.globals.clone());
    let names = match first.located().map(|project| project.cargo.as_ref().map(|cargo| cargo.names.clone())) {
        Ok(names) => names.unwrap_or_default(),
        Err(failure) => return failure.report(&first.shell),
    };
    if names.is_empty() {
        return answer(&cli.verb, &first);
    }
    for name in names {
        first.shell.status("Database", &name);
        let invocation = Invocation::new(Globals { name: Some(name), ..cli.globals.clone() });
        let code = answer(&cli.verb, &invocation);
        if code != ExitCode::SUCCESS {
            return code;
        }
    }
    ExitCode::SUCCESS
}

/// Runs a verb and reports how it ended.
fn answer(verb: &Verb, invocation: &Invocation) -> ExitCode {
    let outcome = match verb {
        Verb::Init(args) => commands::init::run(args, invocation),
        Verb::New(args) => commands::new::run(args, invocation),
        Verb::Merge(args) => commands::merge::run(args, invocation),
        Verb::Rebase(args) => commands::rebase::run(args, invocation),
        Verb::Upgrade(args) => commands::upgrade::run(args, invocation),
        Verb::Downgrade(args) => commands::downgrade::run(args, invocation),
        Verb::Plan(args) => commands::plan::run(args, invocation),
        Verb::Current(args) => commands::current::run(args, invocation),
        Verb::History(args) => commands::history::run(args, invocation),
        Verb::Heads(args) => commands::heads::run(args, invocation),
        Verb::Branches(args) => commands::branches::run(args, invocation),
        Verb::Show(args) => commands::show::run(args, invocation),
        Verb::Edit(args) => commands::edit::run(args, invocation),
        Verb::Status(args) => commands::status::run(args, invocation),
        Verb::Stamp(args) => commands::stamp::run(args, invocation),
        Verb::Switch(args) => commands::switch::run(args, invocation),
        Verb::Check(args) => commands::check::run(args, invocation),
        Verb::Diff(args) => commands::diff::run(args, invocation),
        Verb::Dump(args) => commands::dump::run(args, invocation),
        Verb::Import(args) => commands::import::run(args, invocation),
    };
    let code = outcome.err().map(|failure| failure.report(&invocation.shell));
    let lost = invocation.shell.lost_output().map(|reason| {
        invocation.shell.say(format_args!("error: failed to write to stdout: {reason}"));
        ExitCode::from(Kind::Io.exit_code())
    });
    code.or(lost).unwrap_or(ExitCode::SUCCESS)
}

/// Cargo runs `cargo-migrate migrate …` for `cargo migrate …`; typed directly, the word may be left out.
fn without_cargo_verb(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == "migrate") {
        arguments.remove(1);
    }
    arguments
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Help and the version are answers; everything else clap says is a usage error, and a JSON document where one is wanted.
fn refuse(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !asked_for && wants_json(arguments) {
        let text = error.render().to_string();
        let mut parts = text.trim().split("\n\n");
        let message = parts.next().unwrap_or_default().trim_start_matches("error: ");
        let help = parts.find(|part| part.starts_with("Usage: ")).unwrap_or_default();
        let shell = Shell::new(0, false, Format::Json, Colour::Never);
        return Failure::new(Kind::Usage, message).help(help).report(&shell);
    }
    // A closed pipe is the reader's wish to read no further.
    let _ = error.print();
    ExitCode::from(if asked_for { 0 } else { Kind::Usage.exit_code() })
}

fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == "--format=json")
        || arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        without_cargo_verb(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_shows_an_example() {
        for verb in Cli::command().get_subcommands() {
            let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("cargo migrate {}", verb.get_name())), "{} has no example", verb.get_name());
        }
    }

    #[test]
    fn the_word_migrate_may_be_left_out() {
        for line in ["cargo-migrate migrate heads", "cargo-migrate heads"] {
            assert!(matches!(parse(&words(line)).expect(line).verb, Verb::Heads(_)));
        }
    }

    #[test]
    fn a_step_back_is_a_target_and_options_stay_options() {
        let cli = parse(&words("cargo-migrate downgrade -1 --yes -v")).expect("parses");
        let Verb::Downgrade(args) = cli.verb else { panic!("another verb") };
        assert_eq!((args.target.as_str(), cli.globals.yes, cli.globals.verbose), ("-1", true, 1));
        assert_eq!(parse(&words("cargo-migrate downgrade")).expect_err("no target").exit_code(), 2);
    }

    #[test]
    fn revision_is_another_name_of_new() {
        assert!(matches!(parse(&words("cargo-migrate revision x")).expect("parses").verb, Verb::New(_)));
    }
}
