//! Asks before they are sent: what was found for them, what of that is shown, and what became of it.

use sha2::{Digest, Sha256};

use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::{App, Asking};
use crate::copilot::earlier;
use crate::domain::answered::{EarlierAnswer, Gate, KeptAsk};
use crate::domain::id::{AskId, TicketId, WorkspaceId};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{Arm, AskOutcome, Probability, ThreadChannel};
use crate::store::{self, Tx};

/// Who asks again within so long, before anything came of it, asks once.
const ONE_ASK_SECONDS: i64 = 3600;
/// So many of the latest asks that were decided say how likely a find answers, and none that are older: after a bad time, in which nothing is
/// shown any more, finds are shown again.
const DECIDED: u32 = 2_000;
const DECIDED_WITHIN_SECONDS: i64 = 90 * 24 * 3600;
/// So many finds are kept of one ask.
const MOST_KEPT: usize = 12;
/// A find that is less likely is not shown.
const LIKELY: f64 = 0.5;

impl App {
    /// Holds an ask against earlier side conversations, solved tickets and articles that the actor may read. With a ticket it is kept what
    /// was found, without the words of the ask; on tickets that are held out nothing is shown.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::Overloaded`] when the encoder is busy.
    pub async fn check_ask(&self, actor: &Actor, asking: Asking<'_>) -> Result<Gate, Error> {
        self.allow(actor, Permission::Read)?;
        if let Some(ticket) = asking.ticket {
            self.ticket_exists(actor, ticket).await?;
        }
        let now = self.now();
        let mut answers = self.earlier_answers(actor, asking, now).await?;
        self.say_how_likely(actor, &mut answers).await?;
        let Some(ticket) = asking.ticket else { return Ok(Gate { ask: None, answers }) };
        let arm = self.arm(actor.workspace, ticket).await?;
        let ask = if actor.role.may(Permission::Work) { Some(self.keep_ask(actor, ticket, arm, &answers).await?) } else { None };
        if arm == Arm::HeldOut {
            answers.clear();
        }
        self.count_usage(actor.workspace, "check", 1);
        Ok(Gate { ask, answers })
    }

    /// Says what became of an ask: an earlier answer did, or went into the message.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an ask that is not in the actor's workspace; [`Error::Invalid`] for another outcome, and for something that was
    /// not found for it or not shown.
    pub async fn decide_ask(&self, actor: &Actor, id: AskId, outcome: AskOutcome, used: Option<&str>) -> Result<KeptAsk, Error> {
        self.allow(actor, Permission::Work)?;
        if !matches!(outcome, AskOutcome::Avoided | AskOutcome::Reused) {
            return Err(Error::invalid("outcome", "only `avoided` and `reused` are said: the rest follows from what is sent"));
        }
        let mut tx = self.store().begin().await?;
        let kept = store::ask::get(&mut tx, actor.workspace, id).await?;
        let mut kept = kept.ok_or_else(|| Error::NotFound { kind: "ask", id: id.to_string() })?;
        if kept.arm == Arm::HeldOut {
            return Err(Error::invalid("outcome", "nothing was shown for this ask"));
        }
        let found = |used: &str| kept.finds.iter().map(|(find, _)| find).find(|find| find.id == used).cloned();
        let used = match used {
            Some(used) => Some(found(used).ok_or_else(|| Error::invalid("suggestion", format!("`{used}` was not found for this ask")))?),
            None => kept.finds.first().map(|(find, _)| find.clone()),
        };
        let Some(used) = used else { return Err(Error::invalid("outcome", "nothing was found for this ask")) };
        if outcome == AskOutcome::Avoided && kept.channel.is_some() {
            return Err(Error::invalid("outcome", "its side conversation was opened: only `reused` can be said of it now"));
        }
        let now = self.now();
        store::ask::decide(&mut tx, actor.workspace, id, outcome, Some(&used), now).await?;
        tx.commit().await?;
        (kept.outcome, kept.decided_at, kept.used) = (outcome, Some(now), Some(used));
        Ok(kept)
    }

    /// Notes with a side conversation that it was opened for an ask; what had been shown for it was not heeded then, unless it went into it.
    pub(super) async fn ask_was_sent(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        (ask, ticket): (AskId, TicketId),
        channel: ThreadChannel,
    ) -> Result<(), Error> {
        let is_there = store::ask::sent(tx, actor.workspace, (ask, ticket), channel, self.now()).await?;
        if is_there {
            Ok(())
        } else {
            Err(Error::invalid("ask_id", format!("this ticket has no ask `{ask}`: leave it out, or check anew")))
        }
    }

    /// Whether earlier answers are shown on a ticket.
    pub(crate) async fn arm(&self, workspace: WorkspaceId, ticket: TicketId) -> Result<Arm, Error> {
        let share = self.knowledge(workspace).await?.playbook.thresholds.insights.hold_out;
        Ok(arm_of(workspace, ticket, share))
    }

    async fn keep_ask(&self, actor: &Actor, ticket: TicketId, arm: Arm, answers: &[EarlierAnswer]) -> Result<AskId, Error> {
        let now = self.now();
        let intent = self.kept_intent(actor, ticket).await?;
        let mut tx = self.store().begin().await?;
        let since = now.plus_seconds(-ONE_ASK_SECONDS);
        let open = store::ask::open_of(&mut tx, actor.workspace, ticket, &actor.name, since).await?;
        // What was shown before can still be used: another page may show it.
        let before = match open {
            Some(id) => store::ask::get(&mut tx, actor.workspace, id).await?.map(|ask| ask.finds).unwrap_or_default(),
            None => Vec::new(),
        };
        let shown = answers.iter().map(|answer| (answer.place.find(), answer.worth));
        let mut finds = before.clone();
        finds.extend(shown.filter(|(find, _)| !before.iter().any(|(known, _)| known == find)));
        finds.truncate(MOST_KEPT);
        let ask = KeptAsk {
            id: open.unwrap_or_else(|| AskId::at(now, random())),
            workspace: actor.workspace,
            ticket,
            by: actor.name.clone(),
            at: now,
            arm,
            intent,
            channel: None,
            outcome: AskOutcome::Open,
            decided_at: None,
            used: None,
            finds,
        };
        store::ask::save(&mut tx, &ask).await?;
        tx.commit().await?;
        Ok(ask.id)
    }

    /// Gives finds a probability where enough earlier ones were decided, and leaves out those that are not likely then.
    async fn say_how_likely(&self, actor: &Actor, answers: &mut Vec<EarlierAnswer>) -> Result<(), Error> {
        if answers.is_empty() {
            return Ok(());
        }
        let since = self.now().plus_seconds(-DECIDED_WITHIN_SECONDS);
        let decided = store::ask::decided(self.store(), actor.workspace, since, DECIDED).await?;
        let likely = earlier::likely(&decided);
        for answer in answers.iter_mut() {
            answer.probability = likely.as_ref().and_then(|likely| Probability::new(likely(answer.worth)));
        }
        answers.retain(|answer| answer.probability.is_none_or(|probability| probability.get() >= LIKELY));
        Ok(())
    }
}

/// Whether earlier answers are shown on a ticket, where a share of tickets is held out: always the same for one ticket, and as if by chance
/// over many, because it is read from a hash that the workspace's id keys.
pub(crate) fn arm_of(workspace: WorkspaceId, ticket: TicketId, share: f64) -> Arm {
    let mut hash = Sha256::new();
    hash.update(b"hold-out of earlier answers\0");
    hash.update(workspace.as_uuid().as_bytes());
    hash.update(ticket.as_uuid().as_bytes());
    let bytes = hash.finalize();
    let drawn = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    if f64::from(drawn) < share * 4_294_967_296.0 { Arm::HeldOut } else { Arm::Suggested }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn a_share_of_tickets_is_held_out_and_each_always_alike() {
        let workspace = WorkspaceId::at(Timestamp::from_micros(0), [7; 10]);
        let tickets: Vec<TicketId> = (0..2_000_u16)
            .map(|n| {
                let [high, low] = n.to_be_bytes();
                TicketId::at(Timestamp::from_micros(i64::from(n) * 1_000_000), [high, low, 0, 0, 0, 0, 0, 0, 0, 0])
            })
            .collect();
        let held = |share: f64| tickets.iter().filter(|ticket| arm_of(workspace, **ticket, share) == Arm::HeldOut).count();
        assert_eq!(held(0.0), 0);
        assert!((330..470).contains(&held(0.2)), "{}", held(0.2));
        // Who is held out at a smaller share is at a larger one too.
        assert!(
            tickets.iter().all(|ticket| arm_of(workspace, *ticket, 0.1) != Arm::HeldOut || arm_of(workspace, *ticket, 0.3) == Arm::HeldOut)
        );
        let other = WorkspaceId::at(Timestamp::from_micros(0), [8; 10]);
        assert!(tickets.iter().any(|ticket| arm_of(workspace, *ticket, 0.2) != arm_of(other, *ticket, 0.2)));
    }
}
