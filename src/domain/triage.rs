//! What a ticket is and where it belongs, always with evidence or an honest abstention.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::domain::id::{AttachmentId, CommentId, DocumentId, ExcerptId, MessageId, PassageId, ThreadId, TicketId};
use crate::domain::incident::Standing;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{
    EmailAddress, GroupName, IntentName, Language, OriginBy, Priority, Probability, RouteBy, Sentiment, Urgency,
};

/// The triage of one ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Triage {
    /// The likeliest intents, best first.
    pub intents: Vec<Guess<IntentName>>,
    /// The intent that holds, unless the triage abstains.
    pub intent: Option<IntentName>,
    /// The intents that it has beside the one that holds, likeliest first.
    #[serde(default)]
    pub also: Vec<Guess<IntentName>>,
    /// How the customer feels.
    pub sentiment: Option<Guess<Sentiment>>,
    /// How pressing it is.
    pub urgency: Option<Guess<Urgency>>,
    /// The language of the text.
    pub language: Option<Guess<Language>>,
    /// Numbers, names, amounts, dates and addresses in the text, and what comments add to them.
    pub entities: Vec<Entity>,
    /// How soon it should be worked on.
    pub priority: Priority,
    /// Where it belongs, unless nothing says so.
    pub route: Option<Route>,
    /// Tags that rules add.
    pub tags: Vec<String>,
    /// Earlier tickets that say the same.
    pub duplicates: Vec<TicketId>,
    /// What the intent rests on.
    pub evidence: Vec<Evidence>,
    /// Why no intent was chosen, when none was.
    pub abstained: Option<Abstention>,
    /// What somebody said in place of the guesses.
    pub corrected: Option<Correction>,
    /// What somebody said of this ticket and others.
    #[serde(default)]
    pub said_duplicates: Vec<SaidDuplicate>,
    /// The incident that it is part of, as it stands now, or whose tickets a passing text is like; never kept.
    #[serde(skip)]
    pub incident: Option<Standing>,
    /// Whence its fields come.
    #[serde(default)]
    pub origins: Origins,
}

/// Whence the fields of a triage come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    /// The intent, or that there is none.
    pub intent: Option<Origin>,
    /// How the customer feels.
    pub sentiment: Option<Origin>,
    /// How pressing it is.
    pub urgency: Option<Origin>,
    /// The language.
    pub language: Option<Origin>,
    /// How soon it should be worked on.
    pub priority: Option<Origin>,
    /// Where it belongs.
    pub route: Option<Origin>,
    /// The tags, each with the rule that adds it first.
    pub tags: Vec<(String, String)>,
}

/// Whence a field comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// From whom or what.
    pub by: OriginBy,
    /// The name of the rule or the person, else the words that weigh most, the weightiest first.
    pub because: Vec<String>,
}

/// What somebody of the desk said of a ticket and another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidDuplicate {
    /// The other ticket.
    pub other: TicketId,
    /// Whether both are one; else they are not.
    pub is_same: bool,
    /// Who said it, as people call them.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Triage {
    /// Shows what somebody said since it was made, or that they took it back, until it is made again.
    pub fn restate(&mut self, said: Option<Correction>) {
        let before = self.corrected.take();
        let is_taken_back = |of: fn(&Correction) -> bool| before.as_ref().is_some_and(of) && !said.as_ref().is_some_and(of);
        if is_taken_back(|said| said.matter.is_some()) {
            self.intents.clear();
            self.origins.intent = None;
            self.decide(None, Some(Reason::ReadAgain));
        }
        if is_taken_back(|said| said.group.is_some()) {
            self.route = None;
            self.origins.route = None;
        }
        if let Some(Correction { matter, group, by, at: _ }) = &said {
            match matter {
                Some(Matter::Intent(intent)) => self.decide(Some(intent.clone()), None),
                Some(Matter::OutOfScope) => self.decide(None, Some(Reason::SaidOutOfScope { name: by.clone() })),
                None => {}
            }
            let person = || Some(Origin { by: OriginBy::Person, because: vec![by.clone()] });
            if matter.is_some() {
                self.origins.intent = person();
            }
            if group.is_some() {
                self.origins.route = person();
            }
            if let Some(group) = group {
                let (group, because) = (group.clone(), by.clone());
                self.route = Some(Route { group, assignee: None, by: RouteBy::Person, because, probability: None });
            }
        }
        self.corrected = said;
    }

    /// Shows what somebody said of this ticket and others since it was made.
    pub fn restate_duplicates(&mut self, said: Vec<SaidDuplicate>) {
        let before = std::mem::replace(&mut self.said_duplicates, said);
        let said_same = |all: &[SaidDuplicate], id: &TicketId| all.iter().find(|one| one.other == *id).map(|one| one.is_same);
        // What was taken back is shown no longer: the judgement of its own comes when the panel is made again.
        self.duplicates.retain(|id| match said_same(&self.said_duplicates, id) {
            Some(is_same) => is_same,
            None => said_same(&before, id).is_none(),
        });
        for one in self.said_duplicates.iter().filter(|one| one.is_same) {
            if !self.duplicates.contains(&one.other) {
                self.duplicates.push(one.other);
            }
        }
    }

    fn decide(&mut self, intent: Option<IntentName>, why_none: Option<Reason>) {
        // Further ones were told beside what was guessed, not beside what somebody said.
        self.also.clear();
        self.intent = intent;
        self.abstained = why_none.map(|reason| Abstention { reason, candidates: Vec::new() });
        // It rests on what somebody said.
        self.evidence.clear();
    }
}

/// What a ticket is about, as somebody says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matter {
    /// This intent.
    Intent(IntentName),
    /// None that the workspace works on.
    OutOfScope,
}

impl Matter {
    /// As a label has it: its intents, none for what is out of scope.
    #[must_use]
    pub fn intents(&self) -> Vec<IntentName> {
        match self {
            Self::Intent(intent) => vec![intent.clone()],
            Self::OutOfScope => Vec::new(),
        }
    }
}

/// What somebody of the desk said of a ticket in place of what was guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// What it is about, if they said it.
    pub matter: Option<Matter>,
    /// Where it belongs, if they said it.
    pub group: Option<GroupName>,
    /// Who said it last, as people call them.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A candidate with its probability; `None` while too few labels are there to calibrate one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guess<T> {
    /// The candidate.
    pub name: T,
    /// Its calibrated probability.
    pub probability: Option<Probability>,
}

/// Where a ticket belongs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The group.
    pub group: GroupName,
    /// The agent, when one is clear.
    pub assignee: Option<EmailAddress>,
    /// Whether a rule or a person said so or it was learned.
    pub by: RouteBy,
    /// The rule's or the person's name, or what the decision was learned from.
    pub because: String,
    /// The calibrated probability; none for a rule or a person, who do not guess.
    pub probability: Option<Probability>,
}

/// A number, name or amount found in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// What it is, such as `order`, `email` or a kind of the playbook.
    pub kind: String,
    /// As written.
    pub text: String,
    /// Normalised.
    pub value: String,
    /// Where it stands in the original text, in bytes.
    pub span: Range<usize>,
    /// Whether it identifies a person and is redacted in the index and logs.
    pub personal: bool,
    /// Whether its check digit is right; `None` when it has none.
    pub checked: Option<bool>,
    /// The comment whose text it stands in; `None` for the ticket's own text.
    #[serde(default)]
    pub comment: Option<CommentId>,
}

/// Something that a statement rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is.
    pub source: Source,
    /// What it is called where people point at it, such as `T-1004` or an article's title.
    pub title: String,
    /// The words that matter, as this reader may see them.
    pub quote: String,
    /// Where the quote stands in the source's original text, in bytes; a ticket's is its body, without the subject.
    pub span: Option<Range<usize>>,
    /// When the source was written or last changed.
    pub at: Option<Timestamp>,
}

/// What can be cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    /// A passage of a document.
    Passage(DocumentId, PassageId),
    /// A ticket's own text.
    Ticket(TicketId),
    /// A comment on a ticket.
    Comment(TicketId, CommentId),
    /// A message of a side conversation.
    Message(ThreadId, MessageId),
    /// A piece of the text of a file that came with a ticket, one of its comments, or a message of its side conversations.
    Attachment(TicketId, AttachmentId, ExcerptId),
    /// An intent's description or example in the playbook.
    Playbook,
}

/// Why nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abstention {
    /// The reason.
    pub reason: Reason,
    /// What was closest, best first.
    pub candidates: Vec<String>,
}
