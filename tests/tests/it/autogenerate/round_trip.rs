//! Models, edited: from nothing to the first, from the first to the second, and all the way back, for all that models can
//! say. After each leg the database is what the models are when they are loaded on their own, in the words of `pg_dump`.

use std::sync::Mutex;
use std::thread;

use cargo_migrate::models_as_sql;
use migrate_tests::{Database, VERSION_TABLE, schema_dump};

use super::{Shop, id};

const FILES: [&str; 5] = [
    include_str!("round_trip/columns.txt"),
    include_str!("round_trip/keys.txt"),
    include_str!("round_trip/indexes.txt"),
    include_str!("round_trip/enums.txt"),
    include_str!("round_trip/tables.txt"),
];

/// Models before and after an edit.
#[derive(Debug, Default)]
struct Case {
    name: String,
    before: String,
    after: String,
    /// What is in the tables while they are changed.
    rows: String,
    renames: Vec<String>,
    /// A part of the SQL that leads from the first to the second.
    wants: Vec<String>,
}

#[test]
fn every_edit_leads_there_and_back() {
    let cases: Vec<Case> = FILES.iter().flat_map(|text| read(text)).collect();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let only = std::env::var("CASE").unwrap_or_default();
    // Unique constraints without distinct nulls came with PostgreSQL 15.
    let is_old = Database::new().server_major() < 15;
    let is_known = |case: &&Case| !(is_old && case.after.contains("nulls_not_distinct"));
    let work: Vec<&Case> = cases.iter().filter(|case| case.name.contains(&only)).filter(is_known).collect();
    let (next, problems) = (Mutex::new(work.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let item = next.lock().unwrap().next();
                    let Some(case) = item else { break };
                    if let Err(problem) = check(case) {
                        problems.lock().unwrap().push(format!("{}: {problem}", case.name));
                    }
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), work.len(), problems.join("\n\n"));
}

fn check(case: &Case) -> Result<(), String> {
    let shop = Shop::new();
    let empty = dump(&shop.database);
    let first = leg(&shop, &case.before, "the first", &[])?;
    if !case.rows.is_empty() {
        shop.database.try_psql(&case.rows).map_err(|error| format!("the rows: {error}"))?;
    }
    let renames: Vec<&str> = case.renames.iter().flat_map(|rename| ["--rename", rename]).collect();
    let second = leg(&shop, &case.after, "the second", &renames)?;
    for part in &case.wants {
        if !second.sql.contains(part) {
            return Err(format!("`{part}` is not in\n{}", second.sql));
        }
    }
    back_to(&first, &second, &shop)?;
    // The same once more, with what takes long in revisions of its own.
    second.folders.iter().for_each(|folder| shop.project.remove(folder));
    let online = leg(&shop, &case.after, "the second", &[&["--online"], &renames[..]].concat())?;
    back_to(&first, &online, &shop)?;
    typed(&shop, &["downgrade", "base"], &first.sql)?;
    differs("back at base", &empty, &dump(&shop.database), &first.sql)?;
    typed(&shop, &["upgrade"], &online.sql)?;
    differs("again at the second", &second.dump, &dump(&shop.database), &online.sql)?;
    typed(&shop, &["check"], &online.sql).map(|_| ())
}

fn back_to(first: &Leg, second: &Leg, shop: &Shop) -> Result<(), String> {
    typed(shop, &["downgrade", id(&first.folders[first.folders.len() - 1])], &second.sql)?;
    differs("back at the first", &first.dump, &dump(&shop.database), &second.sql)
}

/// Where a leg has led.
struct Leg {
    /// The folders of its revisions.
    folders: Vec<String>,
    /// What was written.
    sql: String,
    dump: Vec<String>,
}

/// Makes the revisions of an edit and applies them.
fn leg(shop: &Shop, models: &str, message: &str, options: &[&str]) -> Result<Leg, String> {
    shop.models(models);
    // What looks like a rename and is not told as one is none.
    let made = typed(shop, &[&["new", "--auto", message, "--no-renames"], options].concat(), "")?;
    let folders: Vec<String> = made.lines().map(str::to_owned).collect();
    let mut sql = String::new();
    for folder in &folders {
        let (up, down) = (shop.read(folder, "up.sql"), shop.read(folder, "down.sql"));
        sql += &format!("-- {folder}: up\n{up}\n-- down\n{down}\n");
    }
    typed(shop, &["upgrade"], &sql)?;
    typed(shop, &["check", "--against", "database"], &sql)?;
    let alone = Database::new();
    let (loaded, _) = models_as_sql(&shop.project.path("Cargo.toml"))?;
    alone.try_psql(&loaded)?;
    let found = dump(&shop.database);
    differs(message, &dump(&alone), &found, &sql)?;
    Ok(Leg { folders, sql, dump: found })
}

fn typed(shop: &Shop, words: &[&str], sql: &str) -> Result<String, String> {
    let output = shop.run(words);
    if output.code == 0 { Ok(output.stdout) } else { Err(format!("{words:?}: {output}\n{sql}")) }
}

fn dump(database: &Database<'_>) -> Vec<String> {
    let mut entries = schema_dump::of(database);
    entries.retain(|entry| !entry.contains(VERSION_TABLE));
    entries
}

fn differs(place: &str, wanted: &[String], found: &[String], sql: &str) -> Result<(), String> {
    schema_dump::difference(wanted, found).map_or(Ok(()), |what| Err(format!("{place}: {what}\n{sql}")))
}

/// Reads cases: `# name`, then `rows:`, `rename:` and `wants:` lines, then `before:` and `after:`, each on a line of its
/// own above its models.
fn read(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut is_before = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            cases.push(Case { name: name.to_owned(), ..Case::default() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        match line.split_once(':') {
            Some(("rows", rows)) => case.rows += rows,
            Some(("rename", rename)) => case.renames.push(rename.trim().to_owned()),
            Some(("wants", part)) => case.wants.push(part.trim().to_owned()),
            Some(("before", "")) => is_before = true,
            Some(("after", "")) => is_before = false,
            _ => {
                let models = if is_before { &mut case.before } else { &mut case.after };
                models.push_str(line);
                models.push('\n');
            }
        }
    }
    cases
}
