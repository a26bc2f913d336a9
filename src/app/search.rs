//! Search: what the index finds, as this actor may see it.

use std::cmp::Reverse;

use uuid::Uuid;

use crate::app::App;
use crate::app::error::Error;
use crate::app::panel::name_of;
use crate::domain::id::{CommentId, ExcerptId, MessageId, PassageId, PersonId, TicketId};
use crate::domain::identifier::Identifier;
use crate::domain::triage::{Evidence, Source};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::Kind;
use crate::index::Query;
use crate::store;
use crate::text::clean::clean;
use crate::text::language;

const LONGEST_QUOTE: usize = 400;

/// Something that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Where it stands and its words.
    pub evidence: Evidence,
}

impl App {
    /// Finds passages, tickets, comments, messages and what stands in attachments, best first.
    ///
    /// Before all others come the comments and messages that hold an identifier of the text as it is written, because the index has neither
    /// what they quote nor what looks like somebody's personal number: as many as wanted where nothing else is asked, else a half.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text without words.
    pub async fn search(&self, actor: &Actor, text: &str, kinds: Vec<Kind>, limit: usize) -> Result<Vec<Found>, Error> {
        self.allow(actor, Permission::Read)?;
        let asked = clean(text);
        if asked.is_empty() {
            return Err(Error::invalid("text", "there is nothing to search for: write at least one word"));
        }
        let limit = limit.clamp(1, 100);
        let is_alone = Identifier::of(asked.as_str()).is_some();
        let named = self.naming(actor, asked.as_str(), &kinds, if is_alone { limit } else { limit.div_ceil(2) }).await?;
        let dense = self.embed_one(&asked).await?;
        let language = language::detect(asked.as_str()).map(|(language, _)| language);
        let mut query = Query::new(actor.scope(), asked, limit);
        query.kinds = kinds;
        query.language = language;
        query.dense = Some(dense);
        let near = self.index().search(query).await?.into_iter().map(|hit| (hit.kind, hit.id));
        let near = near.filter(|hit| !named.contains(hit)).collect::<Vec<_>>();
        let hits: Vec<_> = named.into_iter().chain(near).take(limit).collect();
        self.count_usage(actor.workspace, "search").await?;
        self.found(actor, &hits).await
    }

    /// The comments and messages that hold an identifier of a text, newest first.
    async fn naming(&self, actor: &Actor, text: &str, kinds: &[Kind], limit: usize) -> Result<Vec<(Kind, Uuid)>, Error> {
        let identifiers = Identifier::all_in(text);
        let (scope, each) = (actor.scope(), u32::try_from(limit).unwrap_or(u32::MAX));
        let wants = |kind: Kind| !identifiers.is_empty() && (kinds.is_empty() || kinds.contains(&kind));
        let mut named = Vec::new();
        if wants(Kind::Comment) {
            let found = store::ticket::comments_naming(self.store(), &scope, &identifiers, each).await?;
            named.extend(found.iter().map(|id| (Kind::Comment, id.as_uuid())));
        }
        if wants(Kind::Message) {
            let found = store::thread::messages_naming(self.store(), &scope, &identifiers, each).await?;
            named.extend(found.iter().map(|id| (Kind::Message, id.as_uuid())));
        }
        // Ids begin with the moment at which they were made.
        named.sort_by_key(|(_, id)| Reverse(*id));
        named.truncate(limit);
        Ok(named)
    }

    /// Reads what was found from the store, once a kind, under the actor's scope; what is gone meanwhile is left out.
    async fn found(&self, actor: &Actor, hits: &[(Kind, Uuid)]) -> Result<Vec<Found>, Error> {
        let scope = actor.scope();
        let ids = |kind: Kind| hits.iter().filter(move |hit| hit.0 == kind).map(|hit| hit.1);
        let passages =
            store::document::passages(self.store(), &scope, &ids(Kind::Passage).map(PassageId::from_uuid).collect::<Vec<_>>()).await?;
        let tickets = store::ticket::by_ids(self.store(), &scope, &ids(Kind::Ticket).map(TicketId::from_uuid).collect::<Vec<_>>()).await?;
        let comments =
            store::ticket::comments_by_ids(self.store(), &scope, &ids(Kind::Comment).map(CommentId::from_uuid).collect::<Vec<_>>()).await?;
        let threads =
            store::thread::by_messages(self.store(), &scope, &ids(Kind::Message).map(MessageId::from_uuid).collect::<Vec<_>>()).await?;
        let people =
            store::person::by_ids(self.store(), actor.workspace, &ids(Kind::Person).map(PersonId::from_uuid).collect::<Vec<_>>()).await?;
        let excerpts =
            store::attachment::excerpts(self.store(), &scope, &ids(Kind::Attachment).map(ExcerptId::from_uuid).collect::<Vec<_>>()).await?;
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let evidence = |kind: Kind, id: Uuid| match kind {
            Kind::Passage => passages.iter().find(|found| found.passage.id.as_uuid() == id).map(|found| Evidence {
                source: Source::Passage(found.passage.document, found.passage.id),
                title: found.title.clone(),
                quote: shortened(&found.passage.text),
                span: None,
                at: Some(found.updated_at),
            }),
            Kind::Ticket => tickets.iter().find(|ticket| ticket.id.as_uuid() == id).map(|ticket| Evidence {
                source: Source::Ticket(ticket.id),
                title: ticket.reference(),
                quote: shortened(&ticket.subject),
                span: None,
                at: Some(ticket.created_at),
            }),
            Kind::Comment => comments.iter().find(|comment| comment.id.as_uuid() == id).map(|comment| Evidence {
                source: Source::Comment(comment.ticket, comment.id),
                title: name_of(&directory, &comment.author),
                quote: shortened(&comment.body),
                span: None,
                at: Some(comment.created_at),
            }),
            Kind::Message => threads.iter().find_map(|history| {
                let message = history.messages.iter().find(|message| message.id.as_uuid() == id)?;
                Some(Evidence {
                    source: Source::Message(history.thread.id, message.id),
                    title: format!("{} · {}", history.thread.reference(), name_of(&directory, &message.author)),
                    quote: shortened(&message.body),
                    span: None,
                    at: Some(message.created_at),
                })
            }),
            Kind::Person => people.iter().find(|person| person.id.as_uuid() == id).map(|person| Evidence {
                source: Source::Playbook,
                title: person.name.clone(),
                quote: person.skills.join(", "),
                span: None,
                at: None,
            }),
            Kind::Attachment => excerpts.iter().find(|found| found.excerpt.id.as_uuid() == id).map(|found| Evidence {
                source: Source::Attachment(found.ticket, found.excerpt.attachment, found.excerpt.id),
                title: found.title(),
                quote: shortened(&found.excerpt.text),
                span: None,
                at: Some(found.at),
            }),
        };
        Ok(hits.iter().filter_map(|(kind, id)| Some(Found { kind: *kind, evidence: evidence(*kind, *id)? })).collect())
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
