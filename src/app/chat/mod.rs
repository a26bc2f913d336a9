//! Side conversations in Slack and Teams: what is posted there, and what is taken in from there.

mod post;
mod take;

pub use take::{SlackAnswer, SlackRequest};

use crate::app::App;
use crate::app::error::Error;
use crate::connectors::chat::{Letter, Part};
use crate::connectors::slack::Slack;
use crate::connectors::teams::Teams;
use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::ThreadChannel;

/// One of the chats.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) enum Chat<'a> {
    Slack(&'a Slack),
    Teams(&'a Teams),
}

impl Chat<'_> {
    fn compose(self, letter: &Letter<'_>) -> Vec<Part> {
        match self {
            Self::Slack(_) => Slack::compose(letter),
            Self::Teams(_) => Teams::compose(letter),
        }
    }
}

impl App {
    /// The chat in which side conversations of this channel are held, where it is that of this workspace.
    pub(in crate::app) async fn chat_of(&self, workspace: WorkspaceId, channel: ThreadChannel) -> Result<Option<Chat<'_>>, Error> {
        let (chat, slug) = match channel {
            ThreadChannel::Slack => match self.in_slack() {
                Some(slack) => (Chat::Slack(slack), slack.workspace.as_ref()),
                None => return Ok(None),
            },
            ThreadChannel::Teams => match self.in_teams() {
                Some(teams) => (Chat::Teams(teams), teams.workspace.as_ref()),
                None => return Ok(None),
            },
            ThreadChannel::Email | ThreadChannel::ChildTicket => return Ok(None),
        };
        Ok(self.workspace_of(slug).await?.filter(|own| *own == workspace).map(|_| chat))
    }
}
