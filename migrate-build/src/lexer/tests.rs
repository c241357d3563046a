use super::*;

/// The tokens, each with a letter for its kind; an error is the last.
fn tokens(sql: &str) -> Vec<String> {
    let token = |token: Result<Token<'_>, LexError>| match token {
        Ok(token) => {
            assert_eq!(&sql[token.start..token.end()], token.text);
            let kind = match token.kind {
                Kind::Word => 'w',
                Kind::Name => 'n',
                Kind::Text => 't',
                Kind::Number => '0',
                Kind::Symbol => 's',
                Kind::Comment => 'c',
            };
            format!("{kind} {}", token.text)
        }
        Err(error) => format!("! {} {}", error.offset, error.message),
    };
    Lexer::new(sql).map(token).collect()
}

#[test]
fn tokens_are_those_of_the_server() {
    let cases: &[(&str, &[&str])] = &[
        ("", &[]),
        (" \t\r\n\x0b\x0c", &[]),
        ("SELECT a_1, _b$2", &["w SELECT", "w a_1", "s ,", "w _b$2"]),
        ("größe ÑÑ$x 日本", &["w größe", "w ÑÑ$x", "w 日本"]),
        ("\u{a0}x", &["w \u{a0}x"]),
        // Strings.
        ("'it''s' 'b'", &["t 'it''s'", "t 'b'"]),
        ("'a\\' b", &["t 'a\\'", "w b"]),
        (r"E'a\'b' c", &[r"t E'a\'b'", "w c"]),
        (r"e'\\' c", &[r"t e'\\'", "w c"]),
        (r"E'a''\'' c", &[r"t E'a''\''", "w c"]),
        ("B'01' x'1F' N'n' c", &["t B'01'", "t x'1F'", "t N'n'", "w c"]),
        ("U&'d\\0061' UESCAPE '!'", &["t U&'d\\0061'", "w UESCAPE", "t '!'"]),
        ("u&\"a\"\"b\" U& x", &["n u&\"a\"\"b\"", "w U", "s &", "w x"]),
        ("like'x'", &["w like", "t 'x'"]),
        ("'a\n;b'", &["t 'a\n;b'"]),
        // A string goes on in the next line, with the escapes that it began with.
        ("'a'\n'b' c", &["t 'a'\n'b'", "w c"]),
        ("E'a' -- x\n  '\\'b' c", &["t E'a' -- x\n  '\\'b'", "w c"]),
        ("'a' 'b'", &["t 'a'", "t 'b'"]),
        ("'a' /* \n */ 'b'", &["t 'a'", "c /* \n */", "t 'b'"]),
        ("'a' -- x", &["t 'a'", "c -- x"]),
        ("'a'\n-- x\n;", &["t 'a'", "c -- x", "s ;"]),
        // Names.
        ("\"a;\"\"'\"b", &["n \"a;\"\"'\"", "w b"]),
        // Dollar quotes.
        ("$$a;'$$b", &["t $$a;'$$", "w b"]),
        ("$x$ $$ $y$ $x$ z", &["t $x$ $$ $y$ $x$", "w z"]),
        ("$x$ $xx$x$", &["t $x$ $xx$x$"]),
        ("$a$ $b$a$", &["t $a$ $b$a$"]),
        ("$X$ $x$ $X$", &["t $X$ $x$ $X$"]),
        ("$é_1$;$é_1$", &["t $é_1$;$é_1$"]),
        ("a$b$ c", &["w a$b$", "w c"]),
        ("f($1,$2)", &["w f", "s (", "0 $1", "s ,", "0 $2", "s )"]),
        ("$1$ $", &["0 $1", "s $", "s $"]),
        ("1$a$;$a$", &["0 1", "t $a$;$a$"]),
        ("$a b$", &["s $", "w a", "w b$"]),
        ("a+$$b$$", &["w a", "s +", "t $$b$$"]),
        // Comments.
        ("a -- b;\nc", &["w a", "c -- b;", "w c"]),
        ("a--b\rc", &["w a", "c --b", "w c"]),
        ("a /* b /* ; */ c */ d", &["w a", "c /* b /* ; */ c */", "w d"]),
        ("/* -- */ a", &["c /* -- */", "w a"]),
        ("/* ' */ a", &["c /* ' */", "w a"]),
        ("/*/**/*/ a", &["c /*/**/*/", "w a"]),
        ("--", &["c --"]),
        ("-- it's\n'x'", &["c -- it's", "t 'x'"]),
        // Operators.
        ("a*/b", &["w a", "s */", "w b"]),
        ("a<--b", &["w a", "s <", "c --b"]),
        ("a+/*b*/c", &["w a", "s +", "c /*b*/", "w c"]),
        ("a->>'b' #>> c", &["w a", "s ->>", "t 'b'", "s #>>", "w c"]),
        ("a=-1", &["w a", "s =", "s -", "0 1"]),
        ("a@-1", &["w a", "s @-", "0 1"]),
        ("a::int[] := b.c", &["w a", "s ::", "w int", "s [", "s ]", "s :=", "w b", "s .", "w c"]),
        // Numbers.
        ("1 2.5 .5 5. 1e3 1.5E-3 1_000", &["0 1", "0 2.5", "0 .5", "0 5.", "0 1e3", "0 1.5E-3", "0 1_000"]),
        ("0x1F 0b01 0o7 0x", &["0 0x1F", "0 0b01", "0 0o7", "0 0", "w x"]),
        ("1..10", &["0 1", "s ..", "0 10"]),
        ("1e", &["0 1", "w e"]),
        ("0b'01'", &["0 0", "t b'01'"]),
        ("\\d t", &["s \\", "w d", "w t"]),
        ("{}", &["s {", "s }"]),
        // What does not end.
        ("a 'b;", &["w a", "! 2 unterminated string"]),
        ("E'a\\'", &["! 0 unterminated string"]),
        ("E'a\\", &["! 0 unterminated string"]),
        ("'a'\n'b", &["! 0 unterminated string"]),
        ("a \"b", &["w a", "! 2 unterminated quoted name"]),
        ("a /* /* */", &["w a", "! 2 unterminated comment"]),
        ("/*/", &["! 0 unterminated comment"]),
        ("DO $x$ $y$", &["w DO", "! 3 unterminated dollar-quoted string $x$"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(tokens(sql), *expected, "{sql:?}");
    }
}

proptest::proptest! {
    // What fails becomes a case above and not a file of failed cases.
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_character_is_white_space_or_in_one_token(
        sql in r#"(['"$;()/*eEuU&\\ \n\r-]|\$[a-z]?\$|--|/\*|\*/|[a-zé0-9.:+@])*"#
    ) {
        let mut at = 0;
        for token in Lexer::new(&sql) {
            match token {
                Ok(token) => {
                    proptest::prop_assert!(sql[at..token.start].bytes().all(is_space));
                    proptest::prop_assert!(!token.text.is_empty());
                    at = token.end();
                }
                Err(error) => {
                    proptest::prop_assert!(sql[at..error.offset].bytes().all(is_space));
                    at = sql.len();
                }
            }
        }
        proptest::prop_assert!(sql[at..].bytes().all(is_space));
    }
}
