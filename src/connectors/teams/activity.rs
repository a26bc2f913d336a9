//! What the activities say that Teams sends to the bot.

use serde_json::Value;

use crate::connectors::chat::{Said, What, Words, text};
use crate::domain::time::Timestamp;

/// What Teams sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Where it wants to be answered; believed once its token says the same.
    pub service_url: String,
    /// What happened, by an id that is the same however often it comes; none for what does not matter.
    pub event: Option<String>,
    /// The tenant it is of, where it says so.
    pub tenant: Option<String>,
}

/// What a request of Teams' is; `None` where it is none.
#[must_use]
pub fn heard(body: &[u8]) -> Option<Heard> {
    let activity: Value = serde_json::from_slice(body).ok()?;
    let kind = activity["type"].as_str()?;
    let is_message = matches!(kind, "message" | "messageUpdate" | "messageDelete") && activity["channelId"] == "msteams";
    let id = text(&activity["id"]).zip(text(&activity["conversation"]["id"])).filter(|_| is_message);
    let at = text(&activity["timestamp"]).unwrap_or_default();
    let event = id.map(|(id, conversation)| format!("{kind} {conversation} {id} {at}"));
    let tenant = text(&activity["channelData"]["tenant"]["id"]).or_else(|| text(&activity["conversation"]["tenantId"]));
    Some(Heard { service_url: text(&activity["serviceUrl"])?, event, tenant })
}

/// What was said in an activity that has an event.
#[must_use]
pub fn said(raw: &str) -> Option<Said> {
    let activity: Value = serde_json::from_str(raw).ok()?;
    let posting = text(&activity["id"])?;
    let place = text(&activity["conversation"]["id"])?;
    let (conversation, root) = match place.split_once(";messageid=") {
        Some((channel, root)) => (channel.to_owned(), Some(root.to_owned())),
        None => (place, None),
    };
    let is_machine = activity["from"]["role"] == "bot" || activity["from"]["id"] == activity["recipient"]["id"];
    let what = match activity["type"].as_str()? {
        _ if is_machine => What::Machine,
        "messageDelete" => What::Deleted,
        "messageUpdate" => {
            let at = text(&activity["timestamp"]).unwrap_or_default();
            words(&activity).map_or(What::Nothing, |words| What::Edited(words, at))
        }
        _ => words(&activity).map_or(What::Nothing, What::Written),
    };
    Some(Said {
        conversation,
        root: root.filter(|root| *root != posting),
        is_direct: activity["conversation"]["conversationType"] == "personal",
        at: text(&activity["timestamp"]).and_then(|at| at.parse::<Timestamp>().ok()),
        posting,
        service_url: text(&activity["serviceUrl"]),
        what,
    })
}

/// A text of Teams' as people write: without tags, and with what they stand for.
#[must_use]
pub fn written_plainly(given: &str) -> String {
    let mut plain = String::with_capacity(given.len());
    let mut rest = given;
    while let Some(at) = rest.find('<') {
        plain.push_str(&rest[..at]);
        let within = rest[at + 1..].split_once('>').filter(|(tag, _)| is_tag(tag));
        if let Some((tag, after)) = within {
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default().to_ascii_lowercase();
            match name.as_str() {
                "br" | "p" | "div" if !plain.is_empty() && !plain.ends_with('\n') => plain.push('\n'),
                "at" if !tag.starts_with('/') => plain.push('@'),
                _ => {}
            }
            rest = after;
        } else {
            plain.push('<');
            rest = &rest[at + 1..];
        }
    }
    plain.push_str(rest);
    let read = plain.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    read.replace("&amp;", "&").replace('\u{a0}', " ").trim().to_owned()
}

/// Whether something between `<` and `>` is a tag and not a sum.
fn is_tag(within: &str) -> bool {
    within.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic()) && !within.contains('<')
}

fn words(activity: &Value) -> Option<Words> {
    let mut said = text(&activity["text"]).unwrap_or_default();
    // Who speaks to the bot has to name it.
    let own = &activity["recipient"]["id"];
    let entities = activity["entities"].as_array();
    for entity in entities.into_iter().flatten().filter(|entity| entity["type"] == "mention" && entity["mentioned"]["id"] == *own) {
        if let Some(mention) = text(&entity["text"]) {
            said = said.replacen(&mention, "", 1);
        }
    }
    let attachments = activity["attachments"].as_array();
    let files: Vec<String> = attachments.into_iter().flatten().filter_map(|attachment| text(&attachment["name"])).collect();
    if said.trim().is_empty() && files.is_empty() {
        return None;
    }
    Some(Words { user: text(&activity["from"]["id"])?, text: said, files })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn activity() -> Value {
        json!({
            "type": "message", "id": "1790000002000", "timestamp": "2026-09-21T14:13:22.000Z", "channelId": "msteams",
            "serviceUrl": "https://smba.example/teams/", "from": {"id": "29:ana", "name": "Ana"}, "recipient": {"id": "28:app", "name": "Desk"},
            "conversation": {"id": "19:lab@thread.tacv2;messageid=1790000001000", "tenantId": "t1"},
            "text": "<at>Desk</at> Not by post &amp; not <b>today</b>.",
            "entities": [{"type": "mention", "mentioned": {"id": "28:app"}, "text": "<at>Desk</at>"}],
            "attachments": [{"contentType": "text/html", "content": "<p/>"}, {"contentType": "image/png", "name": "lot.png"}],
        })
    }

    #[test]
    fn an_answer_says_where_it_belongs_who_wrote_it_and_with_which_files() {
        let raw = activity().to_string();
        let heard = heard(raw.as_bytes()).unwrap();
        assert_eq!((heard.service_url.as_str(), heard.tenant.as_deref()), ("https://smba.example/teams/", Some("t1")));
        assert!(heard.event.unwrap().starts_with("message 19:lab@thread.tacv2;messageid=1790000001000 1790000002000 "));
        let said = said(&raw).unwrap();
        assert_eq!((said.conversation.as_str(), said.root.as_deref()), ("19:lab@thread.tacv2", Some("1790000001000")));
        let What::Written(words) = said.what else { panic!("{said:?}") };
        assert_eq!((words.user.as_str(), words.files), ("29:ana", vec!["lot.png".to_owned()]));
        assert_eq!(written_plainly(&words.text), "Not by post & not today.");
    }

    #[test]
    fn edits_deletions_machines_and_what_does_not_matter_are_told_apart() {
        let of = |key: &str, value: Value| {
            let mut activity = activity();
            activity[key] = value;
            activity.to_string()
        };
        let what = |raw: &str| said(raw).unwrap().what;
        assert!(matches!(what(&of("type", json!("messageUpdate"))), What::Edited(_, at) if at == "2026-09-21T14:13:22.000Z"));
        assert_eq!(what(&of("type", json!("messageDelete"))), What::Deleted);
        assert_eq!(what(&of("from", json!({"id": "28:app", "role": "bot"}))), What::Machine);
        assert_eq!(heard(of("type", json!("conversationUpdate")).as_bytes()).unwrap().event, None);
        assert_eq!(heard(of("channelId", json!("webchat")).as_bytes()).unwrap().event, None);
        assert_eq!(heard(of("serviceUrl", Value::Null).as_bytes()), None);
        assert_eq!(heard(b"[]"), None);
    }

    #[test]
    fn tags_go_and_sums_stay() {
        assert_eq!(written_plainly("<p>a &lt; b</p><p>1 < 2 > 0 <at>Bo</at></p>"), "a < b\n1 < 2 > 0 @Bo");
    }
}
