//! How a message is written for Slack: as blocks, and in several messages of one thread where it is too long for one.

use serde_json::{Value, json};

use super::Slack;
use crate::connectors::chat::marks::{Dialect, pieces};
use crate::connectors::chat::{Letter, Part, notice, short};

/// A section takes 3,000 characters, a heading 150.
const SECTION_CHARS: usize = 2900;
const HEADING_CHARS: usize = 150;
/// Slack takes 50 blocks and, in all of them, some 13,000 characters, of which the head of a message needs a few.
const PART_CHARS: usize = 11_000;
const CONTEXT_CHARS: usize = 800;
/// What a notice shows.
const NOTICE_CHARS: usize = 300;

impl Slack {
    /// The messages of Slack that a message becomes; the same letter gives the same ones.
    #[must_use]
    pub fn compose(letter: &Letter<'_>) -> Vec<Part> {
        let mut parts: Vec<(usize, Vec<Value>)> = vec![(0, head(letter))];
        for piece in pieces(letter.body, Dialect::Slack, SECTION_CHARS) {
            let chars = piece.chars().count();
            match parts.last_mut() {
                Some((has, blocks)) if *has + chars <= PART_CHARS => {
                    *has += chars;
                    blocks.push(section(&piece));
                }
                _ => parts.push((chars, vec![section(&piece)])),
            }
        }
        let (count, text) = (parts.len(), Dialect::Slack.escaped(&notice(letter, NOTICE_CHARS)));
        let part = |(number, (_, mut blocks)): (usize, (usize, Vec<Value>))| {
            if count > 1 {
                blocks.push(context(&format!("{} / {count}", number + 1)));
            }
            Part { text: text.clone(), shown: blocks.into() }
        };
        parts.into_iter().enumerate().map(part).collect()
    }
}

fn head(letter: &Letter<'_>) -> Vec<Value> {
    let mut head = Vec::new();
    if let Some(subject) = letter.subject {
        if subject.chars().count() <= HEADING_CHARS {
            head.push(json!({"type": "header", "text": {"type": "plain_text", "text": subject, "emoji": false}}));
        } else {
            let subject = format!("**{}**", subject.replace('*', ""));
            head.extend(pieces(&subject, Dialect::Slack, SECTION_CHARS).iter().map(|piece| section(piece)));
        }
    }
    let mentions: String = letter.mentions.iter().flat_map(|user| [" <@", user, ">"]).collect();
    let mut told = format!("{}{mentions}", Dialect::Slack.escaped(&short(letter.from_name, HEADING_CHARS)));
    for name in letter.files {
        told.push_str(" · \u{1f4ce} ");
        told.push_str(&Dialect::Slack.escaped(&short(name, HEADING_CHARS)));
        if told.chars().count() > CONTEXT_CHARS {
            told.push_str(" …");
            break;
        }
    }
    head.push(context(&told));
    head
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

fn context(text: &str) -> Value {
    json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": true}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(body: &str) -> Letter<'_> {
        Letter { subject: Some("Lot <26>"), from_name: "Tom <!here>", mentions: &[], body, files: &[] }
    }

    #[test]
    fn a_message_is_a_heading_its_author_and_its_text() {
        let people = ["U1".to_owned(), "U2".to_owned()];
        let parts = Slack::compose(&Letter { mentions: &people, ..letter("May it be **posted**?") });
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].text, "Lot &lt;26&gt;: May it be **posted**?");
        assert_eq!(parts[0].shown[0]["text"], json!({"type": "plain_text", "text": "Lot <26>", "emoji": false}));
        assert_eq!(parts[0].shown[1]["elements"][0]["text"], "Tom &lt;!here&gt; <@U1> <@U2>");
        assert_eq!(parts[0].shown[2]["text"]["text"], "May it be *posted*?");
    }

    #[test]
    fn a_long_message_becomes_several_within_the_limits_and_loses_nothing() {
        let body = (0..6000).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
        let parts = Slack::compose(&letter(&body));
        assert!(parts.len() > 3, "{}", parts.len());
        let mut said = String::new();
        for (number, part) in parts.iter().enumerate() {
            let blocks = part.shown.as_array().unwrap();
            let texts: Vec<&str> = blocks.iter().filter_map(|block| block["text"]["text"].as_str()).collect();
            assert!(blocks.len() <= 50 && texts.iter().all(|text| text.chars().count() <= 3000));
            assert!(texts.iter().map(|text| text.chars().count()).sum::<usize>() <= 12_000);
            assert_eq!(blocks.last().unwrap()["elements"][0]["text"], format!("{} / {}", number + 1, parts.len()));
            said.extend(
                blocks.iter().filter(|block| block["type"] == "section").flat_map(|block| [block["text"]["text"].as_str().unwrap(), " "]),
            );
        }
        assert_eq!(said.split_whitespace().collect::<Vec<_>>().join(" "), body);
    }

    #[test]
    fn a_subject_that_is_too_long_for_a_heading_is_kept_whole() {
        let subject = "x".repeat(200);
        let parts = Slack::compose(&Letter { subject: Some(&subject), ..letter("y") });
        assert_eq!(parts[0].shown[0]["text"]["text"], format!("*{subject}*"));
    }
}
