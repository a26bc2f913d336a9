//! The keys of the console: one table, from which the map is drawn that `keys.js` reads.

use crate::web::paths;

/// Keys that belong together.
#[derive(Debug)]
pub(super) struct Group {
    /// What they are called together.
    pub(super) name: &'static str,
    /// The keys.
    pub(super) keys: &'static [Key],
}

/// A key, or two one after the other, and what it does.
#[derive(Debug)]
pub(super) struct Key {
    /// As the browser names them, with a space between two.
    pub(super) keys: &'static str,
    /// What it says about itself.
    pub(super) name: &'static str,
    does: Does,
}

/// What a key does; where its target is not on the page it does nothing.
#[derive(Debug, Clone, Copy)]
enum Does {
    /// Opens the map.
    Show,
    /// Opens a page.
    Go(&'static str),
    /// Goes to another row: so many on.
    Step(i8),
    /// Presses what the first selector finds, then goes to the field that the second one finds.
    Focus(&'static str, &'static str),
    /// Presses what a selector finds.
    Press(&'static str),
    /// What browsers do by themselves.
    Native,
}

impl Key {
    const fn new(keys: &'static str, name: &'static str, does: Does) -> Self {
        Self { keys, name, does }
    }

    /// Each key by itself.
    pub(super) fn parts(&self) -> impl Iterator<Item = &'static str> {
        self.keys.split(' ')
    }

    /// The attributes by which `keys.js` knows what to do, with their values.
    pub(super) fn attributes(&self) -> Vec<(&'static str, String)> {
        match self.does {
            Does::Show => vec![("data-show", String::new())],
            Does::Go(path) => vec![("data-go", path.to_owned())],
            Does::Step(by) => vec![("data-step", by.to_string())],
            Does::Focus("", field) => vec![("data-focus", field.to_owned())],
            Does::Focus(press, field) => vec![("data-press", press.to_owned()), ("data-focus", field.to_owned())],
            Does::Press(target) => vec![("data-press", target.to_owned())],
            Does::Native => Vec::new(),
        }
    }
}

/// Every key.
pub(super) const KEYS: &[Group] = &[
    Group {
        name: "keys-everywhere",
        keys: &[
            Key::new("?", "keys-show", Does::Show),
            Key::new("/", "keys-search", Does::Focus("", ".search input[type=search]")),
            Key::new("w", "keys-waiting", Does::Go(paths::WAITING)),
            Key::new("g i", "keys-inbox", Does::Go(paths::INBOX)),
            Key::new("g k", "keys-knowledge", Does::Go(paths::KNOWLEDGE)),
            Key::new("g p", "keys-people", Does::Go(paths::PEOPLE)),
        ],
    },
    Group {
        name: "inbox",
        keys: &[
            Key::new("j", "keys-next", Does::Step(1)),
            Key::new("k", "keys-previous", Does::Step(-1)),
            Key::new("Enter", "keys-open", Does::Native),
        ],
    },
    Group {
        name: "keys-ticket",
        keys: &[
            Key::new("r", "keys-reply", Does::Focus("#show-talk, #write-public", "#write-body")),
            Key::new("n", "keys-note", Does::Focus("#show-talk, #write-note", "#write-body")),
            Key::new("s", "keys-side", Does::Focus("#show-panel, .own-thread:not([open]) > summary", "#thread-body, #own-body")),
            Key::new("a", "keys-ask", Does::Focus("#show-panel", "#ask-question")),
            Key::new("u", "keys-back", Does::Press(".head-back")),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_or_begins_another() {
        let all: Vec<&Key> = KEYS.iter().flat_map(|group| group.keys).collect();
        let distinct: BTreeSet<&str> = all.iter().map(|key| key.keys).collect();
        assert_eq!(distinct.len(), all.len());
        for key in &all {
            assert!(!all.iter().any(|other| other.keys.starts_with(&format!("{} ", key.keys))), "{}", key.keys);
        }
    }
}
