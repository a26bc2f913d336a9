//! Keeping a view of the inbox under a name, and removing it.

use axum::extract::State;
use axum::response::Redirect;

use crate::app::LONGEST_VIEW_NAME_CHARS;
use crate::web::form::Posted;
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::view::InboxQuery;
use crate::web::words::Text;
use crate::web::{Web, paths};

/// What a form says of a list, by the names of the parameters of its address.
const PARAMETERS: [&str; 4] = ["status", "group", "q", "order"];

/// Keeps the list that a form describes under a name.
pub(super) async fn keep(State(web): State<Web>, Posted { session, fields, .. }: Posted) -> Result<Redirect, Problem> {
    let query = InboxQuery::read(PARAMETERS.iter().filter_map(|name| Some(((*name).to_owned(), fields.optional(name)?))).collect());
    let named = || Text::new("refused-view-name").with("most", LONGEST_VIEW_NAME_CHARS);
    let name = fields.filled("name", named())?;
    if name.trim().chars().count() > LONGEST_VIEW_NAME_CHARS {
        return Err(Problem::refused(named()));
    }
    web.app.keep_view(&session.actor, &name, query.filter()).await?;
    Ok(Redirect::to(&query.href()))
}

/// Removes a view.
pub(super) async fn remove(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.remove_view(&session.actor, id.parse().map_err(|_| Problem::not_found())?).await?;
    Ok(Redirect::to(paths::INBOX))
}
