//! Why something is suggested, or nothing is, in the reader's language: every reason has a text, or this does not compile.

use crate::app::Called;
use crate::domain::reason::{Reason, Stated, Usual};
use crate::domain::triage::Abstention;
use crate::domain::vocabulary::NextStep;
use crate::web::format;
use crate::web::words::{Said, Words};

impl Words {
    /// Why something is suggested, or nothing is; or what an author should look at.
    #[expect(clippy::too_many_lines, reason = "one list of every reason")]
    pub(in crate::web) fn reason(&'static self, reason: &Reason) -> Said {
        match reason {
            Reason::NoWords => self.say("reason-no-words"),
            Reason::NoIntents => self.say("reason-no-intents"),
            Reason::FewIntents => self.say("reason-few-intents"),
            Reason::OutOfScope => self.say("reason-out-of-scope"),
            Reason::SaidOutOfScope { name } => self.say("reason-said-out-of-scope").with("name", name),
            Reason::NotCalibrated => self.say("reason-not-calibrated"),
            Reason::NoLikelyIntent => self.say("reason-no-likely-intent"),
            Reason::Unfamiliar => self.say("reason-unfamiliar"),
            Reason::BelowPrecision { percent } => self.say("reason-below-precision").with("percent", u32::from(*percent)),
            Reason::NoArticle => self.say("reason-no-article"),
            Reason::NoReadableArticle => self.say("reason-no-readable-article"),
            Reason::NobodyKnows => self.say("reason-nobody-knows"),
            Reason::NobodyToAsk => self.say("reason-nobody-to-ask"),
            Reason::Solved => self.say("reason-solved-ticket"),
            Reason::OtherStep => self.say("reason-other-step"),
            Reason::NobodyNeeded => self.say("reason-nobody-needed"),
            Reason::UnclearMatter => self.say("reason-unclear-matter"),
            Reason::ReadAgain => self.say("reason-read-again"),
            Reason::NoClearArticle => self.say("reason-no-clear-article"),
            Reason::NoCustomerArticle => self.say("reason-no-customer-article"),
            Reason::NoReadableAnswer => self.say("reason-no-readable-answer"),
            Reason::NoClearStep => self.say("reason-no-clear-step"),
            Reason::NoReadableStep => self.say("reason-no-readable-step"),
            Reason::ManySteps => self.say("reason-many-steps"),
            Reason::HeldOut => self.say("reason-held-out"),

            Reason::PassageAlike { words, updated_at, is_old } => {
                let updated = if *is_old { self.say("reason-outdated") } else { self.say("reason-updated") };
                updated.with("about", self.in_common(words)).with("day", self.day(updated_at))
            }
            Reason::PassageOfRule { rule, updated_at } => {
                self.say("reason-found-by-rule").with("rule", rule).with("day", self.day(updated_at))
            }
            Reason::TicketAlike { words, solved_at: Some(at) } => {
                self.say("reason-solved-on").with("about", self.in_common(words)).with("day", self.day(at))
            }
            Reason::TicketAlike { words, solved_at: None } => self.say("reason-solved").with("about", self.in_common(words)),
            Reason::ThreadAnswered { name, at } => self.say("reason-thread-answered").with("name", name).with("day", self.day(at)),
            Reason::Answered { reference, at, more, usual, skills } => {
                let answered = self.say("reason-answered").with("reference", reference).with("day", self.day(at)).with("more", more);
                let usual = usual.as_ref().map(|usual| self.usually(usual));
                let skills = (!skills.is_empty()).then(|| self.knows(skills));
                [usual, skills].into_iter().flatten().fold(answered, |said, more| self.both(said, more))
            }
            Reason::Usually { usual, skills } if skills.is_empty() => self.usually(usual),
            Reason::Usually { usual, skills } => self.both(self.usually(usual), self.knows(skills)),
            Reason::Knows { skills } => self.knows(skills),
            Reason::AnswersThere { name } => self.say("reason-answers-there").with("name", name),
            Reason::GoesTo { name, because } => self.say("reason-goes-to").with("name", name).with("because", self.reason(because)),
            Reason::MadeOf { titles } => self.say("reason-made-of").with("titles", format::list(titles)),

            Reason::AnswerKnown { name } => self.say("reason-answer-known").with("name", name),
            Reason::AskedBack { reference, name, since } => {
                self.say("reason-asked-back").with("reference", reference).with("name", name).with("day", self.day(since))
            }
            Reason::WaitsFor { reference, name, since } => {
                self.say("reason-waits-for").with("reference", reference).with("name", name).with("day", self.day(since))
            }
            Reason::Overdue { reference, name, since } => {
                self.say("reason-overdue").with("reference", reference).with("name", name).with("day", self.day(since))
            }
            Reason::FirstReply { rule } => self.say("reason-first-reply").with("rule", rule),
            Reason::PassOn { name } => self.say("reason-pass-on").with("name", name),
            Reason::AnsweredAlready => self.say("reason-answered-already"),
            Reason::AnsweredLast => self.say("reason-answered-last"),
            Reason::LikeTickets { step } => self.say("reason-like-tickets").with("step", step.as_str()),
            Reason::Missing { kinds } => self.say("reason-missing").with("kinds", self.kinds(kinds)),
            Reason::WrongCheckDigit { kind, text } => {
                self.say("reason-wrong-check-digit").with("kind", self.kind_within(kind)).with("text", text)
            }
            Reason::AnsweredBefore { name } => self.say("reason-answered-before").with("name", name),
            Reason::ArticleAnswers { title } => self.say("reason-article-answers").with("title", title),
            Reason::ArticlesUnclear { name, because } => {
                self.say("reason-articles-unclear").with("name", name).with("because", self.reason(because))
            }
            Reason::NoArticleAnswers { name, because } => {
                self.say("reason-no-article-answers").with("name", name).with("because", self.reason(because))
            }

            Reason::AnswerNotTold { name, reference, at } => {
                self.say("reason-answer-not-told").with("name", name).with("reference", reference).with("day", self.day(at))
            }
            Reason::Stalled { reference, name, since, expected_minutes, measured } => {
                let (day, time) = (self.day(since), self.minutes(expected_minutes));
                let said = self.say(if *measured == 0 { "reason-stalled" } else { "reason-stalled-usual" });
                let said = said.with("reference", reference).with("name", name).with("day", day).with("time", time);
                if *measured == 0 { said } else { said.with("count", measured) }
            }
            Reason::ChildSolved { reference, at } => self.say("reason-child-solved").with("reference", reference).with("day", self.day(at)),
            Reason::OpenOnSolved { ticket, reference } => {
                self.say("reason-open-on-solved").with("ticket", ticket).with("reference", reference)
            }

            Reason::LeftOut { kinds, is_outside: false } => self.say("reason-left-out").with("kinds", self.kinds(kinds)),
            Reason::LeftOut { kinds, is_outside: true } => self.say("reason-left-out-outside").with("kinds", self.kinds(kinds)),
            Reason::OutsiderReads => self.say("reason-outsider-reads"),
            Reason::OtherLanguage { theirs, read } => {
                self.say("reason-other-language").with("theirs", self.language(theirs)).with("read", self.language(read))
            }
            Reason::NoQuestion => self.say("reason-no-question"),
            Reason::Contradicted { older, newer } => {
                self.say("reason-contradicted").with("older", self.stated(older)).with("newer", self.stated(newer))
            }
            Reason::Untranslated { count, of } => self.say("reason-untranslated").with("count", count).with("of", of),
            Reason::LeavesOpen { questions } => self.say("reason-leaves-open").with("questions", self.quoted(questions)),
            Reason::Forbidden { words } => self.say("reason-forbidden").with("words", words),
            Reason::MustNotLeave { kind, text, is_outside: false } => {
                self.say("reason-must-not-be-sent").with("kind", self.kind_within(kind)).with("text", text)
            }
            Reason::MustNotLeave { kind, text, is_outside: true } => {
                self.say("reason-must-not-leave").with("kind", self.kind_within(kind)).with("text", text)
            }
            Reason::NameWouldLeave => self.say("reason-name-would-leave"),
            Reason::NoteWouldLeave => self.say("reason-note-would-leave"),
            Reason::ThreadWouldLeave { reference } => self.say("reason-thread-would-leave").with("reference", reference),
            Reason::ArticleWouldLeave { title } => self.say("reason-article-would-leave").with("title", title),
            Reason::OtherCustomerWouldLeave { reference } => self.say("reason-other-customer-would-leave").with("reference", reference),
            Reason::OtherCustomerNamed { text } => self.say("reason-other-customer-named").with("text", text),
            Reason::SecretWouldLeave => self.say("reason-secret-would-leave"),
            Reason::LooksLike { address, domain } => self.say("reason-looks-like").with("address", address).with("domain", domain),
            Reason::HiddenOutsider { address } => self.say("reason-hidden-outsider").with("address", address),
            Reason::NothingAsked => self.say("reason-nothing-asked"),
            Reason::VagueSubject => self.say("reason-vague-subject"),
            Reason::ManyRecipients { count } => self.say("reason-many-recipients").with("count", count),
            Reason::NotYours { name } => self.say("reason-not-yours").with("name", name),
        }
    }

    /// What was closest where nothing was said: a step by its name, anything else as the playbook calls it.
    pub(in crate::web) fn candidate(&'static self, called: &Called, why: &Abstention, candidate: &str) -> String {
        match candidate.parse::<NextStep>() {
            Ok(step) if why.reason == Reason::ManySteps => self.step(&step).to_string(),
            Ok(_) | Err(_) => self.intent(called, &candidate),
        }
    }

    fn in_common(&'static self, words: &[String]) -> Said {
        if words.is_empty() { self.say("reason-near") } else { self.say("reason-in-common").with("words", self.quoted(words)) }
    }

    fn knows(&'static self, skills: &[String]) -> Said {
        self.say("reason-knows").with("skills", format::list(skills))
    }

    fn usually(&'static self, usual: &Usual) -> Said {
        self.say("reason-usually").with("answered", usual.answered).with("of", usual.of).with("about", &usual.about)
    }

    fn both(&'static self, one: Said, other: Said) -> Said {
        self.say("reason-both").with("one", one).with("other", other)
    }

    fn stated(&'static self, stated: &Stated) -> Said {
        self.say("reason-stated").with("title", &stated.title).with("day", self.day(&stated.at)).with("text", &stated.text)
    }

    /// Words in a row, each between quotation marks.
    fn quoted(&'static self, words: &[String]) -> String {
        format::list(&words.iter().map(|word| self.say("quoted").with("text", word)).collect::<Vec<_>>())
    }

    /// Kinds in a row.
    fn kinds(&'static self, kinds: &[String]) -> String {
        format::list(&kinds.iter().map(|kind| self.kind_within(kind)).collect::<Vec<_>>())
    }

    /// A kind of what was found in a text as it stands within a sentence: what is no abbreviation begins small.
    fn kind_within(&'static self, kind: &str) -> String {
        let name = self.entity_kind(kind);
        let mut letters = name.chars();
        match (letters.next(), letters.clone().next()) {
            (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(letters).collect(),
            _ => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::sample;
    use crate::web::words::Locale;

    fn french(reason: &Reason) -> String {
        Locale::French.words().reason(reason).to_string()
    }

    #[test]
    fn the_console_says_in_english_what_the_api_says() {
        for reason in sample::every_reason() {
            assert_eq!(Locale::English.words().reason(&reason).to_string(), reason.to_string());
        }
    }

    #[test]
    fn no_reason_is_said_in_english_to_a_french_reader() {
        for reason in sample::every_reason() {
            let said = french(&reason);
            assert_ne!(said, reason.to_string());
            assert!(!said.contains('`') && !said.contains('{') && !said.starts_with("reason-"), "{said}");
            let marks: Vec<char> = said.chars().collect();
            assert!(marks.windows(2).all(|pair| pair[0] != ' ' || !matches!(pair[1], ' ' | ',' | '.' | ':' | ';' | '»')), "{said}");
        }
    }

    #[test]
    fn french_chooses_its_forms_and_names() {
        let check = |reason: Reason, expected: &str| assert_eq!(french(&reason).replace(['\u{a0}', '\u{202f}'], "_"), expected);
        check(sample::answered(0, &[]), "a répondu dans S-1 le 1 oct. 2026");
        check(
            sample::answered(1, &["radio"]),
            "a répondu dans S-1 le 1 oct. 2026 et dans 1 autre conversation_; a pour compétences_: radio",
        );
        check(sample::answered(2, &[]), "a répondu dans S-1 le 1 oct. 2026 et dans 2 autres conversations");
        let alike = Reason::TicketAlike { words: sample::all(&["batterie", "coque"]), solved_at: Some(sample::at()) };
        check(alike, "les deux parlent de «_batterie_», «_coque_»_; résolu le 1 oct. 2026");
        let left_out = Reason::LeftOut { kinds: sample::all(&["name", "email", "iban"]), is_outside: false };
        check(left_out, "retiré du texte_: nom, e-mail, IBAN");
        let other = Reason::OtherLanguage { theirs: "fr".parse().unwrap(), read: "en".parse().unwrap() };
        check(other, "le client écrit en français, les destinataires lisent en anglais");
        check(
            Reason::LikeTickets { step: NextStep::AskCustomer },
            "La plupart des tickets semblables ont donné lieu à une question au client.",
        );
        check(Reason::Untranslated { count: 1, of: 3 }, "1 phrase sur 3 n’est pas dans la langue du client et doit être traduite");
    }

    #[test]
    fn steps_that_were_close_are_named_and_intents_are_not_taken_for_steps() {
        let why = |reason| Abstention { reason, candidates: Vec::new() };
        let words = Locale::French.words();
        assert_eq!(words.candidate(&Called::default(), &why(Reason::ManySteps), "ask_customer"), "Demander au client");
        assert_eq!(words.candidate(&Called::default(), &why(Reason::NoLikelyIntent), "note"), "Note");
        assert_eq!(words.candidate(&Called::default(), &why(Reason::NoLikelyIntent), "refund_request"), "Refund request");
    }
}
