//! What holds of every text that a user may give for a target or a range.

use std::collections::BTreeSet;

use migrate_runtime::graph::Follow;
use migrate_runtime::plan::Direction;
use migrate_runtime::{Range, Target};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::drawn::drawn;

/// Anything at all, and what is nearly a target of a drawn graph.
fn text() -> impl Strategy<Value = String> {
    let piece = "(head|heads|base|current|@|\\+|-|:|one::|,|_|\\+0|-1|\\+2|-?9223372036854775808|9{20}|label_[0-9]|slug_[0-9]|000x0[0-9]|000x|é| )";
    let counted = "((label_[0-9]|000x0[0-9])@)?(head|base|current|000x0[0-9])?([+-][0-3]|[+-]9223372036854775807|-9223372036854775808)";
    prop_oneof![any::<String>(), vec(piece, 0..6).prop_map(|pieces| pieces.concat()), counted]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_target_is_shown_as_what_reads_the_same(text in text()) {
        let target = Target::from(text.as_str());
        let shown = target.to_string();
        prop_assert_eq!(Target::from(shown.as_str()), target.clone());
        // Only a count is written in another way than it was typed.
        prop_assert!(shown == text || text.contains(['+', '-']), "{:?} {:?}", text, shown);
        prop_assert!(!target.is_current() || target.needs_current());
    }

    #[test]
    fn a_range_is_shown_as_what_reads_the_same(text in text()) {
        // Two are a part of a name.
        let n_colons = text.replace("::", "").matches(':').count();
        match text.parse::<Range>() {
            Ok(range) => {
                prop_assert_eq!(n_colons, 1);
                prop_assert_eq!(range.to_string().parse::<Range>(), Ok(range));
            }
            Err(error) => {
                prop_assert_ne!(n_colons, 1);
                prop_assert!(error.to_string().contains(&text));
            }
        }
    }

    /// Each has an answer or an error that can be told.
    #[test]
    fn no_target_and_no_range_makes_a_graph_panic(drawn in drawn(), texts in vec(text(), 1..3)) {
        let (graph, applied) = (drawn.graph(), drawn.closed());
        let targets: Vec<Target> = texts.iter().map(|text| Target::from(text.as_str())).collect();
        let target = &targets[0];
        let errors = [
            graph.plan_upgrade(&applied, target).err(),
            graph.plan_downgrade(&applied, target).err(),
            graph.plan_stamp(&applied, &targets).err(),
            graph.check_target(Direction::Up, target).err(),
            graph.check_target(Direction::Down, target).err(),
            graph.select(target, &applied).err(),
            graph.select(target, &BTreeSet::new()).err(),
            graph.new_parents(target, Follow::Any).err(),
            graph.merge_parents(&targets, Follow::Heads).err(),
            graph.find(&texts[0]).err(),
            graph.applied_below(&[texts[0].as_str()]).err(),
        ];
        let range = texts.join(":").parse::<Range>().unwrap_or_else(|_| Range::up_to(target.clone()));
        let of_range = [graph.history(&range, &applied).err(), graph.offline_start(&range).err()];
        for error in errors.into_iter().chain(of_range).flatten() {
            prop_assert!(!error.to_string().is_empty() && !error.kind().is_empty());
        }
    }
}
