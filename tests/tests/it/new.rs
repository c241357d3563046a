//! `cargo migrate new`: any message, any hurry.

use migrate_tests::{Output, Project, cargo_migrate};

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
