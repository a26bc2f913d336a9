//! How a message is written for Teams: as Adaptive Cards, several where it is too long for one.

use serde_json::{Value, json};

use super::Teams;
use crate::connectors::chat::marks::{Dialect, pieces};
use crate::connectors::chat::{Letter, Part, notice, short};

/// A request may have about 28 KB, of which the card around the text needs a few.
const CARD_BYTES: usize = 22_000;
const BLOCK_BYTES: usize = 7_000;
const NAME_CHARS: usize = 150;
const MOST_NAMED: usize = 10;
const NOTICE_CHARS: usize = 200;

impl Teams {
    /// The cards that a message becomes; the same letter gives the same ones.
    #[must_use]
    pub fn compose(letter: &Letter<'_>) -> Vec<Part> {
        let mut cards: Vec<(usize, Vec<Value>)> = vec![(0, head(letter))];
        for piece in pieces(letter.body, Dialect::Teams, BLOCK_BYTES) {
            let bytes = Dialect::Teams.size(&piece);
            match cards.last_mut() {
                Some((has, blocks)) if *has + bytes <= CARD_BYTES - BLOCK_BYTES / 4 => {
                    *has += bytes;
                    blocks.push(block(&piece));
                }
                _ => cards.push((bytes, vec![block(&piece)])),
            }
        }
        let (count, text) = (cards.len(), notice(letter, NOTICE_CHARS));
        let part = |(number, (_, mut blocks)): (usize, (usize, Vec<Value>))| {
            if count > 1 {
                blocks.push(quiet(&format!("{} / {count}", number + 1)));
            }
            Part { text: text.clone(), shown: card(&blocks) }
        };
        cards.into_iter().enumerate().map(part).collect()
    }
}

fn head(letter: &Letter<'_>) -> Vec<Value> {
    let mut head = Vec::new();
    if let Some(subject) = letter.subject {
        let mut heading = block(&Dialect::Teams.escaped(subject));
        heading["weight"] = "Bolder".into();
        heading["size"] = "Large".into();
        head.push(heading);
    }
    let mut told = Dialect::Teams.escaped(&short(letter.from_name, NAME_CHARS));
    for name in letter.files.iter().take(MOST_NAMED) {
        told.push_str(" · \u{1f4ce} ");
        told.push_str(&Dialect::Teams.escaped(&short(name, NAME_CHARS)));
    }
    head.push(quiet(&told));
    head
}

fn card(body: &[Value]) -> Value {
    json!({
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": body,
            "msteams": {"width": "Full"},
        },
    })
}

fn block(text: &str) -> Value {
    json!({"type": "TextBlock", "text": text, "wrap": true})
}

fn quiet(text: &str) -> Value {
    json!({"type": "TextBlock", "text": text, "wrap": true, "isSubtle": true})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(body: &str) -> Letter<'_> {
        Letter { subject: Some("Lot <26>"), from_name: "Tom", mentions: &[], body, files: &[] }
    }

    #[test]
    fn a_message_is_a_card_with_a_heading_its_author_and_its_text() {
        let files = ["lot.pdf".to_owned()];
        let parts = Teams::compose(&Letter { files: &files, ..letter("May it be **posted**?\n\n- one\n- two") });
        assert_eq!(parts.len(), 1);
        let body = &parts[0].shown["content"]["body"];
        assert_eq!((&body[0]["text"], &body[0]["weight"]), (&json!("Lot &lt;26&gt;"), &json!("Bolder")));
        assert_eq!(body[1]["text"], "Tom · \u{1f4ce} lot.pdf");
        assert_eq!(body[2]["text"], "May it be **posted**?\n\n- one\n- two");
    }

    #[test]
    fn a_long_message_becomes_several_cards_below_28_kb_and_loses_nothing() {
        let body = (0..9000).map(|number| format!("wörd\"{number}")).collect::<Vec<_>>().join(" ");
        let parts = Teams::compose(&letter(&body));
        assert!(parts.len() > 3, "{}", parts.len());
        let mut said = String::new();
        for part in &parts {
            assert!(json!({"type": "message", "attachments": [part.shown], "summary": part.text}).to_string().len() < 28_000);
            let blocks = part.shown["content"]["body"].as_array().unwrap();
            said.extend(
                blocks
                    .iter()
                    .filter(|block| block["text"].as_str().unwrap().contains("wörd"))
                    .flat_map(|block| [block["text"].as_str().unwrap(), " "]),
            );
        }
        assert_eq!(said.split_whitespace().collect::<Vec<_>>().join(" "), body);
    }
}
