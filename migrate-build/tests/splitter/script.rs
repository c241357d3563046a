//! Scripts put together from statements that are known, so that the right split is known before the splitter is asked.
//!
//! Every statement is one that the server's parser takes; what is inside quotes and comments is made of all that could
//! lead a splitter astray.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A script and its statements, in order.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) statements: Vec<String>,
}

/// Scripts of up to six statements.
pub(crate) fn scripts() -> impl Strategy<Value = Script> {
    let ends = select(vec!["", "\n", "-- no end of line; 'x", "/* ; */", " ;\r\n;"]);
    (optional_gap(), vec((statement(), separator()), 0..7), any::<bool>(), ends).prop_map(
        |(mut text, parts, is_closed, end)| {
            let n_parts = parts.len();
            let mut statements = Vec::new();
            for (n, (statement, separator)) in parts.into_iter().enumerate() {
                text += &statement;
                // The last semicolon may be missing.
                if n + 1 < n_parts || is_closed {
                    text += &separator;
                }
                statements.push(statement);
            }
            Script { text: text + end, statements }
        },
    )
}

/// One semicolon or several with nothing between them.
fn separator() -> impl Strategy<Value = String> {
    (optional_gap(), vec(optional_gap(), 1..3))
        .prop_map(|(before, after)| before + &after.iter().map(|gap| format!(";{gap}")).collect::<String>())
}

/// Tokens and what stands between them.
fn statement() -> impl Strategy<Value = String> {
    (tokens(), vec(gap(), 1..6)).prop_map(|(tokens, gaps)| {
        let (first, rest) = tokens.split_first().expect("a statement has a token");
        let rest = rest.iter().zip(gaps.iter().cycle());
        rest.fold(first.clone(), |text, (token, gap)| text + gap + token)
    })
}

fn tokens() -> impl Strategy<Value = Vec<String>> {
    // Words that mean something to a splitter, where they mean nothing.
    let misleading = select(vec![
        "SELECT 1 AS end",
        "SELECT begin atomic FROM ( SELECT 1 AS begin ) AS t",
        "SELECT begin . atomic FROM ( SELECT 1 AS atomic ) AS begin",
        "SELECT CASE WHEN true THEN CASE 1 WHEN 1 THEN 2 END END AS atomic",
        "CREATE TABLE atomic ( begin int , function text )",
        "CREATE FUNCTION begin ( atomic int ) RETURNS int LANGUAGE sql AS ''",
        "COMMENT ON FUNCTION begin ( int ) IS NULL",
    ]);
    prop_oneof![
        3 => query(),
        1 => misleading.prop_map(words),
        1 => literal().prop_map(|text| words("COMMENT ON TABLE t IS") + [text]),
        1 => (dollar_quoted(), any::<bool>()).prop_map(|(body, is_do)| match is_do {
            true => words("DO") + [body],
            false => words("CREATE FUNCTION f ( ) RETURNS trigger AS") + [body] + words("LANGUAGE plpgsql"),
        }),
        2 => (select(vec!["FUNCTION f ( ) RETURNS int", "OR REPLACE PROCEDURE p ( )"]), body(any_in_body().boxed()))
            .prop_map(|(what, body)| words("CREATE") + words(what) + words("BEGIN ATOMIC") + body + words("END")),
        1 => body(query().boxed())
            .prop_map(|actions| words("CREATE RULE r AS ON INSERT TO t DO ALSO (") + actions + words(")")),
    ]
    .prop_map(|Tokens(tokens)| tokens)
}

/// Statements inside a statement, each with its semicolon; some are empty.
fn body(statement: BoxedStrategy<Tokens>) -> impl Strategy<Value = Tokens> {
    let statement = prop_oneof![4 => statement, 1 => Just(Tokens(Vec::new()))];
    vec(statement, 0..4).prop_map(|all| all.into_iter().fold(Tokens(Vec::new()), |body, one| body + one + words(";")))
}

fn any_in_body() -> impl Strategy<Value = Tokens> {
    let case = (select(vec!["SELECT", "RETURN"]), value(), value()).prop_map(|(verb, one, other)| {
        let inner = words("CASE 1 WHEN 1 THEN") + other + words("END");
        words(verb) + words("CASE WHEN true THEN") + one + words("ELSE") + inner + words("END")
    });
    prop_oneof![query(), case]
}

fn query() -> impl Strategy<Value = Tokens> {
    vec((value(), proptest::option::of(name())), 1..4).prop_map(|columns| {
        columns.into_iter().enumerate().fold(words("SELECT"), |query, (n, (value, name))| {
            let query = if n == 0 { query } else { query + words(",") } + value;
            name.into_iter().fold(query, |query, name| query + words("AS") + [name])
        })
    })
}

fn value() -> impl Strategy<Value = Tokens> {
    let plain = select(vec!["1", ".5", "1.5e-3", "1 + 2", "2 * 3", "1::int", "B'01'", "x'1F'", "N'n'", "( SELECT 1 )"]);
    prop_oneof![
        plain.prop_map(words),
        literal().prop_map(|text| Tokens(vec![text])),
        literal().prop_map(|text| words("( SELECT") + [text] + words(")")),
    ]
}

fn literal() -> impl Strategy<Value = String> {
    let doubled = |text: String| text.replace('\'', "''");
    let escaped = |text: String| text.replace('\\', "\\\\").replace('\'', "\\'");
    prop_oneof![
        troublesome().prop_map(move |text| format!("'{}'", doubled(text))),
        troublesome().prop_map(move |text| format!("E'{}'", doubled(text.replace('\\', "\\\\")))),
        troublesome().prop_map(move |text| format!("U&'{}'", doubled(text.replace('\\', "\\0061")))),
        // They go on in a later line, with the escapes that they began with.
        (troublesome(), troublesome()).prop_map(move |(one, two)| format!(
            "'{}' -- ;'\n '{}'",
            doubled(one),
            doubled(two)
        )),
        (troublesome(), troublesome()).prop_map(move |(one, two)| format!("e'{}'\n\n'{}'", escaped(one), escaped(two))),
        dollar_quoted(),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let doubled = |text: String| text.replace('"', "\"\"");
    prop_oneof![
        troublesome().prop_map(move |text| format!("\"n{}\"", doubled(text))),
        troublesome().prop_map(move |text| format!("U&\"n{}\"", doubled(text.replace('\\', "\\0061")))),
        select(vec!["a", "größe", "日本", "a$b$"]).prop_map(str::to_owned),
    ]
}

fn dollar_quoted() -> impl Strategy<Value = String> {
    (select(vec!["$$", "$a$", "$A$", "$é_1$"]), troublesome()).prop_map(|(delimiter, text)| {
        // What would end it sooner cannot be in it.
        let closed = format!("{text}{delimiter}");
        let text = if closed.find(delimiter) == Some(text.len()) { text } else { text.replace('$', "") };
        format!("{delimiter}{text}{delimiter}")
    })
}

fn optional_gap() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), gap()]
}

/// What may stand between two tokens.
fn gap() -> impl Strategy<Value = String> {
    let space = select(vec![" ", "\n", "\r\n", "\t", "\r", "\u{c}", "  "]).prop_map(str::to_owned);
    let line = (troublesome(), select(vec!["\n", "\r\n", "\r"]))
        .prop_map(|(text, end)| format!("--{}{end}", text.replace(['\n', '\r'], " ")));
    let no_comment = |text: String| text.replace("/*", "").replace("*/", "");
    let block = (troublesome(), any::<bool>()).prop_map(move |(text, nests)| {
        let text = no_comment(text);
        if nests { format!("/* {text} /* {text} */ ; */") } else { format!("/*{text}*/") }
    });
    vec(prop_oneof![3 => space, 1 => line, 1 => block], 1..4).prop_map(|parts| parts.concat())
}

fn troublesome() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        ";",
        "'",
        "\"",
        "$$",
        "$a$",
        "$a",
        "$",
        "--",
        "/*",
        "*/",
        "\\",
        "(",
        ")",
        "BEGIN ATOMIC ",
        " END",
        "CASE ",
        "é",
        "日本",
        "😀",
        "\u{feff}",
        "\u{a0}",
        "\n",
        "\r\n",
        " ",
        "a",
        "\\.",
        "E'",
        "U&'",
    ];
    vec(select(PIECES), 0..6).prop_map(|pieces| pieces.concat())
}

/// A part of a statement.
#[derive(Clone, Debug)]
struct Tokens(Vec<String>);

fn words(text: &str) -> Tokens {
    Tokens(text.split(' ').map(str::to_owned).collect())
}

impl<T: IntoIterator<Item = String>> std::ops::Add<T> for Tokens {
    type Output = Self;

    fn add(mut self, tokens: T) -> Self {
        self.0.extend(tokens);
        self
    }
}

impl IntoIterator for Tokens {
    type Item = String;
    type IntoIter = std::vec::IntoIter<String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
