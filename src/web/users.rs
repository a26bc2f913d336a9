//! Users: their list, inviting, changing, disabling and resetting them.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use crate::app::error::Error;
use crate::app::{Linked, OneTimeLink, Session};
use crate::domain::id::UserId;
use crate::domain::person::Team;
use crate::domain::time::Timestamp;
use crate::domain::user::{Account, Permission, UserChange};
use crate::domain::vocabulary::{Role, TeamName};
use crate::web::form::{Fields, Posted};
use crate::web::listing::{Act, Cell, Choice, Field, FormView, Line, ListView, OnceView, Place};
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::table::{form_page, list_page, once_page};
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;
use crate::web::{Web, format, paths};
use crate::wire::read::read_value;
use crate::wire::user::{UserIn, UserPatch};

/// For how many hours an invitation can be made to work.
const HOURS: [u32; 4] = [24, 72, 168, 336];

/// The users.
pub(super) async fn list(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let accounts = web.app.accounts(&session.actor).await?;
    let t = preferences.words();
    let line = |account: Account| {
        let state = state(&account, web.app.now());
        let teams: Vec<String> = account.user.teams.iter().map(format::humanise).collect();
        Line {
            href: Some(paths::user(&account.user.id)),
            title: account.user.name,
            below: account.user.email.to_string(),
            cells: vec![
                Cell::Words(t.role(&account.user.role).to_string()),
                Cell::Words(format::list(&teams)),
                state,
                account.user.signed_in_at.map_or_else(|| Cell::Words(String::new()), Cell::When),
            ],
            is_over: account.user.disabled_at.is_some(),
            act: None,
        }
    };
    list_page(&ListView {
        frame: frame(&session, preferences, web.app.now()),
        place: Place::Users,
        words: None,
        lines: accounts.into_values().map(line).collect(),
        first: None,
        next: None,
        may_write: session.actor.role.may(Permission::Administer),
        told: None,
    })
}

/// The form that invites somebody.
pub(super) async fn new(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let known_teams = web.app.teams(&session.actor).await?;
    form_page(StatusCode::OK, &invitation(frame(&session, preferences, web.app.now()), &known_teams, &Fields::default()))
}

/// Invites somebody, and shows their link once.
pub(super) async fn invite(State(web): State<Web>, Posted { session, preferences, fields }: Posted) -> Result<Response, Problem> {
    let actor = &session.actor;
    let known_teams = web.app.teams(actor).await?;
    let refused = |field: &str, detail: Detail| {
        let view = invitation(frame(&session, preferences, web.app.now()), &known_teams, &fields);
        form_page(StatusCode::UNPROCESSABLE_ENTITY, &view.refused(field, detail))
    };
    let given = json!({
        "email": fields.text("email"), "name": fields.text("name"), "role": fields.text("role"), "teams": fields.chosen("teams-"),
        "valid_hours": fields.text("valid_hours").parse::<u32>().unwrap_or(0),
    });
    let (new, valid_hours) = match read_value::<UserIn>(given).and_then(UserIn::into_new) {
        Ok(new) => new,
        Err(error) => return refused(&error.pointer, error.detail.into()),
    };
    match web.app.invite_user(actor, new, valid_hours).await {
        Ok(linked) => shown_once(&web, frame(&session, preferences, web.app.now()), linked, "users-invited"),
        Err(Error::Invalid { field, reason }) => refused(&field, reason.into()),
        Err(Error::Conflict(reason)) => refused("email", reason.into()),
        Err(error) => Err(error.into()),
    }
}

/// One user.
pub(super) async fn read(State(web): State<Web>, Visitor { session, preferences }: Visitor, Named(id): Named) -> Result<Response, Problem> {
    let account = web.app.account(&session.actor, user_id(&id)?).await?;
    let known_teams = web.app.teams(&session.actor).await?;
    let frame = frame(&session, preferences, web.app.now());
    form_page(StatusCode::OK, &user_form(frame, &known_teams, &account, session.actor.user, None))
}

/// Changes a user's name, role and teams.
pub(super) async fn change(
    State(web): State<Web>,
    Named(id): Named,
    Posted { session, preferences, fields }: Posted,
) -> Result<Response, Problem> {
    let (actor, id) = (&session.actor, user_id(&id)?);
    let own = actor.user == Some(id);
    let mut given = json!({"name": fields.text("name"), "teams": fields.chosen("teams-")});
    if !own {
        given["role"] = fields.text("role").into();
    }
    let changed = match read_value::<UserPatch>(given).and_then(UserPatch::into_change) {
        Ok(change) => web.app.change_user(actor, id, change).await,
        Err(error) => Err(Error::Invalid { field: error.pointer, reason: error.detail }),
    };
    let (field, detail) = match changed {
        Ok(_) => return Ok(Redirect::to(paths::USERS).into_response()),
        Err(Error::Invalid { field, reason }) => (field, reason),
        Err(Error::Conflict(reason)) => ("role".to_owned(), reason),
        Err(error) => return Err(error.into()),
    };
    let account = web.app.account(actor, id).await?;
    let known_teams = web.app.teams(actor).await?;
    let view = user_form(frame(&session, preferences, web.app.now()), &known_teams, &account, actor.user, Some(&fields));
    form_page(StatusCode::UNPROCESSABLE_ENTITY, &view.refused(&field, detail.into()))
}

/// Disables a user.
pub(super) async fn disable(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    switch(&web, &session, &id, true).await
}

/// Lets a user in again.
pub(super) async fn enable(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    switch(&web, &session, &id, false).await
}

async fn switch(web: &Web, session: &Session, id: &str, disabled: bool) -> Result<Redirect, Problem> {
    let id = user_id(id)?;
    web.app.change_user(&session.actor, id, UserChange { disabled: Some(disabled), ..UserChange::default() }).await?;
    Ok(Redirect::to(&paths::user(&id)))
}

/// Resets a user, and shows their new link once.
pub(super) async fn reset(
    State(web): State<Web>,
    Named(id): Named,
    Posted { session, preferences, .. }: Posted,
) -> Result<Response, Problem> {
    let linked = web.app.reset_user(&session.actor, user_id(&id)?).await?;
    shown_once(&web, frame(&session, preferences, web.app.now()), linked, "users-was-reset")
}

fn shown_once(web: &Web, frame: Frame, linked: Linked, title: &'static str) -> Result<Response, Problem> {
    let Linked { account, link: OneTimeLink { secret, expires_at } } = linked;
    once_page(&OnceView {
        frame,
        place: Place::Users,
        title: Text::new(title).with("name", account.user.name),
        help: Text::new("users-link-help"),
        secret: web.site.address(&paths::sign_in(&secret)),
        until: Some(expires_at),
        back: paths::USERS.to_owned(),
    })
}

fn user_id(given: &str) -> Result<UserId, Problem> {
    given.parse().map_err(|_| Problem::not_found())
}

fn state(account: &Account, now: Timestamp) -> Cell {
    match (account.user.disabled_at, account.invited_until, account.has_password) {
        (Some(_), ..) => Cell::Mark("", Text::new("users-disabled")),
        (None, Some(until), _) if until > now => Cell::Mark("badge-internal", Text::new("users-invited-state")),
        (None, _, true) => Cell::Mark("badge-public", Text::new("users-with-password")),
        (None, ..) => Cell::Mark("", Text::new("users-with-links")),
    }
}

/// The roles of people; `service` is for tokens.
fn roles(frame: &Frame, chosen: &str) -> Vec<Choice> {
    let t = frame.preferences.words();
    let people = Role::ALL.iter().filter(|role| **role != Role::Service);
    people.map(|role| Choice::new(role, &t.role_explained(role).to_string(), role.as_str() == chosen)).collect()
}

/// The teams, of which some are chosen.
pub(super) fn teams(known: &BTreeMap<TeamName, Team>, chosen: &BTreeSet<String>) -> Vec<Choice> {
    known.values().map(|team| Choice::new(&team.name, &team.title, chosen.contains(team.name.as_str()))).collect()
}

fn invitation(frame: Frame, known: &BTreeMap<TeamName, Team>, given: &Fields) -> FormView {
    let role = given.optional("role").unwrap_or_else(|| Role::Agent.to_string());
    let hours = given.text("valid_hours").parse().unwrap_or(crate::app::INVITE_HOURS);
    let t = frame.preferences.words();
    let valid = HOURS.iter().map(|one| Choice::new(one, &t.say("users-valid").with("count", one / 24), *one == hours)).collect();
    let fields = vec![
        Field::line("email", "field-email", given.text("email")).of("email", "off").required(),
        Field::line("name", "field-name", given.text("name")).required(),
        Field::choice("role", "field-role", roles(&frame, &role)),
        Field::choices("teams", "field-user-teams", teams(known, &given.chosen("teams-").into_iter().collect()))
            .with_help("field-user-teams-help"),
        Field::choice("valid_hours", "field-valid", valid),
    ];
    FormView {
        frame,
        place: Place::Users,
        title: Text::new("users-add"),
        help: Some(Text::new("users-add-help")),
        action: paths::USERS.to_owned(),
        fields,
        submit: Some("users-invite"),
        back: paths::USERS.to_owned(),
        problem: None,
        told: None,
        acts: Vec::new(),
    }
}

fn user_form(
    frame: Frame,
    known: &BTreeMap<TeamName, Team>,
    account: &Account,
    reader: Option<UserId>,
    given: Option<&Fields>,
) -> FormView {
    let user = &account.user;
    let own = reader == Some(user.id);
    let may_write = frame.user_role.may(Permission::Administer);
    let role = given.map_or_else(|| user.role.to_string(), |given| given.text("role"));
    let name = given.map_or_else(|| user.name.clone(), |given| given.text("name"));
    let chosen = match given {
        Some(given) => given.chosen("teams-").into_iter().collect(),
        None => user.teams.iter().map(ToString::to_string).collect(),
    };
    let mut fields = vec![
        Field::line("email", "field-email", user.email.as_str()).of("email", "off").fixed(true),
        Field::line("name", "field-name", name).required().fixed(!may_write),
    ];
    if own || !may_write {
        let shown = frame.preferences.words().role(&user.role).to_string();
        fields.push(Field::line("role", "field-role", shown).fixed(true).with_help(if own { "users-own-role" } else { "users-read-only" }));
    } else {
        fields.push(Field::choice("role", "field-role", roles(&frame, &role)));
    }
    if may_write {
        fields.push(Field::choices("teams", "field-user-teams", teams(known, &chosen)).with_help("field-user-teams-help"));
    }
    let mut acts = Vec::new();
    if may_write && !own {
        if user.disabled_at.is_none() {
            acts.push(Act { action: paths::user_reset(&user.id), label: "users-reset", help: "users-reset-help" });
            acts.push(Act { action: paths::user_disable(&user.id), label: "users-disable", help: "users-disable-help" });
        } else {
            acts.push(Act { action: paths::user_enable(&user.id), label: "users-enable", help: "users-enable-help" });
        }
    }
    let help = match (user.disabled_at, account.invited_until, user.signed_in_at) {
        (Some(_), ..) => Text::new("users-is-disabled"),
        (None, Some(_), _) => Text::new("users-is-invited"),
        (None, None, None) => Text::new("users-never"),
        (None, None, Some(_)) => Text::new(if account.has_password { "users-has-password" } else { "users-has-links" }),
    };
    FormView {
        place: Place::Users,
        title: Text::new("form-title").with("name", user.name.as_str()),
        help: Some(help),
        action: paths::user(&user.id),
        fields,
        submit: may_write.then_some("form-save"),
        back: paths::USERS.to_owned(),
        problem: None,
        told: None,
        acts,
        frame,
    }
}
