//! Whether a sentence says only what its evidence says.

use crate::domain::vocabulary::Language;
use crate::lines::words::{Rarity, Words};

/// What of a sentence no quote holds: its words that matter, its numbers and identifiers, what it counts, and a negation of its own.
///
/// Empty means that the sentence is grounded. Words are compared by their stems, so an inflection is no claim of its own.
#[must_use]
pub fn missing(sentence: &str, language: Language, quotes: &[&str]) -> Vec<String> {
    let claim = Words::of(sentence, language);
    let held: Vec<Words> = quotes.iter().map(|quote| Words::of(quote, language)).collect();
    let evidence = Words::together(&held);
    let mut missing: Vec<String> =
        claim.stems.difference(&evidence.stems).chain(claim.figures.difference(&evidence.figures)).cloned().collect();
    missing.extend(claim.figures.intersection(&evidence.figures).filter_map(|figure| miscounted(figure, &claim, &evidence)));
    if missing.is_empty() && claim.negated != nearest_clause_negated(&claim, language, quotes) {
        missing.push(if claim.negated { "not" } else { "the evidence's `not`" }.to_owned());
    }
    missing
}

/// Whether every word, number and negation of a sentence occurs in its evidence.
#[must_use]
pub fn check(sentence: &str, language: Language, quotes: &[&str]) -> bool {
    missing(sentence, language, quotes).is_empty()
}

/// A number that the claim uses for something else than the evidence does, such as `30 days` where only `30 euros` is written.
fn miscounted(figure: &str, claim: &Words, evidence: &Words) -> Option<String> {
    let counted = |words: &Words| -> Vec<String> {
        words.measures.iter().filter(|(number, _)| number == figure).map(|(_, what)| what.clone()).collect()
    };
    let (claimed, written) = (counted(claim), counted(evidence));
    let fits = claimed.is_empty() || claimed.iter().any(|what| written.contains(what));
    (!fits).then(|| format!("{figure} {}", claimed.join(" ")))
}

/// Whether the clause of the evidence that is nearest to the claim is negated.
fn nearest_clause_negated(claim: &Words, language: Language, quotes: &[&str]) -> bool {
    let rarity = Rarity::default();
    quotes
        .iter()
        .flat_map(|quote| clauses(quote))
        .map(|clause| Words::of(clause, language))
        .max_by(|a, b| rarity.overlap(claim, a).total_cmp(&rarity.overlap(claim, b)))
        .is_some_and(|clause| clause.negated)
}

/// The pieces of a text between end marks that stand before a blank, so that `4.2.1` stays whole.
fn clauses(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, mark) in text.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?' | ';' | '\n')) {
        let end = at + mark.len_utf8();
        if text[end..].starts_with(|c: char| !c.is_whitespace()) {
            continue;
        }
        pieces.push(&text[start..end]);
        start = end;
    }
    pieces.push(&text[start..]);
    pieces.retain(|piece| piece.chars().any(char::is_alphanumeric));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{EN, FR};

    const RETURNS: &str =
        "You can send back anything within 30 days of delivery. The label costs €6.90 in Ireland. We never refund to another card.";
    const RETOURS: &str = "Vous pouvez renvoyer tout article dans les 30 jours. Le remboursement n'est jamais versé sur une autre carte.";

    #[test]
    fn a_sentence_of_the_evidence_is_grounded() {
        for sentence in clauses(RETURNS) {
            assert_eq!(missing(sentence, EN, &[RETURNS]), Vec::<String>::new(), "{sentence}");
        }
        for sentence in clauses(RETOURS) {
            assert_eq!(missing(sentence, FR, &[RETOURS]), Vec::<String>::new(), "{sentence}");
        }
    }

    #[test]
    fn inflections_and_other_spellings_of_numbers_are_no_claims() {
        assert!(
            check("Anything can be sent back within thirty days of the delivery", EN, &[RETURNS])
                || check("Send anything back within thirty days", EN, &[RETURNS])
        );
        assert!(check("La carte n'est jamais remboursée", FR, &["Les cartes ne sont jamais remboursées."]));
    }

    #[test]
    fn another_number_is_not_grounded() {
        assert_eq!(missing("You can send back anything within 14 days of delivery.", EN, &[RETURNS]), ["14"]);
        assert_eq!(missing("Vous pouvez renvoyer tout article dans les 14 jours.", FR, &[RETOURS]), ["14"]);
    }

    #[test]
    fn a_number_used_for_something_else_is_not_grounded() {
        assert_eq!(missing("The label costs 30 euros.", EN, &["The label lasts 30 days and costs some euros."]), ["30 euro"]);
    }

    #[test]
    fn an_invented_word_is_not_grounded() {
        assert_eq!(missing("You can send back anything within 30 days for free.", EN, &[RETURNS]), ["free"]);
    }

    #[test]
    fn a_turned_statement_is_not_grounded() {
        assert_eq!(missing("We refund to another card.", EN, &[RETURNS]), ["the evidence's `not`"]);
        assert_eq!(missing("You cannot send back anything within 30 days of delivery.", EN, &[RETURNS]), ["not"]);
        assert!(!check("Le remboursement est versé sur une autre carte.", FR, &[RETOURS]));
    }

    #[test]
    fn nothing_is_grounded_in_nothing() {
        assert!(!check("The parcel is lost.", EN, &[]));
    }
}
