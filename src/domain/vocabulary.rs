//! Closed sets of words and checked names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// A word that is not in a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a {kind}: expected one of {expected}")]
pub struct UnknownWord {
    /// What the word should have been.
    pub kind: &'static str,
    /// The word given, cut to 80 characters.
    pub given: String,
    /// The words of the set, joined.
    pub expected: String,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $kind:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[doc = concat!("Written `", $word, "`.")] #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every word of the set, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word as it is written in files, the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        // Written out because the derive does not see a rename that comes out of a macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = Self::ALL.iter().map(|word| word.as_str());
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(concat!("A ", $kind, "."))).into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(given: &str) -> Result<Self, UnknownWord> {
                match given {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(UnknownWord {
                        kind: $kind,
                        given: given.chars().take(80).collect(),
                        expected: [$(concat!("`", $word, "`"),)*].join(", "),
                    }),
                }
            }
        }
    )*};
}

pub(super) use words;

words! {
    /// How a ticket arrived.
    TicketChannel = "ticket channel" { Email = "email", Web = "web", Chat = "chat", Phone = "phone", Api = "api", }

    /// Where a ticket stands.
    TicketStatus = "ticket status" { New = "new", Open = "open", Pending = "pending", Solved = "solved", }

    /// How soon a ticket should be worked on.
    Priority = "priority" { Low = "low", Normal = "normal", High = "high", Urgent = "urgent", }

    /// In which order tickets are listed.
    TicketOrder = "ticket order" { Newest = "newest", Urgency = "urgency", }

    /// What a head says of a ticket.
    HeadPart = "head" {
        Intent = "intent", Route = "route", NextStep = "next_step", Priority = "priority", Sentiment = "sentiment", Urgency = "urgency",
    }

    /// How a customer feels, in five levels.
    Sentiment = "sentiment" {
        VeryNegative = "very_negative", Negative = "negative", Neutral = "neutral", Positive = "positive", VeryPositive = "very_positive",
    }

    /// How pressing the matter is for the customer.
    Urgency = "urgency" { Low = "low", Normal = "normal", High = "high", Critical = "critical", }

    /// How a side conversation travels.
    ThreadChannel = "side conversation channel" { Email = "email", Slack = "slack", Teams = "teams", ChildTicket = "child_ticket", }

    /// Whether a side conversation is still going on.
    ThreadStatus = "side conversation state" { Open = "open", Closed = "closed", }

    /// How a side conversation stands.
    ThreadStanding = "side conversation standing" {
        /// Whoever was asked owes an answer.
        WaitsForThem = "waits_for_them",
        /// Whoever was asked asked back.
        WaitsForUs = "waits_for_us",
        /// Nobody answered for longer than usual.
        Stalled = "stalled",
        /// It is answered, and the customer was told since.
        Answered = "answered",
        /// It is answered, and the customer does not know it yet.
        AnsweredNotRelayed = "answered_not_relayed",
        /// A child ticket that was solved without a word for the customer.
        ChildSolved = "child_solved",
        /// It is open, and its ticket is solved.
        OpenOnSolved = "open_on_solved",
        /// It is closed without an answer.
        Closed = "closed",
    }

    /// What is drafted for something that was left hanging.
    EndDraftKind = "draft for a loose end" {
        /// A word to whoever owes an answer.
        Nudge = "nudge",
        /// What was answered, for the customer.
        Reply = "reply",
        /// That nothing more is needed.
        Close = "close",
    }

    /// What a person is to the support desk.
    PersonRole = "person role" { Agent = "agent", LightAgent = "light_agent", Expert = "expert", Outsider = "outsider", }

    /// What a customer pays for.
    Tier = "tier" { Standard = "standard", CareBasic = "care_basic", CarePlus = "care_plus", Business = "business", }

    /// What an agent should do next.
    NextStep = "next step" {
        /// Answer from what is known.
        Answer = "answer",
        /// Run an API action.
        Act = "act",
        /// Open a side conversation.
        Consult = "consult",
        /// Ask the customer for what is missing.
        AskCustomer = "ask_customer",
        /// Leave an internal note.
        Note = "note",
        /// Wait for somebody.
        Wait = "wait",
    }

    /// Who decided a route.
    RouteBy = "route source" { Rule = "rule", Head = "head", Person = "person", }

    /// What a rule asks of a ticket.
    RuleCondition = "condition of a rule" {
        Intent = "intent", Language = "language", Tier = "tier", Channel = "channel", Words = "words", Entity = "entity", Urgency = "urgency",
    }

    /// Whence a field of the triage comes.
    OriginBy = "origin" {
        /// From a rule of the playbook.
        Rule = "rule",
        /// From what was learned of labelled tickets.
        Head = "head",
        /// From a head that comes along with the product.
        Builtin = "builtin",
        /// From words that are known to say it.
        Words = "words",
        /// From the system that sent the ticket.
        Source = "source",
        /// From somebody of the desk.
        Person = "person",
        /// From nothing: it is what it is where nothing says otherwise.
        Default = "default",
    }

    /// What a step of the account of a triage is about.
    WhyTopic = "topic of an account" {
        Text = "text", Intent = "intent", Rules = "rules", Route = "route", Priority = "priority", Mood = "mood", Duplicates = "duplicates",
        Incident = "incident",
    }

    /// Where an incident stands.
    IncidentState = "incident state" {
        /// Tickets of it still come.
        Growing = "growing",
        /// None came for a while.
        Quiet = "quiet",
        /// None came for so long that a new one would be something else.
        Over = "over",
    }

    /// Why two tickets are taken for one.
    DuplicateBy = "reason of a duplicate" {
        /// They name the same order, and are alike.
        Order = "order",
        /// The same customer wrote the like a few days apart.
        Customer = "customer",
        /// They have nearly the same text, whoever wrote it.
        Text = "text",
        /// Somebody of the desk said so.
        Person = "person",
    }

    /// An event that webhooks can be told of.
    WebhookEvent = "webhook event" {
        /// A ticket was triaged for the first time, or its triage says something else now.
        TicketTriaged = "ticket.triaged",
        /// The panel of a ticket was made, or made anew.
        SuggestionReady = "suggestion.ready",
    }

    /// Where a message to a webhook stands.
    DeliveryState = "delivery state" {
        /// It is to be sent, for the first time or again.
        Waiting = "waiting",
        /// The receiver has it.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }

    /// Why a webhook was disabled.
    WebhookEnd = "reason of a disabled webhook" {
        /// The receiver answered 410: it wants no more.
        Gone = "gone",
        /// Every attempt of five days failed.
        Failing = "failing",
    }

    /// What somebody thought of a suggestion.
    Verdict = "verdict" { Up = "up", Down = "down", }

    /// What an earlier answer stands in.
    AnswerKind = "kind of answer" { Thread = "thread", Ticket = "ticket", Document = "document", }

    /// Whether what was found for an ask is shown.
    Arm = "arm" {
        /// It is shown.
        Suggested = "suggested",
        /// It is kept back, so that what showing it is worth can be told.
        HeldOut = "held_out",
    }

    /// What became of an ask.
    AskOutcome = "outcome" {
        /// Nobody has said yet.
        Open = "open",
        /// An earlier answer did: nobody was asked.
        Avoided = "avoided",
        /// An earlier answer went into the message.
        Reused = "reused",
        /// The side conversation was opened although an answer was shown.
        SentAnyway = "sent_anyway",
    }

    /// What insights are told by.
    InsightsBy = "grouping" { Week = "week", Intent = "intent", Channel = "channel", Team = "team", }

    /// Which part of the panel a suggestion is.
    Part = "panel part" {
        Triage = "triage", Summary = "summary", NextStep = "next_step", Passage = "passage", SimilarTicket = "similar_ticket",
        SimilarThread = "similar_thread", Expert = "expert", Channel = "channel", SideConversationDraft = "side_conversation_draft",
        ReplyDraft = "reply_draft", LooseEnd = "loose_end",
    }

    /// What a vector in the index stands for.
    Kind = "kind" { Passage = "passage", Ticket = "ticket", Comment = "comment", Message = "message", Person = "person", Attachment = "attachment", }

    /// Whether the text of an attachment was read.
    ReadState = "read state" {
        /// Nobody has tried yet.
        Waiting = "waiting",
        /// Its text can be found.
        Read = "read",
        /// It has no text, such as a picture.
        Nothing = "nothing",
        /// It could not be read.
        Refused = "refused",
    }

    /// What a signed-in user or a token may do.
    Role = "role" { Light = "light", Agent = "agent", Approver = "approver", Admin = "admin", Auditor = "auditor", Service = "service", }

    /// Why a one-time link was made.
    LinkPurpose = "link purpose" {
        /// To sign in.
        SignIn = "sign_in",
        /// To become a user.
        Invite = "invite",
        /// To choose a new password.
        Reset = "reset",
    }

    /// A list that is taken in and out whole.
    Register = "list" { People = "people", Teams = "teams", Channels = "channels", Customers = "customers", }

    /// How such a list is written.
    RegisterFormat = "format" {
        /// JSON lines, as `ingest` reads them.
        Lines = "jsonl",
        /// A table for spreadsheets.
        Csv = "csv",
    }

    /// Kinds of order states that the customer card shows.
    OrderStatus = "order status" {
        Paid = "paid", Picked = "picked", Shipped = "shipped", Delivered = "delivered", Cancelled = "cancelled", Returned = "returned", Lost = "lost",
    }
}

/// A name that is not a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: expected 1 to 64 of a-z, 0-9, `_` and `-`, starting with a letter or digit")]
pub struct InvalidSlug(String);

/// Lets serde read and write a checked word through its text.
macro_rules! through_string {
    ($name:ident, $error:ident) => {
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(given: String) -> Result<Self, $error> {
                given.parse()
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.to_string()
            }
        }
    };
}

macro_rules! slugs {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as written.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }

        through_string!($name, InvalidSlug);

        impl FromStr for $name {
            type Err = InvalidSlug;

            fn from_str(given: &str) -> Result<Self, InvalidSlug> {
                let fits = given.len() <= 64
                    && given.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                    && given.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
                if fits { Ok(Self(given.to_owned())) } else { Err(InvalidSlug(given.chars().take(80).collect())) }
            }
        }
    )*};
}

slugs! {
    /// The name of an intent, such as `refund_request`.
    IntentName;
    /// The name of a group that tickets are routed to.
    GroupName;
    /// The name of a team that can be consulted.
    TeamName;
    /// The name of a channel of the playbook.
    ChannelName;
    /// The name of a workspace.
    Slug;
}

/// A language, as its ISO 639-1 code in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language([u8; 2]);

impl Language {
    /// English.
    pub const ENGLISH: Self = Self(*b"en");
    /// French.
    pub const FRENCH: Self = Self(*b"fr");

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("en")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

through_string!(Language, UnknownWord);

impl FromStr for Language {
    type Err = UnknownWord;

    fn from_str(given: &str) -> Result<Self, UnknownWord> {
        match given.as_bytes() {
            [a @ b'a'..=b'z', b @ b'a'..=b'z'] => Ok(Self([*a, *b])),
            _ => Err(UnknownWord {
                kind: "language",
                given: given.chars().take(80).collect(),
                expected: "a two-letter ISO 639-1 code such as `en` or `fr`".to_owned(),
            }),
        }
    }
}

/// A probability, calibrated or not, in \[0, 1\].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Probability(f64);

impl Probability {
    /// Keeps a number in \[0, 1\]; anything else, NaN included, is refused.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// An e-mail address: one `@`, something on each side, no spaces; kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// A text that is not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an e-mail address: expected `name@domain`")]
pub struct InvalidEmail(String);

impl EmailAddress {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

through_string!(EmailAddress, InvalidEmail);

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(given: &str) -> Result<Self, InvalidEmail> {
        let trimmed = given.trim();
        let fits = trimmed.len() <= 254
            && !trimmed.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'))
            && trimmed.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
        if fits { Ok(Self(trimmed.to_lowercase())) } else { Err(InvalidEmail(given.chars().take(80).collect())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_outside_its_set_is_answered_with_the_set() {
        let error = "hot".parse::<Verdict>().unwrap_err();
        assert_eq!(error.to_string(), "`hot` is not a verdict: expected one of `up`, `down`");
    }

    #[test]
    fn a_probability_is_never_nan() {
        assert!(Probability::new(f64::NAN).is_none());
        assert!(Probability::new(1.01).is_none());
        assert_eq!(Probability::new(0.5).map(Probability::get), Some(0.5));
    }

    #[test]
    fn an_address_is_compared_without_its_case() {
        let one: EmailAddress = "Ana@Mail.example".parse().unwrap();
        assert_eq!(Ok(one), "ana@mail.example".parse());
        assert!("a b@c".parse::<EmailAddress>().is_err());
        assert!("a@b@c".parse::<EmailAddress>().is_err());
    }
}
