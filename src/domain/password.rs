//! Passwords as people choose and type them: long enough, in one spelling, and not among the first that anybody tries.

use std::collections::BTreeSet;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

/// The fewest characters of a password that somebody chooses.
///
/// Longer than the 8 that NIST SP 800-63B (section 3.1.1.2) asks for beside a second factor, for there is none here.
pub const SHORTEST_CHARS: usize = 12;
/// The most characters of a password.
pub const LONGEST_CHARS: usize = 128;

/// Fewer different characters than this are a pattern, not a password.
const FEWEST_DIFFERENT: usize = 5;

/// Passwords of 12 characters and more that are tried first; in lower case, one a line.
const COMMON: &str = include_str!("common_passwords.txt");

/// A password in its one spelling; `Debug` never shows it.
#[derive(Clone)]
pub struct Password(SecretString);

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It has too few characters.
    #[error("too short: use {SHORTEST_CHARS} to {LONGEST_CHARS} characters, such as four words that do not belong together")]
    Short,
    /// It has too many characters.
    #[error("too long: use {SHORTEST_CHARS} to {LONGEST_CHARS} characters")]
    Long,
    /// It is among the first that anybody tries.
    #[error("too easy to guess: it is a common password or a simple pattern; use, for example, four words that do not belong together")]
    Common,
}

impl Password {
    /// A password that somebody chooses.
    ///
    /// # Errors
    /// [`WeakPassword`] says what is wrong with it.
    pub fn choose(given: &str) -> Result<Self, WeakPassword> {
        let Some(password) = Self::typed(given) else { return Err(WeakPassword::Long) };
        let text = password.expose();
        if text.chars().count() < SHORTEST_CHARS {
            return Err(WeakPassword::Short);
        }
        let plain = text.to_lowercase();
        let different: BTreeSet<char> = plain.chars().collect();
        if different.len() < FEWEST_DIFFERENT || is_a_run(&plain) || COMMON.lines().any(|common| common == plain) {
            return Err(WeakPassword::Common);
        }
        Ok(password)
    }

    /// A password that somebody types to sign in; `None` when it is longer than any that could have been chosen.
    ///
    /// The same characters come from different keyboards in different codes: all are brought to normalisation form KC, as NIST SP
    /// 800-63B (section 3.1.1.2) and RFC 8265 advise.
    #[must_use]
    pub fn typed(given: &str) -> Option<Self> {
        // Normalising can make one character into many; what is absurdly long is not even looked at.
        if given.chars().nth(LONGEST_CHARS).is_some() {
            return None;
        }
        let text: String = given.nfkc().collect();
        (text.chars().count() <= LONGEST_CHARS).then(|| Self(text.into()))
    }

    /// The text, to be hashed.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Whether every character is the one after, or the one before, the last: `abcdefghijkl`, `987654321098`.
fn is_a_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let follows = |step: i64| {
        codes.windows(2).all(|pair| {
            let to = pair[0] + step;
            pair[1] == to
                || (pair[0], pair[1], step) == (i64::from(b'9'), i64::from(b'0'), 1)
                || (pair[0], pair[1], step) == (i64::from(b'0'), i64::from(b'9'), -1)
        })
    };
    follows(1) || follows(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_and_not_too_long() {
        assert_eq!(Password::choose("kelp-otter9").unwrap_err(), WeakPassword::Short);
        assert!(Password::choose("kelp-otter 9").is_ok());
        let long = "kelp ".repeat(25) + "abc";
        assert!(Password::choose(&long).is_ok());
        assert_eq!(Password::choose(&(long + "d")).unwrap_err(), WeakPassword::Long);
        assert_eq!(Password::choose(&"x".repeat(1 << 20)).unwrap_err(), WeakPassword::Long);
        // Twelve characters of several bytes each are twelve characters.
        assert!(Password::choose("длинныйпароль").is_ok() && Password::choose("çéàèüôîñßœæø").is_ok());
    }

    #[test]
    fn what_anybody_tries_first_is_refused() {
        for easy in [
            "password1234",
            "PassWord1234",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "abcdefghijklmn",
            "987654321098",
            "123456789012",
            "Passwordpassword",
        ] {
            assert_eq!(Password::choose(easy).unwrap_err(), WeakPassword::Common, "{easy}");
        }
    }

    #[test]
    fn the_list_is_in_lower_case_and_holds_nothing_that_is_too_short_anyway() {
        for common in COMMON.lines() {
            assert!(common.chars().count() >= SHORTEST_CHARS && common == common.to_lowercase(), "{common}");
        }
    }

    #[test]
    fn the_same_characters_in_other_codes_are_the_same_password() {
        let composed = Password::choose("caf\u{e9} au lait 7").unwrap();
        let decomposed = Password::typed("cafe\u{301} au lait 7").unwrap();
        let full_width = Password::typed("caf\u{e9} au lait \u{ff17}").unwrap();
        assert_eq!(composed.expose(), decomposed.expose());
        assert_eq!(composed.expose(), full_width.expose());
    }

    #[test]
    fn debug_never_shows_a_password() {
        assert_eq!(format!("{:?}", Password::choose("kelp-otter 9").unwrap()), "Password(…)");
    }
}
