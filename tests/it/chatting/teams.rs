//! Teams: cards by a bot or a workflow, and what the bot hears of whoever is really Teams.

use backchannel::domain::chat::ChatOutcome;
use backchannel::domain::id::{MessageId, ThreadId};
use backchannel::domain::outbox::{RecipientState, SendChoice, SendReason, SendState};
use backchannel::domain::vocabulary::ThreadChannel;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Desk, INGRID, TOM, said, thread};
use crate::support::database::{Database, each};
use crate::support::make;
use crate::support::teams::{APP, LAB, TENANT, Teams, Turn, modulus, request, signed};

const ASK: &str = "May it be **posted**?\n\n- batch 26-08\n- see [the rule](https://desk.example/bp20)";

async fn connected(database: &Database, teams: &Teams) -> Desk {
    let desk = Desk::new(database, |parts| parts.teams = teams.options()).await;
    for (name, address) in [("lab", LAB), ("outside", "19:outside@thread.tacv2"), ("gone", "19:gone@thread.tacv2"), ("named", "Finance")] {
        desk.channel(name, ThreadChannel::Teams, address).await;
    }
    desk
}

async fn asked(database: &Database, teams: &Teams) -> (Desk, ThreadId, MessageId) {
    let desk = connected(database, teams).await;
    let (opened, first) = desk.ask_in("lab", thread(ThreadChannel::Teams, ASK)).await;
    desk.work().await;
    (desk, opened, first)
}

/// Somebody's answer to what stands first in the lab's channel, after so many seconds.
fn answer(teams: &Teams, user: &str, text: &str, after: i64) -> Value {
    let root = &teams.standing()[0].id;
    json!({
        "type": "message", "id": (1_790_000_000_000 + after * 1000 + 7).to_string(), "timestamp": make::NOW.plus_seconds(after).to_string(),
        "channelId": "msteams", "serviceUrl": teams.service_url(), "from": {"id": user, "name": "Somebody"},
        "recipient": {"id": format!("28:{APP}"), "name": "Desk"},
        "conversation": {"id": format!("{LAB};messageid={root}"), "conversationType": "channel", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}}, "text": text,
        "entities": [{"type": "mention", "mentioned": {"id": format!("28:{APP}")}, "text": "<at>Desk</at>"}],
    })
}

impl Desk {
    async fn hear_activity(&self, teams: &Teams, activity: &Value) {
        assert_eq!(self.hear(teams.activity(activity)).await, (200, String::new()));
        self.work().await;
    }
}

#[tokio::test]
async fn a_question_is_posted_once_as_a_card_and_its_answer_comes_back() {
    each(async |database| {
        let teams = Teams::start().await;
        let (desk, opened, first) = asked(database, &teams).await;
        assert_eq!(desk.state(first).await, (SendState::Sent, None, vec![RecipientState::Sent]));
        let posted = teams.standing();
        assert_eq!((posted.len(), posted[0].place.as_str()), (1, LAB));
        assert_eq!(
            posted[0].texts(),
            ["Swollen BP-20", TOM, "May it be **posted**?\n\n- batch 26-08\n- see [the rule](https://desk.example/bp20)"]
        );
        desk.clock.advance(120);
        let one = answer(&teams, "29:ingrid", "<at>Desk</at> Not by post &amp; not today.", 60);
        // The same activity again is the same.
        desk.hear_activity(&teams, &one).await;
        desk.hear_activity(&teams, &one).await;
        desk.hear_activity(&teams, &answer(&teams, "29:nobody", "<at>Desk</at> Me too.", 61)).await;
        let expected = [(INGRID, "Not by post & not today."), ("29nobody@teams.invalid", "Me too.")];
        assert_eq!(desk.answers(opened).await, expected.map(|(author, body)| (author.to_owned(), body.to_owned())));
        assert_eq!(desk.told("side_conversation.answered").await, 2);

        let second = desk.app.add_message(&desk.admin, opened, said(TOM, "Thank you.")).await.unwrap();
        desk.work().await;
        assert_eq!(desk.state(second.id).await.0, SendState::Sent);
        let posted = teams.standing();
        assert_eq!(
            (posted[1].place.as_str(), posted[1].texts()),
            (format!("{LAB};messageid={}", posted[0].id).as_str(), vec![TOM, "Thank you."])
        );
        assert_eq!(teams.asked(), (1, 1), "one token and one reading of the keys for all of it");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn edits_and_deletions_are_followed_and_machines_left_out() {
    each(async |database| {
        let teams = Teams::start().await;
        let (desk, opened, _) = asked(database, &teams).await;
        desk.clock.advance(120);
        let one = answer(&teams, "29:ingrid", "one", 10);
        desk.hear_activity(&teams, &one).await;
        let of = |kind: &str, text: &str, after: i64| {
            let mut changed = one.clone();
            changed["type"] = kind.into();
            changed["text"] = text.into();
            changed["timestamp"] = make::NOW.plus_seconds(after).to_string().into();
            changed
        };
        desk.hear_activity(&teams, &of("messageUpdate", "one, edited twice", 30)).await;
        desk.hear_activity(&teams, &of("messageUpdate", "one, edited", 20)).await;
        assert_eq!(desk.answers(opened).await[0].1, "one, edited twice");
        desk.hear_activity(&teams, &of("messageDelete", "", 40)).await;
        desk.hear_activity(&teams, &of("messageUpdate", "one is back", 50)).await;
        desk.hear_activity(&teams, &of("conversationUpdate", "", 60)).await;
        let mut machine = answer(&teams, &format!("28:{APP}"), "I am the desk.", 70);
        machine["from"]["role"] = "bot".into();
        desk.hear_activity(&teams, &machine).await;
        assert_eq!(desk.answers(opened).await, []);
        assert_eq!((desk.outcomes(ChatOutcome::Machine).await, desk.outcomes(ChatOutcome::Waiting).await), (1, 0));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn only_what_the_bot_framework_signed_for_this_bot_is_heard() {
    each(async |database| {
        let teams = Teams::start().await;
        let (desk, opened, _) = asked(database, &teams).await;
        let activity = answer(&teams, "29:ingrid", "x", 10);
        let head = json!({"alg": "RS256", "typ": "JWT", "kid": "key-0"});
        let with = |key: &str, value: Value| {
            let mut claims = teams.claims();
            claims[key] = value;
            claims
        };
        let now = make::NOW.as_micros() / 1_000_000;
        for (what, claims) in [
            ("another bot's", with("aud", json!("another"))),
            ("another issuer's", with("iss", json!("https://sts.windows.net/x/"))),
            ("too old", with("exp", json!(now - 301))),
            ("of the future", with("nbf", json!(now + 301))),
            ("without an end", with("exp", Value::Null)),
            ("for another place", with("serviceurl", json!("https://evil.example/"))),
            ("for no place", with("serviceurl", Value::Null)),
        ] {
            assert_eq!(desk.hear(request(&activity, &signed(0, &head, &claims))).await.0, 401, "{what}");
        }
        let good = signed(0, &head, &teams.claims());
        let (said, signature) = good.rsplit_once('.').unwrap();
        let (_, claims) = said.split_once('.').unwrap();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        // The public key as the secret of a signature by a shared secret: the classic confusion.
        let confused = format!("{}.{claims}", part(&json!({"alg": "HS256", "kid": "key-0"})));
        let mut mac = Hmac::<Sha256>::new_from_slice(&modulus(0)).unwrap();
        mac.update(confused.as_bytes());
        let confused = format!("{confused}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        let unsigned = format!("{}.{claims}.", part(&json!({"alg": "none", "kid": "key-0"})));
        let (head_part, _) = said.split_once('.').unwrap();
        let changed = format!("{head_part}.{}.{signature}", part(&with("exp", json!(now + 9999))));
        for (what, token) in [
            ("by a shared secret", confused),
            ("by nobody", unsigned),
            ("changed", changed),
            ("by another key", signed(1, &head, &teams.claims())),
            ("by a key for another channel", signed(1, &json!({"alg": "RS256", "kid": "key-of-others"}), &teams.claims())),
            ("by a key that nobody knows", signed(1, &json!({"alg": "RS256", "kid": "key-9"}), &teams.claims())),
            ("none", String::new()),
        ] {
            assert_eq!(desk.hear(request(&activity, &token)).await.0, 401, "{what}");
        }
        let mut foreign = activity.clone();
        foreign["channelData"]["tenant"]["id"] = "00000000-0000-0000-0000-00000000c001".into();
        assert_eq!(desk.hear(teams.activity(&foreign)).await.0, 401, "another tenant");
        let mut elsewhere = teams.activity(&activity);
        *elsewhere.uri_mut() = "/hooks/teams/other".parse().unwrap();
        assert_eq!(desk.hear(elsewhere).await.0, 404, "another workspace");
        desk.work().await;
        assert_eq!(desk.answers(opened).await, []);
        desk.hear_activity(&teams, &activity).await;
        assert_eq!(desk.answers(opened).await.len(), 1);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_new_key_is_looked_for_and_an_unknown_one_not_again_and_again() {
    each(async |database| {
        let teams = Teams::start().await;
        let (desk, opened, _) = asked(database, &teams).await;
        desk.hear_activity(&teams, &answer(&teams, "29:ingrid", "by the old key", 10)).await;
        teams.turn_keys(&[1]);
        let by_new = |text: &str, after: i64| {
            request(&answer(&teams, "29:ingrid", text, after), &signed(1, &json!({"alg": "RS256", "kid": "key-1"}), &teams.claims()))
        };
        assert_eq!(desk.hear(by_new("by the new key", 11)).await.0, 200);
        assert_eq!(teams.asked().1, 2);
        for _ in 0..3 {
            let unknown = signed(1, &json!({"alg": "RS256", "kid": "key-9"}), &teams.claims());
            assert_eq!(desk.hear(request(&answer(&teams, "29:ingrid", "x", 12), &unknown)).await.0, 401);
        }
        assert_eq!(teams.asked().1, 2, "whoever makes keys up has nobody asked for them");
        assert_eq!(desk.hear(teams.activity(&answer(&teams, "29:ingrid", "x", 13))).await.0, 401, "a key that is void");
        desk.work().await;
        assert_eq!(desk.answers(opened).await.len(), 2);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_teams_refuses_says_why_and_its_patience_is_kept() {
    each(async |database| {
        let teams = Teams::start().await;
        let desk = connected(database, &teams).await;
        for (channel, reason) in
            [("outside", SendReason::NotInChannel), ("gone", SendReason::ChannelUnknown), ("named", SendReason::ChannelUnknown)]
        {
            let (_, message) = desk.ask_in(channel, thread(ThreadChannel::Teams, ASK)).await;
            desk.work().await;
            assert_eq!(desk.state(message).await, (SendState::Refused, Some(reason), vec![RecipientState::Refused]), "{channel}");
        }
        let directly = desk.app.open_thread(&desk.admin, desk.ticket, thread(ThreadChannel::Teams, ASK)).await.unwrap().item.messages[0].id;
        desk.work().await;
        assert_eq!(desk.state(directly).await.1, Some(SendReason::ChannelUnknown), "a bot knows nobody who has not spoken to it");

        teams.next([Turn::Busy(90), Turn::Status(401)]);
        let (_, message) = desk.ask_in("lab", thread(ThreadChannel::Teams, ASK)).await;
        desk.work().await;
        assert_eq!(desk.delivery(message).await.next_at, Some(make::NOW.plus_seconds(90)));
        desk.clock.advance(90);
        desk.work().await;
        assert_eq!(desk.state(message).await.1, Some(SendReason::LoginRefused));
        desk.clock.advance(120);
        desk.work().await;
        assert_eq!((desk.state(message).await.0, teams.standing().len(), teams.asked().0), (SendState::Sent, 1, 2), "with a new token");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_may_have_arrived_is_said_by_a_person_as_nobody_can_look() {
    each(async |database| {
        let teams = Teams::start().await;
        let desk = connected(database, &teams).await;
        teams.next([Turn::TakeAndBreak]);
        let (_, first) = desk.ask_in("lab", thread(ThreadChannel::Teams, ASK)).await;
        desk.work().await;
        desk.clock.advance(24 * 3600);
        desk.work().await;
        assert_eq!(desk.state(first).await, (SendState::Unknown, Some(SendReason::BrokeOff), vec![RecipientState::Sending]));
        assert_eq!(teams.standing().len(), 1);
        desk.app.decide_message(&desk.admin, first, SendChoice::WasSent).await.unwrap();
        desk.work().await;
        assert_eq!((desk.state(first).await.0, teams.standing().len()), (SendState::Sent, 1));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_workflow_posts_one_way_within_its_limits() {
    each(async |database| {
        let teams = Teams::start().await;
        let desk = Desk::new(database, |parts| parts.teams = teams.by_workflow("finance-desk")).await;
        desk.channel("finance-desk", ThreadChannel::Teams, "Finance").await;
        let body = (0..9000).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
        let (opened, first) = desk.ask_in("finance-desk", thread(ThreadChannel::Teams, &body)).await;
        desk.work().await;
        assert_eq!(desk.state(first).await, (SendState::Sent, None, vec![RecipientState::Sent]));
        let posted = teams.standing();
        assert!(posted.len() > 2 && posted.iter().all(|card| card.place == "workflow"), "{}", posted.len());
        let said: Vec<&str> =
            posted.iter().flat_map(|card| card.texts()).flat_map(str::split_whitespace).filter(|word| word.starts_with("word")).collect();
        assert_eq!(said.join(" "), body);

        teams.next([Turn::Status(401)]);
        let second = desk.app.add_message(&desk.admin, opened, super::said(TOM, "And this?")).await.unwrap();
        desk.work().await;
        assert_eq!(desk.state(second.id).await.1, Some(SendReason::LoginRefused));
        desk.clock.advance(60);
        desk.work().await;
        let posted = teams.standing();
        assert_eq!(
            posted.last().unwrap().texts(),
            ["Swollen BP-20", TOM, "And this?"],
            "each stands by itself, so each says what it is about"
        );
        // There is no bot that could be spoken to.
        let mut activity = answer(&teams, "29:ingrid", "x", 1);
        activity["conversation"]["id"] = LAB.into();
        assert_eq!(desk.hear(teams.activity(&activity)).await.0, 404);
        desk.close().await;
    })
    .await;
}
