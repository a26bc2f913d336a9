//! What holds on every page.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Selector};

use crate::app::Answer;
use crate::domain::customer::Customer;
use crate::domain::vocabulary::{Part, Probability, RouteBy, TicketStatus};
use crate::web::entry::{OverLink, PasswordView, SetupView, SignInView};
use crate::web::preferences::{Preferences, Theme};
use crate::web::sample::directory::directory_pages;
use crate::web::sample::gate::{gate, insights_pages, looked_at};
use crate::web::sample::incidents::{account, incident_pages};
use crate::web::sample::search::{glance, search_pages};
use crate::web::sample::waiting::waiting_pages;
use crate::web::sample::{empty_inbox, english, french, inbox, suggestion_id};
use crate::web::view::{AnswerView, Detail, Frame, InboxQuery, InboxView, ProblemKind, ProblemView, TicketView};
use crate::web::words::{Locale, Text};
use crate::web::{assets, pages, paths};

const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(2)> https://outside.example/ \"'&";

fn select<'a>(page: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(css).unwrap()).collect()
}

fn preparing() -> TicketView {
    TicketView { panel: None, ..english() }
}

fn hostile() -> TicketView {
    let mut view = english();
    let ticket = &mut view.history.ticket;
    ticket.subject = HOSTILE.to_owned();
    ticket.body = HOSTILE.to_owned();
    ticket.tags = vec![HOSTILE.to_owned()];
    ticket.external_id = Some(HOSTILE.to_owned());
    for comment in &mut view.history.comments {
        comment.body = HOSTILE.to_owned();
    }
    for message in view.threads.iter_mut().flat_map(|thread| &mut thread.messages) {
        message.body = HOSTILE.to_owned();
    }
    view.customer.name = Some(HOSTILE.to_owned());
    view.customer.notes = Some(HOSTILE.to_owned());
    let panel = view.panel.as_mut().unwrap();
    for sentence in &mut panel.summary.sentences {
        sentence.text = HOSTILE.to_owned();
        for evidence in &mut sentence.evidence {
            evidence.quote = HOSTILE.to_owned();
        }
    }
    for shown in &mut panel.passages {
        shown.item.title = HOSTILE.to_owned();
        shown.item.passage.text = HOSTILE.repeat(6);
    }
    panel.why = account(HOSTILE);
    panel.side_conversation_draft.as_mut().unwrap().item.body = format!("</textarea>{HOSTILE}");
    view
}

fn problem(status: u16, kind: ProblemKind, preferences: Preferences) -> String {
    let kept = (kind == ProblemKind::Stale).then(|| HOSTILE.to_owned());
    pages::problem(&ProblemView { status, kind, detail: None, kept, to: None, request_id: Some("01jd2-9f".to_owned()) }, preferences)
        .unwrap()
}

/// A question that the ticket's own side conversation answers, and hostile words in every field.
fn answered() -> AnswerView {
    let TicketView { frame, history, threads, panel, .. } = english();
    let sentences: Vec<_> = panel.into_iter().flat_map(|panel| panel.summary.sentences).collect();
    let answer = Answer { sentences, comments: 2, threads: 1, passages: 8, attachments: 1 };
    AnswerView { frame, ticket: history.ticket, threads, question: HOSTILE.to_owned(), answer }
}

#[test]
fn an_answer_says_what_was_read_for_it_files_too() {
    let page = pages::answer(&answered()).unwrap();
    assert!(page.contains("2 comments · 1 side conversation · 8 passages · 1 file</p>"), "{page}");
    let view = answered();
    let french = pages::answer(&AnswerView { frame: Frame { preferences: french_reader(), ..view.frame }, ..view }).unwrap();
    assert!(french.contains("· 1 fichier</p>"), "{french}");
}

fn french_reader() -> Preferences {
    Preferences { locale: Locale::French, ..Preferences::default() }
}

/// Every page in every state and language, with the file name of its preview.
fn every_page() -> Vec<(String, String)> {
    let named = |locale: Locale| pages_in(locale).into_iter().map(move |(name, page)| (format!("{}-{name}", locale.tag()), page));
    Locale::ALL.into_iter().flat_map(named).collect()
}

fn pages_in(locale: Locale) -> Vec<(&'static str, String)> {
    let preferences = Preferences { locale, ..Preferences::default() };
    let frame = || Frame { preferences, ..english().frame };
    let inboxes = |view: InboxView| pages::inbox(&InboxView { frame: frame(), ..view }).unwrap();
    let tickets = |view: TicketView| pages::ticket(&TicketView { frame: frame(), ..view }).unwrap();
    let answers = |view: AnswerView| pages::answer(&AnswerView { frame: frame(), ..view }).unwrap();
    let doors = |view: SignInView| pages::sign_in(&view, preferences).unwrap();
    let narrowed = InboxQuery { text: HOSTILE.to_owned(), status: Some(TicketStatus::Open), ..InboxQuery::default() };
    let later = InboxQuery { cursor: Some("x".to_owned()), ..InboxQuery::default() };
    let wrong = Detail::Ours(Text::new("refused-email").with("given", "maya@"));
    let [held, redacted] = looked_at(HOSTILE);
    let setup = SetupView { email: "maya@".to_owned(), problem: Some(wrong), ..SetupView::default() };
    vec![
        ("inbox", inboxes(inbox())),
        ("inbox-pending", inboxes(InboxView { pending: 12, query: later, ..inbox() })),
        ("inbox-empty", inboxes(empty_inbox())),
        ("inbox-no-match", inboxes(InboxView { query: narrowed, groups: inbox().groups, ..empty_inbox() })),
        ("ticket", tickets(english())),
        ("ticket-french", tickets(french())),
        ("ticket-preparing", tickets(preparing())),
        ("ticket-read-only", tickets(TicketView { may_work: false, ..english() })),
        ("ticket-hostile", tickets(hostile())),
        ("ticket-gate", tickets(TicketView { gate: Some(gate(HOSTILE)), ..english() })),
        ("ticket-held", tickets(TicketView { gate: Some(held), ..english() })),
        ("ticket-redacted", tickets(TicketView { gate: Some(redacted), ..english() })),
        ("ticket-reused", tickets(TicketView { reply: HOSTILE.to_owned(), ..english() })),
        ("answer", answers(answered())),
        ("answer-none", answers(AnswerView { answer: Answer { sentences: Vec::new(), ..answered().answer }, ..answered() })),
        ("sign-in", doors(SignInView::Confirm { secret: "secret".to_owned() })),
        ("sign-in-choose", doors(choosing())),
        ("sign-in-used", doors(needed(Some(OverLink::Used)))),
        ("sign-in-expired", doors(needed(Some(OverLink::Expired(english().frame.now))))),
        ("sign-in-unknown", doors(needed(Some(OverLink::Unknown)))),
        ("sign-in-needed", doors(needed(None))),
        ("setup", pages::setup(&setup, preferences).unwrap()),
        ("problem-not-found", problem(404, ProblemKind::NotFound, preferences)),
        ("problem-signed-out", problem(401, ProblemKind::SignedOut, preferences)),
        ("problem-stale", problem(403, ProblemKind::Stale, preferences)),
        ("problem-broken", problem(500, ProblemKind::Broken, preferences)),
    ]
    .into_iter()
    .chain(directory_pages(&frame(), HOSTILE))
    .chain(search_pages(&frame(), HOSTILE))
    .chain(waiting_pages(&frame(), HOSTILE))
    .chain(incident_pages(&frame(), HOSTILE))
    .chain(insights_pages(&frame(), HOSTILE))
    .collect()
}

/// The page of an invitation whose password was refused.
fn choosing() -> SignInView {
    SignInView::Choose {
        secret: "secret".to_owned(),
        is_first: true,
        name: HOSTILE.to_owned(),
        email: "una@desk.example".to_owned(),
        workspace: "Alderwick".to_owned(),
        until: english().frame.now,
        problem: Some(Detail::English("too short".to_owned())),
    }
}

fn needed(over: Option<OverLink>) -> SignInView {
    let problem = Some(Detail::Ours(Text::new("sign-in-held").with("count", 3_u32)));
    let form = PasswordView { asks_workspace: true, workspace: HOSTILE.to_owned(), email: HOSTILE.to_owned(), problem };
    SignInView::Needed { over, form }
}

#[test]
fn previews_are_written_where_somebody_asks_for_them() {
    let Some(folder) = std::env::var_os("BACKCHANNEL_PREVIEW_DIR").map(std::path::PathBuf::from) else { return };
    fs_err::create_dir_all(folder.join("static")).unwrap();
    for (name, page) in every_page() {
        fs_err::write(folder.join(format!("{name}.html")), page).unwrap();
    }
    for (name, asset) in assets::all() {
        fs_err::write(folder.join("static").join(name), asset.bytes).unwrap();
    }
}

#[test]
fn every_suggestion_has_a_thumb_form_with_its_id() {
    let view = english();
    let page = Html::parse_document(&pages::ticket(&view).unwrap());
    let panel = view.panel.as_ref().unwrap();
    let shown = panel.passages.iter().map(|shown| shown.id);
    let shown = shown.chain(panel.similar_tickets.iter().map(|shown| shown.id)).chain(panel.similar_threads.iter().map(|shown| shown.id));
    let shown = shown.chain(panel.experts.iter().map(|shown| shown.id)).chain(panel.channels.iter().map(|shown| shown.id));
    let shown =
        shown.chain(panel.reply_draft.iter().map(|shown| shown.id)).chain(panel.side_conversation_draft.iter().map(|shown| shown.id));
    let expected: BTreeSet<String> = shown.chain(panel.part_ids.values().copied()).map(|id| paths::feedback(&id)).collect();
    let forms = select(&page, "form[data-thumbs]");
    let found: BTreeSet<String> = forms.iter().map(|form| form.attr("action").unwrap().to_owned()).collect();
    assert_eq!(found, expected);
    assert_eq!(forms.len(), expected.len());
    for form in forms {
        assert_eq!(form.attr("method"), Some("post"));
        assert_eq!(form.select(&Selector::parse("input[name=csrf][value=csrf-token]").unwrap()).count(), 1);
        let buttons: Vec<_> =
            form.select(&Selector::parse("button[name=verdict]").unwrap()).filter_map(|button| button.attr("value")).collect();
        assert_eq!(buttons, ["up", "down"]);
    }
}

#[test]
fn a_thumb_that_was_given_stays_pressed() {
    let page = Html::parse_document(&pages::ticket(&english()).unwrap());
    let pressed = select(&page, "form[data-thumbs] button[aria-pressed=true]");
    assert_eq!(pressed.len(), 1);
    assert_eq!(pressed[0].attr("value"), Some("up"));
    assert_eq!(select(&page, &format!("#thumbs-{} button[value=up][aria-pressed=true]", suggestion_id(11))).len(), 1);
}

#[test]
fn who_may_not_work_gets_no_forms_to_write_with() {
    let page = Html::parse_document(&pages::ticket(&TicketView { may_work: false, ..english() }).unwrap());
    assert!(
        select(&page, "form[data-thumbs], #composer, .panel form:not([data-ask]), .panel form:not([data-ask]) button[type=submit]")
            .is_empty()
    );
    assert!(select(&page, ".panel textarea:not(#reply-text):not([readonly])").is_empty());
}

#[test]
fn hostile_text_is_escaped_and_never_becomes_a_link() {
    let html = pages::ticket(&hostile()).unwrap();
    assert!(!html.contains("<script>alert") && !html.contains("<img"));
    let page = Html::parse_document(&html);
    assert!(select(&page, "script:not([src]), img, a[href*=outside]").is_empty());
    assert_eq!(select(&page, "#opening .text")[0].text().collect::<String>(), HOSTILE);
    assert!(select(&page, "#thread-body")[0].text().collect::<String>().starts_with("</textarea><script>"));
}

#[test]
fn what_a_search_finds_is_escaped_and_its_words_are_marked() {
    let frame = english().frame;
    let looked = |words: &str| pages::looked(&pages::LookedView { frame: frame.clone(), gate: gate(words) }).unwrap();
    let fragment = |words: &str| glance(&frame, words, Some("/tickets?q=x"));
    for (name, html) in search_pages(&frame, HOSTILE).into_iter().chain([("glance", fragment(HOSTILE)), ("looked", looked(HOSTILE))]) {
        assert!(!html.contains("<script>alert") && !html.contains("<img"), "{name}");
        let page = Html::parse_document(&html);
        assert!(select(&page, "script:not([src]), img, a[href*='//outside']").is_empty(), "{name}");
        let marks: Vec<String> = select(&page, ".hit-title mark").iter().map(|mark| mark.text().collect()).collect();
        assert!(marks.is_empty() || marks[0].starts_with("<script>alert(1"), "{name}: {marks:?}");
    }
    let words = "שלום عائشة émission";
    let page = Html::parse_document(&fragment(words));
    for title in select(&page, ".hit-title") {
        assert_eq!((title.text().collect::<String>().as_str(), title.attr("dir")), (words, Some("auto")));
        assert_eq!(title.select(&Selector::parse("mark").unwrap()).count(), 3);
    }
    let hrefs: Vec<_> = select(&page, "[role=option]").iter().map(|option| option.attr("href").unwrap().to_owned()).collect();
    assert!(hrefs[2].contains("?comment=") && hrefs[2].contains("#comment-") && hrefs[3].contains("#message-"), "{hrefs:?}");
    assert!(hrefs[4].starts_with("/search?q="));
    assert_eq!(hrefs[5], "/tickets?q=x");
}

#[test]
fn internal_notes_are_marked_and_replies_are_not() {
    let page = Html::parse_document(&pages::ticket(&english()).unwrap());
    let notes = select(&page, ".message-note");
    assert_eq!(notes.len(), 1);
    assert!(notes[0].text().any(|text| text == "Internal note"));
    assert_eq!(select(&page, ".message-agent").len(), 1);
    assert_eq!(select(&page, ".message-customer").len(), 2);
}

#[test]
fn side_conversations_stand_in_time_order_and_can_be_folded() {
    let page = Html::parse_document(&pages::ticket(&english()).unwrap());
    let order: Vec<&str> = select(&page, ".talk > *[id]:not(h2)").iter().map(|entry| entry.value().name()).collect();
    assert_eq!(order, ["article", "article", "details", "article", "details", "article"]);
}

#[test]
fn links_within_a_page_lead_to_something() {
    for (name, html) in every_page() {
        let page = Html::parse_document(&html);
        let ids: Vec<&str> = select(&page, "[id]").iter().filter_map(|element| element.attr("id")).collect();
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "{name}: an id stands twice");
        for link in select(&page, "a[href^='#']") {
            let target = link.attr("href").unwrap().trim_start_matches('#');
            assert!(distinct.contains(target), "{name}: `#{target}` leads nowhere");
        }
    }
}

#[test]
fn a_summary_points_at_the_very_words() {
    let page = Html::parse_document(&pages::ticket(&english()).unwrap());
    let cites = select(&page, "#part-summary");
    assert_eq!(cites.len(), 1);
    let words: Vec<String> = select(&page, "section[aria-labelledby=part-summary] a.cite")
        .iter()
        .map(|cite| select(&page, &format!("mark[id='{}']", cite.attr("href").unwrap().trim_start_matches('#')))[0].text().collect())
        .collect();
    assert_eq!(words[0], "has swollen so much that the lid no longer closes");
    assert_eq!(words[1], "It is outside on the concrete now.");
    assert_eq!(words.len(), 5);
}

#[test]
fn an_order_that_is_not_this_customers_says_so_where_their_orders_are_known() {
    let marks = |view: &TicketView| {
        let page = Html::parse_document(&pages::ticket(view).unwrap());
        select(&page, ".tag.entity [title='not among this customer’s orders']").len()
    };
    let view = english();
    let own = view.customer.orders.iter().filter(|order| order.number == "AW-204518-6").count();
    assert_eq!((own, marks(&view)), (1, 1));
    assert_eq!(marks(&TicketView { customer: Customer { orders: Vec::new(), ..view.customer.clone() }, ..view }), 0);
}

#[test]
fn a_route_says_once_whether_a_rule_gave_it_or_what_it_was_learned_from() {
    let why = |by: RouteBy, because: &str| {
        let mut view = english();
        let route = view.panel.as_mut().unwrap().triage.route.as_mut().unwrap();
        (route.by, route.because, route.probability) = (by, because.to_owned(), Probability::new(0.87));
        let page = Html::parse_document(&pages::ticket(&view).unwrap());
        select(&page, ".triage .why")[0].text().collect::<String>()
    };
    assert_eq!(why(RouteBy::Rule, "swollen batteries"), "By rule: swollen batteries");
    assert_eq!(why(RouteBy::Head, "T-1004, refund request"), "Learned from T-1004, refund request (87%)");
}

#[test]
fn parts_that_abstain_say_why_in_their_place() {
    let view = french();
    let page = Html::parse_document(&pages::ticket(&view).unwrap());
    let reasons: Vec<String> = select(&page, ".abstained").iter().map(|part| part.text().collect()).collect();
    let panel = view.panel.as_ref().unwrap();
    for (part, why) in &panel.abstained {
        assert!(reasons.iter().any(|text| text.contains(&why.reason.to_string())), "{part} is silent");
    }
    let reply: String = select(&page, "section[aria-labelledby=part-reply]")[0].text().collect();
    assert!(reply.contains(&view.abstention(Part::ReplyDraft).unwrap().reason.to_string()));
    assert!(select(&page, ".guesses")[0].text().any(|text| text == "not yet calibrated"));
}

#[test]
fn a_french_reader_gets_reasons_warnings_and_loose_ends_in_french() {
    for view in [english(), french()] {
        let page =
            pages::ticket(&TicketView { frame: Frame { preferences: french_reader(), ..view.frame.clone() }, ..view.clone() }).unwrap();
        let page = Html::parse_document(&page);
        let said: String = select(&page, ".because, .abstained, .alert, .advice, .loose").iter().flat_map(ElementRef::text).collect();
        let panel = view.panel.as_ref().unwrap();
        let reasons = panel.abstained.iter().map(|(_, why)| &why.reason).chain(panel.next_step.iter().map(|advice| &advice.reason));
        let reasons =
            reasons.chain(panel.loose_ends.iter().map(|end| &end.reason)).chain(panel.triage.abstained.iter().map(|why| &why.reason));
        let reasons =
            reasons.chain(panel.passages.iter().map(|shown| &shown.because)).chain(panel.experts.iter().map(|shown| &shown.because));
        let reasons = reasons.chain(panel.reply_draft.iter().flat_map(|shown| &shown.item.warnings));
        for reason in reasons.chain(panel.side_conversation_draft.iter().flat_map(|shown| &shown.item.warnings)) {
            assert!(said.contains(&Locale::French.words().reason(reason).to_string()), "{reason:?} is not said: {said}");
            assert!(!said.contains(&reason.to_string()), "{reason}");
        }
        assert!(!said.contains('`'), "{said}");
    }
}

#[test]
fn a_panel_in_preparation_is_busy_and_keeps_its_place() {
    let page = Html::parse_document(&pages::ticket(&preparing()).unwrap());
    assert_eq!(select(&page, "#panel[aria-busy=true] .bones").len(), 1);
    assert_eq!(select(&page, "#panel .customer").len(), 1);
}

#[test]
fn the_fragment_holds_the_parts_that_the_page_swaps() {
    let names = |html: &str| -> Vec<String> {
        select(&Html::parse_document(html), "[data-swap]").iter().map(|part| part.attr("data-swap").unwrap().to_owned()).collect()
    };
    let fragment = pages::ticket_fragment(&english()).unwrap();
    assert_eq!(names(&fragment), ["head", "talk", "panel"]);
    assert_eq!(names(&pages::ticket(&english()).unwrap()), names(&fragment));
    assert!(!fragment.contains("<html"));
}

#[test]
fn nothing_on_a_page_needs_a_loose_security_policy_or_leads_outside() {
    for (name, html) in every_page() {
        let page = Html::parse_document(&html);
        for element in select(&page, "*") {
            for (attribute, value) in element.value().attrs() {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: `{attribute}` on {}", element.value().name());
                if matches!(attribute, "href" | "src" | "action" | "formaction" | "data-events" | "data-fragment") {
                    assert!(value.starts_with('/') && !value.starts_with("//") || value.starts_with('#'), "{name}: `{value}`");
                }
            }
        }
        assert!(select(&page, "style, iframe, object, embed, base").is_empty(), "{name}");
        for script in select(&page, "script") {
            assert_eq!((script.attr("type"), script.attr("nonce")), (Some("module"), Some("bm9uY2U")), "{name}");
            assert!(assets::get(script.attr("src").unwrap().strip_prefix(paths::STATIC).unwrap()).is_some(), "{name}");
        }
        for sheet in select(&page, "link[href]") {
            assert!(assets::get(sheet.attr("href").unwrap().strip_prefix(paths::STATIC).unwrap()).is_some(), "{name}");
        }
    }
}

#[test]
fn icons_that_pages_use_are_drawn() {
    let drawn =
        String::from_utf8(assets::get(assets::url("icons.svg").strip_prefix(paths::STATIC).unwrap()).unwrap().bytes.to_vec()).unwrap();
    for (name, html) in every_page() {
        for icon in select(&Html::parse_document(&html), "svg use") {
            let wanted = icon.attr("href").unwrap().split('#').nth(1).unwrap();
            assert!(drawn.contains(&format!("<symbol id=\"{wanted}\"")), "{name}: no icon `{wanted}`");
        }
    }
}

#[test]
fn headings_come_in_order() {
    for (name, html) in every_page() {
        let mut above = 0;
        let page = Html::parse_document(&html);
        for heading in select(&page, "h1, h2, h3, h4, h5, h6") {
            let level: u8 = heading.value().name()[1..].parse().unwrap();
            assert!(level <= above + 1, "{name}: h{level} after h{above}");
            above = level;
        }
        assert_eq!(select(&page, "h1").len(), 1, "{name}");
    }
}

#[test]
fn every_control_has_a_name_and_every_form_that_posts_a_csrf_token() {
    for (name, html) in every_page() {
        let page = Html::parse_document(&html);
        let labelled: BTreeSet<&str> = select(&page, "label[for]").iter().filter_map(|label| label.attr("for")).collect();
        for control in select(&page, "input:not([type=hidden]), textarea, select, button") {
            let by_label = control.attr("id").is_some_and(|id| labelled.contains(id));
            let by_text = control.value().name() == "button" && control.text().any(|text| !text.trim().is_empty());
            assert!(by_label || by_text || control.attr("aria-label").is_some(), "{name}: {}", control.html());
        }
        // Links stand for themselves, and preferences are nobody's but the browser's: their forms need no token, and there may be no
        // session yet that could have made one.
        let free = "form[method=post]:not([action^='/sign-in']):not([action^='/set-up']):not([action='/preferences'])";
        for form in select(&page, free) {
            assert_eq!(form.select(&Selector::parse("input[type=hidden][name=csrf]").unwrap()).count(), 1, "{name}");
        }
        // A plot says what it is by itself; every other picture is beside its words.
        for svg in select(&page, "svg:not([role=img])") {
            assert_eq!(svg.attr("aria-hidden"), Some("true"), "{name}");
        }
        for svg in select(&page, "svg[role=img]") {
            let is_there =
                |what: &str| svg.select(&Selector::parse(what).unwrap()).any(|told| told.text().any(|text| !text.trim().is_empty()));
            assert!(is_there("title") && is_there("desc"), "{name}");
        }
    }
}

#[test]
fn opening_a_sign_in_link_offers_a_button_and_uses_nothing_up() {
    let page = Html::parse_document(&pages::sign_in(&SignInView::Confirm { secret: "secret".to_owned() }, Preferences::default()).unwrap());
    let forms = select(&page, "main form");
    assert_eq!(forms.len(), 1);
    assert_eq!((forms[0].attr("method"), forms[0].attr("action")), (Some("post"), Some("/sign-in/secret")));
    assert!(select(&page, "script, meta[http-equiv], a[href*=secret]").is_empty());
}

#[test]
fn filters_keep_what_else_was_asked_and_start_at_the_first_page() {
    let query = InboxQuery {
        status: Some(TicketStatus::Open),
        text: "swollen & hot".to_owned(),
        cursor: Some("c".to_owned()),
        ..InboxQuery::default()
    };
    let page = Html::parse_document(&pages::inbox(&InboxView { query, ..inbox() }).unwrap());
    let tab = |label: &str| {
        let tabs = select(&page, ".tab, .chip");
        tabs.iter().find(|tab| tab.text().next() == Some(label)).unwrap().attr("href").unwrap().to_owned()
    };
    assert_eq!(tab("Solved"), "/tickets?status=solved&q=swollen%20%26%20hot");
    assert_eq!(tab("Technical"), "/tickets?status=open&group=technical&q=swollen%20%26%20hot");
    assert_eq!(select(&page, ".pager .next")[0].attr("href"), Some("/tickets?status=open&q=swollen%20%26%20hot&cursor=b2xkZXI%3D"));
    assert_eq!(select(&page, ".search input[name=status][value=open]").len(), 1);
    assert_eq!(select(&page, ".tab[aria-current=page]")[0].text().next(), Some("Open"));
    assert_eq!(tab("Most urgent first"), "/tickets?status=open&q=swollen%20%26%20hot&order=urgency");

    let asked = [("status", "open"), ("order", "urgency"), ("cursor", "c")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let query = InboxQuery::read(asked.into_iter().collect());
    let page = Html::parse_document(&pages::inbox(&InboxView { query, ..inbox() }).unwrap());
    assert_eq!(select(&page, ".pager .next")[0].attr("href"), Some("/tickets?status=open&order=urgency&cursor=b2xkZXI%3D"));
    assert_eq!(select(&page, ".order [aria-current=page]")[0].attr("href"), Some("/tickets?status=open&order=urgency"));
    assert_eq!(select(&page, ".order a")[0].attr("href"), Some("/tickets?status=open"));
    assert_eq!(select(&page, ".search input[name=order][value=urgency]").len(), 1);
    assert_eq!(select(&page, "caption")[0].text().next(), Some("Tickets, most urgent first"));
}

#[test]
fn problems_name_themselves_and_the_way_on() {
    let titles = [
        (ProblemKind::NotFound, "There is nothing here"),
        (ProblemKind::SignedOut, "You are not signed in"),
        (ProblemKind::Forbidden, "You may not do this"),
        (ProblemKind::Stale, "This form is too old"),
        (ProblemKind::Broken, "Something went wrong on our side"),
    ];
    for (kind, title) in titles {
        let page = Html::parse_document(&problem(400, kind, Preferences::default()));
        assert_eq!(select(&page, "h1")[0].text().collect::<String>(), title);
        assert_eq!(select(&page, ".actions a").len(), 1);
        let places: Vec<_> = select(&page, "nav a").iter().filter_map(|link| link.attr("href")).collect();
        let elsewhere = if kind == ProblemKind::SignedOut { vec![] } else { vec![paths::INBOX, paths::PEOPLE, paths::ACCOUNT] };
        assert_eq!(places, elsewhere, "{title}");
    }
}

#[test]
fn every_page_says_its_language_and_its_theme() {
    for (name, html) in every_page() {
        let page = Html::parse_document(&html);
        let root = select(&page, "html")[0];
        assert_eq!((root.attr("lang"), root.attr("data-theme")), (name.split('-').next(), Some("system")), "{name}");
        assert_eq!(select(&page, ".languages button[aria-pressed=true]")[0].attr("lang"), root.attr("lang"), "{name}");
        assert_eq!(select(&page, ".themes button").len(), 3, "{name}");
        assert!(!html.contains("{ $") && !html.contains("{$"), "{name}: a text lacks a value");
    }
}

#[test]
fn a_theme_that_was_chosen_is_the_pages_only_one() {
    let preferences = Preferences { theme: Theme::Dark, ..Preferences::default() };
    let page = Html::parse_document(&pages::sign_in(&needed(None), preferences).unwrap());
    assert_eq!(select(&page, "html")[0].attr("data-theme"), Some("dark"));
    assert_eq!(select(&page, "meta[name=color-scheme]")[0].attr("content"), Some("dark"));
    assert_eq!(select(&page, ".themes button[aria-pressed=true]")[0].attr("value"), Some("dark"));
}

#[test]
fn what_people_wrote_is_not_taken_for_the_language_of_the_page() {
    for (name, html) in every_page() {
        for written in select(&Html::parse_document(&html), "[dir=auto]") {
            assert!(written.attr("lang").is_some(), "{name}: {}", written.html());
        }
    }
    let page = pages::ticket(&TicketView { frame: Frame { preferences: french_reader(), ..english().frame }, ..english() }).unwrap();
    let page = Html::parse_document(&page);
    assert_eq!(select(&page, "#opening .text")[0].attr("lang"), Some("en"));
    assert!(select(&page, ".panel .because [lang], .panel .alert [lang], .panel .advice > p > span[lang]").is_empty());
}
