//! The histories of real projects are where their manifest says.

use migrate_tests::{Corpus, Layout};
use std::fs;

#[test]
fn each_sqlx_history_has_the_files_its_manifest_counts() {
    let Some(corpus) = Corpus::find() else { return };
    let histories = corpus.sqlx_histories();
    assert!(!histories.is_empty());
    for history in histories {
        let names: Vec<String> = fs::read_dir(&history.folder)
            .unwrap_or_else(|error| panic!("{}: {error}", history.folder.display()))
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".sql"))
            .collect();
        let n_ups = names.iter().filter(|name| !name.ends_with(".down.sql")).count();
        assert_eq!(n_ups, history.n_migrations, "{}", history.project);
        assert_eq!(history.layout == Layout::SqlxSimple, history.n_downs == 0, "{}", history.project);
    }
}
