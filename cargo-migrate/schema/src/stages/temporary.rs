//! Names of what lasts for a moment.

/// A name has no more bytes than this (`NAMEDATALEN`).
const LONGEST: usize = 63;

/// The name that is wanted, or one like it that is not taken.
pub(super) fn name(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut n = 0_u32;
    loop {
        let ending = if n == 0 { String::new() } else { n.to_string() };
        let mut name = wanted.to_owned();
        while name.len() + ending.len() > LONGEST {
            name.pop();
        }
        name.push_str(&ending);
        if !is_taken(&name) {
            return name;
        }
        n += 1;
    }
}
