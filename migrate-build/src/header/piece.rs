//! Cuts a header into pieces that know where they were.

use std::ops::Range;

use super::{KEYS, Style};

/// A part of the text and the byte where it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'t> {
    pub(super) text: &'t str,
    pub(super) offset: usize,
}

impl<'t> Piece<'t> {
    fn trimmed(self) -> Self {
        // The end first: of a blank line nothing is left, and that is where the line began and not on the next one.
        let from_start = self.text.trim_end();
        let text = from_start.trim_start();
        Self { offset: self.offset + (from_start.len() - text.len()), text }
    }

    /// The key and the value of a `key: value` line.
    pub(super) fn key(self) -> Option<(Self, Self)> {
        let (key, value) = self.text.split_once(':')?;
        let value = Self { text: value, offset: self.offset + key.len() + 1 };
        Some((Self { text: key, offset: self.offset }.trimmed(), value.trimmed()))
    }

    /// The bytes that it is.
    pub(super) fn range(self) -> Range<usize> {
        self.offset..self.offset + self.text.len()
    }

    pub(super) fn is_known_key(self) -> bool {
        self.key().is_some_and(|(key, _)| KEYS.contains(&key.text))
    }

    /// The values of a comma-separated list.
    pub(super) fn list(self) -> Vec<Self> {
        let mut offset = self.offset;
        let pieces = self.text.split(',').map(|text| {
            let piece = Self { text, offset };
            offset += text.len() + 1;
            piece.trimmed()
        });
        pieces.collect()
    }
}

/// The lines of the leading block without their marker, and the byte where the block ends.
pub(super) fn block(text: &str, style: Style) -> (Vec<Piece<'_>>, usize) {
    let mut lines = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        match line.strip_prefix(style.marker()) {
            Some(rest) => {
                lines.push(Piece { text: rest, offset: offset + style.marker().len() }.trimmed());
                offset += line.len();
            }
            None if lines.is_empty() && line.trim().is_empty() => offset += line.len(),
            None => break,
        }
    }
    let body = if lines.is_empty() { 0 } else { offset };
    (lines, body)
}
