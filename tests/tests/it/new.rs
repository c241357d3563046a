//! `cargo migrate new`: any message, any hurry.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use migrate_tests::{Command, Output, Project, cargo_migrate};

fn new(project: &Project, arguments: &[&str]) -> Output {
    project.run(cargo_migrate!()).args(["--dir", "migrations", "new"]).args(arguments).run()
}

/// A folder that is ready for revisions.
fn folder() -> Project {
    let project = Project::empty();
    project.run(cargo_migrate!()).args(["--dir", "migrations", "init"]).run().success();
    project
}

/// The folders of the revisions, oldest first.
fn revisions(project: &Project) -> Vec<String> {
    let names = std::fs::read_dir(project.path("migrations")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> =
        names.map(|name| name.into_string().unwrap()).filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

#[test]
fn a_revision_follows_the_head() {
    let project = folder();
    let first = new(&project, &["create users"]).success();
    insta::assert_snapshot!(first, @r"
    exit 0
    --- stdout
    migrations/[ID-1]_create_users
    --- stderr
         Created migrations/[ID-1]_create_users/up.sql
         Created migrations/[ID-1]_create_users/down.sql
    ");
    let second = new(&project, &["add the user's e-mail"]).success();
    let names = revisions(&project);
    assert_eq!(second.stdout, format!("migrations/{}\n", names[1]));
    let first_id = &names[0][..14];
    assert_eq!(
        project.read(&format!("migrations/{}/up.sql", names[1])),
        format!("--! add the user's e-mail\n--!\n--! parent: {first_id}\n\n")
    );
    assert_eq!(project.read(&format!("migrations/{}/down.sql", names[1])), "", "to be written by the user");
}

#[test]
fn a_rust_revision_has_its_function() {
    let project = folder();
    insta::assert_snapshot!(new(&project, &["--rust", "fill names"]).success(), @r"
    exit 0
    --- stdout
    migrations/[ID-1]_fill_names
    --- stderr
         Created migrations/[ID-1]_fill_names/migration.rs
    ");
    let names = revisions(&project);
    insta::assert_snapshot!(project.read(&format!("migrations/{}/migration.rs", names[0])), @r#"
    //! fill names
    //!
    //! parent: base

    use migrate_runtime::{Context, Result};

    pub async fn up(cx: &mut Context<'_>) -> Result<()> {
        let _ = cx.conn()?;
        Err("this upgrade is not written yet".into())
    }
    "#);
}

#[test]
fn any_message_gives_a_safe_name() {
    let long = "a long story ".repeat(40);
    let unbroken = "x".repeat(500);
    for (message, slug) in [
        ("create users", "create_users"),
        ("Größe der Straße ändern", "grosse_der_strasse_andern"),
        ("добавить пользователей", "dobavit_polzovatelei"),
        ("ユーザー", "yuza"),
        ("add 🚀 launch", "add_rocket_launch"),
        (r#"say "hello" to O'Brien; DROP TABLE users; --"#, "say_hello_to_obrien_drop_table_users"),
        ("`$(rm -rf /)`", "rm_rf"),
        ("../../x", "x"),
        ("/etc/passwd", "etc_passwd"),
        (r"C:\temp\x", "c_temp_x"),
        ("one\nparent: base\ttwo", "one_parent_base_two"),
        ("self", "self"),
        ("2fa", "2fa"),
        (&long, "a_long_story_a_long_story_a_long_story_a_long_story_a_long"),
        (&unbroken, &unbroken[..60]),
    ] {
        let project = folder();
        let output = new(&project, &["--", message]).success();
        let names = revisions(&project);
        assert_eq!(names.len(), 1, "{message:?}: {names:?}");
        assert_eq!(&names[0][14..], format!("_{slug}"), "{message:?}");
        assert_eq!(output.stdout, format!("migrations/{}\n", names[0]), "{message:?}");
        // What was written is read again: a second revision finds the first one as its parent.
        new(&project, &["another"]).success();
        let outside: Vec<_> =
            project.files().into_iter().filter(|(name, _)| !name.starts_with("migrations/")).collect();
        assert!(outside.is_empty(), "{message:?}: {outside:?}");
    }
}

#[test]
fn a_message_that_names_nothing_is_refused() {
    let project = folder();
    for message in ["", "   ", "!?…", "\u{202e}"] {
        let output = new(&project, &["--", message]).exit(2);
        assert_eq!(
            output.stderr,
            "error: the message has no letter and no digit to name the revision by\n\
             help: say what the revision does, as in `cargo migrate new \"create users\"`\n",
            "{message:?}"
        );
    }
    assert!(revisions(&project).is_empty());
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let project = folder();
    new(&project, &["create users"]).success();
    insta::assert_snapshot!(new(&project, &["Create USERS!"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: the name `create_users` is taken by the revision [ID-1]
    help: say in other words what this one does; the name becomes an enum variant
    ");
    assert_eq!(revisions(&project).len(), 1);
}

#[test]
fn a_folder_that_is_missing_or_a_file_is_refused() {
    let project = Project::empty();
    insta::assert_snapshot!(new(&project, &["create users"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: there is no folder `migrations`
    help: run `cargo migrate init --dir migrations`
    ");
    project.write("migrations", "not a folder\n");
    insta::assert_snapshot!(new(&project, &["create users"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: `migrations` is a file, not a folder of revisions
    help: move the file away, then run `cargo migrate init --dir migrations`
    ");
    assert_eq!(project.read("migrations"), "not a folder\n");
}

/// More than one of them falls into one second.
#[test]
fn in_one_second_ids_stay_apart_and_in_order() {
    let project = folder();
    for n in 0..5 {
        new(&project, &[&format!("step {n}")]).success();
    }
    let names = revisions(&project);
    let slugs: Vec<&str> = names.iter().map(|name| &name[15..]).collect();
    assert_eq!(slugs, ["step_0", "step_1", "step_2", "step_3", "step_4"]);
    assert_one_line(&project, &names);
}

#[test]
fn eight_at_once_make_one_line_of_revisions() {
    let project = folder();
    let command =
        |n: usize| project.run(cargo_migrate!()).args(["--dir", "migrations", "new", &format!("at once {n}")]);
    let processes: Vec<_> = (0..8).map(|n| command(n).spawn()).collect();
    for process in processes {
        process.wait().success();
    }
    let names = revisions(&project);
    assert_eq!(names.len(), 8, "{names:?}");
    assert_one_line(&project, &names);
}

/// Each revision has an id of its own and the one before it as its parent.
fn assert_one_line(project: &Project, names: &[String]) {
    let mut parent = "base";
    for name in names {
        let up = project.read(&format!("migrations/{name}/up.sql"));
        assert!(up.ends_with(&format!("--! parent: {parent}\n\n")), "{name} after {parent}: {up}");
        assert_ne!(&name[..14], parent);
        parent = &name[..14];
    }
}

#[test]
fn a_folder_that_others_own_is_refused_with_the_reason() {
    let project = Project::empty();
    project.make_folder("migrations");
    // Root may write anywhere, so it makes a folder of its own and another user runs the program; everybody else takes
    // the permission away from themselves.
    set_permissions(project.folder(), Permissions::from_mode(0o755)).unwrap();
    set_permissions(project.path("migrations"), Permissions::from_mode(0o555)).unwrap();
    let command = project.run(cargo_migrate!()).args(["--dir", "migrations", "new", "create users"]).as_other_user();
    insta::assert_snapshot!(command.run(), @r"
    exit 1
    --- stdout
    --- stderr
    error: failed to make a folder in `migrations`: permission denied
    help: check the permissions of that path, then run the command again
    ");
    assert!(revisions(&project).is_empty());
}

/// Types `new` with an id, which the other options name.
fn revision(project: &Project, id: &str, options: &[&str]) -> Output {
    new(project, &[&[id, "--rev-id", id], options].concat())
}

#[test]
fn what_the_build_would_refuse_is_refused() {
    let project = folder();
    revision(&project, "root", &[]).success();
    revision(&project, "x", &["--branch-label", "bx"]).success();
    revision(&project, "y", &["--head", "root", "--splice", "--branch-label", "by"]).success();
    let heads = || project.run(cargo_migrate!()).args(["--dir", "migrations", "heads"]).run();
    revision(&project, "x2", &["--head", "x", "--depends-on", "y"]).success();
    revision(&project, "y2", &["--head", "y", "--depends-on", "x2"]).success();
    insta::assert_snapshot!(revision(&project, "z", &["--head", "root"]), @"
    exit 2
    --- stdout
    --- stderr
    error: revision root is not a head: x and y follow it already
    help: `--splice` lets the new one follow root all the same and begin a branch; `--branch-label LABEL` names it
    ");
    insta::assert_snapshot!(revision(&project, "z", &["--head", "base"]), @"
    exit 2
    --- stdout
    --- stderr
    error: this would make 3 heads that no branch label tells apart: x2, y2, z
    help: follow a head with `--head x2` or `--head y2`, or give each branch a label: `--branch-label LABEL` for this one; `--splice` makes the fork all the same
    ");
    revision(&project, "z", &["--head", "root", "--splice", "--branch-label", "bz"]).success();
    insta::assert_snapshot!(heads().success(), @"
    exit 0
    --- stdout
    x2 (bx) (effective head), x2
    y2 (by) (head), y2
    z (bz) (head), z
    --- stderr
    ");
    insta::assert_snapshot!(revision(&project, "w", &[]), @"
    exit 2
    --- stdout
    --- stderr
    error: there are several heads: x2, y2, z
    help: choose the one to follow, as in `--head x2`, or join them with `cargo migrate merge heads`
    ");
    for id in ["root", "x", "y", "x2", "y2", "z"] {
        let file = format!("migrations/{id}_{id}/up.sql");
        project.write(&file, &(project.read(&file) + "SELECT 1;\n"));
        project.write(&format!("migrations/{id}_{id}/down.sql"), "SELECT 1;\n");
    }
    assert_eq!(
        migrate_build::History::read(
            &project.path("migrations"),
            "migrations".as_ref(),
            &migrate_build::Crates::none()
        )
        .map(|_| ()),
        Ok(())
    );
}

#[test]
fn a_fork_that_was_asked_for_is_made_and_told() {
    let project = folder();
    revision(&project, "root", &[]).success();
    revision(&project, "x", &[]).success();
    insta::assert_snapshot!(revision(&project, "y", &["--head", "root", "--splice"]), @"
    exit 0
    --- stdout
    migrations/y_y
    --- stderr
         Created migrations/y_y/up.sql
         Created migrations/y_y/down.sql
    warning: the build refuses what is here now: 2 heads that no branch label tells apart: x, y
    note: give each branch a label: `branch-label: LABEL` in its header, and `branch-label: LABEL` in the header of the revision that begins the branch of x
    note: or join them with `cargo migrate merge heads`, or move this one with `cargo migrate rebase y`
    ");
    insta::assert_snapshot!(revision(&project, "z", &["--head", "base", "--splice", "--branch-label", "bz"]), @"
    exit 0
    --- stdout
    migrations/z_z
    --- stderr
         Created migrations/z_z/up.sql
         Created migrations/z_z/down.sql
    ");
    // What leaves the fork as it is says nothing of it.
    insta::assert_snapshot!(revision(&project, "x2", &["--head", "x"]), @"
    exit 0
    --- stdout
    migrations/x2_x2
    --- stderr
         Created migrations/x2_x2/up.sql
         Created migrations/x2_x2/down.sql
    ");
}

#[test]
fn a_new_revision_follows_what_is_named_in_any_form() {
    let project = Project::sketch("aaaa1:\nbbbb1: aaaa1 @bx\nbbbb2: aaaa1 @by\ncccc2: bbbb2");
    let parent = |id: &str, options: &[&str]| {
        revision(&project, id, options).success();
        let header = project.read(&format!("migrations/{id}_{id}/up.sql"));
        project.remove(&format!("migrations/{id}_{id}"));
        header.lines().skip(2).filter_map(|line| line.strip_prefix("--! ")).collect::<Vec<_>>().join("; ")
    };
    for (options, header) in [
        (&["--head", "heads"][..], "parent: bbbb1, cccc2"),
        (&["--head", "by@head"], "parent: cccc2"),
        (&["--head", "make_bbbb1"], "parent: bbbb1"),
        (&["--head", "cccc"], "parent: cccc2"),
        (&["--head", "bbbb2", "--splice", "--branch-label", "bz"], "parent: bbbb2; branch-label: bz"),
        (&["--head", "base", "--branch-label", "bz"], "parent: base; branch-label: bz"),
        (&["--head", "bx", "--depends-on", "by"], "parent: bbbb1; depends-on: by"),
        (&["--head", "bx", "--depends-on", "cccc", "--depends-on", "aaaa1"], "parent: bbbb1; depends-on: cccc2, aaaa1"),
    ] {
        assert_eq!(parent("new1", options), header, "{options:?}");
    }
}

#[test]
fn a_pipe_in_the_place_of_a_script_is_named_and_not_waited_for() {
    let project = folder();
    revision(&project, "1", &[]).success();
    project.remove("migrations/1_1/up.sql");
    Command::new("mkfifo").args([project.path("migrations/1_1/up.sql")]).run().success();
    for verb in [&["heads"][..], &["history"], &["new", "another"]] {
        let command = project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(verb);
        let output = command.limit(Duration::from_secs(10)).run().exit(3);
        assert!(output.stderr.contains("migrations/1_1/up.sql"), "{output}");
    }
}

/// A disk that is full, as Linux plays it.
#[cfg(target_os = "linux")]
#[test]
fn data_that_is_lost_is_a_failure_and_a_closed_pipe_is_none() {
    let project = folder();
    revision(&project, "1", &[]).success();
    project.write("migrations/1_1/up.sql", "--! One\n--!\n--! parent: base\n\nSELECT 1;\n");
    project.write("migrations/1_1/down.sql", "SELECT 1;\n");
    let program = env!("CARGO_BIN_EXE_migrate-under-test");
    let shell = |line: &str| {
        let line = line.replace("cargo", &format!("{program} migrate --dir migrations"));
        project.run(Command::new("bash").args(["-o", "pipefail", "-c", &line])).run()
    };
    for line in ["cargo history >/dev/full", "cargo heads --format json >/dev/full"] {
        let output = shell(line).exit(1);
        assert_eq!(output.stderr, "error: failed to write to stdout: no storage space\n", "{line}");
    }
    // The failure of the command itself stays the answer.
    shell("cargo new --head nope another --format json >/dev/full").exit(2);
    shell("cargo history | true").success();
}
