//! Events of a run as they are shown: status lines for people, one JSON document a line for programs.

use std::time::Duration;

use crate::plan::Direction;
use crate::{Event, Report};
use serde_json::{Value, json};

use crate::terminal::shell::Shell;

/// Shows one event.
pub fn show(shell: &Shell, event: &Event) {
    if shell.is_json() {
        if let Some(document) = document(event) {
            shell.json(&document);
        }
        return;
    }
    match event {
        Event::Waiting { holder, waited } => {
            let holder = holder.as_ref().map_or_else(|| "somebody".to_owned(), ToString::to_string);
            shell.status(
                "Waiting",
                format_args!("for the migration lock, which {holder} holds ({})", duration(*waited)),
            );
        }
        Event::Blocked { blockers, waited } => {
            for blocker in blockers {
                shell.status("Blocked", format_args!("{} by {blocker}", duration(*waited)));
            }
        }
        Event::Retrying { revision, why, .. } => {
            let first = why.lines().next().unwrap_or_default();
            shell.status("Retrying", format_args!("{revision} after a rollback: {first}"));
        }
        Event::Reconnecting { revision, .. } => {
            shell.status("Reconnecting", format_args!("to find out what became of {revision}"));
        }
        Event::Leftover { index, .. } => {
            shell.status("Dropping", format_args!("the invalid index {index}, which a cut-off build has left"));
        }
        Event::Ahead { revisions } => shell
            .warn(format_args!("the database is ahead: it has {}, which is not in the files", revisions.join(", "))),
        Event::Lost { revisions } => shell.warn(format_args!(
            "applied revisions have lost their files, so that a new database does not get what they did: {}",
            revisions.join(", ")
        )),
        Event::CosmeticEdit { revision, file } => {
            shell.warn(format_args!("{file}: comments or white space changed since revision {revision} was applied"))
        }
        Event::Started { direction, revision, summary, n, of, resumed_after } => {
            let verb = match direction {
                Direction::Up => "Upgrading",
                Direction::Down => "Downgrading",
            };
            let resumed = match resumed_after {
                0 => String::new(),
                n_done => format!(", resumed after statement {n_done}"),
            };
            shell.status(verb, format_args!("{revision} {summary} ({n}/{of}{resumed})"));
        }
        Event::StatementDone { n, of, .. } if shell.verbosity() > 0 => {
            shell.status("Recorded", format_args!("statement {n} of {of}"));
        }
        Event::Progress { revision, done, total, left, .. } => {
            shell.status("Progress", format_args!("{revision} {}", part_done(*done, *total, *left)));
        }
        Event::Log { revision, text } => shell.status("Log", format_args!("{revision} {text}")),
        Event::Finished { revision, elapsed, .. } if shell.verbosity() > 0 => {
            shell.status("Recorded", format_args!("{revision} after {}", duration(*elapsed)));
        }
        _ => {}
    }
}

/// Shows what a run has done.
pub fn finish(shell: &Shell, report: &Report, elapsed: Duration) {
    if shell.is_json() {
        let steps: Vec<Value> = report
            .steps
            .iter()
            .map(|step| {
                json!({"direction": step.direction.as_str(), "revision": step.revision, "seconds": step.elapsed.as_secs_f64()})
            })
            .collect();
        let document = json!({"event": "finished", "steps": steps, "heads": report.heads, "unknown": report.unknown});
        shell.json(&document);
    } else {
        shell.status("Finished", format_args!("{report} in {}", duration(elapsed)));
    }
}

fn document(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Waiting { holder, waited } => json!({
            "event": "waiting",
            "pid": holder.as_ref().map(|holder| holder.pid),
            "application": holder.as_ref().map(|holder| &holder.application),
            "seconds": waited.as_secs_f64(),
        }),
        Event::Blocked { blockers, waited } => {
            let blockers: Vec<Value> = blockers
                .iter()
                .map(|blocker| {
                    json!({
                        "pid": blocker.pid,
                        "application": blocker.application,
                        "state": blocker.state,
                        "query": blocker.query,
                        "seconds": blocker.age.as_secs_f64(),
                    })
                })
                .collect();
            json!({"event": "blocked", "blockers": blockers, "seconds": waited.as_secs_f64()})
        }
        Event::Retrying { revision, why, waited } => {
            json!({"event": "retrying", "revision": revision, "why": why, "seconds": waited.as_secs_f64()})
        }
        Event::Reconnecting { revision, waited } => {
            json!({"event": "reconnecting", "revision": revision, "seconds": waited.as_secs_f64()})
        }
        Event::Leftover { revision, index } => json!({"event": "leftover", "revision": revision, "index": index}),
        Event::Ahead { revisions } => json!({"event": "ahead", "revisions": revisions}),
        Event::Lost { revisions } => json!({"event": "lost", "revisions": revisions}),
        Event::CosmeticEdit { revision, file } => json!({"event": "cosmetic_edit", "revision": revision, "file": file}),
        Event::Started { direction, revision, summary, n, of, resumed_after } => json!({
            "event": "step_started",
            "direction": direction.as_str(),
            "revision": revision,
            "summary": summary,
            "n": n,
            "of": of,
            "resumed_after": resumed_after,
        }),
        Event::StatementDone { revision, n, of } => {
            json!({"event": "statement_done", "revision": revision, "n": n, "of": of})
        }
        Event::Progress { revision, done, total, elapsed, left } => json!({
            "event": "progress",
            "revision": revision,
            "done": done,
            "total": total,
            "seconds": elapsed.as_secs_f64(),
            "seconds_left": left.map(|left| left.as_secs_f64()),
        }),
        Event::Log { revision, text } => json!({"event": "log", "revision": revision, "text": text}),
        Event::Finished { direction, revision, elapsed, .. } => json!({
            "event": "step_finished",
            "direction": direction.as_str(),
            "revision": revision,
            "seconds": elapsed.as_secs_f64(),
        }),
        _ => return None,
    })
}

/// How much is done, for people: `1200 of 2000 (60 %), 2.1 s left`.
fn part_done(done: u64, total: Option<u64>, left: Option<Duration>) -> String {
    let of = match total {
        // An estimate may be too low: then it says nothing about the end.
        Some(total) if done <= total => {
            format!(" of {total} ({} %)", (u128::from(done) * 100).checked_div(u128::from(total)).unwrap_or(100))
        }
        Some(total) => format!(", of {total} as was counted"),
        None => String::new(),
    };
    let left = left.filter(|left| !left.is_zero()).map(|left| format!(", {} left", duration(left)));
    format!("{done}{of}{}", left.unwrap_or_default())
}

/// A duration for people: `340 ms`, `2.1 s`, `3 min 20 s`.
fn duration(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_reads_well_and_has_every_key() {
        let second = Duration::from_secs(1);
        assert_eq!(part_done(1_200, Some(2_000), Some(second * 200)), "1200 of 2000 (60 %), 3 min 20 s left");
        assert_eq!(part_done(2_000, Some(2_000), Some(Duration::ZERO)), "2000 of 2000 (100 %)");
        assert_eq!(part_done(0, Some(0), Some(Duration::ZERO)), "0 of 0 (100 %)");
        assert_eq!(part_done(2_100, Some(2_000), Some(Duration::ZERO)), "2100, of 2000 as was counted");
        assert_eq!(part_done(7, None, None), "7");
        let event = Event::Progress {
            revision: "r1".into(),
            done: 5,
            total: Some(10),
            elapsed: second,
            left: Some(second / 2),
        };
        let expected =
            json!({"event": "progress", "revision": "r1", "done": 5, "total": 10, "seconds": 1.0, "seconds_left": 0.5});
        assert_eq!(document(&event), Some(expected));
        let event = Event::Log { revision: "r1".into(), text: "loading".into() };
        assert_eq!(document(&event), Some(json!({"event": "log", "revision": "r1", "text": "loading"})));
    }

    #[test]
    fn durations_read_well() {
        let shown = [7, 2_140, 200_000].map(|millis| duration(Duration::from_millis(millis)));
        assert_eq!(shown, ["7 ms", "2.1 s", "3 min 20 s"]);
    }
}
