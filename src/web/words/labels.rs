//! The words of closed sets: every value has a key, or this does not compile.
#![expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand every value over by reference")]

use std::fmt::Display;

use crate::app::Called;
use crate::domain::audience::Audience;
use crate::domain::leak::LeakLevel;
use crate::domain::mail::MailReason;
use crate::domain::outbox::{SendReason, SendState};
use crate::domain::panel::LooseEndKind;
use crate::domain::vocabulary::{
    DeliveryState, EndDraftKind, HeadPart, IncidentState, Kind, Language, NextStep, OrderStatus, Part, PersonRole, Priority, Register,
    RegisterFormat, Role, RouteBy, Sentiment, ThreadChannel, TicketChannel, TicketStatus, Tier, Urgency, WhyTopic,
};
use crate::web::bodies::Fold;
use crate::web::format;
use crate::web::preferences::Theme;
use crate::web::standing::Standing;
use crate::web::view::ProblemKind;
use crate::web::words::{Said, Words};

/// Who said something on a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum SaidBy {
    Customer,
    Agent,
    Note,
}

impl SaidBy {
    /// The word in class names.
    pub(in crate::web) const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Note => "note",
        }
    }

    /// Whether the customer must never see it.
    pub(in crate::web) const fn is_internal(self) -> bool {
        matches!(self, Self::Note)
    }
}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident($kind:ident) { $($variant:ident = $key:literal,)* })*) => {
        impl Words {$(
            $(#[$doc])*
            pub(in crate::web) fn $name(&'static self, value: &$kind) -> Said {
                self.say(match value { $($kind::$variant => $key,)* })
            }
        )*}
    };
}

labels! {
    /// A part of the panel.
    part(Part) {
        Triage = "part-triage", Summary = "part-summary", NextStep = "part-next-step", Passage = "part-passage",
        SimilarTicket = "part-similar-ticket", SimilarThread = "part-similar-thread", Expert = "part-expert", Channel = "part-channel",
        SideConversationDraft = "part-draft", ReplyDraft = "part-reply", LooseEnd = "part-loose-end",
    }
    /// Who said it.
    said(SaidBy) { Customer = "said-customer", Agent = "said-agent", Note = "said-note", }
    /// A folded stretch of text.
    fold(Fold) { Quoted = "talk-quoted", Signature = "talk-signature", }
    /// A ticket's status.
    status(TicketStatus) { New = "status-new", Open = "status-open", Pending = "status-pending", Solved = "status-solved", }
    /// A ticket's channel.
    ticket_channel(TicketChannel) { Email = "by-email", Web = "by-web", Chat = "by-chat", Phone = "by-phone", Api = "by-api", }
    /// A priority.
    priority(Priority) { Low = "priority-low", Normal = "priority-normal", High = "priority-high", Urgent = "priority-urgent", }
    /// An urgency.
    urgency(Urgency) { Low = "urgency-low", Normal = "urgency-normal", High = "urgency-high", Critical = "urgency-critical", }
    /// A sentiment.
    sentiment(Sentiment) {
        VeryNegative = "sentiment-very-negative", Negative = "sentiment-negative", Neutral = "sentiment-neutral",
        Positive = "sentiment-positive", VeryPositive = "sentiment-very-positive",
    }
    /// A side conversation's channel.
    /// How bad a leak is.
    leak_level(LeakLevel) { Hint = "held-hint", Acknowledge = "held-acknowledge", Block = "held-block", }
    thread_channel(ThreadChannel) { Email = "by-email", Slack = "by-slack", Teams = "by-teams", ChildTicket = "by-child-ticket", }
    /// How a side conversation stands.
    standing(Standing) { Waiting = "thread-waiting", Answered = "thread-is-answered", Closed = "thread-closed", }
    /// Where a message stands that leaves the desk.
    send_state(SendState) {
        Queued = "leaving-queued", Sending = "leaving-sending", Sent = "leaving-sent", Refused = "leaving-refused",
        Unknown = "leaving-unknown",
    }
    /// Why a message was not sent, or not yet.
    send_reason(SendReason) {
        ServerAway = "leaving-server-away", ServerBusy = "leaving-server-busy", LoginRefused = "leaving-login-refused",
        SenderRefused = "leaving-sender-refused", NoWorkspace = "leaving-no-workspace", NoTrust = "leaving-no-trust",
        MailboxUnknown = "leaving-mailbox-unknown", MailboxFull = "leaving-mailbox-full",
        NotAllowed = "leaving-not-allowed", TooLarge = "leaving-too-large", Rejected = "leaving-rejected", BrokeOff = "leaving-broke-off",
        GaveUp = "leaving-gave-up", Unfit = "leaving-unfit", ChannelUnknown = "leaving-channel-unknown",
        NotInChannel = "leaving-not-in-channel", ChannelArchived = "leaving-channel-archived", PersonUnknown = "leaving-person-unknown",
    }
    /// Why a mail did not become a message.
    mail_reason(MailReason) {
        Stranger = "held-stranger", OfTheDesk = "held-of-the-desk", SeveralSenders = "held-several-senders", Forged = "held-forged",
        Unread = "held-unread", TooMany = "held-too-many", Machine = "held-machine", Undelivered = "held-undelivered",
    }
    /// A customer's tier.
    tier(Tier) { Standard = "tier-standard", CareBasic = "tier-care-basic", CarePlus = "tier-care-plus", Business = "tier-business", }
    /// A next step.
    step(NextStep) {
        Answer = "step-answer", Act = "step-act", Consult = "step-consult", AskCustomer = "step-ask-customer", Note = "step-note",
        Wait = "step-wait",
    }
    /// What a head says of a ticket.
    head(HeadPart) {
        Intent = "head-intent", Route = "head-route", NextStep = "head-next-step", Priority = "head-priority", Sentiment = "head-sentiment",
        Urgency = "head-urgency",
    }
    /// Who decided a route; wants the rule or the examples as `because`.
    route_by(RouteBy) { Rule = "route-rule", Head = "route-head", Person = "route-person", }
    /// An order's status.
    order_status(OrderStatus) {
        Paid = "order-paid", Picked = "order-picked", Shipped = "order-shipped", Delivered = "order-delivered",
        Cancelled = "order-cancelled", Returned = "order-returned", Lost = "order-lost",
    }
    /// Something that a search finds.
    found(Kind) {
        Passage = "found-passage", Ticket = "found-ticket", Comment = "found-comment", Message = "found-message", Person = "found-person",
        Attachment = "found-attachment",
    }
    /// A role.
    role(Role) {
        Light = "role-light", Agent = "role-agent", Approver = "role-approver", Admin = "role-admin", Auditor = "role-auditor",
        Service = "role-service",
    }
    /// What a role lets somebody do.
    role_help(Role) {
        Light = "role-light-help", Agent = "role-agent-help", Approver = "role-approver-help", Admin = "role-admin-help",
        Auditor = "role-auditor-help", Service = "role-service-help",
    }
    /// What somebody is to the desk.
    person_role(PersonRole) {
        Agent = "person-role-agent", LightAgent = "person-role-light-agent", Expert = "person-role-expert", Outsider = "person-role-outsider",
    }
    /// Where a message to a webhook stands.
    delivery_state(DeliveryState) { Waiting = "webhooks-waits", Delivered = "webhooks-delivered", Failed = "webhooks-given-up", }
    /// A list of the directory.
    register(Register) { People = "people", Teams = "teams", Channels = "channels", Customers = "customers", }
    /// How such a list is written.
    register_format(RegisterFormat) { Lines = "format-lines", Csv = "format-csv", }
    /// Where an incident stands.
    incident_state(IncidentState) { Growing = "incident-growing", Quiet = "incident-quiet", Over = "incident-over", }
    /// What a step of an account is about.
    why_topic(WhyTopic) {
        Text = "why-topic-text", Intent = "why-topic-intent", Rules = "why-topic-rules", Route = "why-topic-route",
        Priority = "why-topic-priority", Mood = "why-topic-mood", Duplicates = "why-topic-duplicates", Incident = "why-topic-incident",
    }
    /// A loose end.
    loose_end(LooseEndKind) {
        AnsweredNotRelayed = "loose-end-not-relayed", Stalled = "loose-end-stalled", ChildSolved = "loose-end-child-solved",
        OpenOnSolved = "loose-end-open-on-solved",
    }
    /// What is drafted for a loose end.
    end_draft(EndDraftKind) { Nudge = "end-nudge", Reply = "end-reply", Close = "end-close", }
    /// The title of a problem page.
    problem(ProblemKind) {
        NotFound = "problem-not-found", SignedOut = "problem-signed-out", Forbidden = "problem-forbidden", Stale = "problem-stale",
        Overtaken = "problem-overtaken", Busy = "problem-busy", Broken = "problem-broken", Refused = "problem-refused",
    }
    /// The advice of a problem page.
    problem_help(ProblemKind) {
        NotFound = "problem-not-found-help", SignedOut = "problem-signed-out-help", Forbidden = "problem-forbidden-help",
        Stale = "problem-stale-help", Overtaken = "problem-overtaken-help", Busy = "problem-busy-help", Broken = "problem-broken-help",
        Refused = "problem-refused-help",
    }
    /// A theme of the interface.
    theme(Theme) { System = "theme-system", Light = "theme-light", Dark = "theme-dark", }
}

impl Words {
    /// A subject, or what stands in its place.
    pub(in crate::web) fn subject(&'static self, subject: &str) -> String {
        if subject.trim().is_empty() { self.say("no-subject").to_string() } else { subject.to_owned() }
    }

    /// A role with what it may do.
    pub(in crate::web) fn role_explained(&'static self, role: &Role) -> Said {
        self.say("role-explained").with("role", self.role(role)).with("help", self.role_help(role))
    }

    /// A language's name, or its code.
    pub(in crate::web) fn language(&'static self, language: &Language) -> String {
        self.name("language-", language.as_str()).unwrap_or_else(|| language.to_string())
    }

    /// An intent as the playbook calls it in this language, else by its own name.
    pub(in crate::web) fn intent(&self, called: &Called, name: &impl Display) -> String {
        let code = name.to_string();
        self.reads().and_then(|language| called.intent(&code, language)).map_or_else(|| format::humanise(&code), str::to_owned)
    }

    /// An intent, or that there is none.
    pub(in crate::web) fn matter(&'static self, called: &Called, code: &str) -> String {
        if code == "oos" { self.say("learning-oos").to_string() } else { self.intent(called, &code) }
    }

    /// The same of a group.
    pub(in crate::web) fn group(&self, called: &Called, name: &impl Display) -> String {
        let code = name.to_string();
        self.reads().and_then(|language| called.group(&code, language)).map_or_else(|| format::humanise(&code), str::to_owned)
    }

    /// A kind of what was found in a text, as the playbook calls it, else as [`Words::entity_kind`].
    pub(in crate::web) fn kind_called(&'static self, called: &Called, kind: &str) -> String {
        self.reads().and_then(|language| called.kind(kind, language)).map_or_else(|| self.entity_kind(kind), str::to_owned)
    }

    fn reads(&self) -> Option<Language> {
        self.lang().parse().ok()
    }

    /// A kind of what was found in a text: one of those that are built in, or the playbook's own word.
    pub(in crate::web) fn entity_kind(&'static self, kind: &str) -> String {
        self.name("kind-", kind).unwrap_or_else(|| format::humanise(&kind))
    }

    /// What something of a family is called, if this language knows it.
    fn name(&self, family: &str, code: &str) -> Option<String> {
        let name = self.bundle.get_message(&format!("{family}{code}"))?.value()?;
        Some(self.bundle.format_pattern(name, None, &mut Vec::new()).into_owned())
    }

    /// Who may read something.
    pub(in crate::web) fn audience(&'static self, audience: &Audience) -> Said {
        match audience {
            Audience::Public => self.say("audience-public"),
            Audience::Internal => self.say("audience-internal"),
            Audience::Teams(teams) => {
                let titles: Vec<String> = teams.iter().map(format::humanise).collect();
                self.say("audience-teams").with("teams", format::list(&titles))
            }
            Audience::Customer(_) => self.say("audience-customer"),
        }
    }
}
