//! What was said and taken back: `forget what I said`, `oubliez ma réponse`.

use std::collections::BTreeSet;

use crate::domain::id::MessageId;
use crate::domain::thread::ThreadHistory;
use crate::lines::Line;
use crate::lines::acts::Acts;
use crate::threads::speakers::message_of;

/// What was taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Withdrawn {
    /// The messages whose answers their author took back.
    pub(super) messages: BTreeSet<MessageId>,
    /// The sentences of these messages, and those that take back.
    pub(super) lines: BTreeSet<usize>,
}

/// The message before one that takes something back, by the same author; the earlier part of their own run of messages is taken back with it.
///
/// Who takes a message back in the same breath with a question of the other side between means the last thing that they said, no more.
pub(super) fn withdrawn(history: &ThreadHistory, lines: &[Line<'_>]) -> Withdrawn {
    let mut found = Withdrawn::default();
    for (place, message) in history.messages.iter().enumerate() {
        if message.author == history.thread.opened_by {
            continue;
        }
        let Some(before) = history.messages[..place].iter().rev().find(|before| before.author == message.author) else { continue };
        let takes_back = |line: &usize| {
            let text = lines[*line].text;
            message_of(&lines[*line]) == Some(message.id) && !text.ends_with('?') && Acts::takes_back(text)
        };
        let taking: Vec<usize> = (0..lines.len()).filter(takes_back).collect();
        if taking.is_empty() {
            continue;
        }
        found.messages.insert(before.id);
        // What takes back may say in the same breath what holds instead.
        found.lines.extend(taking.into_iter().filter(|line| !says_more(lines[*line].text)));
        found.lines.extend((0..lines.len()).filter(|line| message_of(&lines[*line]) == Some(before.id)));
    }
    found
}

/// Whether a sentence takes something back and says nothing else.
pub(super) fn only_takes_back(text: &str) -> bool {
    Acts::takes_back(text) && !says_more(text)
}

/// Whether a sentence goes on after it took something back: `I was wrong, the limit is 64`.
fn says_more(text: &str) -> bool {
    let rest = text.split_once([',', ':', ';']).map_or("", |(_, rest)| rest);
    rest.split_whitespace().count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Directory;
    use crate::lines::testing::{EN, thread, thread_lines};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";
    const RUI: &str = "rui@lab.example";

    fn void(messages: &[(&str, i64, &str)]) -> Vec<String> {
        let (history, directory) = (thread(&[ANA, RUI], messages), Directory::default());
        let lines = thread_lines(&history, &directory, EN);
        withdrawn(&history, &lines).lines.into_iter().map(|line| lines[line].text.to_owned()).collect()
    }

    #[test]
    fn who_takes_back_takes_back_their_own_last_message() {
        let messages = [
            (TOM, 0, "Is it covered?"),
            (ANA, 5, "Yes, the warranty covers it."),
            (RUI, 6, "The lot is 26-08."),
            (ANA, 9, "Please ignore my last message. The warranty ended in May."),
        ];
        assert_eq!(void(&messages), ["Yes, the warranty covers it.", "Please ignore my last message."]);
    }

    #[test]
    fn what_holds_instead_is_not_taken_back_with_it() {
        let messages = [(TOM, 0, "Is it covered?"), (ANA, 5, "Yes, it is."), (ANA, 9, "I was wrong, the warranty ended in May.")];
        assert_eq!(void(&messages), ["Yes, it is."]);
    }

    #[test]
    fn the_asking_side_takes_back_no_answer() {
        assert_eq!(void(&[(TOM, 0, "Is it covered?"), (ANA, 5, "Yes."), (TOM, 6, "Forget what I said, thanks.")]), [""; 0]);
    }
}
