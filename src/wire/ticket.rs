//! Tickets and comments, in and out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::attachment::{Attachment, Place};
use crate::domain::customer::Customer;
use crate::domain::intake::{NewComment, NewRequester, NewTicket};
use crate::domain::panel::{InboxRow, TicketHead};
use crate::domain::ticket::{Comment, Ticket, TicketHistory};
use crate::domain::vocabulary::{EmailAddress, Priority, Sentiment, TicketChannel, TicketStatus};
use crate::wire::attachment::{self, AttachmentOut};
use crate::wire::read::{FieldError, each, escape, filled, parse, parse_all, parse_opt};

/// Stands in for the requester of a text that is triaged and not kept; `.invalid` leads nowhere (RFC 2606).
const NOBODY: &str = "nobody@requester.invalid";

/// A ticket to be created, or updated where its `external_id` is known.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "external_id": "T-1001",
    "subject": "Battery has gone fat",
    "body": "The pack of my outdoor camera bulges in the middle. May I post it to you?",
    "requester": {"email": "dorothy.aske@mail.example", "name": "Dorothy Aske", "external_id": "C-101"},
    "channel": "email",
    "created_at": "2026-07-20T18:40:00Z",
    "tags": ["outdoor"]
}))]
pub struct TicketIn {
    /// Its id in the system it comes from.
    pub external_id: Option<String>,
    /// Its subject; may be an empty text when there is a body.
    pub subject: String,
    /// The customer's first message, as it arrived.
    pub body: String,
    /// Who wrote it; may be left out only where a ticket is triaged and not kept.
    #[schema(required, nullable = false)]
    pub requester: Option<RequesterIn>,
    /// How it arrived; `api` when not given.
    pub channel: Option<TicketChannel>,
    /// When it was written; when not given, as it is known, else now.
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
    /// Where it stands; `new` when not given.
    pub status: Option<TicketStatus>,
    /// When it was solved.
    #[schema(format = DateTime)]
    pub solved_at: Option<String>,
    /// Its priority, when somebody set one already.
    pub priority: Option<Priority>,
    /// The group that has it already.
    pub group: Option<String>,
    /// The e-mail address of the agent who has it already.
    pub assignee: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Its language as an ISO 639-1 code; told from the text when not given.
    #[schema(examples("en"))]
    pub language: Option<String>,
    /// Fields of the source system: texts, numbers or booleans by name.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub custom_fields: BTreeMap<String, Value>,
    /// What was said on it since.
    #[serde(default)]
    pub comments: Vec<CommentIn>,
    /// The ids of files that came with it, from `POST /v1/attachments`.
    #[serde(default)]
    pub attachment_ids: Vec<String>,
}

/// Who wrote a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequesterIn {
    /// Their address.
    #[schema(format = Email)]
    pub email: String,
    /// Their name.
    pub name: Option<String>,
    /// Their id in the system they come from.
    pub external_id: Option<String>,
}

/// A comment to be added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"author": "tom.hargreaves@alderwick.example", "public": true, "body": "Please leave the pack outside and do not post it."}))]
pub struct CommentIn {
    /// The e-mail address of who wrote it.
    #[schema(format = Email)]
    pub author: String,
    /// Whether the customer sees it.
    pub public: bool,
    /// The text.
    pub body: String,
    /// When it was written; when not given, as the ticket that it is sent with, else now.
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
    /// The ids of files that came with it, from `POST /v1/attachments`.
    #[serde(default)]
    pub attachment_ids: Vec<String>,
    /// Whether what the guard says to look at is meant, as `acknowledge` of `POST /v1/side-conversations/check`; what it blocks never leaves.
    #[serde(default)]
    pub acknowledged: bool,
}

/// A ticket with its comments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TicketOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its id in the system it comes from.
    #[schema(required)]
    pub external_id: Option<String>,
    /// Its subject.
    pub subject: String,
    /// The customer's first message.
    pub body: String,
    /// Who wrote it.
    pub requester: RequesterOut,
    /// How it arrived.
    pub channel: TicketChannel,
    /// Where it stands.
    pub status: TicketStatus,
    /// Its priority, once somebody set one.
    #[schema(required)]
    pub priority: Option<Priority>,
    /// The group that has it, once routed.
    #[schema(required)]
    pub group: Option<String>,
    /// The e-mail address of the agent who has it, once assigned.
    #[schema(required)]
    pub assignee: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its language, when the source said one.
    #[schema(required)]
    pub language: Option<String>,
    /// Fields of the source system, by name.
    pub custom_fields: BTreeMap<String, String>,
    /// When it was written.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it or its comments last changed here.
    #[schema(format = DateTime)]
    pub updated_at: String,
    /// When it was solved, if it was.
    #[schema(required, format = DateTime)]
    pub solved_at: Option<String>,
    /// What was said on it, oldest first.
    pub comments: Vec<CommentOut>,
    /// The files that came with its first message.
    pub attachments: Vec<AttachmentOut>,
}

/// Who wrote a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RequesterOut {
    /// The customer's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Their id in the system they come from.
    #[schema(required)]
    pub external_id: Option<String>,
    /// Their address.
    pub email: String,
    /// Their name, if known.
    #[schema(required)]
    pub name: Option<String>,
}

/// A comment on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommentOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its ticket.
    #[schema(format = "uuid")]
    pub ticket: String,
    /// The e-mail address of who wrote it.
    pub author: String,
    /// Whether the customer sees it.
    pub public: bool,
    /// The text.
    pub body: String,
    /// When it was written.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// The files that came with it.
    pub attachments: Vec<AttachmentOut>,
}

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TicketHeadOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// What it is called: its `external_id` where it has one.
    #[schema(examples("T-1001"))]
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// When it was written.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// A ticket in the inbox, with what its triage said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InboxRowOut {
    /// The ticket.
    #[serde(flatten)]
    pub head: TicketHeadOut,
    /// Who wrote it.
    pub requester: String,
    /// Its main intent, once triaged.
    #[schema(required)]
    pub intent: Option<String>,
    /// How the customer feels, once triaged.
    #[schema(required)]
    pub sentiment: Option<Sentiment>,
    /// Where it belongs, once triaged or routed.
    #[schema(required)]
    pub group: Option<String>,
    /// Its language, once triaged.
    #[schema(required)]
    pub language: Option<String>,
    /// Its priority, once triaged or set.
    #[schema(required)]
    pub priority: Option<Priority>,
    /// Whether its panel is ready.
    pub panel_ready: bool,
}

impl TicketIn {
    /// The ticket, to be kept.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_new(self) -> Result<NewTicket, FieldError> {
        if self.requester.is_none() {
            return Err(FieldError::new("/requester", "this key is required"));
        }
        self.into_text()
    }

    /// The ticket, to be triaged and forgotten: nobody need have written it.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_text(self) -> Result<NewTicket, FieldError> {
        let Self {
            external_id,
            subject,
            body,
            requester,
            channel,
            created_at,
            status,
            solved_at,
            priority,
            group,
            assignee,
            tags,
            language,
            custom_fields,
            comments,
            attachment_ids,
        } = self;
        if subject.trim().is_empty() && body.trim().is_empty() {
            return Err(FieldError::new("/body", "`subject` and `body` are both empty: a ticket needs one of them"));
        }
        let requester = requester.unwrap_or_else(|| RequesterIn { email: NOBODY.to_owned(), name: None, external_id: None });
        Ok(NewTicket {
            external_id: external_id.map(|id| filled("/external_id", id)).transpose()?,
            subject,
            body,
            requester: requester.into_new().map_err(|error| error.under("/requester"))?,
            channel: channel.unwrap_or(TicketChannel::Api),
            created_at: parse_opt("/created_at", created_at.as_deref())?,
            status,
            solved_at: parse_opt("/solved_at", solved_at.as_deref())?,
            priority,
            group: parse_opt("/group", group.as_deref())?,
            assignee: parse_opt("/assignee", assignee.as_deref())?,
            tags,
            language: parse_opt("/language", language.as_deref())?,
            custom_fields: custom_fields
                .into_iter()
                .filter_map(|(name, value)| custom_field(name, value).transpose())
                .collect::<Result<_, _>>()?,
            comments: each("/comments", comments, CommentIn::into_new)?,
            attachments: parse_all("/attachment_ids", &attachment_ids)?,
        })
    }
}

fn custom_field(name: String, value: Value) -> Result<Option<(String, String)>, FieldError> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Array(_) | Value::Object(_) => {
            let pointer = format!("/custom_fields/{}", escape(&name));
            return Err(FieldError::new(pointer, "expected a text, a number or a boolean"));
        }
    };
    Ok(Some((name, text)))
}

impl RequesterIn {
    fn into_new(self) -> Result<NewRequester, FieldError> {
        let Self { email, name, external_id } = self;
        Ok(NewRequester { email: parse("/email", &email)?, name, external_id })
    }
}

impl CommentIn {
    /// The comment.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_new(self) -> Result<NewComment, FieldError> {
        let Self { author, public, body, created_at, attachment_ids, acknowledged: _ } = self;
        Ok(NewComment {
            author: parse("/author", &author)?,
            public,
            body: filled("/body", body)?,
            created_at: parse_opt("/created_at", created_at.as_deref())?,
            attachments: parse_all("/attachment_ids", &attachment_ids)?,
        })
    }
}

impl TicketOut {
    /// A ticket with who wrote it, and its files.
    #[must_use]
    pub fn new(history: TicketHistory, requester: &Customer, attachments: &[Attachment]) -> Self {
        let TicketHistory { ticket, comments } = history;
        let Ticket {
            id,
            workspace: _,
            external_id,
            subject,
            body,
            requester: _,
            channel,
            status,
            priority,
            group,
            assignee,
            tags,
            language,
            custom_fields,
            created_at,
            updated_at,
            solved_at,
        } = ticket;
        Self {
            id: id.to_string(),
            external_id,
            subject,
            body,
            requester: RequesterOut {
                id: requester.id.to_string(),
                external_id: requester.external_id.clone(),
                email: requester.email.to_string(),
                name: requester.name.clone(),
            },
            channel,
            status,
            priority,
            group: group.map(|group| group.to_string()),
            assignee: assignee.as_ref().map(EmailAddress::to_string),
            tags,
            language: language.map(|language| language.to_string()),
            custom_fields,
            created_at: created_at.to_string(),
            updated_at: updated_at.to_string(),
            solved_at: solved_at.map(|at| at.to_string()),
            comments: comments.into_iter().map(|comment| CommentOut::new(comment, attachments)).collect(),
            attachments: attachment::at(attachments, Place::Ticket(id)),
        }
    }
}

impl CommentOut {
    /// A comment with its own files among those of its ticket.
    #[must_use]
    pub fn new(comment: Comment, attachments: &[Attachment]) -> Self {
        let Comment { id, ticket, author, public, body, created_at } = comment;
        Self {
            id: id.to_string(),
            ticket: ticket.to_string(),
            author: author.to_string(),
            public,
            body,
            created_at: created_at.to_string(),
            attachments: attachment::at(attachments, Place::Comment(ticket, id)),
        }
    }
}

impl From<TicketHead> for TicketHeadOut {
    fn from(head: TicketHead) -> Self {
        let TicketHead { id, reference, subject, status, created_at } = head;
        Self { id: id.to_string(), reference, subject, status, created_at: created_at.to_string() }
    }
}

impl From<InboxRow> for InboxRowOut {
    fn from(row: InboxRow) -> Self {
        let InboxRow { head, requester, intent, is_out_of_scope: _, sentiment, group, language, priority, panel_ready } = row;
        Self {
            head: head.into(),
            requester,
            intent,
            sentiment,
            group,
            language: language.map(|language| language.to_string()),
            priority,
            panel_ready,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::read::read_value;

    fn ticket(changes: &Value) -> Result<NewTicket, FieldError> {
        let mut body = json!({"subject": "Where is it", "body": "My parcel.", "requester": {"email": "ana@mail.example"}});
        for (key, value) in changes.as_object().unwrap() {
            body[key] = value.clone();
        }
        read_value::<TicketIn>(body)?.into_new()
    }

    #[test]
    fn a_ticket_needs_only_its_text_and_who_wrote_it() {
        let new = ticket(&json!({})).unwrap();
        assert_eq!(new.channel, TicketChannel::Api);
        assert_eq!(new.requester.email.as_str(), "ana@mail.example");
        assert!(new.comments.is_empty() && new.created_at.is_none());
    }

    #[test]
    fn every_field_that_cannot_be_used_is_pointed_at() {
        let check = |changes: Value, pointer: &str| assert_eq!(ticket(&changes).unwrap_err().pointer, pointer, "{changes}");
        check(json!({"requester": {"email": "nobody"}}), "/requester/email");
        check(json!({"requester": null}), "/requester");
        check(json!({"requester": {"email": "a@b.example", "mail": "x"}}), "/requester/mail");
        check(json!({"subject": " ", "body": "\n"}), "/body");
        check(json!({"external_id": ""}), "/external_id");
        check(json!({"created_at": "yesterday"}), "/created_at");
        check(json!({"solved_at": "2026-13-01"}), "/solved_at");
        check(json!({"channel": "fax"}), "/channel");
        check(json!({"group": "Big Group"}), "/group");
        check(json!({"assignee": "tom"}), "/assignee");
        check(json!({"language": "english"}), "/language");
        check(json!({"custom_fields": {"a/b": []}}), "/custom_fields/a~1b");
        check(json!({"comments": [{"author": "x", "public": true, "body": "b"}]}), "/comments/0/author");
        check(json!({"comments": [{"author": "x@y.example", "public": true, "body": ""}]}), "/comments/0/body");
        check(json!({"subject": null}), "/subject");
    }

    #[test]
    fn a_text_of_invisible_characters_is_not_an_error() {
        assert!(ticket(&json!({"subject": "", "body": "\u{200b}\u{2060}\u{e0041}"})).is_ok());
    }

    #[test]
    fn custom_fields_are_kept_as_texts() {
        let new = ticket(&json!({"custom_fields": {"a": 1, "b": true, "c": "x", "d": null}})).unwrap();
        let kept: Vec<_> = new.custom_fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(kept, [("a", "1"), ("b", "true"), ("c", "x")]);
    }

    #[test]
    fn a_text_that_is_only_triaged_needs_no_requester() {
        let shape: TicketIn = read_value(json!({"subject": "", "body": "Where is my parcel?"})).unwrap();
        assert!(shape.clone().into_new().is_err());
        assert_eq!(shape.into_text().unwrap().requester.email.as_str(), NOBODY);
    }
}
