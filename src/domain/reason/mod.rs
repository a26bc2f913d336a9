//! Why something is suggested, or nothing is: sentences as values, which each door says in its reader's language.
//!
//! The pure rooms choose a reason and fill in its names, dates and counts. `english.rs` beside this file says it for the API and the
//! command line; the console has a text for each in the language of its reader (`web/words/reasons.rs`).

mod english;
#[cfg(test)]
pub(crate) mod sample;

use serde::{Deserialize, Serialize};

use crate::domain::id::PassageId;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Language, NextStep};

/// Why something is suggested, or nothing is; or what an author should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// No intent: the ticket has no words.
    NoWords,
    /// No intent: there is nothing to choose from.
    NoIntents,
    /// No intent: there are examples of one kind only.
    FewIntents,
    /// No intent: it resembles what was out of scope.
    OutOfScope,
    /// No intent: somebody said that it is out of scope.
    SaidOutOfScope {
        /// Who.
        name: String,
    },
    /// No intent: too few labels to calibrate a probability.
    NotCalibrated,
    /// No intent: none is likely enough.
    NoLikelyIntent,
    /// The text is unlike every ticket that is labelled.
    Unfamiliar,
    /// No intent is likely enough for the precision that the playbook asks for.
    BelowPrecision {
        /// The precision, in hundredths.
        percent: u8,
    },
    /// No article is near.
    NoArticle,
    /// No article is near that this reader may read.
    NoReadableArticle,
    /// Nobody to ask: no answers and no skills are near.
    NobodyKnows,
    /// No side conversation to open: it is open, or there is no place for it.
    NobodyToAsk,
    /// No step and nobody to write to: the ticket is solved.
    Solved,
    /// No reply: another step comes first.
    OtherStep,
    /// No side conversation: the customer can be answered without one.
    NobodyNeeded,
    /// No reply: the matter is not clear.
    UnclearMatter,
    /// No reply: no article for customers answers.
    NoCustomerArticle,
    /// No intent: what somebody said was taken back.
    ReadAgain,
    /// Articles that customers may read are near; none answers clearly.
    NoClearArticle,
    /// No reply: no article for customers answers that this reader may read.
    NoReadableAnswer,
    /// No next step: nothing speaks for one.
    NoClearStep,
    /// No next step: nothing speaks for one that this reader may read.
    NoReadableStep,
    /// No next step: like tickets were met in too many ways; the candidates are steps.
    ManySteps,
    /// No earlier answers: on this ticket they are held back, to measure what they are worth.
    HeldOut,

    /// An article is like the ticket.
    PassageAlike {
        /// Words of both; without any they are near in meaning.
        words: Vec<String>,
        /// When the article last changed.
        updated_at: Timestamp,
        /// Whether it is much older than the others.
        is_old: bool,
    },
    /// The name of an urgent rule whose words stand in the ticket finds this article before any other.
    PassageOfRule {
        /// The rule's name.
        rule: String,
        /// When the article last changed.
        updated_at: Timestamp,
    },
    /// A solved ticket is like the ticket.
    TicketAlike {
        /// Words of both; without any they are near in meaning.
        words: Vec<String>,
        /// When it was solved, if known.
        solved_at: Option<Timestamp>,
    },
    /// Somebody answered the like in an old side conversation.
    ThreadAnswered {
        /// Who.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// A person answered the like.
    Answered {
        /// What the side conversation is called.
        reference: String,
        /// When.
        at: Timestamp,
        /// In how many other side conversations as well.
        more: u32,
        /// What they usually answer, too.
        usual: Option<Usual>,
        /// Skills that fit, too.
        skills: Vec<String>,
    },
    /// A person usually answers such matters.
    Usually {
        /// How often.
        usual: Usual,
        /// Skills that fit, too.
        skills: Vec<String>,
    },
    /// A person has skills that fit.
    Knows {
        /// The skills in the admin's words; never empty.
        skills: Vec<String>,
    },
    /// Somebody answers at a place.
    AnswersThere {
        /// Who.
        name: String,
    },
    /// A side conversation goes to somebody.
    GoesTo {
        /// Who.
        name: String,
        /// Why them.
        because: Box<Reason>,
    },
    /// A reply is made of articles.
    MadeOf {
        /// Their titles.
        titles: Vec<String>,
    },

    /// Answer: somebody did, and the customer does not know.
    AnswerKnown {
        /// Who, or the side conversation.
        name: String,
    },
    /// Ask: somebody asked back.
    AskedBack {
        /// What the side conversation is called.
        reference: String,
        /// Who must answer.
        name: String,
        /// Since when.
        since: Timestamp,
    },
    /// Wait: somebody was asked.
    WaitsFor {
        /// What the side conversation is called.
        reference: String,
        /// Who must answer.
        name: String,
        /// Since when.
        since: Timestamp,
    },
    /// Ask again: somebody was asked, longer ago than an answer is expected to take.
    Overdue {
        /// What the side conversation is called.
        reference: String,
        /// Who must answer.
        name: String,
        /// Since when.
        since: Timestamp,
    },
    /// Wait: the customer was answered last.
    AnsweredLast,
    /// Answer: an admin's rule says what the customer must be told first.
    FirstReply {
        /// What the rule is called.
        rule: String,
    },
    /// No reply from articles: somebody who was asked has the answer.
    PassOn {
        /// Their name.
        name: String,
    },
    /// Nothing: the customer was answered already.
    AnsweredAlready,
    /// Do as with most tickets like this one.
    LikeTickets {
        /// What was done.
        step: NextStep,
    },
    /// Ask the customer: something was not named.
    Missing {
        /// Its kinds.
        kinds: Vec<String>,
    },
    /// Ask the customer: an identifier is wrong.
    WrongCheckDigit {
        /// Its kind.
        kind: String,
        /// As the customer wrote it.
        text: String,
    },
    /// Answer: somebody answered the like before.
    AnsweredBefore {
        /// Who, or the side conversation.
        name: String,
    },
    /// Answer: an article does.
    ArticleAnswers {
        /// Its title.
        title: String,
    },
    /// Ask somebody: the articles may not answer.
    ArticlesUnclear {
        /// Who.
        name: String,
        /// Why them.
        because: Box<Reason>,
    },
    /// Ask somebody: no article for customers answers.
    NoArticleAnswers {
        /// Who.
        name: String,
        /// Why them.
        because: Box<Reason>,
    },

    /// An answer came, the customer does not know it yet.
    AnswerNotTold {
        /// Who answered.
        name: String,
        /// What the side conversation is called.
        reference: String,
        /// When.
        at: Timestamp,
    },
    /// Nobody answered for longer than expected.
    Stalled {
        /// What the side conversation is called.
        reference: String,
        /// Who must answer.
        name: String,
        /// Since when.
        since: Timestamp,
        /// Within how many minutes an answer is expected at this place.
        expected_minutes: u32,
        /// Of how many earlier side conversations that is the usual time; 0 where it is what the admin expects, or what its kind usually takes.
        measured: u32,
    },
    /// The child ticket is solved, and nothing of it says what to tell the customer.
    ChildSolved {
        /// What the child ticket is called.
        reference: String,
        /// When.
        at: Timestamp,
    },
    /// The ticket is solved, a side conversation still open.
    OpenOnSolved {
        /// What the ticket is called.
        ticket: String,
        /// What the side conversation is called.
        reference: String,
    },

    /// Look: something was left out of a draft.
    LeftOut {
        /// What kinds of things.
        kinds: Vec<String>,
        /// Whether because somebody outside the company reads it.
        is_outside: bool,
    },
    /// Look: somebody outside the company reads a draft.
    OutsiderReads,
    /// Look: customer and recipients read different languages.
    OtherLanguage {
        /// The customer's.
        theirs: Language,
        /// The recipients'.
        read: Language,
    },
    /// Look: a draft has no question.
    NoQuestion,
    /// Look: two articles contradict each other.
    Contradicted {
        /// The outdated one.
        older: Box<Stated>,
        /// The one that holds.
        newer: Box<Stated>,
    },
    /// Look: sentences of a reply are in another language than the customer's.
    Untranslated {
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// Look: the reply meets none of these sentences of the customer.
    LeavesOpen {
        /// What they ask.
        questions: Vec<String>,
    },
    /// Look: the tone of the playbook forbids an expression.
    Forbidden {
        /// The expression.
        words: String,
    },
    /// Look: something must not reach the recipients.
    MustNotLeave {
        /// Its kind.
        kind: String,
        /// As written; payment data masked.
        text: String,
        /// Whether because somebody outside the company reads it.
        is_outside: bool,
    },
    /// Look: the customer's name would leave the company.
    NameWouldLeave,
    /// Look: words of an internal note would reach somebody who may not read it.
    NoteWouldLeave,
    /// Look: words of a side conversation would reach somebody who is not in it.
    ThreadWouldLeave {
        /// What the side conversation is called.
        reference: String,
    },
    /// Look: words of an article would reach somebody who may not read it.
    ArticleWouldLeave {
        /// Its title.
        title: String,
    },
    /// Look: words of another customer would leave.
    OtherCustomerWouldLeave {
        /// What their ticket is called.
        reference: String,
    },
    /// Look: somebody is named who is another customer.
    OtherCustomerNamed {
        /// As they are named.
        text: String,
    },
    /// Look: a password, a key or a code.
    SecretWouldLeave,
    /// Look: an address looks like one of a domain that is known, and is not.
    LooksLike {
        /// The address.
        address: String,
        /// The domain that it looks like.
        domain: String,
    },
    /// Look: nobody of the others sees that somebody outside gets it.
    HiddenOutsider {
        /// The address.
        address: String,
    },
    /// Look: nothing is asked.
    NothingAsked,
    /// Look: the subject does not say what it is about.
    VagueSubject,
    /// Look: it goes to many people.
    ManyRecipients {
        /// How many.
        count: usize,
    },
    /// Look: the ticket is somebody else's.
    NotYours {
        /// Whose.
        name: String,
    },
}

/// How much of what is asked about a matter somebody answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usual {
    /// In how many side conversations on it they answered.
    pub answered: u32,
    /// How many there were.
    pub of: u32,
    /// The matter, as the playbook names it.
    pub about: String,
}

/// What an article says, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// Where it says so.
    pub passage: Option<PassageId>,
    /// Its title.
    pub title: String,
    /// When it last changed.
    pub at: Timestamp,
    /// The sentence.
    pub text: String,
}

impl Reason {
    /// The word of the reason in the API; never changed and never used again for another.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoWords => "no_words",
            Self::NoIntents => "no_intents",
            Self::FewIntents => "few_intents",
            Self::OutOfScope => "out_of_scope",
            Self::SaidOutOfScope { .. } => "said_out_of_scope",
            Self::NotCalibrated => "not_calibrated",
            Self::NoLikelyIntent => "no_likely_intent",
            Self::Unfamiliar => "unfamiliar",
            Self::BelowPrecision { .. } => "below_precision",
            Self::NoArticle => "no_article",
            Self::NoReadableArticle => "no_readable_article",
            Self::NobodyKnows => "nobody_knows",
            Self::NobodyToAsk => "nobody_to_ask",
            Self::Solved => "solved",
            Self::OtherStep => "other_step",
            Self::NobodyNeeded => "nobody_needed",
            Self::UnclearMatter => "unclear_matter",
            Self::NoCustomerArticle => "no_customer_article",
            Self::ReadAgain => "read_again",
            Self::NoClearArticle => "no_clear_article",
            Self::NoReadableAnswer => "no_readable_answer",
            Self::NoClearStep => "no_clear_step",
            Self::NoReadableStep => "no_readable_step",
            Self::ManySteps => "many_steps",
            Self::HeldOut => "held_out",
            Self::PassageAlike { .. } => "passage_alike",
            Self::PassageOfRule { .. } => "passage_of_rule",
            Self::TicketAlike { .. } => "ticket_alike",
            Self::ThreadAnswered { .. } => "thread_answered",
            Self::Answered { .. } => "answered",
            Self::Usually { .. } => "usually",
            Self::Knows { .. } => "knows",
            Self::AnswersThere { .. } => "answers_there",
            Self::GoesTo { .. } => "goes_to",
            Self::MadeOf { .. } => "made_of",
            Self::AnswerKnown { .. } => "answer_known",
            Self::AskedBack { .. } => "asked_back",
            Self::WaitsFor { .. } => "waits_for",
            Self::Overdue { .. } => "overdue",
            Self::AnsweredLast => "answered_last",
            Self::AnsweredAlready => "answered_already",
            Self::FirstReply { .. } => "first_reply",
            Self::PassOn { .. } => "pass_on",
            Self::LikeTickets { .. } => "like_tickets",
            Self::Missing { .. } => "missing",
            Self::WrongCheckDigit { .. } => "wrong_check_digit",
            Self::AnsweredBefore { .. } => "answered_before",
            Self::ArticleAnswers { .. } => "article_answers",
            Self::ArticlesUnclear { .. } => "articles_unclear",
            Self::NoArticleAnswers { .. } => "no_article_answers",
            Self::AnswerNotTold { .. } => "answer_not_told",
            Self::Stalled { .. } => "stalled",
            Self::ChildSolved { .. } => "child_solved",
            Self::OpenOnSolved { .. } => "open_on_solved",
            Self::LeftOut { .. } => "left_out",
            Self::OutsiderReads => "outsider_reads",
            Self::OtherLanguage { .. } => "other_language",
            Self::NoQuestion => "no_question",
            Self::Contradicted { .. } => "contradicted",
            Self::Untranslated { .. } => "untranslated",
            Self::LeavesOpen { .. } => "leaves_open",
            Self::Forbidden { .. } => "forbidden",
            Self::MustNotLeave { .. } => "must_not_leave",
            Self::NameWouldLeave => "name_would_leave",
            Self::NoteWouldLeave => "note_would_leave",
            Self::ThreadWouldLeave { .. } => "thread_would_leave",
            Self::ArticleWouldLeave { .. } => "article_would_leave",
            Self::OtherCustomerWouldLeave { .. } => "other_customer_would_leave",
            Self::OtherCustomerNamed { .. } => "other_customer_named",
            Self::SecretWouldLeave => "secret_would_leave",
            Self::LooksLike { .. } => "looks_like",
            Self::HiddenOutsider { .. } => "hidden_outsider",
            Self::NothingAsked => "nothing_asked",
            Self::VagueSubject => "vague_subject",
            Self::ManyRecipients { .. } => "many_recipients",
            Self::NotYours { .. } => "not_yours",
        }
    }
}
