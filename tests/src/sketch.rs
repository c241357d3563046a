//! A revision graph written down in a line each, as a folder of revisions whose scripts are unfinished.

use crate::project::Project;

impl Project {
    /// A folder `migrations` with the revisions of a sketch; `ID: PARENT… @LABEL… >DEPENDENCY…`, one a line:
    ///
    /// ```text
    /// acc1: @accounts
    /// acc2: acc1
    /// net1: >acc2
    /// join: acc2 net1
    /// ```
    ///
    /// Each makes a table of its own name.
    #[must_use]
    pub fn sketch(sketch: &str) -> Self {
        let project = Self::empty();
        project.make_folder("migrations");
        for line in sketch.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (id, rest) = line.split_once(':').unwrap_or((line, ""));
            let words = |mark: &str| {
                let words = rest.split_whitespace().filter_map(|word| word.strip_prefix(mark));
                words.collect::<Vec<_>>().join(", ")
            };
            let plain = |word: &&str| !word.starts_with(['@', '>']);
            let parents = rest.split_whitespace().filter(plain).collect::<Vec<_>>().join(", ");
            let parents = if parents.is_empty() { "base".to_owned() } else { parents };
            let mut header = format!("--! Make {id}.\n--!\n--! parent: {parents}\n");
            for (key, values) in [("branch-label", words("@")), ("depends-on", words(">"))] {
                if !values.is_empty() {
                    header += &format!("--! {key}: {values}\n");
                }
            }
            project.write(&format!("migrations/{id}_make_{id}/up.sql"), &header);
        }
        project
    }

    /// Writes the scripts that a sketch leaves out: each revision makes a table of its own name.
    pub fn finish_scripts(&self) {
        for (path, header) in self.files() {
            if let Some(folder) = path.strip_suffix("/up.sql") {
                let (_, table) = folder.split_once("_make_").unwrap_or_else(|| panic!("{folder} is no sketch's"));
                self.write(&path, &format!("{header}\nCREATE TABLE {table} ();\n"));
                self.write(&format!("{folder}/down.sql"), &format!("DROP TABLE {table};\n"));
            }
        }
    }
}
