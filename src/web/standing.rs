//! How a side conversation stands, as its head says.

use crate::domain::panel::Panel;
use crate::domain::thread::ThreadHistory;
use crate::domain::vocabulary::ThreadStatus;

/// How a side conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Somebody owes a word.
    Waiting,
    /// What was asked is answered.
    Answered,
    /// It was closed.
    Closed,
}

impl Standing {
    /// By its summary in the panel, where that has read the last message, else by who wrote last.
    pub(super) fn of(history: &ThreadHistory, panel: Option<&Panel>) -> Self {
        let ThreadHistory { thread, messages } = history;
        if thread.status == ThreadStatus::Closed {
            return Self::Closed;
        }
        let read = panel.filter(|panel| messages.iter().all(|message| message.created_at <= panel.made_at));
        let summary = read.and_then(|panel| panel.thread_summaries.iter().find(|summary| summary.thread == thread.id));
        let waits = match summary {
            Some(summary) => summary.waiting_on.is_some(),
            None => messages.last().is_none_or(|last| last.author == thread.opened_by),
        };
        if waits { Self::Waiting } else { Self::Answered }
    }

    /// The word in classes of the style sheet.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample::english;
    use crate::web::view::TicketView;

    #[test]
    fn an_open_side_conversation_that_was_answered_does_not_wait() {
        let stand = |view: &TicketView| view.threads.iter().map(|history| Standing::of(history, view.panel.as_ref())).collect::<Vec<_>>();
        let mut view = english();
        for history in &mut view.threads {
            history.thread.status = ThreadStatus::Open;
        }
        assert_eq!(stand(&view), [Standing::Answered, Standing::Waiting]);
        // Who answered last may only have put the answer off, which the summary knows.
        let panel = view.panel.as_mut().unwrap();
        panel.thread_summaries[0].waiting_on = panel.thread_summaries[1].waiting_on.clone();
        assert_eq!(stand(&view), [Standing::Waiting, Standing::Waiting]);
        // What came after the panel was made it has not read.
        let panel = view.panel.as_mut().unwrap();
        panel.made_at = view.threads[0].thread.created_at;
        assert_eq!(stand(&view), [Standing::Answered, Standing::Waiting]);
        view.panel = None;
        assert_eq!(stand(&view), [Standing::Answered, Standing::Waiting]);
        view.threads[1].thread.status = ThreadStatus::Closed;
        assert_eq!(stand(&view), [Standing::Answered, Standing::Closed]);
    }
}
