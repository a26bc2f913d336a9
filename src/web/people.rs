//! People: their list, one person's page, and the form that changes them.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use crate::app::error::Error;
use crate::domain::id::PersonId;
use crate::domain::person::{Directory, Person, Team};
use crate::domain::user::Permission;
use crate::domain::vocabulary::{PersonRole, TeamName};
use crate::web::form::{Fields, Posted};
use crate::web::listing::{Act, Cell, Choice, Field, FormView, Line, ListView, Place, words_of};
use crate::web::pages::PersonView;
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::table::{cut, form_page, list_page};
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;
use crate::web::{Web, format, guard, pages, paths};
use crate::wire::directory::PersonIn;
use crate::wire::read::read_value;

type Parameters = Query<BTreeMap<String, String>>;

/// The people, or those that a search finds.
pub(super) async fn people(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let words = words_of(&parameters);
    let today = web.app.now().day();
    let Directory { people, teams, .. } = web.app.people(&session.actor, Some(&words)).await?;
    let (found, first, next) = cut(Place::People, &words, people, &parameters);
    let t = preferences.words();
    let line = |person: Person| {
        let away = person.availability.away_until.filter(|_| person.availability.is_away(today));
        let team = person.team.as_ref().map(|team| teams.get(team).map_or_else(|| team.to_string(), |team| team.title.clone()));
        let languages: Vec<String> = person.languages.iter().map(|language| t.language(language)).collect();
        let availability = away.map_or_else(
            || Cell::Words(person.availability.hours.clone().unwrap_or_default()),
            |back| Cell::Mark("badge-internal", Text::new("person-away-short").with("day", back.to_string())),
        );
        Line {
            href: Some(paths::person(&person.id)),
            title: person.name,
            below: person.email.to_string(),
            cells: vec![
                Cell::Words(team.unwrap_or_default()),
                Cell::Words(format::list(&person.skills)),
                Cell::Words(format::list(&languages)),
                availability,
            ],
            is_over: false,
            act: None,
        }
    };
    list_page(&ListView {
        frame: frame(&session, preferences, web.app.now()),
        place: Place::People,
        words: Some(words),
        lines: found.into_iter().map(line).collect(),
        first,
        next,
        may_write: session.actor.role.may(Permission::Feed),
        told: None,
    })
}

/// One person.
pub(super) async fn person(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Named(id): Named,
) -> Result<Response, Problem> {
    let profile = web.app.profile(&session.actor, person_id(&id)?).await?;
    let title = |name: &TeamName| profile.team.as_ref().map_or_else(|| name.to_string(), |team| team.title.clone());
    let view = PersonView {
        frame: frame(&session, preferences, web.app.now()),
        team: profile.person.team.as_ref().map(title),
        is_away: profile.person.availability.is_away(web.app.now().day()),
        may_write: session.actor.role.may(Permission::Feed),
        profile,
    };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::person(&view)?))
}

/// The form for a new person.
pub(super) async fn new_person(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let teams = web.app.teams(&session.actor).await?;
    form_page(StatusCode::OK, &person_form(frame(&session, preferences, web.app.now()), &teams, None, &Fields::default()))
}

/// The form of a known person.
pub(super) async fn edit_person(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Named(id): Named,
) -> Result<Response, Problem> {
    let person = web.app.person(&session.actor, person_id(&id)?).await?;
    let teams = web.app.teams(&session.actor).await?;
    let fields = person_fields(&person);
    form_page(StatusCode::OK, &person_form(frame(&session, preferences, web.app.now()), &teams, Some(&person), &fields))
}

/// Adds a person, or changes the one whose form it was.
pub(super) async fn put_person(State(web): State<Web>, Posted { session, preferences, fields }: Posted) -> Result<Response, Problem> {
    let actor = &session.actor;
    let teams = web.app.teams(actor).await?;
    let known = match fields.text("id").as_str() {
        "" => None,
        id => Some(web.app.person(actor, person_id(id)?).await?),
    };
    let refused = |field: &str, detail: Detail| {
        let view = person_form(frame(&session, preferences, web.app.now()), &teams, known.as_ref(), &fields);
        form_page(StatusCode::UNPROCESSABLE_ENTITY, &view.refused(field, detail))
    };
    let email = known.as_ref().map_or_else(|| fields.text("email"), |known| known.email.to_string());
    let mut given = json!({
        "email": email, "name": fields.text("name"), "role": fields.text("role"), "languages": fields.words("languages"),
        "skills": fields.lines("skills"),
        "availability": {"hours": fields.text("hours"), "away_until": fields.optional("away_until"), "away_note": fields.text("away_note")},
    });
    if let Some(team) = fields.optional("team") {
        given["team"] = team.into();
    }
    let new = match read_value::<PersonIn>(given).and_then(PersonIn::into_new) {
        Ok(new) => new,
        Err(error) => {
            return refused(error.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default(), error.detail.into());
        }
    };
    if known.is_none() && web.app.person_by_email(actor, &new.email).await?.is_some() {
        return refused("email", Text::new("refused-known").with("name", new.email.as_str()).into());
    }
    match web.app.put_person(actor, new).await {
        Ok(put) => Ok(Redirect::to(&paths::person(&put.item.id)).into_response()),
        Err(Error::Invalid { field, reason }) => refused(&field, reason.into()),
        Err(error) => Err(error.into()),
    }
}

/// Removes a person.
pub(super) async fn delete_person(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.delete_person(&session.actor, person_id(&id)?).await?;
    Ok(Redirect::to(paths::PEOPLE))
}

fn person_id(given: &str) -> Result<PersonId, Problem> {
    given.parse().map_err(|_| Problem::not_found())
}

/// What a form shows of a person.
fn person_fields(person: &Person) -> Fields {
    let languages: Vec<String> = person.languages.iter().map(ToString::to_string).collect();
    let availability = &person.availability;
    Fields::of(&[
        ("email", person.email.as_str()),
        ("name", &person.name),
        ("role", person.role.as_str()),
        ("team", person.team.as_ref().map_or("", |team| team.as_str())),
        ("languages", &languages.join(", ")),
        ("skills", &person.skills.join("\n")),
        ("hours", availability.hours.as_deref().unwrap_or_default()),
        ("away_until", &availability.away_until.map(|day| day.to_string()).unwrap_or_default()),
        ("away_note", availability.away_note.as_deref().unwrap_or_default()),
    ])
}

fn person_form(frame: Frame, teams: &BTreeMap<TeamName, Team>, known: Option<&Person>, given: &Fields) -> FormView {
    let t = frame.preferences.words();
    let role = given.text("role");
    let roles = PersonRole::ALL.iter().map(|one| Choice::new(one, &t.person_role(one), one.as_str() == role)).collect();
    let team = given.text("team");
    let none = Choice::new("", &t.say("form-none"), team.is_empty());
    let teams = teams.values().map(|one| Choice::new(&one.name, &one.title, one.name.as_str() == team));
    let email = known.map_or_else(|| given.text("email"), |known| known.email.to_string());
    let mut fields = vec![
        Field::line("email", "field-email", email).of("email", "off").required().fixed(known.is_some()),
        Field::line("name", "field-name", given.text("name")).required(),
        Field::choice("role", "field-person-role", roles),
        Field::choice("team", "field-team", std::iter::once(none).chain(teams).collect()),
        Field::line("languages", "field-languages", given.text("languages")).with_help("field-languages-help"),
        Field::area("skills", "field-skills", given.text("skills")).with_help("field-skills-help"),
        Field::line("hours", "field-hours", given.text("hours")).with_help("field-hours-help"),
        Field::line("away_until", "field-away-until", given.text("away_until")).of("date", "off").with_help("field-away-until-help"),
        Field::line("away_note", "field-away-note", given.text("away_note")).with_help("field-away-note-help"),
    ];
    fields.extend(known.map(|known| Field::hidden("id", &known.id)));
    FormView {
        frame,
        place: Place::People,
        title: known.map_or_else(|| Text::new("people-add"), |known| Text::new("form-title").with("name", known.name.as_str())),
        help: Some(Text::new("people-playbook")),
        action: paths::PEOPLE.to_owned(),
        fields,
        submit: Some("form-save"),
        back: known.map_or_else(|| paths::PEOPLE.to_owned(), |known| paths::person(&known.id)),
        problem: None,
        told: None,
        acts: known
            .iter()
            .map(|known| Act { action: paths::person_delete(&known.id), label: "people-delete", help: "people-delete-help" })
            .collect(),
    }
}
