//! What a ticket's page says of its side conversations.

use crate::domain::id::ThreadId;
use crate::domain::panel::{Cited, ThreadSummary};
use crate::domain::told::Parts;
use crate::web::view::TicketView;

impl TicketView {
    /// What a side conversation is called: an id of ours says nothing, its subject does.
    #[must_use]
    pub fn thread_called(&self, id: &ThreadId, reference: &str) -> String {
        let thread = self.threads.iter().map(|history| &history.thread).find(|thread| thread.id == *id);
        thread.map_or_else(|| reference.to_owned(), |thread| thread.external_id.clone().unwrap_or_else(|| thread.subject.clone()))
    }

    /// Whether what the reader writes in a side conversation leaves from here.
    #[must_use]
    pub fn may_write_in(&self, id: &ThreadId) -> bool {
        self.may_work && self.threads.iter().any(|history| history.thread.id == *id && history.thread.is_of_the_desk())
    }

    /// What else is worth knowing of a side conversation: no sentence that one of its parts tells.
    #[must_use]
    pub fn also<'a>(&self, summary: &'a ThreadSummary) -> Vec<&'a Cited> {
        let Parts { asked, answered, decisions, commitments, open_questions, facts: _, to_tell, withdrawn, about: _ } = &summary.parts;
        let told = asked.iter().chain(answered).chain(decisions).chain(commitments.iter().map(|one| &one.told));
        let told = told.chain(open_questions).chain(to_tell).chain(withdrawn).flat_map(|one| &one.said.evidence);
        let told: Vec<_> = told.map(|one| (one.source, one.span.clone())).collect();
        let is_told = |said: &&Cited| said.evidence.iter().all(|one| told.contains(&(one.source, one.span.clone())));
        summary.sentences.iter().filter(|said| !is_told(said)).collect()
    }
}
