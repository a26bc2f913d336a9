//! Every text of the interface, by a key: one language is one value of [`Words`], and a missing text does not compile.
//!
//! Templates hold no words of their own, so another language is another file beside `english.rs`.
#![expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand every value over by reference")]
#![expect(clippy::unused_self, reason = "templates ask the words for everything that depends on the language")]

mod english;

use std::fmt::Display;

use crate::domain::audience::Audience;
use crate::domain::panel::LooseEndKind;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{
    Language, NextStep, OrderStatus, Priority, Role, RouteBy, Sentiment, ThreadChannel, ThreadStatus, TicketChannel, TicketStatus, Tier,
    Urgency,
};
use crate::web::bodies::Fold;
use crate::web::format;
use crate::web::view::ProblemKind;

pub(super) use english::ENGLISH;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
const YEAR: i64 = 365 * DAY;

macro_rules! words {
    ($($key:ident),* $(,)?) => {
        /// The texts of one language.
        #[derive(Debug)]
        pub(super) struct Words {
            $(pub(super) $key: &'static str,)*
            /// Names of languages by their ISO 639-1 code.
            pub(super) languages: &'static [(&'static str, &'static str)],
        }
    };
}

words! {
    lang, product, skip, search_label, search_hint, sign_in, sign_out, to_inbox, inbox, inbox_caption, filter_status, filter_group,
    every_status, every_group, col_ticket, col_status, col_intent, col_sentiment, col_priority, col_group, col_language, col_age,
    no_subject, unclear, being_read, pending_one, pending_many, refresh, found_for, clear_search, pages, first_page, older,
    empty_filtered, empty_filtered_help, show_all, empty_reading, empty_reading_help, empty_fresh, empty_fresh_help, way_folder, way_api,
    way_demo, other_tickets, switch, conversation, suggestions, assigned_to, said_customer, said_agent, said_note, quoted, signature, jumps, is_done, ask, ask_label, ask_hint, ask_go, ask_busy, ask_failed, ask_nothing, ask_read, ask_comment, ask_comments, ask_thread,
    ask_threads, ask_passage, ask_passages, jump_next, jump_reply, jump_passages, jump_similar, jump_people, why,
    side_conversation, with_people, message_one, message_many, write, write_kind, write_reply, write_note, write_body, write_hint,
    write_public_note, write_internal_note, send, live_on, live_off, live_changed, live_show, live_failed, customer, customer_since,
    prefers, orders, more_order_one, more_order_many, other_ticket_one, other_ticket_many, triage, intent, sentiment_title,
    urgency_title, language_title, priority_title, route, route_rule, route_head, tags, entities, check_right, check_wrong, personal,
    duplicates, probability, not_calibrated, next_step, summary, side_conversations, asked, answered, also, waiting_on, since,
    reply_draft, copy, copied, insert, edit_first, passages, show_all_text, updated, similar_tickets, solved_by, already_answered,
    who_to_ask, outsider, open_thread_one, open_thread_many, usual_reply, expected_reply, from_thread_one, from_thread_many,
    no_threads_yet, thread_draft, draft_to, draft_subject, draft_body, open_thread, loose_ends, end_not_relayed, end_stalled,
    end_open_on_solved, sources, source, made_at, closest, preparing, preparing_noscript, thumb_up, thumb_down, thumb_thanks,
    thumb_failed, sign_in_hello, sign_in_confirm, sign_in_note, link_spent, link_spent_help, link_needed, link_new, setup, setup_title,
    setup_help, setup_name, setup_email, setup_workspace, setup_workspace_help, setup_go, problem_not_found, problem_not_found_help,
    problem_signed_out, problem_signed_out_help, problem_forbidden, problem_forbidden_help, problem_expired, problem_expired_help, problem_busy, problem_busy_help, problem_bug,
    problem_bug_help, problem_other, problem_other_help, kept, request_id, just_now, age_minutes, age_hours, age_days, age_weeks, age_years,
    minutes_one, minutes_many, hours_one, hours_many, days_one, days_many, status_new, status_open, status_pending, status_solved, low,
    normal, high, urgent, critical, very_negative, negative, neutral, positive, very_positive, step_answer, step_act, step_consult,
    step_ask_customer, step_note, step_wait, by_email, by_web, by_chat, by_phone, by_api, by_slack, by_teams, by_child_ticket,
    thread_open, thread_closed, tier_standard, tier_care_basic, tier_care_plus, tier_business, order_paid, order_picked, order_shipped,
    order_delivered, order_cancelled, order_returned, order_lost, role_light, role_agent, role_approver, role_admin, role_auditor,
    role_service, audience_public, audience_internal, audience_teams, audience_customer, files, file_waiting, file_read, file_refused,
    file_claims, file_pick, file_limit, file_cancel, file_remove, file_done, file_large, file_failed, show_whole, show_latest, earlier_one,
    earlier_many,
}

/// Who said something on a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SaidBy {
    Customer,
    Agent,
    Note,
}

impl SaidBy {
    /// The word in class names.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Note => "note",
        }
    }

    /// Whether the customer must never see it.
    pub(super) const fn is_internal(self) -> bool {
        matches!(self, Self::Note)
    }
}

impl Words {
    /// A text with its value.
    pub(super) fn say(&self, text: &str, value: impl Display) -> String {
        text.replacen("{}", &value.to_string(), 1)
    }

    /// One of two texts, by a count.
    pub(super) fn count(&self, one: &str, many: &str, count: impl Display) -> String {
        let count = count.to_string();
        if count == "1" { one.to_owned() } else { self.say(many, count) }
    }

    /// How old something is, in its largest unit.
    pub(super) fn age(&self, now: &Timestamp, at: &Timestamp) -> String {
        let seconds = now.seconds_since(*at).max(0);
        let units =
            [(YEAR, self.age_years), (8 * WEEK, self.age_weeks), (DAY, self.age_days), (HOUR, self.age_hours), (MINUTE, self.age_minutes)];
        let unit = units.iter().find(|(least, _)| seconds >= *least);
        unit.map_or_else(
            || self.just_now.to_owned(),
            |(least, text)| self.say(text, seconds / if *least == 8 * WEEK { WEEK } else { *least }),
        )
    }

    /// A length of time, in its largest unit.
    pub(super) fn minutes(&self, minutes: &u32) -> String {
        match minutes {
            0..120 => self.count(self.minutes_one, self.minutes_many, minutes),
            120..2880 => self.count(self.hours_one, self.hours_many, minutes / 60),
            _ => self.count(self.days_one, self.days_many, minutes / 1440),
        }
    }

    /// A language's name, or its code.
    pub(super) fn language(&self, language: &Language) -> String {
        let known = self.languages.iter().find(|(code, _)| *code == language.as_str());
        known.map_or_else(|| language.to_string(), |(_, name)| (*name).to_owned())
    }

    /// Who may read something.
    pub(super) fn audience(&self, audience: &Audience) -> String {
        match audience {
            Audience::Public => self.audience_public.to_owned(),
            Audience::Internal => self.audience_internal.to_owned(),
            Audience::Teams(teams) => {
                let titles: Vec<String> = teams.iter().map(format::humanise).collect();
                self.say(self.audience_teams, format::list(&titles))
            }
            Audience::Customer(_) => self.audience_customer.to_owned(),
        }
    }

    /// The class name that goes with [`Words::audience`].
    pub(super) const fn audience_class(&self, audience: &Audience) -> &'static str {
        match audience {
            Audience::Public => "public",
            Audience::Internal => "internal",
            Audience::Teams(_) => "teams",
            Audience::Customer(_) => "customer",
        }
    }

    /// The title and the advice of a problem page.
    pub(super) const fn problem(&self, kind: ProblemKind) -> (&'static str, &'static str) {
        match kind {
            ProblemKind::NotFound => (self.problem_not_found, self.problem_not_found_help),
            ProblemKind::SignedOut => (self.problem_signed_out, self.problem_signed_out_help),
            ProblemKind::Forbidden => (self.problem_forbidden, self.problem_forbidden_help),
            ProblemKind::Stale => (self.problem_expired, self.problem_expired_help),
            ProblemKind::Busy => (self.problem_busy, self.problem_busy_help),
            ProblemKind::Broken => (self.problem_bug, self.problem_bug_help),
            ProblemKind::Refused => (self.problem_other, self.problem_other_help),
        }
    }
}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident($kind:ident) { $($variant:ident = $key:ident,)* })*) => {
        impl Words {$(
            $(#[$doc])*
            pub(super) const fn $name(&self, value: &$kind) -> &'static str {
                match value { $($kind::$variant => self.$key,)* }
            }
        )*}
    };
}

labels! {
    /// Who said it.
    said(SaidBy) { Customer = said_customer, Agent = said_agent, Note = said_note, }
    /// A folded stretch of text.
    fold(Fold) { Quoted = quoted, Signature = signature, }
    /// A ticket's status.
    status(TicketStatus) { New = status_new, Open = status_open, Pending = status_pending, Solved = status_solved, }
    /// A ticket's channel.
    ticket_channel(TicketChannel) { Email = by_email, Web = by_web, Chat = by_chat, Phone = by_phone, Api = by_api, }
    /// A priority.
    priority(Priority) { Low = low, Normal = normal, High = high, Urgent = urgent, }
    /// An urgency.
    urgency(Urgency) { Low = low, Normal = normal, High = high, Critical = critical, }
    /// A sentiment.
    sentiment(Sentiment) {
        VeryNegative = very_negative, Negative = negative, Neutral = neutral, Positive = positive, VeryPositive = very_positive,
    }
    /// A side conversation's channel.
    thread_channel(ThreadChannel) { Email = by_email, Slack = by_slack, Teams = by_teams, ChildTicket = by_child_ticket, }
    /// A side conversation's state.
    thread_status(ThreadStatus) { Open = thread_open, Closed = thread_closed, }
    /// A customer's tier.
    tier(Tier) { Standard = tier_standard, CareBasic = tier_care_basic, CarePlus = tier_care_plus, Business = tier_business, }
    /// A next step.
    step(NextStep) {
        Answer = step_answer, Act = step_act, Consult = step_consult, AskCustomer = step_ask_customer, Note = step_note, Wait = step_wait,
    }
    /// Who decided a route, with a place for the rule or the examples.
    route_by(RouteBy) { Rule = route_rule, Head = route_head, }
    /// An order's status.
    order_status(OrderStatus) {
        Paid = order_paid, Picked = order_picked, Shipped = order_shipped, Delivered = order_delivered, Cancelled = order_cancelled,
        Returned = order_returned, Lost = order_lost,
    }
    /// A role.
    role(Role) {
        Light = role_light, Agent = role_agent, Approver = role_approver, Admin = role_admin, Auditor = role_auditor, Service = role_service,
    }
    /// A loose end.
    loose_end(LooseEndKind) { AnsweredNotRelayed = end_not_relayed, Stalled = end_stalled, OpenOnSolved = end_open_on_solved, }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let now = Timestamp::from_micros(0).plus_seconds(10 * YEAR);
        let check = |seconds: i64, expected: &str| assert_eq!(ENGLISH.age(&now, &now.plus_seconds(-seconds)), expected);
        check(-5, "just now");
        check(59, "just now");
        check(61, "1 min");
        check(3 * HOUR + 59, "3 h");
        check(30 * DAY, "30 d");
        check(9 * WEEK, "9 wk");
        check(2 * YEAR + DAY, "2 y");
    }

    #[test]
    fn a_reply_time_is_told_in_minutes_hours_or_days() {
        assert_eq!(ENGLISH.minutes(&45), "45 minutes");
        assert_eq!(ENGLISH.minutes(&180), "3 hours");
        assert_eq!(ENGLISH.minutes(&4_400), "3 days");
    }

    #[test]
    fn a_value_that_looks_like_a_place_holder_is_shown_as_it_is() {
        assert_eq!(ENGLISH.say(ENGLISH.found_for, "{}"), "Tickets that match “{}”.");
    }
}
