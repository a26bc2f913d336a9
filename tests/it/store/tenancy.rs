use std::collections::BTreeMap;

use backchannel::domain::answered::KeptAsk;
use backchannel::domain::attachment::{Place, Reading};
use backchannel::domain::audience::Audience;
use backchannel::domain::chat::{ChatEvent, ChatOutcome, ChatPlace, Posting};
use backchannel::domain::feedback::{Feedback, SetAside, Suggestion, Target};
use backchannel::domain::id::{
    AskId, ChatEventId, DeliveryId, FeedbackId, IncidentId, QuestionId, SuggestionId, TokenId, ViewId, WebhookId,
};
use backchannel::domain::identifier::Identifier;
use backchannel::domain::intake::InboxFilter;
use backchannel::domain::label::Label;
use backchannel::domain::library::Refusal;
use backchannel::domain::person::Team;
use backchannel::domain::thread::{Message, Thread};
use backchannel::domain::ticket::Ticket;
use backchannel::domain::token::{Token, TokenSecret};
use backchannel::domain::triage::{Correction, SaidDuplicate};
use backchannel::domain::view::SavedView;
use backchannel::domain::vocabulary::{
    AskOutcome, Kind, LinkPurpose, Part, Role, ThreadChannel, ThreadStatus, Verdict, WebhookEnd, WebhookEvent,
};
use backchannel::domain::webhook::{Disabled, MessageKind, NewDelivery, Webhook};
use backchannel::store::attachment::{self, Sending};
use backchannel::store::head::NewHeads;
use backchannel::store::library::Asked;
use backchannel::store::panel::{InboxColumns, PreparedPanel};
use backchannel::store::playbook::NewVersion;
use backchannel::store::session::SignInLink;
use backchannel::store::{
    PageRequest, ask, audit, chat, correction, customer, delivery, document, event, feedback, head, incident, insight, job, knowledge,
    label, library, outbox, panel, password, pending, person, playbook, said_duplicate, session, set_aside, suggestion, thread, ticket,
    token, usage, user, view, webhook,
};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one list of every getter")]
async fn a_foreign_workspace_sees_nothing_through_any_getter() {
    each(async |database| {
        let store = &database.store;
        let own = make::kept_workspace(store).await;
        let foreign = make::kept_workspace(store).await;
        let kept = make::kept_ticket(store, own).await;
        let kept = Ticket { external_id: Some("T-1".to_owned()), solved_at: Some(make::NOW), ..kept };
        let side = Thread { external_id: Some("SC-1".to_owned()), ..make::thread(own, kept.id) };
        let message = make::message(side.id, "words AB-123");
        let comment = make::comment(kept.id, "words ab-123", true);
        let article = make::document(own, "a.md", Audience::Public);
        let passage = make::passage(article.id, 0);
        let file = make::attachment(own, "a.txt", 'a');
        let excerpt = make::excerpt(file.id);
        let ingrid = make::person(own, "ingrid@alderwick.example");
        let agent = make::user(own, "owen@alderwick.example");
        let shown = Suggestion {
            id: SuggestionId::at(make::NOW, make::random()),
            workspace: own,
            ticket: kept.id,
            target: Target { part: Part::Passage, thing: Some(passage.id.to_string()) },
            created_at: make::NOW,
        };
        let thumb = Feedback {
            id: FeedbackId::at(make::NOW, make::random()),
            suggestion: shown.id,
            by: "user:1".to_owned(),
            verdict: Verdict::Up,
            note: None,
            created_at: make::NOW,
        };
        let said = Label {
            ticket: kept.id,
            intents: None,
            sentiment: None,
            urgency: None,
            priority: None,
            group: None,
            assignee: None,
            next_step: None,
        };
        let api = Token {
            id: TokenId::at(make::NOW, make::random()),
            workspace: own,
            name: "t".to_owned(),
            role: Role::Service,
            teams: [].into(),
            created_by: None,
            created_at: make::NOW,
            last_used_at: None,
            revoked_at: None,
        };
        let ready = PreparedPanel {
            is_answered: Some(true),
            ticket: kept.id,
            made_at: make::NOW,
            knowledge: String::new(),
            json: "{}".to_owned(),
            inbox: InboxColumns::default(),
        };
        let used = backchannel::domain::event::Usage { workspace: own, what: "panel".to_owned(), day: "2026-11-20".to_owned(), count: 1 };
        let files = BTreeMap::new();

        let mut tx = database.begin().await;
        let _ = ticket::save(&mut tx, &kept).await.unwrap();
        let _ = ticket::add_comment(&mut tx, own, &comment, make::NOW).await.unwrap();
        let _ = thread::save(&mut tx, &side).await.unwrap();
        let _ = thread::add_message(&mut tx, own, &message).await.unwrap();
        let _ = document::replace(&mut tx, &article, std::slice::from_ref(&passage)).await.unwrap();
        let _ = person::save(&mut tx, &ingrid).await.unwrap();
        let _ = user::save(&mut tx, &agent).await.unwrap();
        let mine = SavedView { id: ViewId::at(make::NOW, make::random()), name: "Mine".to_owned(), filter: InboxFilter::default() };
        view::save(&mut tx, own, agent.id, &mine, make::NOW).await.unwrap();
        password::save(&mut tx, own, agent.id, "hash", make::NOW).await.unwrap();
        let link = SignInLink {
            workspace: own,
            user: agent.id,
            purpose: LinkPurpose::Invite,
            secret: "s",
            expires_at: make::NOW.plus_seconds(60),
        };
        session::insert_link(&mut tx, &link).await.unwrap();
        let hardware = Team { name: "hardware".parse().unwrap(), title: "Hardware".to_owned(), external: false };
        person::save_team(&mut tx, own, &hardware).await.unwrap();
        suggestion::insert_all(&mut tx, std::slice::from_ref(&shown)).await.unwrap();
        feedback::save(&mut tx, own, &thumb).await.unwrap();
        let aside = SetAside { target: shown.target.clone(), made_at: make::NOW, at: make::NOW, until: None };
        set_aside::save(&mut tx, own, kept.id, "user:1", &aside).await.unwrap();
        let loose = SetAside { target: Target { part: Part::LooseEnd, thing: Some("stalled".to_owned()) }, ..aside };
        set_aside::save(&mut tx, own, kept.id, "user:1", &loose).await.unwrap();
        label::save(&mut tx, own, &said).await.unwrap();
        let corrected = Correction { matter: None, group: None, by: "Una".to_owned(), at: make::NOW };
        correction::save(&mut tx, own, kept.id, &corrected).await.unwrap();
        let burst = IncidentId::at(make::NOW, make::random());
        incident::save(&mut tx, own, burst, &[], make::NOW).await.unwrap();
        assert!(incident::join(&mut tx, own, burst, kept.id).await.unwrap());
        // Said of a ticket and itself, which only a test does: another ticket would be found by every other getter.
        let said_of_two = SaidDuplicate { other: kept.id, is_same: true, by: "Una".to_owned(), at: make::NOW };
        said_duplicate::save(&mut tx, own, kept.id, &said_of_two).await.unwrap();
        token::insert(&mut tx, &api, &TokenSecret::from_random(&[8; 40])).await.unwrap();
        panel::save(&mut tx, own, &ready).await.unwrap();
        panel::mark_early(&mut tx, own, kept.id).await.unwrap();
        let version = NewVersion { workspace: own, hash: "h", files: &files, created_by: "user:1", created_at: make::NOW };
        assert_eq!(playbook::insert(&mut tx, &version).await.unwrap(), 1);
        assert!(playbook::promote(&mut tx, own, 1, make::NOW).await.unwrap());
        pending::set_encoder_revision(&mut tx, own, "r").await.unwrap();
        usage::add(&mut tx, &used);
        event::append(&mut tx, &make::event(own, "x"));
        audit::append(&mut tx, &make::audit_entry(own, "x"));
        job::enqueue(&mut tx, &make::job(own, 1));
        attachment::insert(&mut tx, &file).await.unwrap();
        let place = Place::Ticket(kept.id);
        assert_eq!(attachment::send(&mut tx, own, "user:1", file.id, place).await.unwrap(), Sending::Sent);
        assert!(attachment::note_reading(&mut tx, own, file.id, &Reading::waiting(), std::slice::from_ref(&excerpt)).await.unwrap());
        library::note_use(&mut tx, own, article.id, kept.id, (true, make::NOW)).await.unwrap();
        let refusal = Refusal { external_id: "b.md".to_owned(), reason: "empty".to_owned(), refused_at: make::NOW };
        library::refuse(&mut tx, own, &refusal).await.unwrap();
        let asked =
            Asked { id: QuestionId::at(make::NOW, make::random()), ticket: kept.id, question: "Why?".to_owned(), asked_at: make::NOW };
        library::keep_question(&mut tx, own, &asked).await.unwrap();
        tx.commit().await.unwrap();
        let hook = Webhook {
            id: WebhookId::at(make::NOW, make::random()),
            workspace: own,
            url: "https://hooks.example/".to_owned(),
            events: [WebhookEvent::TicketTriaged].into(),
            description: None,
            created_by: "user:1".to_owned(),
            created_at: make::NOW,
            former_secret_until: None,
            failing_since: None,
            disabled: None,
        };
        let told = NewDelivery {
            id: DeliveryId::at(make::NOW, make::random()),
            workspace: own,
            webhook: hook.id,
            kind: MessageKind::Event(WebhookEvent::TicketTriaged),
            ticket: Some(kept.id),
            body: "{}".to_owned(),
            created_at: make::NOW,
        };
        let mut tx = database.begin().await;
        webhook::insert(&mut tx, &hook, [7; 32]).await.unwrap();
        delivery::insert(&mut tx, &told).await.unwrap();
        let heads = NewHeads {
            workspace: own,
            made_from: "p l e",
            encoder: "e",
            playbook: "p",
            data_hash: "d",
            examples: 1,
            seconds: 1.0,
            metrics: &[],
            bytes: &[1],
            created_by: "user:1",
            created_at: make::NOW,
        };
        let wanted = make::ask(own, kept.id);
        ask::save(&mut tx, &wanted).await.unwrap();
        let done = KeptAsk { id: AskId::at(make::NOW, make::random()), outcome: AskOutcome::Avoided, ..wanted.clone() };
        ask::save(&mut tx, &done).await.unwrap();
        let (slack, lab) = (ThreadChannel::Slack, "C0HWLAB01");
        chat::place(&mut tx, own, side.id, slack, Some(&"lab".parse().unwrap())).await.unwrap();
        let mut place = chat::place_of(&mut tx, own, side.id).await.unwrap().unwrap();
        place.conversation = Some(lab.to_owned());
        chat::found_place(&mut tx, own, &place).await.unwrap();
        let posted = Posting {
            kind: slack,
            conversation: lab.to_owned(),
            posting: "1.000001".to_owned(),
            thread: Some(side.id),
            message: Some(message.id),
            part: 0,
            is_ours: true,
            edited: None,
            files: vec!["lot.pdf".to_owned()],
        };
        chat::keep(&mut tx, own, &posted).await.unwrap();
        outbox::insert(&mut tx, own, message.id, std::slice::from_ref(&ingrid.email), make::NOW).await.unwrap();
        let heard = ChatEvent {
            id: ChatEventId::at(make::NOW, make::random()),
            workspace: own,
            kind: slack,
            event: "Ev1".to_owned(),
            raw: "{}".to_owned(),
            received_at: make::NOW,
        };
        assert!(chat::insert_event(&mut tx, &heard).await.unwrap() && !chat::insert_event(&mut tx, &heard).await.unwrap());
        head::insert(&mut tx, &heads).await.unwrap();
        assert!(head::hold(&mut tx, own, 1, "user:1", make::NOW).await.unwrap());
        tx.commit().await.unwrap();
        let words = [Identifier::of("ab-123").unwrap()];
        let rooted = ChatPlace { root: Some("1.000001".to_owned()), ..place.clone() };

        // Each getter answers something in the own workspace, so that an empty answer in the foreign one means something.
        let page = PageRequest::first(9);
        let later = make::NOW.plus_seconds(1);
        for (workspace, here) in [(own, true), (foreign, false)] {
            let scope = &make::service(workspace);
            let many = usize::from(here);
            let mut wrong = Vec::new();
            let mut check = |getter: &'static str, found: usize| {
                if found != many {
                    wrong.push((getter, found));
                }
            };
            check("chat::place_of", usize::from(chat::place_of(store, workspace, side.id).await.unwrap().is_some()));
            check("chat::is_known", usize::from(chat::is_known(store, workspace, slack, lab).await.unwrap()));
            check("chat::is_awaited", usize::from(chat::is_awaited(store, workspace, slack, lab).await.unwrap()));
            check("chat::posting", usize::from(chat::posting(store, workspace, (slack, lab), "1.000001").await.unwrap().is_some()));
            check("chat::postings", chat::postings(store, workspace, message.id).await.unwrap().len());
            check("chat::left_files", chat::left_files(store, scope, kept.id).await.unwrap().len());
            check("chat::waiting_event", usize::from(chat::waiting_event(store, workspace, heard.id).await.unwrap().is_some()));
            check("chat::waiting_events", chat::waiting_events(store, workspace).await.unwrap().len());
            check("chat::count_events", chat::count_events(store, workspace, ChatOutcome::Waiting).await.unwrap() as usize);
            let mut tx = database.begin().await;
            chat::found_place(&mut tx, workspace, &rooted).await.unwrap();
            let next = Message { created_at: later, ..make::message(side.id, "more") };
            let _ = thread::add_message(&mut tx, own, &next).await.unwrap();
            check("chat::has_earlier", usize::from(chat::has_earlier(&mut tx, workspace, side.id, next.id).await.unwrap()));
            check("chat::held_in", chat::held_in(&mut tx, workspace, (slack, lab), None).await.unwrap().len());
            check("chat::held_in, by its root", chat::held_in(&mut tx, workspace, (slack, lab), Some("1.000001")).await.unwrap().len());
            tx.rollback().await.unwrap();
            check("ask::get", usize::from(ask::get(store, workspace, wanted.id).await.unwrap().is_some()));
            check("ask::of_ticket", ask::of_ticket(store, workspace, kept.id).await.unwrap().len() / 2);
            check("ask::open_of", ask::open_of(store, workspace, kept.id, "user:1", make::NOW).await.unwrap().iter().count());
            check("ask::decided", ask::decided(store, workspace, make::NOW, 9).await.unwrap().len());
            let span = (make::NOW, later);
            check("insight::tickets", insight::tickets(store, workspace, span).await.unwrap().len());
            check("insight::threads", insight::threads(store, workspace, span).await.unwrap().len());
            check("insight::asks", insight::asks(store, workspace, span).await.unwrap().len() / 2);
            check("insight::thumbs", insight::thumbs(store, workspace, span).await.unwrap().len());
            check("incident::get", usize::from(incident::get(store, scope, burst).await.unwrap().is_some()));
            check("incident::of_ticket", usize::from(incident::of_ticket(store, scope, kept.id).await.unwrap().is_some()));
            check("incident::of_tickets", incident::of_tickets(store, workspace, &[kept.id]).await.unwrap().len());
            check("incident::since", incident::since(store, scope, make::NOW, 9).await.unwrap().len());
            check("incident::list", incident::list(store, scope, &page).await.unwrap().items.len());
            let tally = incident::tally(store, workspace, make::NOW, later).await.unwrap();
            check("incident::tally", usize::try_from(tally.tickets).unwrap());
            check("incident::tally, the first", usize::from(tally.first.is_some()));
            check("said_duplicate::of_ticket", said_duplicate::of_ticket(store, workspace, kept.id).await.unwrap().len());
            check("ticket::get", usize::from(ticket::get(store, scope, kept.id).await.unwrap().is_some()));
            check("ticket::by_external_id", usize::from(ticket::by_external_id(store, scope, "T-1").await.unwrap().is_some()));
            check("ticket::by_ids", ticket::by_ids(store, scope, &[kept.id]).await.unwrap().len());
            check("ticket::editions", ticket::editions(store, scope, &[kept.id]).await.unwrap().len());
            check("ticket::comments_by_ids", ticket::comments_by_ids(store, scope, &[comment.id]).await.unwrap().len());
            check("ticket::history", usize::from(ticket::history(store, scope, kept.id).await.unwrap().is_some()));
            check("ticket::histories", ticket::histories(store, scope, &[kept.id]).await.unwrap().len());
            check("ticket::solved_before", ticket::solved_before(store, scope, later, 9).await.unwrap().len());
            check("ticket::of_customer", ticket::of_customer(store, scope, kept.requester, 9).await.unwrap().len());
            check("ticket::inbox", ticket::inbox(store, scope, &InboxFilter::default(), &page).await.unwrap().items.len());
            check("ticket::list", ticket::list(store, scope, &page).await.unwrap().items.len());
            check("thread::get", usize::from(thread::get(store, scope, side.id).await.unwrap().is_some()));
            check("thread::by_external_id", usize::from(thread::by_external_id(store, scope, "SC-1").await.unwrap().is_some()));
            check("thread::of_ticket", thread::of_ticket(store, scope, kept.id).await.unwrap().len());
            check("thread::of_tickets", thread::of_tickets(store, scope, &[kept.id]).await.unwrap().len());
            check("thread::by_messages", thread::by_messages(store, scope, &[message.id]).await.unwrap().len());
            check("thread::before", thread::before(store, scope, later, 9).await.unwrap().len());
            check("thread::with_words_of", thread::with_words_of(store, scope, &ingrid.email, 9).await.unwrap().len());
            check("thread::open", thread::open(store, scope).await.unwrap().len());
            check("thread::list_of_ticket", thread::list_of_ticket(store, scope, kept.id, &page).await.unwrap().items.len());
            check("document::content_hash", usize::from(document::content_hash(store, workspace, "a.md").await.unwrap().is_some()));
            check("document::get", usize::from(document::get(store, scope, article.id).await.unwrap().is_some()));
            check("document::by_external_id", usize::from(document::by_external_id(store, scope, "a.md").await.unwrap().is_some()));
            check("document::list", document::list(store, scope, &page).await.unwrap().items.len());
            check("document::passages", document::passages(store, scope, &[passage.id]).await.unwrap().len());
            check("document::passages_of", document::passages_of(store, scope, article.id).await.unwrap().len());
            check("library::list", library::list(store, scope, None, &page).await.unwrap().items.len());
            check("library::most_used", library::most_used(store, scope, 9).await.unwrap().len());
            check("library::used", usize::try_from(library::used(store, workspace, article.id).await.unwrap().shown).unwrap());
            check("library::shown_beside", library::shown_beside(store, scope, article.id, 9).await.unwrap().len());
            check("library::pending", library::pending(store, workspace, article.id).await.unwrap().len());
            check("library::thumbs", usize::try_from(library::thumbs(store, workspace, article.id).await.unwrap().0).unwrap());
            check("library::coverage", library::coverage(store, scope).await.unwrap().len());
            check("library::is_refused", usize::from(library::is_refused(store, workspace, "b.md").await.unwrap()));
            check("library::refusals", library::refusals(store, workspace, 9).await.unwrap().len());
            check("library::questions", library::questions(store, scope, 9).await.unwrap().len());
            check("ticket::comments_naming", ticket::comments_naming(store, scope, &words, 9).await.unwrap().len());
            check("thread::messages_naming", thread::messages_naming(store, scope, &words, 9).await.unwrap().len());
            check("attachment::get", usize::from(attachment::get(store, scope, "user:1", file.id).await.unwrap().is_some()));
            check("attachment::of_ticket", attachment::of_ticket(store, scope, kept.id).await.unwrap().len());
            check("attachment::excerpts", attachment::excerpts(store, scope, &[excerpt.id]).await.unwrap().len());
            check("attachment::excerpts_of_ticket", attachment::excerpts_of_ticket(store, scope, kept.id, 9).await.unwrap().len());
            check("attachment::unread", attachment::unread(store, workspace, 9).await.unwrap().len());
            let hashes = std::slice::from_ref(&file.hash);
            check("attachment::kept_among", attachment::kept_among(store, workspace, hashes).await.unwrap().len());
            check("person::get", usize::from(person::get(store, workspace, ingrid.id).await.unwrap().is_some()));
            check("person::by_email", usize::from(person::by_email(store, workspace, &ingrid.email).await.unwrap().is_some()));
            check("person::by_ids", person::by_ids(store, workspace, &[ingrid.id]).await.unwrap().len());
            check("person::list", person::list(store, workspace, &page).await.unwrap().items.len());
            check("person::team_names", person::team_names(store, workspace).await.unwrap().len());
            check("person::directory", person::directory(store, workspace).await.unwrap().people.len());
            check("customer::get", usize::from(customer::get(store, workspace, kept.requester).await.unwrap().is_some()));
            check("customer::by_ids", customer::by_ids(store, workspace, &[kept.requester]).await.unwrap().len());
            check("customer::list", customer::list(store, workspace, None, &page).await.unwrap().items.len());
            check("user::get", usize::from(user::get(store, workspace, agent.id).await.unwrap().is_some()));
            check("user::by_email", usize::from(user::by_email(store, workspace, &agent.email).await.unwrap().is_some()));
            check("password::get", usize::from(password::get(store, workspace, agent.id).await.unwrap().is_some()));
            check("password::by_email", usize::from(password::by_email(store, workspace, &agent.email).await.unwrap().is_some()));
            check("password::holders", password::holders(store, workspace).await.unwrap().len());
            check("session::open_links", session::open_links(store, workspace, LinkPurpose::Invite, make::NOW).await.unwrap().len());
            check("view::list", view::list(store, workspace, agent.id).await.unwrap().len());
            check("user::list", user::list(store, workspace).await.unwrap().len());
            check("token::list", token::list(store, workspace).await.unwrap().len());
            check("panel::get", usize::from(panel::get(store, workspace, kept.id).await.unwrap().is_some()));
            check("panel::early", panel::early(store, workspace).await.unwrap().len());
            check("knowledge::revision", usize::from(!knowledge::revision(store, workspace).await.unwrap().is_empty()));
            check("panel::unfinished", usize::try_from(panel::unfinished(store, workspace).await.unwrap()).unwrap());
            check("suggestion::get", usize::from(suggestion::get(store, workspace, shown.id).await.unwrap().is_some()));
            check("suggestion::of_ticket", suggestion::of_ticket(store, workspace, kept.id).await.unwrap().len());
            check("feedback::of_ticket", feedback::of_ticket(store, workspace, kept.id).await.unwrap().len());
            check("feedback::counts", feedback::counts(store, workspace).await.unwrap().len());
            check("label::get", usize::from(label::get(store, workspace, kept.id).await.unwrap().is_some()));
            check("set_aside::loose_ends", set_aside::loose_ends(store, workspace, "user:1", make::NOW).await.unwrap().len());
            check("set_aside::standing", set_aside::standing(store, workspace, kept.id, "user:1", make::NOW).await.unwrap().len() / 2);
            let since = ticket::comments_since(store, scope, kept.id, None, 9).await.unwrap();
            check("ticket::comments_since", since.len());
            check("correction::list", correction::list(store, workspace).await.unwrap().len());
            check("correction::get", usize::from(correction::get(store, workspace, kept.id).await.unwrap().is_some()));
            check("label::list", label::list(store, workspace).await.unwrap().len());
            check("event::after", event::after(store, workspace, 0, 9).await.unwrap().len());
            check("event::last_seq", usize::try_from(event::last_seq(store, workspace).await.unwrap()).unwrap());
            check("audit::list", audit::list(store, workspace, None, 9).await.unwrap().len());
            check("audit::checkpoint", usize::try_from(audit::checkpoint(store, workspace).await.unwrap().n).unwrap());
            let state = head::state(store, workspace).await.unwrap();
            check("head::state", usize::from(state.held.is_some() && state.newest.is_some()));
            check("head::list", head::list(store, workspace).await.unwrap().len());
            check("head::get", head::get(store, workspace, 1).await.unwrap().iter().count());
            check("head::bytes", head::bytes(store, workspace, 1).await.unwrap().iter().count());
            check("head::made_from", head::made_from(store, workspace, "p l e").await.unwrap().iter().count());
            check("usage::list", usage::list(store, workspace, "2026-11-20", "2026-11-20").await.unwrap().len());
            check("playbook::current", usize::from(playbook::current(store, workspace).await.unwrap().is_some()));
            check("playbook::get", usize::from(playbook::get(store, workspace, 1).await.unwrap().is_some()));
            check("playbook::list", playbook::list(store, workspace).await.unwrap().len());
            check("pending::pending", usize::from(!pending::pending(store, workspace, 9).await.unwrap().is_empty()));
            check("pending::count", usize::from(pending::count(store, workspace).await.unwrap() > 0));
            check("pending::encoder_revision", usize::from(pending::encoder_revision(store, workspace).await.unwrap().is_some()));
            for kind in Kind::ALL {
                check("pending::ids", pending::ids_that_should_be_indexed(store, workspace, *kind).await.unwrap().len());
            }
            check("webhook::get", usize::from(webhook::get(store, workspace, hook.id).await.unwrap().is_some()));
            check("webhook::list", webhook::list(store, workspace, &page).await.unwrap().items.len());
            check("webhook::subscribers", webhook::subscribers(store, workspace).await.unwrap().len());
            check("delivery::list", delivery::list(store, workspace, hook.id, &page).await.unwrap().items.len());
            check("delivery::get", usize::from(delivery::get(store, workspace, hook.id, told.id).await.unwrap().is_some()));
            check("job::list", job::list(store, workspace, None, 9).await.unwrap().len());
            check("job::counts", usize::try_from(job::counts(store, workspace).await.unwrap().ready).unwrap());
            assert!(wrong.is_empty(), "own workspace: {here}: {wrong:?}");
        }

        // Nor can a foreign workspace change or remove anything.
        let mut tx = database.begin().await;
        assert!(!ticket::remove(&mut tx, foreign, kept.id).await.unwrap());
        assert!(!said_duplicate::remove(&mut tx, foreign, kept.id, kept.id).await.unwrap());
        assert_eq!(attachment::hold(&mut tx, foreign, file.id).await.unwrap(), None);
        assert_eq!(attachment::take_back(&mut tx, foreign, "user:1", file.id).await.unwrap(), None);
        assert!(!document::remove(&mut tx, foreign, article.id).await.unwrap());
        assert!(!person::remove(&mut tx, foreign, ingrid.id).await.unwrap());
        assert!(!user::remove(&mut tx, foreign, agent.id).await.unwrap());
        assert!(!view::remove(&mut tx, foreign, agent.id, mine.id).await.unwrap());
        assert!(view::hold(&mut tx, foreign, agent.id).await.is_err());
        panel::withdraw(&mut tx, foreign, kept.id, &corrected).await.unwrap();
        assert!(!customer::remove(&mut tx, foreign, kept.requester).await.unwrap());
        assert!(!password::remove(&mut tx, foreign, agent.id).await.unwrap());
        assert_eq!(session::void_links(&mut tx, foreign, agent.id, make::NOW).await.unwrap(), 0);
        assert!(!person::remove_team(&mut tx, foreign, &hardware.name).await.unwrap());
        assert!(!token::revoke(&mut tx, foreign, api.id, make::NOW).await.unwrap());
        assert!(!webhook::remove(&mut tx, foreign, hook.id).await.unwrap());
        assert!(!webhook::enable(&mut tx, foreign, hook.id).await.unwrap());
        assert_eq!(webhook::rotate(&mut tx, foreign, hook.id, [8; 32], make::NOW).await.unwrap(), None);
        let gone = Disabled { at: make::NOW, reason: WebhookEnd::Gone };
        assert!(!webhook::disable(&mut tx, foreign, hook.id, gone).await.unwrap());
        assert!(!delivery::replay(&mut tx, foreign, hook.id, told.id, make::NOW).await.unwrap());
        assert_eq!(delivery::give_up(&mut tx, foreign, hook.id, "x").await.unwrap(), 0);
        assert_eq!(webhook::hold_all(&mut tx, foreign).await.unwrap(), 0);
        assert!(!playbook::promote(&mut tx, foreign, 1, make::NOW).await.unwrap());
        assert!(!thread::set_status(&mut tx, foreign, side.id, ThreadStatus::Closed, make::NOW).await.unwrap());
        assert!(ticket::add_comment(&mut tx, foreign, &make::comment(kept.id, "planted", true), make::NOW).await.is_err());
        tx.rollback().await.unwrap();
        let mut tx = database.begin().await;
        assert!(thread::add_message(&mut tx, foreign, &make::message(side.id, "planted")).await.is_err());
        drop(tx);
        let mut tx = database.begin().await;
        assert!(incident::join(&mut tx, foreign, burst, kept.id).await.is_err());
        drop(tx);
        let mut tx = database.begin().await;
        let planted = NewDelivery { id: DeliveryId::at(make::NOW, make::random()), workspace: foreign, ticket: None, ..told };
        assert!(delivery::insert(&mut tx, &planted).await.is_err());
        drop(tx);
        assert!(pending::tombstones(store, own, 9).await.unwrap().is_empty());
        assert!(pending::tombstones(store, foreign, 9).await.unwrap().is_empty());
    })
    .await;
}
