//! Reasons in English, for the API and the command line. The console's English file says the same: a test there compares them.

use std::fmt;

use crate::domain::reason::{Reason, Stated, Usual};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::NextStep;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"];

impl fmt::Display for Reason {
    #[expect(clippy::too_many_lines, reason = "one list of every reason")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWords => f.write_str("the ticket has no words that can be read: a person must look"),
            Self::NoIntents => f.write_str("the workspace has neither intents nor labelled tickets yet: add examples to intents.toml"),
            Self::FewIntents => f.write_str("too few examples of different intents: nothing can be told apart yet"),
            Self::OutOfScope => f.write_str("it resembles tickets that were out of scope"),
            Self::SaidOutOfScope { name } => write!(f, "{name} said that it is out of scope"),
            Self::NotCalibrated => f.write_str("fewer than 30 labelled tickets: the probability cannot be calibrated yet"),
            Self::NoLikelyIntent => f.write_str("no intent is likely enough: a person must look"),
            Self::Unfamiliar => f.write_str("it is unlike every labelled ticket: a person must look"),
            Self::BelowPrecision { percent } => {
                write!(f, "no intent is likely enough for the {percent} % precision that is asked for: a person must look")
            }
            Self::NoArticle => f.write_str("no article is close enough to this ticket"),
            Self::NoReadableArticle => f.write_str("no article that you may read is close enough to this ticket"),
            Self::NobodyKnows => f.write_str("nobody answered the like before, and no skill is close enough"),
            Self::NobodyToAsk => f.write_str("who should be asked has been asked already, or has no channel"),
            Self::Solved => f.write_str("this ticket is solved"),
            Self::OtherStep => f.write_str("another step comes first"),
            Self::NobodyNeeded => f.write_str("the customer can be answered without asking anybody"),
            Self::UnclearMatter => f.write_str("it is not clear what this ticket is about"),
            Self::ReadAgain => f.write_str("the correction was taken back: the ticket is being read again"),
            Self::NoClearArticle => {
                f.write_str("articles that customers may read are near, but none answers this clearly enough for a draft")
            }
            Self::NoCustomerArticle => f.write_str("no article that customers may read answers this"),
            Self::NoReadableAnswer => f.write_str("no article that you may read answers this for the customer"),
            Self::NoClearStep => f.write_str("nothing says clearly what to do next: a person must look"),
            Self::NoReadableStep => f.write_str("nothing that you may read says clearly what to do next: a person must look"),
            Self::ManySteps => f.write_str("tickets like this one were met in too many ways: a person must look"),
            Self::HeldOut => f.write_str("held back on this ticket, to measure what earlier answers are worth"),

            Self::PassageAlike { words, updated_at, is_old } => {
                let age = if *is_old { "older than the others: updated" } else { "updated" };
                write!(f, "{}; {age} {}", in_common(words), day(*updated_at))
            }
            Self::PassageOfRule { rule, updated_at } => write!(f, "found by the rule “{rule}”; updated {}", day(*updated_at)),
            Self::TicketAlike { words, solved_at: Some(at) } => write!(f, "{}; solved {}", in_common(words), day(*at)),
            Self::TicketAlike { words, solved_at: None } => write!(f, "{}; solved", in_common(words)),
            Self::ThreadAnswered { name, at } => write!(f, "{name} answered on {}", day(*at)),
            Self::Answered { reference, at, more, usual, skills } => {
                write!(f, "answered {reference} on {}", day(*at))?;
                if *more > 0 {
                    write!(f, " and {more} more")?;
                }
                if let Some(usual) = usual {
                    write!(f, "; {}", usually(usual))?;
                }
                if skills.is_empty() { Ok(()) } else { write!(f, "; {}", knows(skills)) }
            }
            Self::Usually { usual, skills } if skills.is_empty() => f.write_str(&usually(usual)),
            Self::Usually { usual, skills } => write!(f, "{}; {}", usually(usual), knows(skills)),
            Self::Knows { skills } => f.write_str(&knows(skills)),
            Self::AnswersThere { name } => write!(f, "{name} answers there"),
            Self::GoesTo { name, because } => write!(f, "to {name}, who {because}"),
            Self::MadeOf { titles } => write!(f, "from {}", titles.join(", ")),

            Self::AnswerKnown { name } => write!(f, "{name} has answered and the customer does not know it yet."),
            Self::AskedBack { reference, name, since } => {
                write!(f, "{reference} was asked back on {} and waits for {name}.", day(*since))
            }
            Self::WaitsFor { reference, name, since } => write!(f, "{reference} has waited for {name} since {}.", day(*since)),
            Self::Overdue { reference, name, since } => {
                write!(f, "{reference} has waited for {name} since {}, longer than expected: remind them.", day(*since))
            }
            Self::FirstReply { rule } => write!(f, "The rule “{rule}” says what the customer must be told first."),
            Self::PassOn { name } => write!(f, "{name} has the answer: pass it on in your own words"),
            Self::AnsweredAlready => f.write_str("the customer was answered and has not written since"),
            Self::AnsweredLast => f.write_str("The customer was answered and has not written since."),
            Self::LikeTickets { step } => write!(f, "Most tickets like this one were met by {}.", met_by(*step)),
            Self::Missing { kinds } => write!(f, "The customer has not named what this matter needs: {}.", kinds.join(", ")),
            Self::WrongCheckDigit { kind, text } => write!(f, "The {kind} “{text}” cannot be right: its check digit is wrong."),
            Self::AnsweredBefore { name } => write!(f, "{name} has already answered the like in an earlier side conversation."),
            Self::ArticleAnswers { title } => write!(f, "“{title}” answers it."),
            Self::ArticlesUnclear { name, because } => {
                write!(f, "The articles found may not answer it; {name} is worth asking: {because}.")
            }
            Self::NoArticleAnswers { name, because } => {
                write!(f, "No article for customers answers it; {name} is worth asking: {because}.")
            }

            Self::AnswerNotTold { name, reference, at } => {
                write!(f, "{name} answered in {reference} on {}, and the customer has not been told.", day(*at))
            }
            Self::Stalled { reference, name, since, expected_minutes, measured: 0 } => write!(
                f,
                "{reference} has waited for {name} since {}; an answer there is expected within {}.",
                day(*since),
                duration(*expected_minutes)
            ),
            Self::Stalled { reference, name, since, expected_minutes, measured } => write!(
                f,
                "{reference} has waited for {name} since {}; an answer there usually took {}, in {measured} earlier side conversations.",
                day(*since),
                duration(*expected_minutes)
            ),
            Self::ChildSolved { reference, at } => {
                write!(f, "{reference} was solved on {} without an answer, and the customer still waits.", day(*at))
            }
            Self::OpenOnSolved { ticket, reference } => write!(f, "{ticket} is solved, but {reference} is still open."),

            Self::LeftOut { kinds, is_outside } => {
                let whom = if *is_outside { " because somebody outside the company reads it" } else { "" };
                write!(f, "left out{whom}: {}", kinds.join(", "))
            }
            Self::OutsiderReads => f.write_str("somebody outside the company reads this: check that every sentence may be shared"),
            Self::OtherLanguage { theirs, read } => write!(f, "the customer writes in {theirs}, the recipients read {read}"),
            Self::NoQuestion => f.write_str("no question was found in the ticket: write what you need to know"),
            Self::Contradicted { older, newer } => {
                write!(f, "{} says {}; the newer {} says {} and is used", titled(older), said(older), titled(newer), said(newer))
            }
            Self::Untranslated { count: 1, of } => {
                write!(f, "1 of {of} sentences is not in the language of the customer and must be translated")
            }
            Self::Untranslated { count, of } => {
                write!(f, "{count} of {of} sentences are not in the language of the customer and must be translated")
            }
            Self::LeavesOpen { questions } => write!(f, "this leaves open: {}", marked(questions)),
            Self::Forbidden { words } => write!(f, "the tone of the playbook forbids “{words}”"),
            Self::MustNotLeave { kind, text, is_outside } => {
                let whom = if *is_outside { "outside the company" } else { "to anybody" };
                write!(f, "the {kind} “{text}” must not be sent {whom}")
            }
            Self::NameWouldLeave => f.write_str("the name of the customer would leave the company"),
            Self::NoteWouldLeave => f.write_str("these are words of an internal note"),
            Self::ThreadWouldLeave { reference } => {
                write!(f, "these are words of the side conversation {reference}, which they are not in")
            }
            Self::ArticleWouldLeave { title } => write!(f, "these are words of “{title}”, which they may not read"),
            Self::OtherCustomerWouldLeave { reference } => write!(f, "this is another customer’s: {reference}"),
            Self::OtherCustomerNamed { text } => write!(f, "“{text}” is another customer"),
            Self::SecretWouldLeave => f.write_str("this looks like a password, a key or a code"),
            Self::LooksLike { address, domain } => write!(f, "“{address}” looks like an address of {domain} and is none"),
            Self::HiddenOutsider { address } => write!(f, "“{address}” is outside the company and gets a hidden copy"),
            Self::NothingAsked => f.write_str("nothing is asked: say what is wanted, and by when"),
            Self::VagueSubject => f.write_str("the subject does not say what it is about"),
            Self::ManyRecipients { count } => write!(f, "it goes to {count} people"),
            Self::NotYours { name } => write!(f, "the ticket is {name}’s"),
        }
    }
}

fn in_common(words: &[String]) -> String {
    if words.is_empty() { "near in meaning".to_owned() } else { format!("both speak of {}", marked(words)) }
}

/// Words within quotation marks.
fn marked(words: &[String]) -> String {
    words.iter().map(|word| format!("“{word}”")).collect::<Vec<_>>().join(", ")
}

fn usually(Usual { answered, of, about }: &Usual) -> String {
    format!("answered {answered} of {of} side conversations about “{about}”")
}

fn knows(skills: &[String]) -> String {
    format!("knows {}", skills.join(", "))
}

fn titled(stated: &Stated) -> String {
    format!("“{}” of {}", stated.title, day(stated.at))
}

fn said(stated: &Stated) -> String {
    format!("“{}”", stated.text)
}

/// The day in UTC, as `20 Nov 2026`.
fn day(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
    let date = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    format!("{} {month} {}", date.day(), date.year())
}

/// A length of time in its largest unit.
fn duration(minutes: u32) -> String {
    let counted = |count: u32, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    match minutes {
        0..120 => counted(minutes, "minute"),
        120..2880 => counted(minutes / 60, "hour"),
        _ => counted(minutes / 1440, "day"),
    }
}

const fn met_by(step: NextStep) -> &'static str {
    match step {
        NextStep::Answer => "an answer",
        NextStep::Act => "an action",
        NextStep::Consult => "a side conversation",
        NextStep::AskCustomer => "a question to the customer",
        NextStep::Note => "an internal note",
        NextStep::Wait => "waiting",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::reason::sample;

    #[test]
    fn a_date_and_a_length_of_time_read_as_people_write_them() {
        let at = |moment: &str| day(moment.parse().unwrap());
        assert_eq!(at("2026-09-05T23:00:00Z"), "5 Sept 2026");
        assert_eq!(at("2026-11-20T00:00:00Z"), "20 Nov 2026");
        assert_eq!([1, 90, 180, 4_400].map(duration), ["1 minute", "90 minutes", "3 hours", "3 days"]);
    }

    #[test]
    fn a_person_is_named_with_what_they_answered_and_know() {
        let because = sample::answered(2, &["batteries", "radio"]);
        assert_eq!(because.to_string(), "answered S-1 on 1 Oct 2026 and 2 more; knows batteries, radio");
        assert_eq!(sample::answered(0, &[]).to_string(), "answered S-1 on 1 Oct 2026");
        let whom = Reason::GoesTo { name: "Ana Blum".to_owned(), because: Box::new(because) };
        assert_eq!(whom.to_string(), "to Ana Blum, who answered S-1 on 1 Oct 2026 and 2 more; knows batteries, radio");
    }

    #[test]
    fn texts_in_common_are_named_by_their_words_or_their_meaning() {
        let alike = |words: &[&str], is_old| Reason::PassageAlike { words: sample::all(words), updated_at: sample::at(), is_old };
        assert_eq!(alike(&["lid", "hot"], false).to_string(), "both speak of “lid”, “hot”; updated 1 Oct 2026");
        assert_eq!(alike(&[], true).to_string(), "near in meaning; older than the others: updated 1 Oct 2026");
    }

    #[test]
    fn no_reason_shows_marks_of_code() {
        for reason in sample::every_reason() {
            let said = reason.to_string();
            assert!(!said.contains(['`', '_']) && !said.is_empty(), "{said}");
        }
    }

    #[test]
    fn a_reason_is_kept_as_it_was_and_has_a_code_of_its_own() {
        let all = sample::every_reason();
        for reason in &all {
            let kept = serde_json::to_string(reason).unwrap();
            assert_eq!(serde_json::from_str::<Reason>(&kept).unwrap(), *reason);
        }
        let names = |reason: &Reason| format!("{reason:?}").split([' ', '{']).next().unwrap_or_default().to_owned();
        let variants: BTreeSet<String> = all.iter().map(names).collect();
        let codes: BTreeSet<&str> = all.iter().map(Reason::code).collect();
        assert_eq!(codes.len(), variants.len());
        assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')), "{codes:?}");
    }
}
