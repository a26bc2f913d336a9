//! Customers: their list, one customer's page, and the form that changes them.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use crate::app::error::Error;
use crate::domain::customer::Customer;
use crate::domain::id::CustomerId;
use crate::domain::intake::{NewCustomer, PageRequest};
use crate::domain::user::Permission;
use crate::domain::vocabulary::Tier;
use crate::web::form::{Fields, Posted};
use crate::web::listing::{Act, Cell, Choice, Field, FormView, Line, ListView, Place, words_of};
use crate::web::pages::CustomerView;
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::table::{ROWS, address, form_page, list_page};
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;
use crate::web::{Web, guard, pages, paths};
use crate::wire::customer::CustomerIn;
use crate::wire::read::read_value;

/// The customers, or those that a search finds.
pub(super) async fn list(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let words = words_of(&parameters);
    let cursor = parameters.get("cursor").cloned();
    let page = PageRequest { limit: Some(ROWS), cursor: cursor.clone() };
    let found = web.app.customers(&session.actor, Some(&words), page).await?;
    let t = preferences.words();
    let line = |customer: Customer| Line {
        href: Some(paths::customer(&customer.id)),
        title: customer.name.unwrap_or_else(|| customer.email.to_string()),
        below: customer.email.to_string(),
        cells: vec![
            Cell::Words(customer.organisation.unwrap_or_default()),
            Cell::Words(t.tier(&customer.tier).to_string()),
            Cell::Ours(Text::new("customers-orders").with("count", customer.orders.len())),
            Cell::Day(customer.created_at),
        ],
        is_over: false,
        act: None,
    };
    list_page(&ListView {
        frame: frame(&session, preferences, web.app.now()),
        place: Place::Customers,
        lines: found.items.into_iter().map(line).collect(),
        first: cursor.map(|_| address(Place::Customers, &words, None)),
        next: found.next_cursor.map(|next| address(Place::Customers, &words, Some(&next))),
        words: Some(words),
        may_write: session.actor.role.may(Permission::Feed),
        told: None,
    })
}

/// One customer.
pub(super) async fn read(State(web): State<Web>, Visitor { session, preferences }: Visitor, Named(id): Named) -> Result<Response, Problem> {
    let (actor, id) = (&session.actor, customer_id(&id)?);
    let customer = web.app.customer(actor, id).await?;
    let tickets = web.app.tickets_of(actor, id).await?;
    let owner = match &customer.account_owner {
        Some(owner) => {
            let person = web.app.person_by_email(actor, owner).await?;
            Some(person.map_or_else(|| owner.to_string(), |person| person.name))
        }
        None => None,
    };
    let may_write = actor.role.may(Permission::Feed);
    let view = CustomerView { frame: frame(&session, preferences, web.app.now()), customer, owner, tickets, may_write };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::customer(&view)?))
}

/// The form for a new customer.
pub(super) async fn new(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    form_page(StatusCode::OK, &form(frame(&session, preferences, web.app.now()), None, &Fields::default()))
}

/// The form of a known customer.
pub(super) async fn edit(State(web): State<Web>, Visitor { session, preferences }: Visitor, Named(id): Named) -> Result<Response, Problem> {
    let customer = web.app.customer(&session.actor, customer_id(&id)?).await?;
    let fields = Fields::of(&[
        ("name", customer.name.as_deref().unwrap_or_default()),
        ("organisation", customer.organisation.as_deref().unwrap_or_default()),
        ("tier", customer.tier.as_str()),
        ("account_owner", customer.account_owner.as_ref().map_or("", |owner| owner.as_str())),
        ("language", &customer.language.map(|language| language.to_string()).unwrap_or_default()),
        ("notes", customer.notes.as_deref().unwrap_or_default()),
    ]);
    form_page(StatusCode::OK, &form(frame(&session, preferences, web.app.now()), Some(&customer), &fields))
}

/// Adds a customer, or changes the one whose form it was; their orders stay.
pub(super) async fn put(State(web): State<Web>, Posted { session, preferences, fields }: Posted) -> Result<Response, Problem> {
    let actor = &session.actor;
    let known = match fields.text("id").as_str() {
        "" => None,
        id => Some(web.app.customer(actor, customer_id(id)?).await?),
    };
    let refused = |field: &str, detail: Detail| {
        let view = form(frame(&session, preferences, web.app.now()), known.as_ref(), &fields);
        form_page(StatusCode::UNPROCESSABLE_ENTITY, &view.refused(field, detail))
    };
    let email = known.as_ref().map_or_else(|| fields.text("email"), |known| known.email.to_string());
    let given = json!({
        "email": email, "name": fields.optional("name"), "organisation": fields.optional("organisation"), "tier": fields.optional("tier"),
        "account_owner": fields.optional("account_owner"), "language": fields.optional("language"), "notes": fields.optional("notes"),
        "external_id": known.as_ref().map_or_else(|| fields.optional("external_id"), |known| known.external_id.clone()),
    });
    let new = match read_value::<CustomerIn>(given).and_then(CustomerIn::into_new) {
        Ok(new) => new,
        Err(error) => return refused(&error.pointer, error.detail.into()),
    };
    let new = match &known {
        Some(known) => NewCustomer { orders: known.orders.clone(), created_at: Some(known.created_at), ..new },
        None if web.app.has_customer(actor, &new.email).await? => {
            return refused("email", Text::new("refused-known").with("name", new.email.as_str()).into());
        }
        None => new,
    };
    match web.app.put_customer(actor, new).await {
        Ok(put) => Ok(Redirect::to(&paths::customer(&put.item.id)).into_response()),
        Err(Error::Conflict(reason)) => refused("external_id", reason.into()),
        Err(error) => Err(error.into()),
    }
}

/// Removes a customer.
pub(super) async fn delete(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.delete_customer(&session.actor, customer_id(&id)?).await?;
    Ok(Redirect::to(paths::CUSTOMERS))
}

fn customer_id(given: &str) -> Result<CustomerId, Problem> {
    given.parse().map_err(|_| Problem::not_found())
}

fn form(frame: Frame, known: Option<&Customer>, given: &Fields) -> FormView {
    let t = frame.preferences.words();
    let tier = given.text("tier");
    let tiers = Tier::ALL.iter().map(|one| Choice::new(one, &t.tier(one), one.as_str() == tier)).collect();
    let email = known.map_or_else(|| given.text("email"), |known| known.email.to_string());
    let external_id = known.map_or_else(|| given.text("external_id"), |known| known.external_id.clone().unwrap_or_default());
    let mut fields = vec![
        Field::line("email", "field-email", email).of("email", "off").required().fixed(known.is_some()),
        Field::line("name", "field-name", given.text("name")),
        Field::line("organisation", "field-organisation", given.text("organisation")),
        Field::choice("tier", "field-tier", tiers),
        Field::line("account_owner", "field-owner", given.text("account_owner")).of("email", "off").with_help("field-owner-help"),
        Field::line("language", "field-language", given.text("language")).with_help("field-language-help"),
        Field::area("notes", "field-notes", given.text("notes")),
        Field::line("external_id", "field-external-id", external_id).fixed(known.is_some()).with_help("field-external-id-help"),
    ];
    fields.extend(known.map(|known| Field::hidden("id", &known.id)));
    let name = |known: &Customer| known.name.clone().unwrap_or_else(|| known.email.to_string());
    FormView {
        frame,
        place: Place::Customers,
        title: known.map_or_else(|| Text::new("customers-add"), |known| Text::new("form-title").with("name", name(known))),
        help: None,
        action: paths::CUSTOMERS.to_owned(),
        fields,
        submit: Some("form-save"),
        back: known.map_or_else(|| paths::CUSTOMERS.to_owned(), |known| paths::customer(&known.id)),
        problem: None,
        told: None,
        acts: known
            .iter()
            .map(|known| Act { action: paths::customer_delete(&known.id), label: "customers-delete", help: "customers-delete-help" })
            .collect(),
    }
}
