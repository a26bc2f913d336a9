//! Whether a ticket says what another one said already. Precision comes before recall: two tickets that are only on the same matter are two.

use std::collections::BTreeSet;

use crate::domain::id::TicketId;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::DuplicateBy;

/// The same customer writes the like within so long.
const SAME_CUSTOMER_SECONDS: i64 = 14 * 24 * 3600;
/// A ticket that was solved so long before is not asked again: the matter came back, or is another.
const SOLVED_SECONDS: i64 = 3 * 24 * 3600;
/// On the same order they write within so long, solved or not.
const SAME_ORDER_SECONDS: i64 = 120 * 24 * 3600;
/// Different customers send the same text within so long.
const SAME_TEXT_SECONDS: i64 = 3 * 24 * 3600;
/// Likeness from which on texts of one customer are taken for one.
const ALIKE: f32 = 0.5;
/// The same where both name the same order.
const ALIKE_ON_ORDER: f32 = 0.4;
/// So much of the shorter text's word triples must stand in the other.
const SAME_TEXT: f64 = 0.8;
/// Shorter texts are the same by chance.
const LEAST_TRIPLES: usize = 6;

/// Another ticket, as it is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Other<'a> {
    /// The ticket.
    pub ticket: TicketId,
    /// Whether the same customer wrote it.
    pub same_customer: bool,
    /// When it was written.
    pub at: Timestamp,
    /// When it was solved, if it is.
    pub solved_at: Option<Timestamp>,
    /// How alike both are, of vectors and words together.
    pub likeness: f32,
    /// An order that both name.
    pub order: Option<String>,
    /// Its text without quotes and signatures.
    pub text: &'a str,
}

/// What was said of the other ticket, or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Both are one.
    Same(DuplicateBy),
    /// They would be, if the other had not been solved before.
    SolvedBefore,
    /// They would be, if they were not so far apart.
    FarApart,
    /// They are two.
    Different,
}

/// Compares a ticket of a moment with another one.
#[must_use]
pub fn compare(at: Timestamp, text: &str, other: &Other<'_>) -> Verdict {
    let apart = at.seconds_since(other.at).abs();
    if other.same_customer {
        let on_order = other.order.is_some() && other.likeness >= ALIKE_ON_ORDER;
        if on_order && apart <= SAME_ORDER_SECONDS {
            return Verdict::Same(DuplicateBy::Order);
        }
        if other.likeness < ALIKE {
            return Verdict::Different;
        }
        if other.solved_at.is_some_and(|solved| at.seconds_since(solved) > SOLVED_SECONDS) {
            return Verdict::SolvedBefore;
        }
        return if apart <= SAME_CUSTOMER_SECONDS { Verdict::Same(DuplicateBy::Customer) } else { Verdict::FarApart };
    }
    if !is_same_text(text, other.text) {
        return Verdict::Different;
    }
    if apart <= SAME_TEXT_SECONDS { Verdict::Same(DuplicateBy::Text) } else { Verdict::FarApart }
}

/// Whether nearly all of the shorter text stands in the other, word for word.
///
/// Source: Broder, *On the resemblance and containment of documents* (1997), containment of word shingles of three.
fn is_same_text(one: &str, other: &str) -> bool {
    let (one, other) = (triples(one), triples(other));
    let (least, most) = (one.len().min(other.len()), one.len().max(other.len()));
    if least < LEAST_TRIPLES || least * 2 < most {
        return false;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of words")]
    let contained = one.intersection(&other).count() as f64 / least as f64;
    contained >= SAME_TEXT
}

fn triples(text: &str) -> BTreeSet<[String; 3]> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(3).map(|three| [three[0].to_owned(), three[1].to_owned(), three[2].to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;
    const TEXT: &str = "The hub has been offline since nine this morning and the light on top of it is red";

    fn other(days_ago: i64, likeness: f32) -> (Timestamp, Other<'static>) {
        let now = Timestamp::from_micros(1_790_000_000_000_000);
        let at = now.plus_seconds(-days_ago * DAY);
        (now, Other { ticket: TicketId::at(at, [1; 10]), same_customer: true, at, solved_at: None, likeness, order: None, text: "" })
    }

    #[test]
    fn a_customer_who_asks_twice_within_days_is_one_matter() {
        let check = |days_ago, likeness, expected| {
            let (now, other) = other(days_ago, likeness);
            assert_eq!(compare(now, TEXT, &other), expected);
        };
        check(2, 0.6, Verdict::Same(DuplicateBy::Customer));
        check(2, 0.45, Verdict::Different);
        check(30, 0.6, Verdict::FarApart);
    }

    #[test]
    fn what_was_solved_months_ago_is_asked_again_only_on_the_same_order() {
        let (now, mut other) = other(90, 0.6);
        other.solved_at = Some(other.at.plus_seconds(DAY));
        assert_eq!(compare(now, TEXT, &other), Verdict::SolvedBefore);
        other.order = Some("AW-204518-6".to_owned());
        assert_eq!(compare(now, TEXT, &other), Verdict::Same(DuplicateBy::Order));
        other.likeness = 0.2;
        assert_eq!(compare(now, TEXT, &other), Verdict::Different, "an order has many matters");
    }

    #[test]
    fn another_customer_must_have_sent_nearly_the_same_text() {
        let (now, mut other) = other(1, 0.9);
        other.same_customer = false;
        let longer = format!("Hello. {TEXT}. Please help.");
        other.text = &longer;
        assert_eq!(compare(now, TEXT, &other), Verdict::Same(DuplicateBy::Text));
        other.text = "The hub of my neighbour was offline at nine yesterday and now the light on it is green again";
        assert_eq!(compare(now, TEXT, &other), Verdict::Different);
        other.text = "it is red";
        assert_eq!(compare(now, "it is red", &other), Verdict::Different, "too short to be the same by intent");
    }
}
