//! Lines, tickets and threads for the tests of the rooms that read them.

use std::collections::BTreeMap;

use crate::domain::id::{CommentId, CustomerId, MessageId, PersonId, ThreadId, TicketId, WorkspaceId};
use crate::domain::person::{Availability, Channel, Directory, Person, Team};
use crate::domain::thread::{Message, Thread, ThreadHistory};
use crate::domain::ticket::{Comment, Ticket, TicketHistory};
use crate::domain::time::Timestamp;
use crate::domain::triage::{Entity, Source};
use crate::domain::vocabulary::{EmailAddress, Language, PersonRole, ThreadChannel, ThreadStatus, TicketChannel, TicketStatus};
use crate::lines::Line;

pub(crate) const EN: Language = Language::ENGLISH;
pub(crate) const FR: Language = Language::FRENCH;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn email(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn zero() -> Timestamp {
    Timestamp::from_micros(0)
}

pub(crate) fn thread_id(number: u8) -> ThreadId {
    ThreadId::at(zero(), [number; 10])
}

pub(crate) fn line(text: &str, language: Language) -> Line<'_> {
    Line { source: Source::Playbook, author: None, title: "x", at: None, language, text, span: 0..text.len(), vector: None, position: 0 }
}

/// Messages are `(author, minute, text)`; the first author opens the thread.
pub(crate) fn thread(asked: &[&str], messages: &[(&str, i64, &str)]) -> ThreadHistory {
    let start = at("2026-11-16T09:00:00Z");
    let id = thread_id(1);
    let messages: Vec<Message> = (0u8..)
        .zip(messages)
        .map(|(index, (author, minute, body))| Message {
            id: MessageId::at(zero(), [index; 10]),
            thread: id,
            author: email(author),
            body: (*body).to_owned(),
            created_at: start.plus_seconds(minute * 60),
        })
        .collect();
    ThreadHistory {
        thread: Thread {
            id,
            workspace: WorkspaceId::at(zero(), [9; 10]),
            external_id: Some("S-1".to_owned()),
            ticket: TicketId::at(zero(), [1; 10]),
            channel: ThreadChannel::Slack,
            subject: "a matter".to_owned(),
            status: ThreadStatus::Open,
            opened_by: messages[0].author.clone(),
            participants: asked.iter().map(|address| email(address)).collect(),
            created_at: start,
            updated_at: messages[messages.len() - 1].created_at,
        },
        messages,
    }
}

/// Comments are `(author, public, minute, text)`.
pub(crate) fn ticket(subject: &str, body: &str, comments: &[(&str, bool, i64, &str)]) -> TicketHistory {
    let start = at("2026-11-16T08:00:00Z");
    let id = TicketId::at(zero(), [1; 10]);
    TicketHistory {
        ticket: Ticket {
            id,
            workspace: WorkspaceId::at(zero(), [9; 10]),
            external_id: Some("K-1".to_owned()),
            subject: subject.to_owned(),
            body: body.to_owned(),
            requester: CustomerId::at(zero(), [1; 10]),
            channel: TicketChannel::Email,
            status: TicketStatus::Open,
            priority: None,
            group: None,
            assignee: None,
            tags: Vec::new(),
            language: None,
            custom_fields: BTreeMap::new(),
            created_at: start,
            updated_at: start,
            solved_at: None,
        },
        comments: (0u8..)
            .zip(comments)
            .map(|(index, (author, public, minute, body))| Comment {
                id: CommentId::at(zero(), [index; 10]),
                ticket: id,
                author: email(author),
                public: *public,
                body: (*body).to_owned(),
                created_at: start.plus_seconds(minute * 60),
            })
            .collect(),
    }
}

/// Sentences end at `.`, `!` or `?` before a blank, and at line ends: enough for tests.
pub(crate) fn cut(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for end in 0..bytes.len() {
        let stop = matches!(bytes[end], b'.' | b'!' | b'?') && bytes.get(end + 1).is_none_or(u8::is_ascii_whitespace);
        if stop || bytes[end] == b'\n' || end + 1 == bytes.len() {
            let piece = &text[start..=end];
            if !piece.trim().is_empty() {
                found.push((start + piece.len() - piece.trim_start().len(), piece.trim()));
            }
            start = end + 1;
        }
    }
    found
}

fn lines_of<'a>(
    source: Source,
    author: Option<&'a EmailAddress>,
    title: &'a str,
    at: Timestamp,
    body: &'a str,
    language: Language,
) -> Vec<Line<'a>> {
    let line = |(position, (start, text)): (usize, (usize, &'a str))| Line {
        source,
        author,
        title,
        at: Some(at),
        language,
        text,
        span: start..start + text.len(),
        vector: None,
        position,
    };
    cut(body).into_iter().enumerate().map(line).collect()
}

fn name<'a>(directory: &'a Directory, address: &'a EmailAddress) -> &'a str {
    directory.people.get(address).map_or(address.as_str(), |person| &person.name)
}

pub(crate) fn thread_lines<'a>(history: &'a ThreadHistory, directory: &'a Directory, language: Language) -> Vec<Line<'a>> {
    let of = |message: &'a Message| {
        let source = Source::Message(history.thread.id, message.id);
        lines_of(source, Some(&message.author), name(directory, &message.author), message.created_at, &message.body, language)
    };
    history.messages.iter().flat_map(of).collect()
}

pub(crate) fn ticket_lines<'a>(history: &'a TicketHistory, directory: &'a Directory, language: Language) -> Vec<Line<'a>> {
    let ticket = &history.ticket;
    let mut lines = lines_of(Source::Ticket(ticket.id), None, "K-1", ticket.created_at, &ticket.body, language);
    for comment in &history.comments {
        let source = Source::Comment(ticket.id, comment.id);
        lines.extend(lines_of(
            source,
            Some(&comment.author),
            name(directory, &comment.author),
            comment.created_at,
            &comment.body,
            language,
        ));
    }
    lines
}

/// Address, name, team, role, skills.
pub(crate) type PersonRow<'a> = (&'a str, &'a str, &'a str, PersonRole, &'a [&'a str]);
/// Name, kind, address, teams, expected minutes, use.
pub(crate) type ChannelRow<'a> = (&'a str, ThreadChannel, &'a str, &'a [&'a str], u32, &'a str);

pub(crate) fn directory(people: &[PersonRow<'_>], channels: &[ChannelRow<'_>]) -> Directory {
    let mut directory = Directory::default();
    for (index, (address, name, team, role, skills)) in (0u8..).zip(people) {
        let person = Person {
            id: PersonId::at(zero(), [index; 10]),
            workspace: WorkspaceId::at(zero(), [9; 10]),
            email: email(address),
            name: (*name).to_owned(),
            team: Some(team.parse().unwrap()),
            role: *role,
            languages: vec![EN],
            skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
            availability: Availability::default(),
        };
        let team = Team { name: team.parse().unwrap(), title: (*team).to_owned(), external: *role == PersonRole::Outsider };
        directory.teams.insert(team.name.clone(), team);
        directory.people.insert(person.email.clone(), person);
    }
    for (name, kind, address, teams, minutes, use_for) in channels {
        let channel = Channel {
            name: name.parse().unwrap(),
            kind: *kind,
            address: (*address).to_owned(),
            teams: teams.iter().map(|team| team.parse().unwrap()).collect(),
            expected_reply_minutes: *minutes,
            use_for: (*use_for).to_owned(),
        };
        directory.channels.insert(channel.name.clone(), channel);
    }
    directory
}

/// Something that was found in a text, which it is all of.
pub(crate) fn entity(kind: &str, text: &str, personal: bool) -> Entity {
    let (kind, text, span) = (kind.to_owned(), text.to_owned(), 0..text.len());
    Entity { kind, value: text.clone(), text, span, personal, checked: None, comment: None }
}
