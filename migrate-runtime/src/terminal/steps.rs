//! The steps of a plan, as `plan` and `--dry-run` print them.

use crate::plan::Step;
use serde::Serialize;

use crate::terminal::shell::Shell;

#[derive(Serialize)]
struct Document<'p> {
    steps: Vec<StepDocument<'p>>,
    heads: &'p [String],
}

#[derive(Serialize)]
struct StepDocument<'p> {
    direction: &'static str,
    revision: &'p str,
    heads: &'p [String],
}

/// Prints steps, and in JSON the current heads at the end.
pub fn print<'p>(shell: &Shell, steps: &'p [Step], heads: &'p [String]) {
    if shell.is_json() {
        let document = |step: &'p Step| {
            let Step { direction, revision, heads } = step;
            StepDocument { direction: direction.as_str(), revision, heads }
        };
        shell.json(&Document { steps: steps.iter().map(document).collect(), heads });
        return;
    }
    shell.lines(steps.iter().map(|step| format!("{} {}", step.direction.as_str(), step.revision)));
    let n_steps = steps.len();
    shell.status("Planned", format_args!("{n_steps} step{}, none taken", if n_steps == 1 { "" } else { "s" }));
}
