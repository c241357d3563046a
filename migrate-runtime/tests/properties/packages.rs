//! What holds where the revisions are those of several packages.

use std::collections::BTreeSet;

use migrate_runtime::Target;
use proptest::prelude::*;

use crate::drawn::drawn;

/// Those of some revisions that are of a package, the own one where it has no name.
fn of_package<'d>(ids: &BTreeSet<&'d str>, package: &str) -> BTreeSet<&'d str> {
    let is_of = |id: &&&str| match package {
        "" => !id.contains("::"),
        _ => id.starts_with(package),
    };
    ids.iter().filter(is_of).copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_package_can_be_emptied_and_all_be_filled(
        drawn in drawn(),
        places in (0..14_usize, 0..14_usize),
        package in prop::sample::select(vec!["", "one", "two"]),
    ) {
        let drawn = drawn.in_packages([places.0, places.1]);
        let (graph, applied) = (drawn.graph(), drawn.closed());
        let all: BTreeSet<&str> = drawn.ids.iter().map(String::as_str).collect();
        if of_package(&all, package).is_empty() {
            return Ok(());
        }
        let base = Target::from(if package.is_empty() { "base".to_owned() } else { format!("{package}@base") }.as_str());

        let down = graph.plan_downgrade(&applied, &base).unwrap();
        let left = drawn.follow(&down, applied.clone());
        prop_assert!(of_package(&left, package).is_empty(), "{left:?}");
        // What went with it needed it.
        let others = graph.plan_without(&applied, &of_package(&applied, package).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        prop_assert_eq!(&down.steps, &others.steps);

        // A stamp forgets what the downgrade undoes.
        let stamp = graph.plan_stamp(&applied, std::slice::from_ref(&base)).unwrap();
        prop_assert!(stamp.recorded.is_empty());
        let forgotten: BTreeSet<&str> = stamp.forgotten.iter().map(String::as_str).collect();
        prop_assert_eq!(forgotten, applied.difference(&left).copied().collect::<BTreeSet<_>>());
        prop_assert_eq!(&stamp.heads, &down.heads);

        let up = graph.plan_upgrade(&left, &Target::heads()).unwrap();
        prop_assert_eq!(drawn.follow(&up, left), all);
    }

    #[test]
    fn a_plan_across_packages_can_be_followed(drawn in drawn(), places in (0..14_usize, 0..14_usize)) {
        let drawn = drawn.in_packages([places.0, places.1]);
        let (graph, applied, target) = (drawn.graph(), drawn.closed(), Target::from(drawn.target.as_str()));
        if let Ok(up) = graph.plan_upgrade(&applied, &target) {
            let _ = drawn.follow(&up, applied.clone());
        }
        let typed = target.to_string();
        let meant = ["one", "two"].into_iter().find(|package| typed.starts_with(package)).unwrap_or_default();
        // Nothing depends on the application, and what goes with a library's revision needs it.
        if let Ok(down) = graph.plan_downgrade(&applied, &target) {
            let left = drawn.follow(&down, applied.clone());
            let gone: BTreeSet<&str> = applied.difference(&left).copied().collect();
            let of_meant: Vec<String> = of_package(&gone, meant).iter().map(|id| (*id).to_owned()).collect();
            prop_assert_eq!(&graph.plan_without(&applied, &of_meant).steps, &down.steps, "{}", typed);
        }
        if let Ok(stamp) = graph.plan_stamp(&applied, std::slice::from_ref(&target)) {
            let gone: BTreeSet<&str> = stamp.forgotten.iter().map(String::as_str).collect();
            let of_meant: Vec<String> = of_package(&gone, meant).iter().map(|id| (*id).to_owned()).collect();
            let with_them = graph.plan_without(&applied, &of_meant);
            let heads = typed == "heads";
            prop_assert!(heads || with_them.steps.len() == gone.len(), "{}: {:?}", typed, stamp);
        }
    }
}
