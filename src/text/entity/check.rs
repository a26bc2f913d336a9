//! Check digits.

/// Whether the digits of `text` (12 to 19; spaces and hyphens are skipped) satisfy Luhn's sum, as card numbers do.
///
/// Source: ISO/IEC 7812-1, annex B.
#[must_use]
pub fn luhn(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    (2..=40).contains(&digits.len()) && sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

/// Whether `iban`, spaces apart, satisfies the sum of ISO 13616: moved by four, letters as 10 to 35, 1 modulo 97.
#[must_use]
pub fn mod97(iban: &str) -> bool {
    let letters: Vec<char> = iban.chars().filter(|c| !c.is_whitespace()).collect();
    if !(5..=40).contains(&letters.len()) {
        return false;
    }
    let (head, tail) = letters.split_at(4);
    let mut remainder = 0;
    for c in tail.iter().chain(head) {
        let Some(value) = c.to_digit(36) else { return false };
        remainder = (remainder * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    remainder == 1
}

/// Whether the sum of all digits but the last, modulo 7, is the last, as in `AW-204518-6`.
#[must_use]
pub fn mod7(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    match digits.split_last() {
        Some((last, rest)) if !rest.is_empty() => rest.iter().sum::<u32>() % 7 == *last,
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_numbers_pass_and_one_wrong_digit_fails() {
        assert!(luhn("4111 1111 1111 1111") && !luhn("4111 1111 1111 1112") && !luhn("0000000000000000") && !luhn(""));
        assert!(mod97("GB29 NWBK 6016 1331 9268 19") && !mod97("GB29 NWBK 6016 1331 9268 18") && !mod97("GB29-x") && !mod97(""));
        assert!(mod97("FR1420041010050500013M02606") && mod97("fr1420041010050500013m02606"));
        assert!(mod7("AW-204518-6") && !mod7("AW-204518-5") && !mod7("6") && !mod7(""));
    }
}
