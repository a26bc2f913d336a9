//! Somebody before a browser: keeps the cookie and sends the token of forms.

use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request};
use backchannel::app::App;
use backchannel::domain::id::{TicketId, UserId};
use backchannel::domain::intake::{NewRequester, NewTicket};
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{Role, TicketChannel};
use backchannel::web;
use http_body_util::BodyExt;
use scraper::{ElementRef, Html, Selector};
use tower::ServiceExt;

use crate::support::app::TestApp;

/// How the console is reached in tests, unless they say otherwise.
pub(crate) const URL: &str = "http://desk.example";

/// Somebody with a session, or nobody yet.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) router: Router,
    /// The cookie as a browser sends it back.
    pub(crate) cookie: Option<String>,
    /// The token of the session's forms.
    pub(crate) csrf: String,
    /// What the other headers say.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// What a request was answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Visitor {
    /// Nobody in particular.
    pub(crate) fn stranger(app: &TestApp) -> Self {
        Self::at(web::router(app.app.clone(), URL))
    }

    /// Nobody in particular, at some router.
    pub(crate) fn at(router: Router) -> Self {
        Self { router, cookie: None, csrf: String::new(), headers: vec![("sec-fetch-site", "same-origin".to_owned())] }
    }

    /// A new user with a role in the first workspace, signed in by a link.
    pub(crate) async fn signed_in(app: &TestApp, role: Role) -> Self {
        Self::of_teams(app, role, &[]).await
    }

    /// A new user of these teams, signed in by a link.
    pub(crate) async fn of_teams(app: &TestApp, role: Role, teams: &[&str]) -> Self {
        let user = user(app, &app.admin, role).await;
        let teams = teams.iter().map(|team| team.parse().unwrap()).collect();
        app.app.set_user_teams(&app.admin, user, teams).await.unwrap();
        let link = app.app.make_sign_in_link(&app.admin, user).await.unwrap();
        let mut visitor = Self::stranger(app);
        visitor.use_link(&link).await.expect_led("/tickets");
        visitor.with_token().await
    }

    /// Uses a link up as its page's button does, and keeps the cookie.
    pub(crate) async fn use_link(&mut self, secret: &str) -> Answer {
        let answer = self.post(&format!("/sign-in/{secret}"), &[]).await;
        self.take_cookie(&answer);
        answer
    }

    /// Keeps the cookie of an answer, or drops the one that it does not renew.
    pub(crate) fn take_cookie(&mut self, answer: &Answer) {
        let given = answer.headers.get(SET_COOKIE).map(|cookie| cookie.to_str().unwrap());
        self.cookie = given.map(|cookie| cookie.split(';').next().unwrap().to_owned());
    }

    /// Reads the token that forms send back.
    pub(crate) async fn with_token(mut self) -> Self {
        let page = self.get("/tickets").await.expect_page(200);
        page.element("form[action='/sign-out'] input[name=csrf]").attr("value").unwrap().clone_into(&mut self.csrf);
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(&Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form with the session's token.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", self.csrf.as_str())]).collect();
        self.post_as_is(path, &fields).await
    }

    /// Sends a form with these fields alone.
    pub(crate) async fn post_as_is(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&");
        let request = self.request(&Method::POST, path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form with one file, as a page of this site does.
    pub(crate) async fn send_file(&self, path: &str, fields: &[(&str, &str)], name: &str, file: impl AsRef<[u8]>) -> Answer {
        let mut body = Vec::new();
        for (field, value) in fields {
            body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes());
        body.extend(file.as_ref());
        body.extend(b"\r\n--b--\r\n");
        let request = self.request(&Method::POST, path).header(CONTENT_TYPE, "multipart/form-data; boundary=b");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// The same visitor with another header instead of those that a browser would send.
    pub(crate) fn saying(&self, headers: &[(&'static str, &str)]) -> Self {
        Self { headers: headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(), ..self.clone() }
    }

    pub(crate) fn request(&self, method: &Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path);
        if !self.headers.iter().any(|(name, _)| *name == "accept") {
            request = request.header(ACCEPT, "text/html");
        }
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// The head of an answer and its body as it comes, for streams.
    pub(crate) async fn open(&self, request: Request<Body>) -> axum::http::Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }
}

/// A page that was read.
#[derive(Debug)]
pub(crate) struct Page(Html);

impl Page {
    /// The one element that a selector finds.
    #[track_caller]
    pub(crate) fn element(&self, css: &str) -> ElementRef<'_> {
        let found = self.all(css);
        assert_eq!(found.len(), 1, "`{css}`");
        found[0]
    }

    pub(crate) fn all(&self, css: &str) -> Vec<ElementRef<'_>> {
        self.0.select(&Selector::parse(css).unwrap()).collect()
    }

    pub(crate) fn has(&self, css: &str) -> bool {
        !self.all(css).is_empty()
    }

    /// The text of the one element that a selector finds.
    #[track_caller]
    pub(crate) fn text(&self, css: &str) -> String {
        self.element(css).text().collect::<String>().trim().to_owned()
    }
}

impl Answer {
    /// Asserts the status and reads the page.
    #[track_caller]
    pub(crate) fn expect_page(self, status: u16) -> Page {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers[CONTENT_TYPE], "text/html; charset=utf-8");
        Page(Html::parse_document(&self.text))
    }

    /// Asserts that the browser is led to a page by GET.
    #[track_caller]
    pub(crate) fn expect_led(&self, page: &str) {
        assert_eq!((self.status, self.headers.get(LOCATION).map(|to| to.to_str().unwrap())), (303, Some(page)), "{}", self.text);
    }

    /// Asserts a redirect and gives its target.
    #[track_caller]
    pub(crate) fn led(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.text);
        self.headers[LOCATION].to_str().unwrap().to_owned()
    }
}

/// A link that signs a new user with a role in.
pub(crate) async fn link(app: &TestApp, admin: &Actor, role: Role) -> String {
    let user = user(app, admin, role).await;
    app.app.make_sign_in_link(admin, user).await.unwrap()
}

/// A new user with a role, in no team.
async fn user(app: &TestApp, admin: &Actor, role: Role) -> UserId {
    let email = format!("{role}-{:016x}@desk.example", rand::random::<u64>()).parse().unwrap();
    app.app.put_user(admin, email, &format!("Una {role}"), role).await.unwrap().id
}

/// A ticket of the actor's workspace.
pub(crate) async fn ticket(app: &TestApp, actor: &Actor, external_id: &str) -> TicketId {
    put(&app.app, actor, external_id).await
}

/// The same by verbs alone.
pub(crate) async fn put(app: &App, actor: &Actor, external_id: &str) -> TicketId {
    let requester = NewRequester { email: "ana@mail.example".parse().unwrap(), name: Some("Ana Roy".to_owned()), external_id: None };
    let new = NewTicket {
        external_id: Some(external_id.to_owned()),
        subject: "Where is my parcel?".to_owned(),
        body: "Order AW-204518-6 was due on Monday and has not come. <b>Where</b> is it?".to_owned(),
        requester,
        channel: TicketChannel::Email,
        created_at: None,
        status: None,
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
    app.put_ticket(actor, new).await.unwrap().item.ticket.id
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
