//! Revisions of several packages as one history: what is meant by a target, in which order steps are, what a stamp keeps.

use std::collections::BTreeSet;

use migrate_runtime::graph::Graph;
use migrate_runtime::plan::{Direction, Plan};
use migrate_runtime::table::{Action, Checksum, Composition, Migration, Script};
use migrate_runtime::{Migrations, Range, Target};

const fn revision(id: &'static str, slug: &'static str) -> Migration {
    Migration::new(id, slug, [Checksum::new([0; 32]); 2], Action::Sql(Script::new("up.sql", "", &[])))
}

static JOBS: Migrations = Migrations::new("jobs", &[revision("1001", "create_jobs")]);

/// Includes `jobs` too, under another name.
static AUTH: Migrations = Migrations::new(
    "my-auth",
    &[
        revision("1001", "create_users"),
        revision("1002", "hash_passwords").parents(&["1001"]).depends_on(&["queue::1001"]),
        revision("1003", "drop_plain").parents(&["1002"]).labels(&["plain"]),
    ],
)
.including(&OF_AUTH);
static OF_AUTH: Composition = Composition::new(&[("queue", &JOBS)]);

static SHOP: Migrations = Migrations::new(
    "shop",
    &[
        revision("0001", "create_orders"),
        revision("0002", "orders_have_users").parents(&["0001"]).depends_on(&["my_auth::1002"]),
        revision("0003", "orders_have_dates").parents(&["0002"]),
    ],
)
.including(&OF_SHOP);
static OF_SHOP: Composition = Composition::new(&[("my_auth", &AUTH), ("jobs", &JOBS)]);

fn graph() -> Graph<'static> {
    SHOP.graph().expect("a graph")
}

fn everything() -> BTreeSet<&'static str> {
    SHOP.list().iter().map(Migration::id).collect()
}

fn steps(plan: &Plan) -> String {
    plan.steps.iter().map(|step| step.revision.as_str()).collect::<Vec<_>>().join(" ")
}

fn up(from: &BTreeSet<&str>, target: &str) -> String {
    graph().plan_upgrade(from, &Target::from(target)).map_or_else(|error| error.to_string(), |plan| steps(&plan))
}

fn down(target: &str) -> String {
    graph()
        .plan_downgrade(&everything(), &Target::from(target))
        .map_or_else(|error| error.to_string(), |plan| steps(&plan))
}

#[test]
fn each_package_is_there_once_with_its_own_name_before_its_ids() {
    let ids: Vec<&str> = SHOP.list().iter().map(Migration::id).collect();
    assert_eq!(ids.join(" "), "jobs::1001 my-auth::1001 my-auth::1002 my-auth::1003 0001 0002 0003");
    assert_eq!(SHOP.packages(), BTreeSet::from(["jobs", "my-auth", "shop"]));
    // Seen from the crate itself, its own have no package before them.
    let ids: Vec<&str> = AUTH.list().iter().map(Migration::id).collect();
    assert_eq!(ids.join(" "), "jobs::1001 1001 1002 1003");
    let dependencies = |id: &str| SHOP.migration(id).expect(id).dependency_ids().to_vec();
    assert_eq!(dependencies("0002"), ["my-auth::1002"], "code calls it my_auth");
    assert_eq!(dependencies("my-auth::1002"), ["jobs::1001"], "code of the crate calls it queue");
}

#[test]
fn an_upgrade_takes_what_the_target_needs_and_heads_is_all() {
    let nothing = BTreeSet::new();
    for (target, expected) in [
        ("heads", "jobs::1001 my-auth::1001 my-auth::1002 my-auth::1003 0001 0002 0003"),
        ("head", "jobs::1001 my-auth::1001 my-auth::1002 0001 0002 0003"),
        ("create_orders", "0001"),
        ("+1", "0001"),
        ("+2", "jobs::1001 my-auth::1001 my-auth::1002 0001 0002"),
        ("my-auth@head", "jobs::1001 my-auth::1001 my-auth::1002 my-auth::1003"),
        ("my_auth@+1", "my-auth::1001"),
        ("my-auth@1002", "jobs::1001 my-auth::1001 my-auth::1002"),
        ("my-auth::1001", "my-auth::1001"),
        ("my_auth::1001+1", "jobs::1001 my-auth::1001 my-auth::1002"),
        ("my-auth::hash_passwords", "jobs::1001 my-auth::1001 my-auth::1002"),
        ("my-auth::plain@head", "jobs::1001 my-auth::1001 my-auth::1002 my-auth::1003"),
        ("jobs::1001", "jobs::1001"),
        ("1001", "no revision is called `1001`; did you mean `0001`?"),
        ("nope::12345", "no revision is called `nope::12345`"),
        ("my-auth::100", "no revision is called `my-auth::100`; did you mean `my-auth::1001`?"),
        ("my-auth", "no revision is called `my-auth`; did you mean `my-auth@head`?"),
        ("my-auth::1002_hash_passwords", "jobs::1001 my-auth::1001 my-auth::1002"),
        ("other@head", "no branch label and no revision is called `other`"),
    ] {
        assert_eq!(up(&nothing, target), expected, "{target}");
    }
}

#[test]
fn a_downgrade_speaks_of_the_own_package_unless_another_is_named() {
    for (target, expected) in [
        ("base", "0003 0002 0001"),
        ("-1", "0003"),
        ("-3", "0003 0002 0001"),
        ("0001", "0003 0002"),
        ("my-auth@-1", "my-auth::1003"),
        ("my-auth::1002", "my-auth::1003"),
        ("my-auth::1001", "0003 0002 my-auth::1003 my-auth::1002"),
        ("my-auth@base", "0003 0002 my-auth::1003 my-auth::1002 my-auth::1001"),
        ("jobs@base", "0003 0002 my-auth::1003 my-auth::1002 jobs::1001"),
        ("jobs::1001-1", "0003 0002 my-auth::1003 my-auth::1002 jobs::1001"),
    ] {
        assert_eq!(down(target), expected, "{target}");
    }
}

#[test]
fn a_new_revision_of_a_crate_is_pending() {
    let mut applied = everything();
    applied.remove("my-auth::1003");
    assert_eq!(up(&applied, "heads"), "my-auth::1003");
    assert_eq!(up(&applied, "head"), "", "the package's own head is reached");
}

#[test]
fn a_stamp_leaves_other_packages_alone() {
    let stamp = |targets: &[&str]| {
        let targets: Vec<Target> = targets.iter().map(|target| Target::from(*target)).collect();
        let stamp = graph().plan_stamp(&everything(), &targets).expect("a stamp");
        (stamp.forgotten.join(" "), stamp.reached.join(" "))
    };
    for (targets, forgotten, reached) in [
        (&["heads"][..], "", "my-auth::1003 0003"),
        (&["base"], "0003 0002 0001", "my-auth::1003"),
        (&["0001"], "0003 0002", "my-auth::1003 0001"),
        (&["my-auth@base"], "0003 0002 my-auth::1003 my-auth::1002 my-auth::1001", "jobs::1001 0001"),
        (&["my-auth::1002"], "my-auth::1003", "my-auth::1002 0003"),
        (&["base", "my-auth@base"], "0003 0002 0001 my-auth::1003 my-auth::1002 my-auth::1001", "jobs::1001"),
    ] {
        let (gone, now) = stamp(targets);
        assert_eq!((gone.as_str(), now.as_str()), (forgotten, reached), "{targets:?}");
    }
    let nothing = graph().plan_stamp(&BTreeSet::new(), &[Target::from("my-auth@head")]).expect("a stamp");
    assert_eq!(nothing.recorded.join(" "), "jobs::1001 my-auth::1001 my-auth::1002 my-auth::1003");
}

#[test]
fn a_range_has_names_with_two_colons_in_it() {
    let history = |range: &str| {
        let range: Range = range.parse().expect(range);
        graph().history(&range, &BTreeSet::new()).map_or_else(|error| error.to_string(), |ids| ids.join(" "))
    };
    assert_eq!(history("my-auth::1001:my-auth@head"), "my-auth::1003 my-auth::1002 my-auth::1001");
    assert_eq!(history("jobs@base:"), "jobs::1001", "its head is one although something depends on it");
    assert_eq!(history("jobs@1001:"), "jobs::1001");
    assert_eq!(history("0002:"), "0003 0002");
    assert_eq!(history("-1:"), "0003 0002");
    assert_eq!(history(":my-auth::1001"), "my-auth::1001");
    let start = graph().offline_start(&"my-auth::1001:heads".parse().expect("a range"));
    assert_eq!(start, Ok(BTreeSet::from(["my-auth::1001"])));
    for text in ["my-auth::1001", "a::1:b::2:c", "a"] {
        assert!(text.parse::<Range>().is_err(), "{text}");
    }
}

#[test]
fn the_name_of_a_package_is_no_slug_and_may_not_be_a_label() {
    static AS_SLUG: Migrations = Migrations::new("app", &[revision("1", "jobs")]).including(&JUST_JOBS);
    static AS_LABEL: Migrations = Migrations::new("app", &[revision("1", "x").labels(&["jobs"])]).including(&AGAIN);
    static JUST_JOBS: Composition = Composition::new(&[("jobs", &JOBS)]);
    static AGAIN: Composition = Composition::new(&[("jobs", &JOBS)]);
    let planned = |table: &Migrations| {
        let graph = table.graph().expect("a graph");
        let plan = graph.plan_downgrade(&BTreeSet::from(["1", "jobs::1001"]), &Target::from("jobs@base"));
        plan.map_or_else(|error| error.to_string(), |plan| steps(&plan))
    };
    assert_eq!(planned(&AS_SLUG), "jobs::1001");
    assert_eq!(planned(&AS_LABEL), "`jobs` may be 1 or the package jobs");
}

#[test]
fn a_package_without_revisions_is_one_of_those_whose_rows_are_read() {
    static EMPTY: Migrations = Migrations::new("empty", &[]);
    static COMPOSITION: Composition = Composition::new(&[("empty", &EMPTY), ("my_auth", &AUTH)]);
    let table = Migrations::new("app", &[]).including(&COMPOSITION);
    assert_eq!(table.packages(), BTreeSet::from(["app", "empty", "jobs", "my-auth"]));
}

#[test]
fn one_package_in_two_forms_is_refused() {
    static OTHER: Migrations = Migrations::new(
        "jobs",
        &[Migration::new("1001", "x", [Checksum::new([1; 32]); 2], Action::Sql(Script::new("up.sql", "", &[])))],
    );
    static BOTH: Composition = Composition::new(&[("jobs", &JOBS), ("jobs2", &OTHER)]);
    static TABLE: Migrations = Migrations::new("app", &[]).including(&BOTH);
    let errors = TABLE.graph().expect_err("two forms");
    assert_eq!(errors[0].to_string(), "the id `jobs::1001` is taken twice");
}

#[test]
fn a_target_is_checked_before_the_database_is_asked() {
    for (direction, target, is_right) in [
        (Direction::Up, "my-auth@head", true),
        (Direction::Down, "my-auth@base", true),
        (Direction::Up, "nope@head", false),
    ] {
        let checked = graph().check_target(direction, &Target::from(target));
        assert_eq!(checked.is_ok(), is_right, "{target}: {checked:?}");
    }
}
