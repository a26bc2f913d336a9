//! API tokens: their list with their last use, making and revoking them.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use serde_json::json;

use crate::app::error::Error;
use crate::domain::person::Team;
use crate::domain::token::Token;
use crate::domain::user::Permission;
use crate::domain::vocabulary::{Role, TeamName};
use crate::web::form::{Fields, Posted};
use crate::web::listing::{Act, Cell, Choice, Field, FormView, Line, ListView, OnceView, Place};
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::table::{form_page, list_page, once_page};
use crate::web::users::teams;
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;
use crate::web::{Web, paths};
use crate::wire::read::read_value;
use crate::wire::token::TokenIn;

/// The tokens.
pub(super) async fn list(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let tokens = web.app.tokens(&session.actor).await?;
    let accounts = web.app.accounts(&session.actor).await?.into_values();
    let names: BTreeMap<String, String> = accounts.map(|account| (format!("user:{}", account.user.id), account.user.name)).collect();
    let may_write = session.actor.role.may(Permission::Administer);
    let t = preferences.words();
    let line = |token: Token| {
        let is_over = token.revoked_at.is_some();
        let maker = token.created_by.as_ref().map(|maker| match names.get(maker) {
            Some(name) => Cell::Words(name.clone()),
            None => Cell::Ours(Text::new("tokens-by-token")),
        });
        let state = if is_over { Text::new("tokens-revoked") } else { Text::new("tokens-in-force") };
        Line {
            href: None,
            title: token.name,
            below: token.id.to_string(),
            cells: vec![
                Cell::Words(t.role(&token.role).to_string()),
                maker.unwrap_or_else(|| Cell::Words(String::new())),
                Cell::Day(token.created_at),
                token.last_used_at.map_or_else(|| Cell::Ours(Text::new("tokens-never")), Cell::When),
                Cell::Mark(if is_over { "" } else { "badge-public" }, state),
            ],
            is_over,
            act: (may_write && !is_over).then(|| Act {
                action: paths::token_revoke(&token.id),
                label: "tokens-revoke",
                help: "tokens-revoke-help",
            }),
        }
    };
    list_page(&ListView {
        frame: frame(&session, preferences, web.app.now()),
        place: Place::Tokens,
        words: None,
        lines: tokens.into_iter().map(line).collect(),
        first: None,
        next: None,
        may_write,
        told: None,
    })
}

/// The form that makes a token.
pub(super) async fn new(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let known_teams = web.app.teams(&session.actor).await?;
    form_page(StatusCode::OK, &form(frame(&session, preferences, web.app.now()), &known_teams, &Fields::default()))
}

/// Makes a token, and shows its secret once.
pub(super) async fn create(State(web): State<Web>, Posted { session, preferences, fields }: Posted) -> Result<Response, Problem> {
    let actor = &session.actor;
    let known_teams = web.app.teams(actor).await?;
    let refused = |field: &str, detail: Detail| {
        let view = form(frame(&session, preferences, web.app.now()), &known_teams, &fields);
        form_page(StatusCode::UNPROCESSABLE_ENTITY, &view.refused(field, detail))
    };
    let given = json!({"name": fields.text("name"), "role": fields.text("role"), "teams": fields.chosen("teams-")});
    let (name, role, teams) = match read_value::<TokenIn>(given).and_then(TokenIn::into_parts) {
        Ok(parts) => parts,
        Err(error) => return refused(&error.pointer, error.detail.into()),
    };
    match web.app.create_token(actor, &name, role, teams).await {
        Ok((token, secret)) => once_page(&OnceView {
            frame: frame(&session, preferences, web.app.now()),
            place: Place::Tokens,
            title: Text::new("tokens-created").with("name", token.name),
            help: Text::new("tokens-secret-help"),
            secret: secret.expose().to_owned(),
            until: None,
            back: paths::TOKENS.to_owned(),
        }),
        Err(Error::Invalid { field, reason }) => refused(&field, reason.into()),
        Err(error) => Err(error.into()),
    }
}

/// Revokes a token.
pub(super) async fn revoke(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.revoke_token(&session.actor, id.parse().map_err(|_| Problem::not_found())?).await?;
    Ok(Redirect::to(paths::TOKENS))
}

fn form(frame: Frame, known: &BTreeMap<TeamName, Team>, given: &Fields) -> FormView {
    let t = frame.preferences.words();
    let role = given.optional("role").unwrap_or_else(|| Role::Service.to_string());
    let roles = Role::ALL.iter().map(|one| Choice::new(one, &t.role_explained(one).to_string(), one.as_str() == role)).collect();
    FormView {
        frame,
        place: Place::Tokens,
        title: Text::new("tokens-add"),
        help: Some(Text::new("tokens-add-help")),
        action: paths::TOKENS.to_owned(),
        fields: vec![
            Field::line("name", "field-token-name", given.text("name")).required().with_help("field-token-name-help"),
            Field::choice("role", "field-role", roles),
            Field::choices("teams", "field-user-teams", teams(known, &given.chosen("teams-").into_iter().collect()))
                .with_help("field-user-teams-help"),
        ],
        submit: Some("tokens-make"),
        back: paths::TOKENS.to_owned(),
        problem: None,
        told: None,
        acts: Vec::new(),
    }
}
