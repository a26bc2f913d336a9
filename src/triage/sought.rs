//! The playbook's numbers and products as the text room looks for them.

use crate::playbook::{Check, Playbook};
use crate::text::entity::{Check as TextCheck, Pattern, PatternError, Patterns};

/// The patterns and products of a playbook, compiled.
///
/// # Errors
/// [`PatternError`]: which pattern cannot be used, and why.
pub fn patterns(playbook: &Playbook) -> Result<Patterns, PatternError> {
    let patterns = playbook
        .entities
        .patterns
        .iter()
        .map(|pattern| Pattern {
            kind: pattern.kind.clone(),
            regex: pattern.pattern.clone(),
            check: match pattern.check {
                Check::None => TextCheck::None,
                Check::Mod7 => TextCheck::Mod7,
                Check::Luhn => TextCheck::Luhn,
                Check::Iban => TextCheck::Iban,
            },
        })
        .collect();
    Patterns::new(patterns, playbook.entities.products.clone())
}
