//! What holds of every plan on every graph, from wherever the database is; and of every target.

mod drawn;
mod packages;
mod targets;

use std::collections::BTreeSet;

use migrate_runtime::Target;
use migrate_runtime::plan::Direction;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::drawn::drawn;

proptest! {
    // What fails becomes a case of the tests in `graph.rs` and not a file of failed cases.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_revisions_are_listed_changes_nothing(drawn in drawn(), keys in vec(any::<u8>(), 14)) {
        let mut order: Vec<usize> = (0..drawn.ids.len()).collect();
        order.sort_by_key(|at| keys[*at]);
        prop_assert_eq!(drawn.answers(&drawn.listed(&order)), drawn.answers(&drawn.graph()));
    }

    #[test]
    fn a_downgrade_to_where_an_upgrade_began_leads_back_there(drawn in drawn()) {
        let (graph, applied, target) = (drawn.graph(), drawn.closed(), Target::from(drawn.target.as_str()));
        let start = drawn.maximal(&applied);
        let Ok(up) = graph.plan_upgrade(&applied, &target) else { return Ok(()) };
        let after = drawn.follow(&up, applied.clone());
        let (begin, follows): (Target, BTreeSet<&str>) = match &start[..] {
            [] => (Target::base(), after.clone()),
            // From one current head, what comes after its children goes again; another branch would stay.
            [head] => {
                let children = graph.children(head);
                let follows = children.iter().flat_map(|child| graph.with_descendants(child)).collect();
                (Target::revision(head.as_str()), follows)
            }
            _ => return Ok(()),
        };
        if after.difference(&applied).all(|id| follows.contains(id)) {
            let down = graph.plan_downgrade(&after, &begin).unwrap();
            prop_assert_eq!(drawn.follow(&down, after), applied);
        }
    }

    #[test]
    fn a_plan_can_be_followed_and_leads_where_it_says(drawn in drawn()) {
        let (graph, applied, target) = (drawn.graph(), drawn.closed(), Target::from(drawn.target.as_str()));
        if let Ok(up) = graph.plan_upgrade(&applied, &target) {
            let after = drawn.follow(&up, applied.clone());
            prop_assert!(up.steps.iter().all(|step| step.direction == Direction::Up));
            if !target.needs_current() {
                prop_assert!(graph.plan_upgrade(&after, &target).unwrap().steps.is_empty());
            }
            // Whatever went up comes down again.
            let ids: Vec<String> = up.steps.iter().map(|step| step.revision.clone()).collect();
            let down = graph.plan_without(&after, &ids);
            prop_assert_eq!(drawn.follow(&down, after.clone()), applied.clone());
            prop_assert_eq!(graph.plan_with(&applied, &ids), up);
        }
        if let Ok(down) = graph.plan_downgrade(&applied, &target) {
            let after = drawn.follow(&down, applied.clone());
            prop_assert!(down.steps.iter().all(|step| step.direction == Direction::Down));
            let heads: Vec<&str> = applied.iter().copied().collect();
            let again = graph.plan_upgrade(&after, &Target::heads()).unwrap();
            prop_assert!(heads.iter().all(|id| drawn.follow(&again, after.clone()).contains(id)));
        }
    }

    #[test]
    fn what_is_checked_before_the_database_is_asked_is_not_refused_for_its_names_after(drawn in drawn()) {
        let (graph, applied, target) = (drawn.graph(), drawn.closed(), Target::from(drawn.target.as_str()));
        if let Err(error) = graph.check_target(Direction::Up, &target) {
            prop_assert_eq!(graph.plan_upgrade(&applied, &target).unwrap_err().kind(), error.kind());
        }
        if let Err(error) = graph.check_target(Direction::Down, &target) {
            prop_assert_eq!(graph.plan_downgrade(&applied, &target).unwrap_err().kind(), error.kind());
        }
    }

    #[test]
    fn a_stamp_leaves_a_set_that_is_closed(drawn in drawn()) {
        let (graph, applied, target) = (drawn.graph(), drawn.closed(), Target::from(drawn.target.as_str()));
        if let Ok(stamp) = graph.plan_stamp(&applied, &[target]) {
            let mut after: BTreeSet<&str> = applied.clone();
            after.retain(|id| !stamp.forgotten.iter().any(|forgotten| forgotten == id));
            after.extend(stamp.recorded.iter().map(String::as_str));
            prop_assert!(after.iter().all(|id| drawn.before(id).is_subset(&after)));
            prop_assert_eq!(stamp.heads, drawn.maximal(&after));
        }
    }
}
