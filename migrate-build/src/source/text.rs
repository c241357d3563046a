//! The text of a file: all of it, or as much as its header takes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use migrate_runtime::table::Position;

use super::{Entry, Kind, unreadable};
use crate::header::Style;
use crate::problem::Problem;

/// A file and its text: without a byte order mark, and with `\n` for `\r\n`.
pub(crate) struct Text {
    pub(crate) path: PathBuf,
    pub(crate) shown: PathBuf,
    pub(crate) text: String,
}

/// The most bytes that a file of a revision may have.
const LARGEST: u64 = 16 << 20;

/// How much is read at first of a file of which only the header is wanted; nearly every header is shorter.
const HEADER: usize = 4096;

/// Reads a file; where the style of its header is given, as much as the header takes.
pub(super) fn read(file: Entry, style: Option<Style>) -> Result<Text, Problem> {
    let Entry { path, shown, kind, .. } = file;
    if kind == Kind::Folder {
        return Err(Problem::new(shown, "a folder where a file should be").help("rename or delete it"));
    }
    if kind != Kind::File {
        return Err(Problem::new(shown, "not a regular file").help("replace it by a file"));
    }
    let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
    if style.is_none() && size > LARGEST {
        let message = format!("the file has {} MiB, and a revision may have {}", size >> 20, LARGEST >> 20);
        return Err(Problem::new(shown, message).help(
            "every binary would carry it, and a run send it in one message: load such data in a Rust revision, in batches \
             or with COPY, from a file beside the binary: `cargo migrate new --rust`",
        ));
    }
    let bytes = match style {
        None => fs::read(&path),
        Some(style) => header(&path, style),
    };
    match decode(bytes.map_err(|error| unreadable(&shown, &error))?) {
        Ok(text) => Ok(Text { path, shown, text }),
        Err((position, message)) => Err(Problem::new(shown, message).at(position).help("save the file as UTF-8 text")),
    }
}

/// The lines of a file up to the first that is neither blank nor its header's, and that one too.
fn header(path: &Path, style: Style) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut buffer = [0; HEADER];
    let n_bytes = file.read(&mut buffer)?;
    let bytes = &buffer[..n_bytes];
    if let Some(end) = end_of_header(bytes, style) {
        return Ok(bytes[..end].to_vec());
    }
    let mut bytes = bytes.to_vec();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where the first whole line ends that is neither blank nor the header's.
fn end_of_header(bytes: &[u8], style: Style) -> Option<usize> {
    let mark = if bytes.starts_with("\u{feff}".as_bytes()) { "\u{feff}".len() } else { 0 };
    let mut end = mark;
    for line in bytes[mark..].split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        if !line.ends_with(b"\n") {
            return None;
        }
        if !line.trim_ascii().is_empty() && !line.starts_with(style.marker().as_bytes()) {
            return Some(end);
        }
    }
    None
}

/// The text of a file without a byte order mark and with `\n` for `\r\n`; or where it is no text, and why.
fn decode(bytes: Vec<u8>) -> Result<String, (Position, String)> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = without_mark(&String::from_utf8_lossy(&error.as_bytes()[..valid])).to_owned();
        (Position::of(&before, before.len()), format!("the byte 0x{:02x} is not UTF-8", error.as_bytes()[valid]))
    })?;
    let text = without_mark(&text);
    if let Some(nul) = text.find('\0') {
        return Err((Position::of(text, nul), "a NUL byte, which Postgres does not take".to_owned()));
    }
    Ok(text.replace("\r\n", "\n"))
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_no_binary_should_carry_is_refused_by_its_size() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("up.sql");
        let entry = || Entry { name: "up.sql".into(), path: path.clone(), shown: "up.sql".into(), kind: Kind::File };
        File::create(&path).and_then(|file| file.set_len(200 << 20)).expect("made");
        let report = read(entry(), None).err().expect("refused").to_string();
        assert!(report.contains("the file has 200 MiB, and a revision may have 16"), "{report}");
        assert!(report.contains("load such data in a Rust revision"), "{report}");
        File::create(&path).and_then(|file| file.set_len(LARGEST)).expect("made");
        let report = read(entry(), None).err().expect("zeros are no text").to_string();
        assert!(report.contains("NUL"), "{report}");
    }

    #[test]
    fn text_is_normalised() {
        for (bytes, expected) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("\u{feff}a\r\n", "a\n"),
            ("a\rb\r\r\n", "a\rb\r\n"),
            ("\u{feff}\u{feff}a", "\u{feff}a"),
            ("", ""),
        ] {
            assert_eq!(decode(bytes.as_bytes().to_vec()).unwrap(), expected);
        }
    }

    #[test]
    fn bytes_that_are_no_text_have_a_place() {
        let (position, message) = decode(b"\xef\xbb\xbfa\r\n\xc3\xa9b\xff".to_vec()).unwrap_err();
        assert_eq!((position.line, position.column, message.as_str()), (2, 3, "the byte 0xff is not UTF-8"));
        let (position, _) = decode(b"a\n\xc3\xa9\0".to_vec()).unwrap_err();
        assert_eq!((position.line, position.column), (2, 2));
    }

    #[test]
    fn a_header_is_read_whole_and_hardly_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("up.sql");
        let long_body = "SELECT 'é';\n".repeat(10_000);
        let long_header = format!("--! A.\n--!\n{}--! parent: base\n", "--!\n".repeat(5_000));
        for (text, most) in [
            (format!("--! A.\n--!\n--! parent: base\n\n{long_body}"), 50),
            (format!("\u{feff}\n\n--! A.\n--!\n--! parent: base\n\n{long_body}"), 50),
            (format!("--! A.\n--!\n--! parent: base\nSELECT 1;\n--! cut: off\n{long_body}"), 50),
            (format!("{long_header}\n{long_body}"), usize::MAX),
            ("--! A.\n--!\n--! parent: base".to_owned(), HEADER),
            (format!("SELECT '{}", "é".repeat(10_000)), usize::MAX),
            (String::new(), 0),
        ] {
            fs::write(&path, &text).expect("written");
            let read = decode(header(&path, Style::Sql).expect("read")).expect("whole characters");
            let whole = decode(text.clone().into_bytes()).expect("text");
            assert!(whole.starts_with(&read) && read.len() <= most, "{} bytes of {}", read.len(), text.len());
            let parsed = |text: &str| crate::header::parse(text, Style::Sql).map(|parsed| parsed.header);
            assert_eq!(parsed(&read).ok(), parsed(&whole).ok());
        }
    }
}
