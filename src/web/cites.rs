//! Citations: a number for each cited place of a panel, and where on the page it leads.

use std::collections::BTreeMap;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use crate::domain::panel::{Cited, Panel};
use crate::domain::time::Timestamp;
use crate::domain::told::Parts;
use crate::domain::triage::{Evidence, Source};
use crate::web::bodies::{anchor, joined};
use crate::web::view::TicketView;
use crate::web::{format, paths};

/// A numbered citation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Citation {
    /// From 1, in reading order.
    pub(super) number: usize,
    /// Where a click leads.
    pub(super) href: String,
    pub(super) title: String,
    pub(super) quote: String,
    pub(super) at: Option<Timestamp>,
}

/// What makes two citations the same: place, span, and the words where there is no span.
type Key = (Source, Option<(usize, usize)>, String);

/// The citations of a page and the spans that they mark in its texts.
#[derive(Debug, Default)]
pub(super) struct Cites {
    numbers: BTreeMap<Key, usize>,
    list: Vec<Citation>,
    spans: BTreeMap<Source, Vec<Range<usize>>>,
}

impl Citation {
    /// Where the source itself is, for the list of sources; `None` when the citation leads nowhere but to that list.
    pub(super) fn elsewhere(&self) -> Option<&str> {
        (self.href != format!("#source-{}", self.number)).then_some(self.href.as_str())
    }
}

impl Cites {
    /// Numbers everything that the view's panel cites.
    pub(super) fn of_view(view: &TicketView) -> Self {
        let Some(panel) = &view.panel else { return Self::default() };
        let evidence = all(panel);
        let mut spans: BTreeMap<Source, Vec<Range<usize>>> = BTreeMap::new();
        for one in &evidence {
            if let Some(span) = span_in_text(view, one) {
                spans.entry(one.source).or_default().push(span);
            }
        }
        let mut cites = Self { spans: spans.into_iter().map(|(source, spans)| (source, joined(spans))).collect(), ..Self::default() };
        for one in evidence {
            cites.add(view, panel, one);
        }
        cites
    }

    /// The citation of a piece of evidence.
    pub(super) fn of(&self, evidence: &Evidence) -> Option<&Citation> {
        self.numbers.get(&key(evidence)).map(|number| &self.list[number - 1])
    }

    /// Every citation, by number.
    pub(super) fn list(&self) -> &[Citation] {
        &self.list
    }

    /// The spans to mark in a text of the page.
    pub(super) fn spans(&self, source: Source) -> &[Range<usize>] {
        self.spans.get(&source).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, view: &TicketView, panel: &Panel, evidence: &Evidence) {
        let key = key(evidence);
        if self.numbers.contains_key(&key) {
            return;
        }
        let number = self.list.len() + 1;
        let href = self.href(view, panel, evidence).unwrap_or_else(|| format!("#source-{number}"));
        let Evidence { source, title, quote, span: _, at } = evidence;
        // What the playbook calls an intent is a name for files.
        let title = if *source == Source::Playbook { format::humanise(title) } else { title.clone() };
        self.list.push(Citation { number, href, title, quote: quote.clone(), at: *at });
        self.numbers.insert(key, number);
    }

    /// Where on the page the evidence stands, or on which other page; `None` when there is no such place.
    fn href(&self, view: &TicketView, panel: &Panel, evidence: &Evidence) -> Option<String> {
        if let Some(prefix) = text_anchor(view, evidence.source) {
            let span = span_in_text(view, evidence);
            let holder =
                span.and_then(|span| self.spans(evidence.source).iter().find(|held| held.start <= span.start && span.end <= held.end));
            return Some(holder.map_or_else(|| format!("#{prefix}"), |held| format!("#{}", anchor(&prefix, held))));
        }
        match evidence.source {
            Source::Passage(_, id) => panel.passages.iter().any(|shown| shown.item.passage.id == id).then(|| format!("#passage-{id}")),
            Source::Ticket(id) | Source::Comment(id, _) if panel.similar_tickets.iter().any(|shown| shown.item.head.id == id) => {
                Some(format!("#similar-{id}"))
            }
            Source::Ticket(id) => Some(paths::ticket(&id)),
            Source::Comment(id, comment) => Some(format!("{}#comment-{comment}", paths::ticket(&id))),
            Source::Message(id, _) => panel.similar_threads.iter().any(|shown| shown.item.thread == id).then(|| format!("#answered-{id}")),
            Source::Attachment(id, attachment, _) => Some(format!("{}#attachment-{attachment}", paths::ticket(&id))),
            Source::Playbook => None,
        }
    }
}

fn key(evidence: &Evidence) -> Key {
    let words = if evidence.span.is_some() { String::new() } else { format!("{}\n{}", evidence.title, evidence.quote) };
    (evidence.source, evidence.span.as_ref().map(|span| (span.start, span.end)), words)
}

/// Everything that a panel cites, in reading order.
fn all(panel: &Panel) -> Vec<&Evidence> {
    fn of<'a>(cited: impl IntoIterator<Item = &'a Cited>) -> impl Iterator<Item = &'a Evidence> {
        cited.into_iter().flat_map(|cited| &cited.evidence)
    }
    let ends = panel.loose_ends.iter().filter_map(|end| end.draft.as_ref());
    let mut found: Vec<&Evidence> = ends.flat_map(|draft| &draft.evidence).collect();
    found.extend(&panel.triage.evidence);
    found.extend(panel.next_step.iter().flat_map(|advice| &advice.evidence));
    found.extend(of(&panel.summary.sentences));
    for thread in &panel.thread_summaries {
        found.extend(of_parts(&thread.parts));
        found.extend(of(thread.asked.iter().chain(&thread.answered).chain(&thread.sentences)));
    }
    found.extend(of(panel.reply_draft.iter().flat_map(|shown| &shown.item.sentences)));
    found.extend(of(panel.similar_tickets.iter().filter_map(|shown| shown.item.solution.as_ref())));
    found.extend(of(panel.similar_threads.iter().map(|shown| &shown.item.answer)));
    found.extend(panel.experts.iter().flat_map(|shown| &shown.item.evidence));
    found
}

/// What the parts of a side conversation cite, as they are shown.
fn of_parts(parts: &Parts) -> impl Iterator<Item = &Evidence> {
    let Parts { asked, answered, decisions, commitments, open_questions, facts, to_tell, withdrawn, about } = parts;
    let first = asked.iter().chain(answered).chain(to_tell).chain(commitments.iter().map(|one| &one.told)).chain(open_questions);
    let told = first.chain(decisions).chain(withdrawn).chain(about).map(|one| &one.said);
    told.chain(facts.iter().map(|fact| &fact.said)).flat_map(|said| &said.evidence)
}

/// The anchor of a text that stands on the page.
pub(super) fn text_anchor(view: &TicketView, source: Source) -> Option<String> {
    match source {
        Source::Ticket(id) => (id == view.history.ticket.id).then(|| "opening".to_owned()),
        Source::Comment(_, id) => view.shown_comments().iter().any(|comment| comment.id == id).then(|| format!("comment-{id}")),
        Source::Message(thread, id) => {
            let mut messages = view.threads.iter().filter(|held| held.thread.id == thread).flat_map(|held| &held.messages);
            messages.any(|message| message.id == id).then(|| format!("message-{id}"))
        }
        Source::Attachment(_, id, _) => view.attachments.iter().any(|attachment| attachment.id == id).then(|| format!("attachment-{id}")),
        Source::Passage(..) | Source::Playbook => None,
    }
}

/// Where in a shown text the evidence stands, in bytes of that text.
fn span_in_text(view: &TicketView, evidence: &Evidence) -> Option<Range<usize>> {
    let text = match evidence.source {
        Source::Ticket(id) if id == view.history.ticket.id => &view.history.ticket.body,
        Source::Comment(_, id) => &view.history.comments.iter().find(|comment| comment.id == id)?.body,
        Source::Message(_, id) => &view.threads.iter().flat_map(|held| &held.messages).find(|message| message.id == id)?.body,
        Source::Ticket(_) | Source::Passage(..) | Source::Attachment(..) | Source::Playbook => return None,
    };
    // A text that changed after the panel was made has other words there: better no line under them than a wrong one.
    let span = evidence.span.clone().filter(|span| text.get(span.clone()).is_some_and(|words| says(words, &evidence.quote)));
    span.or_else(|| found(text, &evidence.quote))
}

/// Whether words are those of a quote, which was cleaned: composed letters, other white space, nothing invisible.
fn says(words: &str, quote: &str) -> bool {
    let letters = |text: &str| text.nfkc().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    let (words, quoted) = (letters(words), letters(quote));
    let is_cut = quote.ends_with('…');
    !quoted.is_empty() && (words == quoted || is_cut && words.starts_with(&quoted))
}

fn found(text: &str, quote: &str) -> Option<Range<usize>> {
    let quote = quote.trim().trim_end_matches('…').trim_end();
    let start = (!quote.is_empty()).then(|| text.find(quote))??;
    Some(start..start + quote.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample::english;

    /// The words of the opening message that a piece of evidence marks.
    fn marked(body: &str, quote: &str, span: Option<Range<usize>>) -> Option<String> {
        let mut view = english();
        let ticket = &mut view.history.ticket;
        body.clone_into(&mut ticket.body);
        let source = Source::Ticket(ticket.id);
        let evidence = Evidence { source, title: "T-1041".to_owned(), quote: quote.to_owned(), span, at: None };
        span_in_text(&view, &evidence).map(|span| body[span].to_owned())
    }

    #[test]
    fn a_tickets_span_counts_over_its_body_however_long_its_subject_is() {
        let body = "The contacts of my camera are green. Can I sand them? Thanks a lot for any advice on this matter.";
        assert_eq!(marked(body, "Can I sand them?", Some(37..53)).as_deref(), Some("Can I sand them?"));
    }

    #[test]
    fn a_span_marks_the_text_as_it_was_written() {
        let body = "Mon e\u{301}tat :\r\nle boîtier\u{200B} chauffe.";
        let from = body.find("le boîtier").unwrap();
        assert_eq!(marked(body, "le boîtier chauffe.", Some(from..body.len())).as_deref(), Some("le boîtier\u{200B} chauffe."));
        assert_eq!(marked(body, "Mon état :", Some(0.."Mon e\u{301}tat :".len())).as_deref(), Some("Mon e\u{301}tat :"));
    }

    #[test]
    fn a_span_of_a_text_that_changed_is_looked_for_and_else_marks_nothing() {
        let quote = "Can I sand them?";
        assert_eq!(marked("Hello! Can I sand them?", quote, Some(0..16)).as_deref(), Some(quote));
        assert_eq!(marked("Hello! It works again.", quote, Some(0..16)), None);
        assert_eq!(marked("é", quote, Some(0..1)), None);
    }
}
