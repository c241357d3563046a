//! ISBNs of ten digits, as books had them before 2007, and those of thirteen.

/// The 13-digit form of a 10-digit ISBN, written with or without hyphens; none when its check digit is wrong.
pub(crate) fn to_isbn_13(isbn_10: &str) -> Option<String> {
    let digits: Vec<u32> = isbn_10
        .chars()
        .filter(|c| *c != '-')
        .enumerate()
        .map(|(index, c)| if c == 'X' && index == 9 { Some(10) } else { c.to_digit(10) })
        .collect::<Option<_>>()?;
    let checksum: u32 = digits.iter().zip((1..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    if digits.len() != 10 || !checksum.is_multiple_of(11) {
        return None;
    }
    let body: Vec<u32> = [9, 7, 8].into_iter().chain(digits[..9].iter().copied()).collect();
    let sum: u32 = body.iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    let check = (10 - sum % 10) % 10;
    Some(body.into_iter().chain([check]).map(|digit| digit.to_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::to_isbn_13;

    #[test]
    fn an_isbn_is_converted_and_a_wrong_one_is_not() {
        assert_eq!(to_isbn_13("0-262-51087-1").as_deref(), Some("9780262510875"));
        assert_eq!(to_isbn_13("013215871X").as_deref(), Some("9780132158718"));
        for wrong in ["0-262-51087-2", "0-262-51087", "0-262-51087-1-1", "X132158710", "", "abcdefghij"] {
            assert_eq!(to_isbn_13(wrong), None, "{wrong}");
        }
    }
}
