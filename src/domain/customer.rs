//! Customers: who writes tickets, their tier and their orders.

use serde::{Deserialize, Serialize};

use crate::domain::id::{CustomerId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, Language, OrderStatus, Tier};

/// Somebody who writes tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// Their workspace.
    pub workspace: WorkspaceId,
    /// Their id in the system they come from.
    pub external_id: Option<String>,
    /// Their address, unique in the workspace.
    pub email: EmailAddress,
    /// Their name, if known.
    pub name: Option<String>,
    /// The organisation they write for.
    pub organisation: Option<String>,
    /// What they pay for.
    pub tier: Tier,
    /// Who looks after them, if anybody in particular.
    #[serde(default)]
    pub account_owner: Option<EmailAddress>,
    /// The language they prefer, if known.
    pub language: Option<Language>,
    /// What colleagues noted about them.
    pub notes: Option<String>,
    /// What they ordered, newest last.
    pub orders: Vec<Order>,
    /// Since when they are known.
    pub created_at: Timestamp,
}

/// One order of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number as customers write it.
    pub number: String,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it arrived, if it did.
    pub delivered_at: Option<Timestamp>,
    /// Where it stands.
    pub status: OrderStatus,
    /// What it cost, in the currency's minor unit.
    pub total_minor: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// What was in it.
    pub items: Vec<String>,
    /// The carrier's number, once shipped.
    pub tracking: Option<String>,
}
