//! Slack: posted once within its limits, answered, edited, taken back, refused, and looked for where the line broke.

use backchannel::domain::chat::ChatOutcome;
use backchannel::domain::id::{MessageId, ThreadId};
use backchannel::domain::outbox::{RecipientState, SendChoice, SendReason, SendState};
use backchannel::domain::vocabulary::{ThreadChannel, ThreadStatus};
use serde_json::{Value, json};

use super::{Desk, INGRID, TOM, said, thread};
use crate::support::database::{Database, each};
use crate::support::make;
use crate::support::slack::{Slack, Turn};

const ASK: &str = "May it be **posted**?\n\n- batch 26-08 <!channel>\n- see [the rule](https://desk.example/bp20)";
/// The channel of the directory and its id over there.
const LAB: &str = "C0HWLAB01";

async fn connected(database: &Database, slack: &Slack) -> Desk {
    let desk = Desk::new(database, |parts| parts.slack = slack.options()).await;
    for (name, address) in [("lab", "#hw-lab"), ("outside", "#outside"), ("old", "C0ARCHIVE"), ("nowhere", "#nowhere")] {
        desk.channel(name, ThreadChannel::Slack, address).await;
    }
    desk
}

/// A desk that has asked something in the lab's channel.
async fn asked(database: &Database, slack: &Slack) -> (Desk, ThreadId, MessageId) {
    let desk = connected(database, slack).await;
    let (opened, first) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
    desk.work().await;
    (desk, opened, first)
}

/// The seconds of the moment at which tests begin.
fn now() -> i64 {
    make::NOW.as_micros() / 1_000_000
}

/// The id of a message that somebody wrote after so many seconds.
fn ts(after: i64) -> String {
    format!("{}.000900", now() + after)
}

/// Somebody's answer to what stands first in the lab's channel.
fn answer(slack: &Slack, user: &str, text: &str, ts: &str) -> Value {
    let root = &slack.standing()[0].ts;
    json!({"type": "message", "channel": LAB, "channel_type": "channel", "user": user, "text": text, "ts": ts, "thread_ts": root})
}

fn edit(message: &Value, text: &str, at: &str) -> Value {
    let mut message = message.clone();
    message["text"] = text.into();
    message["edited"] = json!({"user": message["user"], "ts": at});
    json!({"type": "message", "subtype": "message_changed", "channel": LAB, "ts": at, "message": message})
}

fn deletion(message: &Value) -> Value {
    json!({"type": "message", "subtype": "message_deleted", "channel": LAB, "ts": ts(90), "deleted_ts": message["ts"], "previous_message": message})
}

impl Desk {
    /// Has an event come in and be taken in.
    async fn hear_event(&self, id: &str, event: &Value) {
        assert_eq!(self.hear(Slack::event(id, event, now())).await, (200, String::new()), "{id}");
        self.work().await;
    }
}

#[tokio::test]
async fn a_question_is_posted_once_in_its_channel_and_its_answer_comes_back() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        let (opened, first) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
        assert_eq!(
            desk.state(first).await,
            (SendState::Queued, None, vec![RecipientState::Queued]),
            "nothing has left before the job runs"
        );
        desk.work().await;
        assert_eq!(desk.state(first).await, (SendState::Sent, None, vec![RecipientState::Sent]));
        let posted = slack.standing();
        assert_eq!((posted.len(), posted[0].channel.as_str(), posted[0].root()), (1, LAB, None));
        assert_eq!(
            posted[0].texts(),
            [
                "Swollen BP-20",
                "tom@alderwick.example <@UINGRID01>",
                "May it be *posted*?\n\n• batch 26-08 &lt;!channel&gt;\n• see <https://desk.example/bp20|the rule>"
            ],
            "bold, lists and links survive, and nobody is called but who is asked"
        );
        assert_eq!((&posted[0].body["unfurl_links"], &posted[0].body["metadata"]["event_payload"]["part"]), (&json!(false), &json!(0)));

        let event = answer(&slack, "UINGRID01", "*Not* by post, see <https://lab.example/x|lot 26> &amp; ask <@UINGRID01>.", &ts(60));
        desk.clock.advance(90);
        assert_eq!(desk.hear(Slack::event("Ev1", &event, now())).await.0, 200);
        assert_eq!(desk.answers(opened).await, [], "kept before it is answered, and taken in by a job");
        desk.work().await;
        let expected = (INGRID.to_owned(), "**Not** by post, see [lot 26](https://lab.example/x) & ask @Ingrid Solberg.".to_owned());
        assert_eq!(desk.answers(opened).await, [expected]);
        assert_eq!((desk.told("side_conversation.answered").await, desk.outcomes(ChatOutcome::Matched).await), (1, 1));

        let second = desk.app.add_message(&desk.admin, opened, said(TOM, "Thank you.")).await.unwrap();
        desk.work().await;
        assert_eq!(desk.state(second.id).await.0, SendState::Sent);
        let posted = slack.standing();
        assert_eq!((posted.len(), posted[1].root()), (2, Some(posted[0].ts.as_str())), "in the thread of the first");
        assert_eq!(posted[1].texts(), ["tom@alderwick.example", "Thank you."]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_comes_twice_late_or_out_of_order_is_said_once_as_it_is_now() {
    each(async |database| {
        let slack = Slack::start().await;
        let (desk, opened, _) = asked(database, &slack).await;
        desk.clock.advance(120);
        let word = async |number: usize| desk.answers(opened).await.get(number).map(|(_, body)| body.clone());
        let one = answer(&slack, "UINGRID01", "one", &ts(1));
        // The same event again, as Slack sends it where the first answer was late; and the same message under another id.
        for id in ["Ev1", "Ev1", "Ev2"] {
            desk.hear_event(id, &one).await;
        }
        assert_eq!(desk.answers(opened).await.len(), 1);
        // Two edits, the newer one first.
        desk.hear_event("Ev3", &edit(&one, "one, edited twice", &ts(30))).await;
        desk.hear_event("Ev4", &edit(&one, "one, edited", &ts(20))).await;
        assert_eq!(word(0).await.as_deref(), Some("one, edited twice"));
        // An edit before what it edits.
        let two = answer(&slack, "UINGRID01", "two", &ts(2));
        desk.hear_event("Ev5", &edit(&two, "two, edited", &ts(31))).await;
        desk.hear_event("Ev6", &two).await;
        assert_eq!(word(1).await.as_deref(), Some("two, edited"));
        // A deletion, and an edit of what is gone.
        desk.hear_event("Ev7", &deletion(&one)).await;
        desk.hear_event("Ev8", &edit(&one, "one is back", &ts(80))).await;
        desk.hear_event("Ev9", &one).await;
        let bodies: Vec<String> = desk.answers(opened).await.into_iter().map(|(_, body)| body).collect();
        assert_eq!(bodies, ["two, edited"]);
        // A deletion before what it deletes, with and without its words.
        let three = answer(&slack, "UINGRID01", "three", &ts(3));
        desk.hear_event("Ev10", &deletion(&three)).await;
        desk.hear_event("Ev11", &three).await;
        let four = answer(&slack, "UINGRID01", "four", &ts(4));
        let mut bare = deletion(&four);
        bare.as_object_mut().unwrap().remove("previous_message");
        desk.hear_event("Ev12", &bare).await;
        desk.hear_event("Ev13", &four).await;
        assert_eq!(desk.answers(opened).await.len(), 1);
        assert_eq!(desk.outcomes(ChatOutcome::Waiting).await, 0);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn machines_and_what_belongs_nowhere_are_left_out_and_strangers_are_let_in_as_such() {
    each(async |database| {
        let slack = Slack::start().await;
        let (desk, opened, first) = asked(database, &slack).await;
        desk.clock.advance(60);
        // What the desk posted comes back as an event, too.
        let own = json!({"type": "message", "channel": LAB, "bot_id": "B1", "app_id": "A1", "user": "UBOT00001", "text": "x", "ts": slack.standing()[0].ts});
        desk.hear_event("Ev1", &own).await;
        let mut machine = answer(&slack, "UBOT00002", "Ticket created.", &ts(1));
        machine["bot_id"] = "B2".into();
        desk.hear_event("Ev2", &machine).await;
        let mut beside = answer(&slack, "UINGRID01", "Lunch?", &ts(2));
        beside.as_object_mut().unwrap().remove("thread_ts");
        desk.hear_event("Ev3", &beside).await;
        let mut elsewhere = answer(&slack, "UINGRID01", "Another thread.", &ts(3));
        elsewhere["thread_ts"] = ts(-50).into();
        desk.hear_event("Ev4", &elsewhere).await;
        let own_deleted = deletion(&own);
        desk.hear_event("Ev5", &own_deleted).await;
        assert_eq!(desk.answers(opened).await, []);
        assert_eq!(desk.thread(opened).await.messages[0].id, first, "what the desk said stays");
        assert_eq!((desk.outcomes(ChatOutcome::Machine).await, desk.outcomes(ChatOutcome::Unmatched).await), (2, 3));

        let mut files = answer(&slack, "UGUEST001", "", &ts(4));
        files["files"] = json!([{"name": "lot.pdf", "url_private": "https://files.slack.example/lot"}, {"name": "<b>.png"}]);
        desk.hear_event("Ev6", &files).await;
        desk.hear_event("Ev7", &answer(&slack, "UNOBODY01", "Me too.", &ts(5))).await;
        let expected = [("uguest001@slack.invalid", "lot.pdf, <b>.png"), ("unobody01@slack.invalid", "Me too.")];
        assert_eq!(desk.answers(opened).await, expected.map(|(author, body)| (author.to_owned(), body.to_owned())));
        let exchange = desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap();
        assert_eq!((exchange.left.len(), exchange.left[0].names.as_slice()), (1, &["lot.pdf".to_owned(), "<b>.png".to_owned()][..]));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_opens_a_closed_side_conversation_again() {
    each(async |database| {
        let slack = Slack::start().await;
        let (desk, opened, _) = asked(database, &slack).await;
        desk.clock.advance(60);
        desk.app.set_thread_status(&desk.admin, opened, ThreadStatus::Closed).await.unwrap();
        desk.hear_event("Ev1", &answer(&slack, "UINGRID01", "One more thing.", &ts(50))).await;
        let history = desk.thread(opened).await;
        assert_eq!((history.thread.status, history.messages.len()), (ThreadStatus::Open, 2));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn only_what_slack_signed_in_the_last_five_minutes_is_heard() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        let challenge = json!({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "old"}).to_string();
        assert_eq!(desk.hear(Slack::signed(&challenge, now(), Slack::secret())).await, (200, "3eZbrw1aB".to_owned()));
        for (what, request) in [
            ("another secret", Slack::signed(&challenge, now(), "another")),
            ("too old", Slack::signed(&challenge, now() - 301, Slack::secret())),
            ("of the future", Slack::signed(&challenge, now() + 301, Slack::secret())),
        ] {
            let (status, body) = desk.hear(request).await;
            assert!(status == 401 && !body.contains("3eZbrw1aB"), "{what}: {status} {body}");
        }
        let mut changed = Slack::signed(&challenge, now(), Slack::secret());
        *changed.body_mut() = axum::body::Body::from(challenge.replace("3eZ", "3eY"));
        assert_eq!(desk.hear(changed).await.0, 401);
        let mut bare = Slack::signed(&challenge, now(), Slack::secret());
        bare.headers_mut().remove("x-slack-signature");
        assert_eq!(desk.hear(bare).await.0, 401);
        let mut other = Slack::signed(&challenge, now(), Slack::secret());
        *other.uri_mut() = "/hooks/slack/other".parse().unwrap();
        assert_eq!(desk.hear(other).await.0, 404, "another workspace");
        assert_eq!(desk.hear(Slack::signed("payload=1", now(), Slack::secret())).await.0, 422);
        assert_eq!(desk.outcomes(ChatOutcome::Waiting).await, 0);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_long_question_becomes_several_messages_of_one_thread_and_loses_nothing() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        let body = (0..3000).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
        let (_, first) = desk.ask_in("lab", thread(ThreadChannel::Slack, &body)).await;
        desk.work().await;
        assert_eq!(desk.state(first).await.0, SendState::Sent);
        let posted = slack.standing();
        assert_eq!(posted.len(), 3);
        assert!(posted[1..].iter().all(|part| part.root() == Some(posted[0].ts.as_str())));
        let said: Vec<&str> =
            posted.iter().flat_map(|part| part.texts()).flat_map(str::split_whitespace).filter(|word| word.starts_with("word")).collect();
        assert_eq!(said.join(" "), body);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn messages_of_one_side_conversation_stand_in_one_thread_also_when_the_first_has_to_wait() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        slack.next([Turn::Busy(120)]);
        let mut new = thread(ThreadChannel::Slack, "First.");
        new.messages.push(said(TOM, "Second."));
        let (opened, first) = desk.ask_in("lab", new).await;
        desk.work().await;
        assert_eq!(
            (desk.state(first).await.0, slack.standing().len()),
            (SendState::Queued, 0),
            "the second does not begin a thread of its own"
        );
        desk.clock.advance(120);
        desk.work().await;
        desk.clock.advance(5);
        desk.work().await;
        let posted = slack.standing();
        let texts: Vec<&str> = posted.iter().map(|standing| *standing.texts().last().unwrap()).collect();
        assert_eq!(texts, ["First.", "Second."]);
        assert_eq!((posted[0].root(), posted[1].root()), (None, Some(posted[0].ts.as_str())));
        let second = desk.thread(opened).await.messages[1].id;
        assert_eq!(desk.state(second).await.0, SendState::Sent);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn slack_is_given_the_patience_that_it_asks_for() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        slack.next([Turn::Busy(120)]);
        let (_, first) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
        desk.work().await;
        let waits = desk.delivery(first).await;
        assert_eq!((waits.state, waits.reason), (SendState::Queued, Some(SendReason::ServerBusy)));
        assert_eq!(waits.next_at, Some(make::NOW.plus_seconds(120)));
        desk.clock.advance(119);
        desk.work().await;
        assert_eq!(slack.standing().len(), 0);
        desk.clock.advance(1);
        desk.work().await;
        assert_eq!((desk.state(first).await.0, slack.standing().len()), (SendState::Sent, 1));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_slack_refuses_says_why_and_goes_again_when_somebody_says_so() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        for (channel, reason) in
            [("outside", SendReason::NotInChannel), ("old", SendReason::ChannelArchived), ("nowhere", SendReason::ChannelUnknown)]
        {
            let (_, message) = desk.ask_in(channel, thread(ThreadChannel::Slack, ASK)).await;
            desk.work().await;
            assert_eq!(desk.state(message).await, (SendState::Refused, Some(reason), vec![RecipientState::Refused]), "{channel}");
        }
        let mut to_nobody = thread(ThreadChannel::Slack, ASK);
        to_nobody.participants = vec!["nobody@alderwick.example".parse().unwrap()];
        let message = desk.app.open_thread(&desk.admin, desk.ticket, to_nobody).await.unwrap().item.messages[0].id;
        desk.work().await;
        assert_eq!(desk.state(message).await.1, Some(SendReason::PersonUnknown));

        slack.next([Turn::Refuse("invalid_auth"), Turn::Refuse("restricted_action")]);
        let (_, message) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
        desk.work().await;
        assert_eq!(desk.state(message).await, (SendState::Queued, Some(SendReason::LoginRefused), vec![RecipientState::Queued]));
        desk.clock.advance(60);
        desk.work().await;
        assert_eq!(desk.state(message).await, (SendState::Refused, Some(SendReason::NotAllowed), vec![RecipientState::Refused]));
        desk.app.decide_message(&desk.admin, message, SendChoice::Retry).await.unwrap();
        desk.work().await;
        assert_eq!((desk.state(message).await.0, slack.standing().len()), (SendState::Sent, 1));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn somebody_is_asked_directly_and_may_answer_beside_the_thread() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        let opened = desk.app.open_thread(&desk.admin, desk.ticket, thread(ThreadChannel::Slack, ASK)).await.unwrap().item;
        desk.work().await;
        let posted = slack.standing();
        assert_eq!((posted.len(), posted[0].channel.as_str()), (1, "D0DIRECT1"));
        assert_eq!(posted[0].texts()[1], "tom@alderwick.example", "nobody needs calling where nobody else is");
        desk.clock.advance(60);
        let beside =
            json!({"type": "message", "channel": "D0DIRECT1", "channel_type": "im", "user": "UINGRID01", "text": "No.", "ts": ts(10)});
        desk.hear_event("Ev1", &beside).await;
        assert_eq!(desk.answers(opened.thread.id).await, [(INGRID.to_owned(), "No.".to_owned())]);
        // With two side conversations going on there nobody can say which one is meant.
        desk.app.open_thread(&desk.admin, desk.ticket, thread(ThreadChannel::Slack, "And this?")).await.unwrap();
        desk.work().await;
        let mut again = beside.clone();
        again["ts"] = ts(20).into();
        desk.hear_event("Ev2", &again).await;
        assert_eq!(desk.outcomes(ChatOutcome::Unmatched).await, 1);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_may_have_been_posted_is_looked_for_and_not_posted_twice() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        slack.next([Turn::TakeAndBreak]);
        let (opened, first) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
        desk.work().await;
        assert_eq!(desk.state(first).await, (SendState::Sent, None, vec![RecipientState::Sent]), "found where it stands");
        desk.clock.advance(3600);
        desk.work().await;
        assert_eq!(slack.standing().len(), 1);
        // The same for an answer in a thread, and for one in parts of which the second broke.
        slack.next([Turn::TakeAndBreak, Turn::Take, Turn::TakeAndBreak]);
        let short = desk.app.add_message(&desk.admin, opened, said(TOM, "Short.")).await.unwrap();
        desk.work().await;
        let body = (0..3000).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
        let long = desk.app.add_message(&desk.admin, opened, said(TOM, &body)).await.unwrap();
        desk.work().await;
        desk.clock.advance(61);
        desk.work().await;
        assert_eq!((desk.state(short.id).await.0, desk.state(long.id).await.0), (SendState::Sent, SendState::Sent));
        let posted = slack.standing();
        assert_eq!(posted.len(), 5);
        let said: Vec<&str> =
            posted.iter().flat_map(|part| part.texts()).flat_map(str::split_whitespace).filter(|word| word.starts_with("word")).collect();
        assert_eq!(said.join(" "), body, "each part once");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_not_posted_after_all_is_posted_once_it_should_be_seen() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        slack.next([Turn::Break]);
        let (_, first) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
        desk.work().await;
        assert_eq!(desk.state(first).await, (SendState::Unknown, Some(SendReason::BrokeOff), vec![RecipientState::Sending]));
        desk.clock.advance(59);
        desk.work().await;
        assert_eq!(desk.state(first).await.0, SendState::Unknown, "it may still be on its way");
        desk.clock.advance(1);
        desk.work().await;
        assert_eq!((desk.state(first).await.0, slack.standing().len()), (SendState::Sent, 1));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_never_hears_back_looks_too() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        for (turn, posted) in [(Turn::TakeAndWait, 1), (Turn::Wait, 2)] {
            slack.next([turn]);
            let (_, message) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
            desk.work().await;
            slack.until(posted).await;
            desk.clock.advance(60);
            desk.work().await;
            assert_eq!((desk.state(message).await.0, slack.standing().len()), (SendState::Sent, posted), "{turn:?}");
        }
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn where_nobody_may_look_a_person_says_what_became_of_it() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        slack.next([Turn::TakeAndBreak]);
        slack.refuse(Some(("conversations.history", "missing_scope")));
        let (_, first) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
        desk.work().await;
        desk.clock.advance(24 * 3600);
        desk.work().await;
        assert_eq!((desk.state(first).await.0, slack.standing().len()), (SendState::Unknown, 1), "neither twice nor forgotten");
        desk.app.decide_message(&desk.admin, first, SendChoice::WasSent).await.unwrap();
        assert_eq!(desk.state(first).await, (SendState::Sent, None, vec![RecipientState::Sent]));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_quicker_than_the_word_that_it_was_posted_waits_for_it() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        slack.next([Turn::TakeAndBreak]);
        slack.refuse(Some(("conversations.history", "ratelimited")));
        let (opened, first) = desk.ask_in("lab", thread(ThreadChannel::Slack, ASK)).await;
        desk.work().await;
        assert_eq!(desk.state(first).await.0, SendState::Unknown);
        desk.clock.advance(30);
        desk.hear_event("Ev1", &answer(&slack, "UINGRID01", "No.", &ts(20))).await;
        assert_eq!((desk.answers(opened).await.len(), desk.outcomes(ChatOutcome::Waiting).await), (0, 1));
        slack.refuse(None);
        desk.clock.advance(60);
        desk.work().await;
        desk.clock.advance(60);
        desk.work().await;
        assert_eq!((desk.state(first).await.0, desk.answers(opened).await.len()), (SendState::Sent, 1));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_posted_that_was_said_elsewhere_or_by_who_was_asked() {
    each(async |database| {
        let slack = Slack::start().await;
        let desk = connected(database, &slack).await;
        let mut by_ingrid = thread(ThreadChannel::Slack, ASK);
        by_ingrid.messages = vec![said(INGRID, "Hello.")];
        let mut outside = thread(ThreadChannel::Slack, ASK);
        outside.external_id = Some("SC-1".to_owned());
        for new in [by_ingrid, outside] {
            desk.ask_in("lab", new).await;
        }
        desk.work().await;
        assert_eq!((slack.standing().len(), desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap().deliveries.len()), (0, 0));
        let refused = desk.app.open_thread_in(&desk.admin, desk.ticket, thread(ThreadChannel::Teams, ASK), &"lab".parse().unwrap()).await;
        assert!(refused.unwrap_err().to_string().contains("of the kind `slack`"));
        desk.close().await;
    })
    .await;
}
