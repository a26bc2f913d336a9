//! What Slack's events say.
//!
//! An event may come twice, late, and after one that is newer. What is said here of it depends on itself alone.

use serde_json::Value;

use crate::connectors::chat::{Said, What, Words, text};
use crate::domain::time::Timestamp;

/// So many people are looked up for one message.
const MOST_NAMED: usize = 20;
/// No emphasis is longer, or deeper within another.
const LONGEST_STRETCH_CHARS: usize = 2000;
const DEEPEST: u32 = 4;

/// What Slack sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It wants to know whether this is the right place: answer this.
    Challenge(String),
    /// Something happened, with an id of its own.
    Event(String),
    /// Nothing that matters.
    Nothing,
}

/// What a request of Slack's is; `None` where it is none.
#[must_use]
pub fn heard(body: &[u8]) -> Option<Heard> {
    let body: Value = serde_json::from_slice(body).ok()?;
    match body["type"].as_str()? {
        "url_verification" => Some(Heard::Challenge(body["challenge"].as_str()?.to_owned())),
        "event_callback" => {
            let id = body["event_id"].as_str().filter(|id| !id.is_empty())?.to_owned();
            // Only messages are listened to; others are not worth keeping.
            Some(if body["event"]["type"] == "message" { Heard::Event(id) } else { Heard::Nothing })
        }
        _ => Some(Heard::Nothing),
    }
}

/// What was said in an event of [`Heard::Event`].
#[must_use]
pub fn said(raw: &str) -> Option<Said> {
    let body: Value = serde_json::from_str(raw).ok()?;
    let event = &body["event"];
    let conversation = text(&event["channel"])?;
    let (message, what) = match event["subtype"].as_str() {
        None | Some("thread_broadcast" | "file_share" | "me_message") => (event, written(event)),
        Some("bot_message") => (event, What::Machine),
        Some("message_changed") => (&event["message"], edited(event)),
        Some("message_deleted") => (&event["previous_message"], What::Deleted),
        Some(_) => (event, What::Nothing),
    };
    let posting = if what == What::Deleted { text(&event["deleted_ts"]).or_else(|| text(&message["ts"])) } else { text(&message["ts"]) };
    let posting = posting?;
    // What begins a thread names itself.
    let root = text(&message["thread_ts"]).filter(|root| *root != posting);
    let is_direct = conversation.starts_with('D') || matches!(event["channel_type"].as_str(), Some("im" | "mpim"));
    Some(Said { conversation, root, is_direct, at: moment(&posting), posting, service_url: None, what })
}

/// The ids of those whom a text names.
#[must_use]
pub fn users_named(text: &str) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for within in tags(text) {
        if let Some(user) = within.strip_prefix('@').map(|user| user.split('|').next().unwrap_or_default())
            && !named.iter().any(|known| known == user)
            && named.len() < MOST_NAMED
        {
            named.push(user.to_owned());
        }
    }
    named
}

/// A text in Slack's marks in the markdown-like way that people write; `name` tells what somebody is called.
#[must_use]
pub fn written_plainly(text: &str, name: impl Fn(&str) -> Option<String>) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        let fences = line.matches("```").count();
        if is_code || fences > 0 {
            is_code ^= fences % 2 == 1;
            plain.push_str(&unescaped(line));
            continue;
        }
        let indent = line.len() - line.trim_start_matches([' ', '\u{a0}']).len();
        let item = line[indent..].strip_prefix("• ").or_else(|| line[indent..].strip_prefix("◦ "));
        if item.is_some() {
            plain.push_str(&" ".repeat(indent));
            plain.push_str("- ");
        }
        emphasised(&mut plain, item.unwrap_or(line), &name, DEEPEST);
    }
    plain.trim().to_owned()
}

fn written(message: &Value) -> What {
    // Also what this desk posted comes back.
    if !message["bot_id"].is_null() || message["subtype"] == "bot_message" {
        return What::Machine;
    }
    words(message).map_or(What::Nothing, What::Written)
}

fn edited(event: &Value) -> What {
    let message = &event["message"];
    // The first message of a thread leaves its place behind when it is deleted.
    if message["subtype"] == "tombstone" {
        return What::Deleted;
    }
    match written(message) {
        // Slack also says so of a message that has new answers, or shows what its links lead to.
        What::Written(words) => text(&message["edited"]["ts"]).map_or(What::Nothing, |at| What::Edited(words, at)),
        other @ (What::Edited(..) | What::Deleted | What::Machine | What::Nothing) => other,
    }
}

fn words(message: &Value) -> Option<Words> {
    let files: Vec<String> = message["files"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|file| text(&file["name"]).or_else(|| text(&file["title"])).unwrap_or_else(|| "?".to_owned()))
        .collect();
    let said = text(&message["text"]).unwrap_or_default();
    if said.trim().is_empty() && files.is_empty() {
        return None;
    }
    Some(Words { user: text(&message["user"])?, text: said, files })
}

/// The moment of a message, which its id is.
fn moment(posting: &str) -> Option<Timestamp> {
    let (seconds, micros) = posting.split_once('.')?;
    let micros = if micros.len() == 6 { micros.parse::<i64>().ok()? } else { return None };
    Some(Timestamp::from_micros(seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)?))
}

/// What stands between `<` and `>`.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(within, _)| within))
}

/// A line with its emphasis, links and people written otherwise.
fn emphasised(plain: &mut String, line: &str, name: &impl Fn(&str) -> Option<String>, deeper: u32) {
    let mut rest = line;
    let mut before = '\n';
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some((within, after)) = rest[1..].split_once('>')
        {
            plain.push_str(&tag(within, name));
            rest = after;
        } else if c == '`'
            && let Some((within, after)) = rest[1..].split_once('`')
        {
            plain.extend(["`", &unescaped(within), "`"]);
            rest = after;
        } else if deeper > 0
            && let Some((mark, within, after)) = marked(before, rest)
        {
            plain.push_str(mark);
            emphasised(plain, within, name, deeper - 1);
            plain.push_str(mark);
            rest = after;
        } else if c == '&' {
            let (read, length) = entity(rest);
            plain.push_str(read);
            rest = &rest[length..];
        } else {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
        }
        before = c;
    }
}

/// A stretch that stands between two marks of emphasis at the edges of words: its mark in the markdown-like way, itself and what follows.
fn marked(before: char, rest: &str) -> Option<(&'static str, &str, &str)> {
    if before.is_alphanumeric() {
        return None;
    }
    let (sign, mark) = [('*', "**"), ('_', "*"), ('~', "~~")].into_iter().find(|(sign, _)| rest.starts_with(*sign))?;
    let begun = &rest[1..];
    if begun.starts_with(' ') {
        return None;
    }
    let (end, _) = begun.char_indices().take(LONGEST_STRETCH_CHARS).find(|(at, c)| {
        *c == sign && *at > 0 && !begun[..*at].ends_with(' ') && !begun[at + 1..].starts_with(|next: char| next.is_alphanumeric())
    })?;
    Some((mark, &begun[..end], &begun[end + 1..]))
}

/// What stands for a link, a person, a channel or a call to many.
fn tag(within: &str, name: &impl Fn(&str) -> Option<String>) -> String {
    let (lead, words) = within.split_once('|').map_or((within, None), |(lead, words)| (lead, Some(unescaped(words))));
    if let Some(user) = lead.strip_prefix('@') {
        return format!("@{}", name(user).or(words).unwrap_or_else(|| user.to_owned()));
    }
    if let Some(channel) = lead.strip_prefix('#') {
        return format!("#{}", words.unwrap_or_else(|| channel.to_owned()));
    }
    if let Some(call) = lead.strip_prefix('!') {
        let called = call.split('^').next().unwrap_or_default();
        return words.unwrap_or_else(|| format!("@{called}"));
    }
    let lead = unescaped(lead);
    match words {
        Some(words) if words != lead && format!("mailto:{words}") != lead => format!("[{words}]({lead})"),
        Some(words) => words,
        None => lead,
    }
}

/// The character that the beginning of a text stands for, and how long that is.
fn entity(text: &str) -> (&'static str, usize) {
    let known = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")];
    known.into_iter().find(|(written, _)| text.starts_with(written)).map_or(("&", 1), |(written, read)| (read, written.len()))
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(event: &Value) -> Said {
        said(&json!({"type": "event_callback", "event_id": "Ev1", "event": event}).to_string()).unwrap()
    }

    #[test]
    fn a_request_is_a_question_for_the_place_an_event_or_nothing() {
        let check = |body: Value, expected: Option<Heard>| assert_eq!(heard(body.to_string().as_bytes()), expected, "{body}");
        check(json!({"type": "url_verification", "challenge": "abc"}), Some(Heard::Challenge("abc".to_owned())));
        check(json!({"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}}), Some(Heard::Event("Ev1".to_owned())));
        check(json!({"type": "event_callback", "event_id": "Ev1", "event": {"type": "reaction_added"}}), Some(Heard::Nothing));
        check(json!({"type": "app_rate_limited"}), Some(Heard::Nothing));
        check(json!({"type": "event_callback", "event": {"type": "message"}}), None);
        check(json!([]), None);
        assert_eq!(heard(b"payload=%7B%7D"), None);
    }

    #[test]
    fn an_answer_in_a_thread_says_who_wrote_it_when_and_with_which_files() {
        let answer = event(&json!({"type": "message", "channel": "C1", "user": "U1", "text": "Not by post.", "ts": "1790000001.000200",
            "thread_ts": "1790000000.000100", "files": [{"name": "lot.pdf"}, {"title": "photo"}]}));
        let words = Words { user: "U1".to_owned(), text: "Not by post.".to_owned(), files: vec!["lot.pdf".to_owned(), "photo".to_owned()] };
        assert_eq!((answer.conversation.as_str(), answer.root.as_deref()), ("C1", Some("1790000000.000100")));
        assert_eq!(answer.at, Some(Timestamp::from_micros(1_790_000_001_000_200)));
        assert_eq!(answer.what, What::Written(words));
        let root =
            event(&json!({"type": "message", "channel": "C1", "user": "U1", "text": "x", "ts": "1.000001", "thread_ts": "1.000001"}));
        assert_eq!(root.root, None, "what begins a thread answers nothing");
    }

    #[test]
    fn machines_edits_and_deletions_are_told_apart() {
        let of = |message: Value| {
            let mut message = message;
            message["type"] = "message".into();
            message["channel"] = "C1".into();
            event(&message)
        };
        assert_eq!(of(json!({"bot_id": "B1", "user": "U1", "text": "x", "ts": "1.000001"})).what, What::Machine);
        assert_eq!(of(json!({"subtype": "bot_message", "text": "x", "ts": "1.000001"})).what, What::Machine);
        assert_eq!(of(json!({"subtype": "channel_join", "user": "U1", "text": "x", "ts": "1.000001"})).what, What::Nothing);
        let message =
            json!({"user": "U1", "text": "new", "ts": "1.000001", "thread_ts": "0.000001", "edited": {"user": "U1", "ts": "2.000001"}});
        let edit = of(json!({"subtype": "message_changed", "ts": "3.000001", "message": message}));
        assert_eq!((edit.posting.as_str(), edit.root.as_deref()), ("1.000001", Some("0.000001")));
        assert!(matches!(edit.what, What::Edited(words, at) if words.text == "new" && at == "2.000001"));
        let unfurled = json!({"user": "U1", "text": "x", "ts": "1.000001"});
        assert_eq!(of(json!({"subtype": "message_changed", "message": unfurled})).what, What::Nothing, "nobody edited it");
        let gone = of(json!({"subtype": "message_deleted", "deleted_ts": "1.000001", "ts": "9.000001"}));
        assert_eq!((gone.posting.as_str(), gone.what), ("1.000001", What::Deleted));
        let tombstone = json!({"subtype": "tombstone", "ts": "1.000001", "text": "This message was deleted."});
        assert_eq!(of(json!({"subtype": "message_changed", "message": tombstone})).what, What::Deleted);
    }

    #[test]
    fn slacks_marks_are_read_as_people_write() {
        let name = |user: &str| (user == "U1").then(|| "Ana Ortiz".to_owned());
        let check = |given: &str, expected: &str| assert_eq!(written_plainly(given, name), expected, "{given}");
        check("*not* by _post_, ~no~: 2*3*4 and snake_case_word", "**not** by *post*, ~~no~~: 2*3*4 and snake_case_word");
        check("• one\n• two\n    • deep", "- one\n- two\n    - deep");
        check(
            "see <https://a.example/?a=1&amp;b=2|the rule> or <https://a.example/x>",
            "see [the rule](https://a.example/?a=1&b=2) or https://a.example/x",
        );
        check("<@U1> and <@U2> in <#C1|lab>, <!here>", "@Ana Ortiz and @U2 in #lab, @here");
        check("write to <mailto:a@b.example|a@b.example>", "write to a@b.example");
        check("a &lt; b &amp;&amp; `c*d*e`", "a < b && `c*d*e`");
        check("```\n*code*\n```", "```\n*code*\n```");
        check("&amp;lt;", "&lt;");
        check("* not bold * and *", "* not bold * and *");
        assert_eq!(users_named("<@U1> <@U2|bo> <@U1> <#C1>"), ["U1", "U2"]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_people_write_is_read_without_a_panic(given in "[*_~`<>&|@#!\\n a-z•é]{0,60}") {
            let _ = written_plainly(&given, |_| None);
            let _ = users_named(&given);
        }
    }
}
