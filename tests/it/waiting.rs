//! What waits for somebody of the desk: judged from the rows as they are, for whoever reads.

use backchannel::app::{App, Clock};
use backchannel::domain::id::{ThreadId, TicketId};
use backchannel::domain::intake::{NewComment, NewMessage, NewRequester, NewThread, NewTicket, PageRequest};
use backchannel::domain::panel::LooseEndKind;
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{Language, Part, Role, ThreadChannel, ThreadStatus, TicketChannel, TicketStatus};
use backchannel::domain::waiting::{Holder, Section, Waiting, Whose};
use tempfile::TempDir;

use crate::support::app::parts;
use crate::support::database::{Database, each};
use crate::support::make;

const OWEN: &str = "owen@desk.example";
const ANA: &str = "ana@mail.example";
const LAB: &str = "ingrid@lab.example";
const HOUR: i64 = 3600;

struct Desk {
    app: App,
    admin: Actor,
    clock: Clock,
    _folder: TempDir,
}

impl Desk {
    async fn new(database: &Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (database.open_again().await, Clock::fixed(make::NOW));
        let mut parts = parts(store, &folder).await;
        parts.clock = clock.clone();
        let app = App::new(parts);
        let email = "admin@desk.example".parse().unwrap();
        let admin = app.create_workspace("desk".parse().unwrap(), "desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        Self { app, admin, clock, _folder: folder }
    }

    /// Somebody of these teams.
    async fn agent(&self, email: &str, teams: &[&str]) -> Actor {
        let user = self.app.put_user(&self.admin, email.parse().unwrap(), "Somebody", Role::Agent).await.unwrap().id;
        let teams = teams.iter().map(|team| team.parse().unwrap()).collect();
        Actor { name: format!("user:{user}"), user: Some(user), role: Role::Agent, teams, ..self.admin.clone() }
    }

    async fn ticket(&self, external_id: &str, change: impl FnOnce(&mut NewTicket)) -> TicketId {
        let mut new = NewTicket {
            external_id: Some(external_id.to_owned()),
            subject: "Lamp".to_owned(),
            body: "It is broken.".to_owned(),
            requester: NewRequester { email: ANA.parse().unwrap(), name: Some("Ana".to_owned()), external_id: None },
            channel: TicketChannel::Email,
            created_at: None,
            status: Some(TicketStatus::Open),
            solved_at: None,
            priority: None,
            group: None,
            assignee: None,
            tags: vec![],
            language: None,
            custom_fields: [].into(),
            comments: vec![],
            attachments: vec![],
        };
        change(&mut new);
        self.app.put_ticket(&self.admin, new).await.unwrap().item.ticket.id
    }

    /// A ticket that Owen has.
    async fn owens(&self, external_id: &str) -> TicketId {
        self.ticket(external_id, |new| new.assignee = Some(OWEN.parse().unwrap())).await
    }

    async fn says(&self, ticket: TicketId, author: &str, public: bool) {
        self.clock.advance(60);
        let body = format!("{author} writes.");
        let new = NewComment { author: author.parse().unwrap(), public, body, created_at: None, attachments: vec![] };
        self.app.add_comment(&self.admin, ticket, new).await.unwrap();
    }

    /// A side conversation that Owen opened with a question.
    async fn asks(&self, ticket: TicketId, reference: &str) -> ThreadId {
        let body = "May it be posted?".to_owned();
        let new = NewThread {
            ask: None,
            context: vec![],
            external_id: Some(reference.to_owned()),
            channel: ThreadChannel::Slack,
            subject: "Posting".to_owned(),
            status: None,
            opened_by: OWEN.parse().unwrap(),
            participants: vec![LAB.parse().unwrap()],
            created_at: None,
            messages: vec![NewMessage { author: OWEN.parse().unwrap(), body, created_at: None, attachments: vec![] }],
        };
        self.app.open_thread(&self.admin, ticket, new).await.unwrap().item.thread.id
    }

    async fn answers(&self, thread: ThreadId) {
        self.clock.advance(60);
        let body = "No, it must be collected by the carrier.".to_owned();
        let new = NewMessage { author: LAB.parse().unwrap(), body, created_at: None, attachments: vec![] };
        self.app.add_message(&self.admin, thread, new).await.unwrap();
    }

    async fn waiting(&self, actor: &Actor, whose: Whose) -> Waiting {
        self.app.waiting(actor, whose, 50).await.unwrap()
    }
}

fn ends(waiting: &Waiting) -> Vec<(LooseEndKind, &str)> {
    let section = waiting.sections.iter().find_map(|section| match section {
        Section::LooseEnds(few) => Some(few),
        Section::Unanswered(_) => None,
    });
    section.iter().flat_map(|few| &few.items).map(|thread| (thread.end.kind, thread.end.reference.as_str())).collect()
}

fn unanswered(waiting: &Waiting) -> Vec<&str> {
    let section = waiting.sections.iter().find_map(|section| match section {
        Section::Unanswered(few) => Some(few),
        Section::LooseEnds(_) => None,
    });
    section.iter().flat_map(|few| &few.items).map(|ticket| ticket.head.reference.as_str()).collect()
}

#[tokio::test]
async fn an_answer_waits_until_the_customer_knows_it_even_when_its_side_conversation_is_closed() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let owen = desk.agent(OWEN, &[]).await;
        let ticket = desk.owens("T-1").await;
        desk.says(ticket, OWEN, true).await;
        let thread = desk.asks(ticket, "S-1").await;
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), []);
        desk.answers(thread).await;
        let waiting = desk.waiting(&owen, Whose::Mine).await;
        assert_eq!(ends(&waiting), [(LooseEndKind::AnsweredNotRelayed, "S-1")]);
        assert_eq!((waiting.count(), desk.app.count_waiting(&owen).await.unwrap()), (1, 1));
        desk.app.set_thread_status(&desk.admin, thread, ThreadStatus::Closed).await.unwrap();
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), [(LooseEndKind::AnsweredNotRelayed, "S-1")]);
        desk.says(ticket, OWEN, false).await;
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), [(LooseEndKind::AnsweredNotRelayed, "S-1")], "a note tells nobody");
        desk.says(ticket, OWEN, true).await;
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), []);
        assert_eq!(desk.app.count_waiting(&owen).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_side_conversation_stalls_without_anything_being_written() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let owen = desk.agent(OWEN, &[]).await;
        let ticket = desk.owens("T-1").await;
        desk.asks(ticket, "S-1").await;
        // The panel that is kept knows nothing of what comes.
        desk.app.panel(&desk.admin, ticket).await.unwrap();
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), []);
        assert_eq!(desk.app.count_waiting(&owen).await.unwrap(), 1, "the ticket itself");
        desk.clock.advance(3 * HOUR);
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), [(LooseEndKind::Stalled, "S-1")]);
        assert_eq!(desk.app.count_waiting(&owen).await.unwrap(), 2);
        let listed = desk.app.loose_ends(&desk.admin, PageRequest::default()).await.unwrap().items;
        assert_eq!(listed[0].waiting_on, Some(LAB.parse().unwrap()));
    })
    .await;
}

#[tokio::test]
async fn what_is_open_on_a_solved_ticket_waits_until_it_is_closed() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let owen = desk.agent(OWEN, &[]).await;
        let ticket = desk.owens("T-1").await;
        let thread = desk.asks(ticket, "S-1").await;
        desk.ticket("T-1", |new| (new.assignee, new.status) = (Some(OWEN.parse().unwrap()), Some(TicketStatus::Solved))).await;
        let waiting = desk.waiting(&owen, Whose::Mine).await;
        assert_eq!(ends(&waiting), [(LooseEndKind::OpenOnSolved, "S-1")]);
        assert_eq!(unanswered(&waiting), Vec::<&str>::new(), "a solved ticket waits for nobody");
        desk.app.set_thread_status(&desk.admin, thread, ThreadStatus::Closed).await.unwrap();
        assert_eq!(desk.waiting(&owen, Whose::Mine).await.sections, []);
    })
    .await;
}

#[tokio::test]
async fn a_side_conversation_of_another_team_is_not_told() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let owen = desk.agent(OWEN, &["support"]).await;
        let lea = desk.agent("lea@desk.example", &["legal"]).await;
        let ticket = desk.owens("T-1").await;
        desk.asks(ticket, "S-1").await;
        desk.clock.advance(3 * HOUR);
        database.tamper("UPDATE threads SET audience = '|team:legal|'; UPDATE messages SET audience = '|team:legal|'").await;
        for whose in [Whose::Mine, Whose::Everybodys] {
            assert_eq!(ends(&desk.waiting(&owen, whose).await), []);
        }
        assert_eq!(desk.app.loose_ends(&owen, PageRequest::default()).await.unwrap().items, []);
        assert_eq!(ends(&desk.waiting(&lea, Whose::Everybodys).await), [(LooseEndKind::Stalled, "S-1")]);
        assert_eq!(desk.app.loose_ends(&lea, PageRequest::default()).await.unwrap().items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_waits_until_it_is_answered_and_again_when_the_customer_writes() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let owen = desk.agent(OWEN, &[]).await;
        let (first, second) = (desk.owens("T-1").await, {
            desk.clock.advance(60);
            desk.owens("T-2").await
        });
        assert_eq!(unanswered(&desk.waiting(&owen, Whose::Mine).await), ["T-1", "T-2"]);
        desk.says(first, OWEN, false).await;
        assert_eq!(unanswered(&desk.waiting(&owen, Whose::Mine).await), ["T-1", "T-2"], "a note answers nobody");
        desk.says(first, OWEN, true).await;
        assert_eq!(unanswered(&desk.waiting(&owen, Whose::Mine).await), ["T-2"]);
        desk.says(first, ANA, true).await;
        assert_eq!(unanswered(&desk.waiting(&owen, Whose::Mine).await), ["T-2", "T-1"], "the longest waiting comes first");
        desk.says(second, OWEN, true).await;
        assert_eq!(unanswered(&desk.waiting(&owen, Whose::Mine).await), ["T-1"]);
    })
    .await;
}

#[tokio::test]
async fn somebody_sees_their_own_their_teams_or_what_nobody_has_and_everybodys_when_they_ask() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let owen = desk.agent(OWEN, &[]).await;
        let mia = desk.agent("mia@desk.example", &["billing"]).await;
        let new = desk.agent("new@desk.example", &[]).await;
        desk.owens("owens").await;
        let billing = |new: &mut NewTicket| new.group = Some("billing".parse().unwrap());
        desk.ticket("billings", billing).await;
        desk.ticket("owens-of-billing", |new| {
            billing(new);
            new.assignee = Some(OWEN.parse().unwrap());
        })
        .await;
        desk.ticket("nobodys", |_| ()).await;
        let sorted = |waiting: &Waiting| {
            let mut all: Vec<String> = unanswered(waiting).into_iter().map(str::to_owned).collect();
            all.sort();
            all
        };
        assert_eq!(sorted(&desk.waiting(&owen, Whose::Mine).await), ["owens", "owens-of-billing"]);
        assert_eq!(sorted(&desk.waiting(&mia, Whose::Mine).await), ["billings"]);
        let nobodys = desk.waiting(&new, Whose::Mine).await;
        assert_eq!((sorted(&nobodys), nobodys.holder), (vec!["nobodys".to_owned()], Holder::Nobody));
        for actor in [&owen, &mia, &new] {
            assert_eq!(sorted(&desk.waiting(actor, Whose::Everybodys).await).len(), 4);
        }
    })
    .await;
}

#[tokio::test]
async fn what_somebody_set_aside_on_a_ticket_does_not_wait_for_them_until_something_is_said() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let owen = desk.agent(OWEN, &[]).await;
        let ticket = desk.owens("T-1").await;
        let thread = desk.asks(ticket, "SC-1").await;
        desk.answers(thread).await;
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), [(LooseEndKind::AnsweredNotRelayed, "SC-1")]);

        let loose = desk.app.panel(&owen, ticket).await.unwrap().part_ids[&Part::LooseEnd];
        desk.app.set_aside(&owen, loose, None).await.unwrap();
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), []);
        assert_eq!(desk.app.count_waiting(&owen).await.unwrap(), desk.waiting(&owen, Whose::Mine).await.count());
        // Others have not set it aside.
        assert_eq!(ends(&desk.waiting(&owen, Whose::Everybodys).await).len(), 1);

        desk.says(ticket, ANA, true).await;
        assert_eq!(ends(&desk.waiting(&owen, Whose::Mine).await), [(LooseEndKind::AnsweredNotRelayed, "SC-1")]);
    })
    .await;
}
