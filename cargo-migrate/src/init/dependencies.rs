//! The two dependencies in Cargo.toml; comments, order and layout stay as they are.

use std::path::{Path, PathBuf};

use migrate_runtime::table::Position;
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::report::{Failure, Kind};

/// The table and the package of each dependency.
const DEPENDENCIES: [(&str, &str); 2] = [("dependencies", "migrate-runtime"), ("build-dependencies", "migrate-build")];

/// Where the dependencies come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The registry, in the version of this program.
    Registry,
    /// A checkout of the workspace they are developed in.
    Checkout(PathBuf),
}

/// What the manifest says about its build script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BuildScript {
    /// Nothing, or the default: `build.rs`.
    Default,
    /// A path of its own.
    At(PathBuf),
}

/// The manifest with both dependencies in it; none where they are there already. `workspace` is the text of the
/// workspace's manifest, from which they are inherited where it has them.
pub(crate) fn add(
    text: &str,
    workspace: Option<&str>,
    origin: &Origin,
    shown: &Path,
) -> Result<Option<String>, Failure> {
    let mut document = parse(text, shown)?;
    let workspace = workspace.and_then(|text| text.parse::<DocumentMut>().ok());
    let inherited = |name: &str| {
        workspace.as_ref().and_then(|workspace| workspace.get("workspace")?.get("dependencies")?.get(name)).is_some()
    };
    let mut changed = false;
    for (table_name, name) in DEPENDENCIES {
        let item = document.entry(table_name).or_insert_with(|| Item::Table(Table::new()));
        let Some(table) = item.as_table_like_mut() else {
            return Err(Failure::new(Kind::Project, format!("`{table_name}` is not a table")).in_file(shown));
        };
        if !has(table, name) {
            let was_sorted = table.iter().is_sorted_by_key(|(key, _)| key.to_owned());
            table.insert(name, dependency(name, origin, inherited(name)));
            if was_sorted {
                table.sort_values();
            }
            changed = true;
        }
    }
    Ok(changed.then(|| as_written(text, &document)))
}

/// Whether the manifest has a dependency on this package, in the table for ordinary ones.
pub(crate) fn depends_on(text: &str, name: &str) -> bool {
    let document = text.parse::<DocumentMut>();
    document.is_ok_and(|document| {
        document.get("dependencies").and_then(Item::as_table_like).is_some_and(|table| has(table, name))
    })
}

/// What the manifest says about its build script.
pub(crate) fn build_script(text: &str, shown: &Path) -> Result<BuildScript, Failure> {
    let document = parse(text, shown)?;
    let build = document.get("package").and_then(|package| package.get("build"));
    match build {
        None => Ok(BuildScript::Default),
        Some(build) => match (build.as_str(), build.as_bool()) {
            (Some(path), _) => Ok(BuildScript::At(PathBuf::from(path))),
            (None, Some(true)) => Ok(BuildScript::Default),
            (None, Some(false)) => {
                Err(Failure::new(Kind::Project, "`package.build = false` turns the build script off")
                    .in_file(shown)
                    .help("remove that line: revisions are compiled in by a build script"))
            }
            (None, None) => Err(Failure::new(Kind::Project, "`package.build` is not the path of one build script")
                .in_file(shown)
                .help("name one file: revisions are compiled in by a build script")),
        },
    }
}

fn parse(text: &str, shown: &Path) -> Result<DocumentMut, Failure> {
    text.parse::<DocumentMut>().map_err(|error| {
        let position = Position::of(text, error.span().map_or(0, |span| span.start));
        Failure::new(Kind::Project, format!("the manifest is not valid TOML: {}", error.message())).at(
            shown,
            position,
            Some(text.to_owned()),
        )
    })
}

/// By its key, or under another name with `package = …`.
fn has(table: &dyn TableLike, name: &str) -> bool {
    table.iter().any(|(key, item)| match item.get("package").and_then(Item::as_str) {
        Some(package) => package == name,
        None => key == name,
    })
}

fn dependency(name: &str, origin: &Origin, inherited: bool) -> Item {
    let mut table = InlineTable::new();
    match origin {
        _ if inherited => table.insert("workspace", true.into()),
        Origin::Registry => return Item::Value(Value::from(env!("CARGO_PKG_VERSION"))),
        Origin::Checkout(folder) => table.insert("path", folder.join(name).display().to_string().into()),
    };
    Item::Value(Value::InlineTable(table))
}

/// The document as text, with the byte order mark and the line ends that the file had.
fn as_written(before: &str, document: &DocumentMut) -> String {
    let mut text = document.to_string();
    if before.contains("\r\n") {
        text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    if before.starts_with('\u{feff}') && !text.starts_with('\u{feff}') {
        text.insert(0, '\u{feff}');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "Cargo.toml";

    fn edited(text: &str) -> Option<String> {
        add(text, None, &Origin::Registry, Path::new(SHOWN)).expect("a manifest")
    }

    #[test]
    fn comments_order_and_layout_stay() {
        for (before, after) in [
            (
                "[package]\nname = \"a\" # ours\n\n# What we need.\n[dependencies]\naxum = \"0.8\"   # web\nzip = \"1\"\n",
                "[package]\nname = \"a\" # ours\n\n# What we need.\n[dependencies]\naxum = \"0.8\"   # web\n\
                 migrate-runtime = \"0.1.0\"\nzip = \"1\"\n\n[build-dependencies]\nmigrate-build = \"0.1.0\"\n",
            ),
            (
                "[dependencies]\nzip = \"1\"\naxum = \"0.8\"\n\n[build-dependencies]\ncc = \"1\"\n\n[lints]\nworkspace = true\n",
                "[dependencies]\nzip = \"1\"\naxum = \"0.8\"\nmigrate-runtime = \"0.1.0\"\n\n\
                 [build-dependencies]\ncc = \"1\"\nmigrate-build = \"0.1.0\"\n\n[lints]\nworkspace = true\n",
            ),
            (
                "[package]\r\nname = \"a\"\r\n",
                "[package]\r\nname = \"a\"\r\n\r\n[dependencies]\r\nmigrate-runtime = \"0.1.0\"\r\n\r\n\
                 [build-dependencies]\r\nmigrate-build = \"0.1.0\"\r\n",
            ),
            (
                "[dependencies.migrate-runtime]\nversion = \"0.1\"\n",
                "[dependencies.migrate-runtime]\nversion = \"0.1\"\n\n[build-dependencies]\nmigrate-build = \"0.1.0\"\n",
            ),
            (
                "[dependencies]\nrt = { package = \"migrate-runtime\", version = \"0.1\" }\n",
                "[dependencies]\nrt = { package = \"migrate-runtime\", version = \"0.1\" }\n\n\
                 [build-dependencies]\nmigrate-build = \"0.1.0\"\n",
            ),
        ] {
            let text = edited(before).expect("changed");
            assert_eq!(text, after);
            assert_eq!(edited(&text), None, "the second time changes nothing");
        }
    }

    #[test]
    fn a_checkout_and_a_workspace_are_named() {
        let checkout = Origin::Checkout(PathBuf::from("../migrate"));
        let text = add("", None, &checkout, Path::new(SHOWN)).expect("a manifest").expect("changed");
        assert!(text.contains("migrate-runtime = { path = \"../migrate/migrate-runtime\" }"), "{text}");
        let workspace = "[workspace.dependencies]\nmigrate-runtime = \"0.1\"\n";
        let text = add("", Some(workspace), &Origin::Registry, Path::new(SHOWN)).expect("a manifest").expect("changed");
        assert!(text.contains("migrate-runtime = { workspace = true }"), "{text}");
        assert!(text.contains("migrate-build = \"0.1.0\""), "{text}");
    }

    #[test]
    fn the_build_script_is_where_the_manifest_says() {
        let read = |text: &str| build_script(text, Path::new(SHOWN)).map_err(|failure| failure.to_string());
        assert_eq!(read("[package]\nname = \"a\""), Ok(BuildScript::Default));
        assert_eq!(read("[package]\nbuild = true"), Ok(BuildScript::Default));
        assert_eq!(read("[package]\nbuild = \"b/main.rs\""), Ok(BuildScript::At("b/main.rs".into())));
        assert!(read("[package]\nbuild = false").expect_err("off").contains("turns the build script off"));
        assert!(read("[package]\nbuild = [\"a.rs\"]").expect_err("several").contains("not the path of one"));
    }
}
