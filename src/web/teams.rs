//! Teams and channels: their lists, and the forms that change them.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use crate::app::error::Error;
use crate::domain::person::{Channel, Directory, Team};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{ChannelName, TeamName, ThreadChannel};
use crate::web::form::{Fields, Posted};
use crate::web::listing::{Act, Cell, Choice, Field, FormView, Line, ListView, Place};
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::table::{form_page, list_page};
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;
use crate::web::{Web, format, paths};
use crate::wire::directory::{ChannelIn, TeamIn};
use crate::wire::read::read_value;

/// The teams.
pub(super) async fn teams(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let Directory { people, teams, channels } = web.app.directory(&session.actor).await?;
    let may_write = session.actor.role.may(Permission::Feed);
    let line = |team: Team| {
        let own = people.values().filter(|person| person.team.as_ref() == Some(&team.name)).count();
        let asked: Vec<&str> =
            channels.values().filter(|channel| channel.teams.contains(&team.name)).map(|channel| channel.address.as_str()).collect();
        Line {
            href: may_write.then(|| paths::team(&team.name)),
            title: team.title,
            below: team.name.to_string(),
            cells: vec![
                Cell::Ours(Text::new(if team.external { "teams-outside" } else { "teams-inside" })),
                Cell::Ours(Text::new("teams-people").with("count", own)),
                Cell::Words(format::list(&asked)),
            ],
            is_over: false,
            act: None,
        }
    };
    list_page(&ListView {
        frame: frame(&session, preferences, web.app.now()),
        place: Place::Teams,
        words: None,
        lines: teams.into_values().map(line).collect(),
        first: None,
        next: None,
        may_write,
        told: None,
    })
}

/// The form for a new team.
pub(super) async fn new_team(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    form_page(StatusCode::OK, &team_form(frame(&session, preferences, web.app.now()), None, &Fields::default()))
}

/// The form of a known team.
pub(super) async fn edit_team(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Named(name): Named,
) -> Result<Response, Problem> {
    let team = web.app.team(&session.actor, &name.parse().map_err(|_| Problem::not_found())?).await?;
    let fields = Fields::of(&[("title", &team.title), ("external", if team.external { "true" } else { "false" })]);
    form_page(StatusCode::OK, &team_form(frame(&session, preferences, web.app.now()), Some(&team), &fields))
}

/// Adds a team, or changes the one whose form it was.
pub(super) async fn put_team(State(web): State<Web>, Posted { session, preferences, fields }: Posted) -> Result<Response, Problem> {
    let actor = &session.actor;
    let teams = web.app.teams(actor).await?;
    let known = fields.optional("known").and_then(|name| teams.get(&name.parse().ok()?)).cloned();
    let refused = |field: &str, detail: Detail| {
        let view = team_form(frame(&session, preferences, web.app.now()), known.as_ref(), &fields);
        form_page(StatusCode::UNPROCESSABLE_ENTITY, &view.refused(field, detail))
    };
    let name = known.as_ref().map_or_else(|| fields.text("name"), |known| known.name.to_string());
    let given = json!({"name": name, "title": fields.text("title"), "external": fields.text("external") == "true"});
    let team = match read_value::<TeamIn>(given).and_then(TeamIn::into_team) {
        Ok(team) => team,
        Err(error) => return refused(&error.pointer, error.detail.into()),
    };
    if known.is_none() && teams.contains_key(&team.name) {
        return refused("name", Text::new("refused-known").with("name", team.name.as_str()).into());
    }
    web.app.put_team(actor, team).await?;
    Ok(Redirect::to(paths::TEAMS).into_response())
}

/// Removes a team.
pub(super) async fn delete_team(State(web): State<Web>, Named(name): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.delete_team(&session.actor, &name.parse().map_err(|_| Problem::not_found())?).await?;
    Ok(Redirect::to(paths::TEAMS))
}

/// The channels.
pub(super) async fn channels(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let Directory { teams, channels, .. } = web.app.directory(&session.actor).await?;
    let may_write = session.actor.role.may(Permission::Feed);
    let t = preferences.words();
    let line = |channel: Channel| {
        let titles: Vec<String> =
            channel.teams.iter().map(|team| teams.get(team).map_or_else(|| team.to_string(), |team| team.title.clone())).collect();
        Line {
            href: may_write.then(|| paths::channel(&channel.name)),
            title: channel.address,
            below: channel.use_for,
            cells: vec![
                Cell::Words(t.thread_channel(&channel.kind).to_string()),
                Cell::Words(format::list(&titles)),
                Cell::Words(t.minutes(&channel.expected_reply_minutes).to_string()),
            ],
            is_over: false,
            act: None,
        }
    };
    list_page(&ListView {
        frame: frame(&session, preferences, web.app.now()),
        place: Place::Channels,
        words: None,
        lines: channels.into_values().map(line).collect(),
        first: None,
        next: None,
        may_write,
        told: None,
    })
}

/// The form for a new channel.
pub(super) async fn new_channel(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let teams = web.app.teams(&session.actor).await?;
    form_page(StatusCode::OK, &channel_form(frame(&session, preferences, web.app.now()), &teams, None, &Fields::default()))
}

/// The form of a known channel.
pub(super) async fn edit_channel(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Named(name): Named,
) -> Result<Response, Problem> {
    let teams = web.app.teams(&session.actor).await?;
    let channel = web.app.channel(&session.actor, &name.parse().map_err(|_| Problem::not_found())?).await?;
    let minutes = channel.expected_reply_minutes.to_string();
    let mut fields = vec![
        ("kind".to_owned(), channel.kind.to_string()),
        ("address".to_owned(), channel.address.clone()),
        ("expected_reply_minutes".to_owned(), minutes),
        ("use_for".to_owned(), channel.use_for.clone()),
    ];
    fields.extend(channel.teams.iter().map(|team| (format!("teams-{team}"), "1".to_owned())));
    let view = channel_form(frame(&session, preferences, web.app.now()), &teams, Some(&channel), &fields.into_iter().collect());
    form_page(StatusCode::OK, &view)
}

/// Adds a channel, or changes the one whose form it was.
pub(super) async fn put_channel(State(web): State<Web>, Posted { session, preferences, fields }: Posted) -> Result<Response, Problem> {
    let actor = &session.actor;
    let teams = web.app.teams(actor).await?;
    let known = match fields.optional("known").and_then(|name| name.parse().ok()) {
        Some(name) => channel_named(&web, actor, &name).await?,
        None => None,
    };
    let refused = |field: &str, detail: Detail| {
        let view = channel_form(frame(&session, preferences, web.app.now()), &teams, known.as_ref(), &fields);
        form_page(StatusCode::UNPROCESSABLE_ENTITY, &view.refused(field, detail))
    };
    let name = known.as_ref().map_or_else(|| fields.text("name"), |known| known.name.to_string());
    let minutes = fields.text("expected_reply_minutes");
    let minutes = minutes.trim().parse::<u32>().map_or_else(|_| Value::from(minutes.clone()), Value::from);
    let given = json!({
        "name": name, "kind": fields.text("kind"), "address": fields.text("address"), "teams": fields.chosen("teams-"),
        "expected_reply_minutes": minutes, "use_for": fields.text("use_for"),
    });
    let channel = match read_value::<ChannelIn>(given).and_then(ChannelIn::into_channel) {
        Ok(channel) => channel,
        Err(error) => return refused(&error.pointer, error.detail.into()),
    };
    if known.is_none() && channel_named(&web, actor, &channel.name).await?.is_some() {
        return refused("name", Text::new("refused-known").with("name", channel.name.as_str()).into());
    }
    web.app.put_channel(actor, channel).await?;
    Ok(Redirect::to(paths::CHANNELS).into_response())
}

/// Removes a channel.
pub(super) async fn delete_channel(
    State(web): State<Web>,
    Named(name): Named,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Problem> {
    web.app.delete_channel(&session.actor, &name.parse().map_err(|_| Problem::not_found())?).await?;
    Ok(Redirect::to(paths::CHANNELS))
}

/// The channel with this name, if there is one.
pub(super) async fn channel_named(web: &Web, actor: &Actor, name: &ChannelName) -> Result<Option<Channel>, Problem> {
    match web.app.channel(actor, name).await {
        Ok(channel) => Ok(Some(channel)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn team_form(frame: Frame, known: Option<&Team>, given: &Fields) -> FormView {
    let t = frame.preferences.words();
    let is_external = given.text("external") == "true";
    let places =
        vec![Choice::new("false", &t.say("teams-inside"), !is_external), Choice::new("true", &t.say("teams-outside"), is_external)];
    let name = known.map_or_else(|| given.text("name"), |known| known.name.to_string());
    let mut fields = vec![
        Field::line("name", "field-short-name", name).required().fixed(known.is_some()).with_help("field-short-name-help"),
        Field::line("title", "field-title", given.text("title")).required(),
        Field::choice("external", "teams-where", places),
    ];
    fields.extend(known.map(|known| Field::hidden("known", &known.name)));
    FormView {
        frame,
        place: Place::Teams,
        title: known.map_or_else(|| Text::new("teams-add"), |known| Text::new("form-title").with("name", known.title.as_str())),
        help: None,
        action: paths::TEAMS.to_owned(),
        fields,
        submit: Some("form-save"),
        back: paths::TEAMS.to_owned(),
        problem: None,
        told: None,
        acts: known
            .iter()
            .map(|known| Act { action: paths::team_delete(&known.name), label: "teams-delete", help: "teams-delete-help" })
            .collect(),
    }
}

fn channel_form(frame: Frame, teams: &BTreeMap<TeamName, Team>, known: Option<&Channel>, given: &Fields) -> FormView {
    let t = frame.preferences.words();
    let kind = given.text("kind");
    let kinds = ThreadChannel::ALL.iter().map(|one| Choice::new(one, &t.thread_channel(one), one.as_str() == kind)).collect();
    let chosen: BTreeSet<String> = given.chosen("teams-").into_iter().collect();
    let teams = teams.values().map(|one| Choice::new(&one.name, &one.title, chosen.contains(one.name.as_str()))).collect();
    let name = known.map_or_else(|| given.text("name"), |known| known.name.to_string());
    let mut fields = vec![
        Field::line("name", "field-short-name", name).required().fixed(known.is_some()).with_help("field-short-name-help"),
        Field::choice("kind", "field-kind", kinds),
        Field::line("address", "field-address", given.text("address")).required().with_help("field-address-help"),
        Field::choices("teams", "field-channel-teams", teams),
        Field::line("expected_reply_minutes", "field-expected-minutes", given.text("expected_reply_minutes"))
            .of("number", "off")
            .required(),
        Field::area("use_for", "field-use-for", given.text("use_for")),
    ];
    fields.extend(known.map(|known| Field::hidden("known", &known.name)));
    FormView {
        frame,
        place: Place::Channels,
        title: known.map_or_else(|| Text::new("channels-add"), |known| Text::new("form-title").with("name", known.address.as_str())),
        help: None,
        action: paths::CHANNELS.to_owned(),
        fields,
        submit: Some("form-save"),
        back: paths::CHANNELS.to_owned(),
        problem: None,
        told: None,
        acts: known
            .iter()
            .map(|known| Act { action: paths::channel_delete(&known.name), label: "channels-delete", help: "channels-delete-help" })
            .collect(),
    }
}
