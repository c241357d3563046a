//! `examples/autogenerate`: what its revisions do to data, and that they are what the command line writes.

use std::fs;

use migrate_tests::{Database, Output, Project, cargo_migrate, example, example_folder};

use super::cargo_migrate_in;

fn typed(database: &Database<'_>, words: &str) -> Output {
    cargo_migrate_in("autogenerate", words).env("DATABASE_URL", database.url()).run()
}

#[test]
fn the_data_survives_every_revision() {
    let database = Database::new();
    typed(&database, "upgrade create_catalog").success();
    database.psql(
        "INSERT INTO suppliers (name) VALUES ('Alder'), ('Birch');
         INSERT INTO products (name, price_cents, supplier_id) VALUES ('chair', 4900, 1), ('table', 12900, 1), ('shelf', 7905, 2);",
    );
    typed(&database, "upgrade add_orders").success();
    database.psql("INSERT INTO orders (product_id, quantity, state) VALUES (1, 4, 'paid'), (3, 1, 'placed');");
    typed(&database, "upgrade").success();
    let output = example("autogenerate").env("DATABASE_URL", database.url()).run().success();
    let expected = "database current at 20261028093000\n\nAlder\n  chair           49.00  4 sold\n  table          129.00  0 sold\n\nBirch\n  shelf           79.05  0 sold\n";
    assert_eq!(output.stdout, expected);
    assert!(
        typed(&database, "check")
            .success()
            .stderr
            .contains("Checked the models want nothing that the migrations lack\n")
    );

    typed(&database, "downgrade create_catalog").success();
    assert_eq!(database.ask("SELECT string_agg(name, ', ' ORDER BY id) FROM products"), "chair, table, shelf");
    typed(&database, "upgrade").success();
    assert_eq!(
        database.ask("SELECT string_agg(product_name, ', ' ORDER BY id) FROM products WHERE is_active"),
        "chair, table, shelf"
    );
}

/// The models as they were before a revision was written, the newest first.
fn models_before(slug: &str) -> String {
    let mut text = fs::read_to_string(example_folder("autogenerate").join("src/models.rs")).expect("the models");
    let mut without = |part: &str, with: &str| {
        assert!(text.contains(part), "the models have no {part}");
        text = text.replacen(part, with, 1);
    };
    without("    #[column(renamed_from = \"name\")]\n    pub product_name: String,\n", "    pub name: String,\n");
    if slug == "rename_product_names" {
        return text;
    }
    without("    pub is_active: bool,\n", "");
    if slug == "products_are_active" {
        return text;
    }
    let orders = text.find("/// What was bought.").expect("the orders");
    text.truncate(orders);
    text
}

#[test]
fn the_revisions_are_what_the_models_ask_for() {
    let folder = example_folder("autogenerate");
    let slugs = ["create_catalog", "add_orders", "products_are_active", "rename_product_names"];
    let database = Database::new();
    let project = Project::library("autogenerate");
    project.make_folder("migrations");
    for (index, slug) in slugs.into_iter().enumerate() {
        // What is there before the next was written has this one.
        let models = match slugs.get(index + 1) {
            Some(next) => models_before(next),
            None => fs::read_to_string(folder.join("src/models.rs")).expect("the models"),
        };
        project.write("src/lib.rs", &models);
        let committed =
            fs::read_dir(folder.join("migrations")).expect("the revisions").map(|entry| entry.expect("an entry"));
        let committed = committed.map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with(slug));
        let committed = committed.expect("the revision");
        let name = committed.file_name().expect("a name").to_string_lossy().into_owned();
        let id = name.split('_').next().expect("an id");
        let run = |words: &[&str]| project.run(cargo_migrate!().args(words)).env("DATABASE_URL", database.url()).run();
        run(&["new", "--auto", &slug.replace('_', " "), "--rev-id", id]).success();
        for file in ["up.sql", "down.sql"] {
            let ours = fs::read_to_string(committed.join(file)).expect(file);
            let written = project.read(&format!("migrations/{name}/{file}"));
            // What rows get is the author's.
            let (remark, work) = (
                "-- backfill: give each row that has none a value for is_active here, as in\n-- UPDATE products SET is_active = … WHERE is_active IS NULL;\n",
                "UPDATE products\nSET is_active = true\nWHERE is_active IS NULL;\n\n",
            );
            assert_eq!(written.replace(remark, work), ours, "{name}/{file}");
        }
        run(&["upgrade"]).success();
    }
}
