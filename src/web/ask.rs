//! A question about a ticket, answered on a page of its own, which a script takes over into the ticket's page.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::form::Posted;
use crate::web::problem::Problem;
use crate::web::session::{Named, frame};
use crate::web::view::AnswerView;
use crate::web::words::Text;
use crate::web::{Web, guard, pages};

/// Answers a question; nothing is kept. It is posted so that it stands in no address and no log.
pub(super) async fn ask(
    State(web): State<Web>,
    Named(reference): Named,
    Posted { session, preferences, fields }: Posted,
) -> Result<Response, Problem> {
    let (app, actor) = (&web.app, &session.actor);
    let id = web.ticket_id(actor, &reference).await?;
    let question = fields.filled("question", Text::new("refused-no-question"))?;
    let (history, threads, answer) = tokio::try_join!(app.ticket(actor, id), app.threads(actor, id), app.ask(actor, id, &question))?;
    let view = AnswerView { frame: frame(&session, preferences, app.now()), ticket: history.ticket, threads, question, answer };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::answer(&view)?))
}
