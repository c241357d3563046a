//! Positions as the stations were entered by hand, such as `48°12′30″N`, and as decimal degrees.

/// The decimal degrees of a latitude or a longitude, south and west negative; none when it cannot be read.
pub(crate) fn to_degrees(text: &str) -> Option<f64> {
    let (magnitude, sign, limit) = match text.char_indices().next_back()? {
        (end, 'N') => (&text[..end], 1.0, 90.0),
        (end, 'S') => (&text[..end], -1.0, 90.0),
        (end, 'E') => (&text[..end], 1.0, 180.0),
        (end, 'W') => (&text[..end], -1.0, 180.0),
        _ => return None,
    };
    let (degrees, rest) = magnitude.split_once('°')?;
    let (minutes, rest) = rest.split_once('′')?;
    let seconds = rest.strip_suffix('″')?;
    let [degrees, minutes, seconds] = [degrees, minutes, seconds].map(|part| part.parse::<u16>().ok().map(f64::from));
    let (degrees, minutes, seconds) = (degrees?, minutes?, seconds?);
    let position = degrees + minutes / 60.0 + seconds / 3600.0;
    (minutes < 60.0 && seconds < 60.0 && position <= limit).then_some(sign * position)
}

#[cfg(test)]
mod tests {
    use super::to_degrees;

    #[test]
    fn a_position_is_converted_and_a_wrong_one_is_not() {
        assert_eq!(to_degrees("48°12′30″N"), Some(48.208_333_333_333_336));
        assert_eq!(to_degrees("16°30′0″W"), Some(-16.5));
        for wrong in ["", "N", "48°12′30″", "48°60′0″N", "90°0′1″N", "-1°0′0″E", "48 12 30 N"] {
            assert_eq!(to_degrees(wrong), None, "{wrong}");
        }
    }
}
