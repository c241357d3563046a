//! From a message to a slug: the lowercase ASCII words that name a folder and an enum variant.

/// A slug is cut at a word before it gets longer than this.
const LONGEST: usize = 60;

/// The slug of a message in any script; none where the message has no letter and no digit.
pub(crate) fn slug(message: &str) -> Option<String> {
    let ascii = deunicode::deunicode_with_tofu(message, " ").to_ascii_lowercase();
    // An apostrophe belongs to its word: "user's" is one.
    let ascii = ascii.replace('\'', "");
    let mut slug = String::new();
    for word in ascii.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if slug.is_empty() {
            slug.push_str(&word[..word.len().min(LONGEST)]);
        } else if slug.len() + 1 + word.len() <= LONGEST {
            slug.push('_');
            slug.push_str(word);
        } else {
            break;
        }
    }
    (!slug.is_empty()).then_some(slug)
}

/// A message as a summary: one line, single spaces, nothing that a terminal or a compiler would take as an instruction.
pub(crate) fn summary(message: &str) -> String {
    let visible: String = message
        .chars()
        // Rust refuses text direction marks in comments, and the summary becomes a doc comment.
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_message_gives_a_safe_slug_or_none() {
        let long = "word ".repeat(100);
        let unbroken = "x".repeat(500);
        for (message, expected) in [
            ("create users", Some("create_users")),
            ("  Create   Users!  ", Some("create_users")),
            ("Größe der Straße ändern", Some("grosse_der_strasse_andern")),
            ("добавить пользователей", Some("dobavit_polzovatelei")),
            ("ユーザー", Some("yuza")),
            ("user's e-mail", Some("users_e_mail")),
            ("it’s", Some("its")),
            ("\"; DROP TABLE users; --", Some("drop_table_users")),
            ("../../x", Some("x")),
            ("/etc/passwd", Some("etc_passwd")),
            ("C:\\x", Some("c_x")),
            ("a\nb\tc\0d", Some("a_b_c_d")),
            ("2fa", Some("2fa")),
            ("snake_case__and-kebab", Some("snake_case_and_kebab")),
            ("self", Some("self")),
            ("", None),
            ("  ", None),
            ("!?…", None),
            ("\u{202e}", None),
        ] {
            assert_eq!(slug(message).as_deref(), expected, "{message:?}");
        }
        assert_eq!(slug(&long).expect("words").len(), 59);
        assert_eq!(slug(&unbroken).expect("letters").len(), 60);
    }

    #[test]
    fn every_slug_is_a_slug() {
        for c in (0..=0x2_ffff_u32).filter_map(char::from_u32) {
            if let Some(slug) = slug(&c.to_string()) {
                assert!(
                    slug.split('_').all(|word| {
                        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                    }),
                    "{c:?} gives {slug:?}"
                );
            }
        }
    }

    #[test]
    fn a_summary_is_one_clean_line() {
        for (message, expected) in [
            ("create users", "create users"),
            (" a\r\n\tb\u{1b}[31mc ", "a b [31mc"),
            ("Größe", "Größe"),
            ("a\u{202e}b", "ab"),
            ("parent: 3", "parent: 3"),
        ] {
            assert_eq!(summary(message), expected, "{message:?}");
        }
    }
}
