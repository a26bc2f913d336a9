//! Every reason with made-up values, for whoever must say all of them.

use crate::domain::reason::{Reason, Stated, Usual};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::NextStep;

/// The moment in every sample.
pub(crate) fn at() -> Timestamp {
    "2026-10-01T09:00:00Z".parse().unwrap()
}

/// Words as a list.
pub(crate) fn all(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Why a person is named who answered before.
pub(crate) fn answered(more: u32, skills: &[&str]) -> Reason {
    Reason::Answered { reference: "S-1".to_owned(), at: at(), more, usual: None, skills: all(skills) }
}

/// What a person usually answers.
pub(crate) fn usual() -> Usual {
    Usual { answered: 7, of: 9, about: "warranty claim".to_owned() }
}

/// Every reason in every form that it has; kinds and languages are such as have no name in the console, which shows their codes.
pub(crate) fn every_reason() -> Vec<Reason> {
    let name = || "Ana Blum".to_owned();
    let reference = || "S-1".to_owned();
    let stated = |title: &str, text: &str| Box::new(Stated { passage: None, title: title.to_owned(), at: at(), text: text.to_owned() });
    let untranslated = |count| Reason::Untranslated { count, of: 3 };
    let left_out = |is_outside| Reason::LeftOut { kinds: all(&["order", "serial"]), is_outside };
    let must_not_leave = |is_outside| Reason::MustNotLeave { kind: "order".to_owned(), text: "AW-1".to_owned(), is_outside };
    let stalled =
        |expected_minutes, measured| Reason::Stalled { reference: reference(), name: name(), since: at(), expected_minutes, measured };
    let mut reasons = vec![
        Reason::NoWords,
        Reason::NoIntents,
        Reason::FewIntents,
        Reason::OutOfScope,
        Reason::SaidOutOfScope { name: name() },
        Reason::NotCalibrated,
        Reason::NoLikelyIntent,
        Reason::Unfamiliar,
        Reason::BelowPrecision { percent: 95 },
        Reason::NoArticle,
        Reason::NoReadableArticle,
        Reason::NobodyKnows,
        Reason::NobodyToAsk,
        Reason::Solved,
        Reason::OtherStep,
        Reason::NobodyNeeded,
        Reason::UnclearMatter,
        Reason::NoCustomerArticle,
        Reason::NoClearArticle,
        Reason::ReadAgain,
        Reason::NoReadableAnswer,
        Reason::NoClearStep,
        Reason::NoReadableStep,
        Reason::ManySteps,
        Reason::HeldOut,
        Reason::PassageAlike { words: all(&["lid", "hot"]), updated_at: at(), is_old: false },
        Reason::PassageAlike { words: Vec::new(), updated_at: at(), is_old: true },
        Reason::PassageOfRule { rule: "Rule 7".to_owned(), updated_at: at() },
        Reason::TicketAlike { words: all(&["lid"]), solved_at: Some(at()) },
        Reason::TicketAlike { words: Vec::new(), solved_at: None },
        Reason::ThreadAnswered { name: name(), at: at() },
        answered(0, &[]),
        answered(1, &["radio"]),
        answered(2, &["radio", "batteries"]),
        Reason::Answered { reference: reference(), at: at(), more: 0, usual: Some(usual()), skills: all(&["radio"]) },
        Reason::Usually { usual: usual(), skills: Vec::new() },
        Reason::Usually { usual: usual(), skills: all(&["radio"]) },
        Reason::Knows { skills: all(&["radio", "batteries"]) },
        Reason::AnswersThere { name: name() },
        Reason::GoesTo { name: name(), because: Box::new(answered(1, &["radio"])) },
        Reason::MadeOf { titles: all(&["Returns", "Warranty"]) },
        Reason::AnswerKnown { name: name() },
        Reason::AskedBack { reference: reference(), name: name(), since: at() },
        Reason::WaitsFor { reference: reference(), name: name(), since: at() },
        Reason::Overdue { reference: reference(), name: name(), since: at() },
        Reason::AnsweredLast,
        Reason::AnsweredAlready,
        Reason::FirstReply { rule: "Swollen battery".to_owned() },
        Reason::PassOn { name: name() },
        Reason::Missing { kinds: all(&["order", "serial"]) },
        Reason::WrongCheckDigit { kind: "order".to_owned(), text: "AW-1".to_owned() },
        Reason::AnsweredBefore { name: name() },
        Reason::ArticleAnswers { title: "Returns".to_owned() },
        Reason::ArticlesUnclear { name: name(), because: Box::new(Reason::Knows { skills: all(&["radio"]) }) },
        Reason::NoArticleAnswers { name: name(), because: Box::new(answered(0, &[])) },
        Reason::AnswerNotTold { name: name(), reference: reference(), at: at() },
        stalled(60, 0),
        stalled(180, 0),
        stalled(4_400, 12),
        Reason::ChildSolved { reference: reference(), at: at() },
        Reason::OpenOnSolved { ticket: "T-1".to_owned(), reference: reference() },
        left_out(false),
        left_out(true),
        Reason::OutsiderReads,
        Reason::OtherLanguage { theirs: "eo".parse().unwrap(), read: "la".parse().unwrap() },
        Reason::NoQuestion,
        Reason::Contradicted { older: stated("Old returns", "You have 14 days."), newer: stated("Returns", "You have 30 days.") },
        untranslated(1),
        untranslated(2),
        Reason::LeavesOpen { questions: all(&["Can you swap it?", "Until when?"]) },
        Reason::Forbidden { words: "asap".to_owned() },
        must_not_leave(false),
        must_not_leave(true),
        Reason::NameWouldLeave,
        Reason::NoteWouldLeave,
        Reason::ThreadWouldLeave { reference: "S-1".to_owned() },
        Reason::ArticleWouldLeave { title: "Refund policy".to_owned() },
        Reason::OtherCustomerWouldLeave { reference: "T-1".to_owned() },
        Reason::OtherCustomerNamed { text: "Mr Roy".to_owned() },
        Reason::SecretWouldLeave,
        Reason::LooksLike { address: "ana@c0rp.example".to_owned(), domain: "corp.example".to_owned() },
        Reason::HiddenOutsider { address: "ana@mail.example".to_owned() },
        Reason::NothingAsked,
        Reason::VagueSubject,
        Reason::ManyRecipients { count: 9 },
        Reason::NotYours { name: "Ana".to_owned() },
    ];
    reasons.extend(NextStep::ALL.iter().map(|step| Reason::LikeTickets { step: *step }));
    reasons
}
