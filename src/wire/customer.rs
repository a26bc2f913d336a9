//! Customers and their orders, in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::customer::{Customer, Order};
use crate::domain::intake::NewCustomer;
use crate::domain::vocabulary::{OrderStatus, Tier};
use crate::wire::read::{FieldError, each, filled, line, line_opt, parse, parse_opt, text};

/// What colleagues noted about a customer, in characters at most.
const LONGEST_NOTES_CHARS: usize = 10_000;

/// A customer to be created, or updated where the address is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "external_id": "C-101",
    "email": "dorothy.aske@mail.example",
    "name": "Dorothy Aske",
    "tier": "care_basic",
    "language": "en",
    "orders": [{
        "number": "AW-118342-5", "placed_at": "2026-03-02T11:20:00Z", "status": "delivered",
        "total_minor": 12900, "currency": "GBP", "items": ["Wick Cam Outdoor"]
    }]
}))]
pub struct CustomerIn {
    /// Their id in the system they come from.
    pub external_id: Option<String>,
    /// Their address, unique in the workspace.
    #[schema(format = Email)]
    pub email: String,
    /// Their name.
    pub name: Option<String>,
    /// The organisation they write for.
    pub organisation: Option<String>,
    /// What they pay for; `standard` when not given.
    pub tier: Option<Tier>,
    /// The address of the colleague who looks after them.
    #[schema(format = Email)]
    pub account_owner: Option<String>,
    /// The language they prefer, as an ISO 639-1 code.
    pub language: Option<String>,
    /// What colleagues noted about them.
    pub notes: Option<String>,
    /// What they ordered.
    #[serde(default)]
    pub orders: Vec<OrderIn>,
    /// Since when they are known; now when not given.
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
}

/// One order of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderIn {
    /// Its number as customers write it.
    pub number: String,
    /// When it was placed.
    #[schema(format = DateTime)]
    pub placed_at: String,
    /// When it arrived, if it did.
    #[schema(format = DateTime)]
    pub delivered_at: Option<String>,
    /// Where it stands.
    pub status: OrderStatus,
    /// What it cost, in the currency's minor unit.
    pub total_minor: i64,
    /// ISO 4217 code.
    #[schema(examples("GBP"))]
    pub currency: String,
    /// What was in it.
    #[serde(default)]
    pub items: Vec<String>,
    /// The carrier's number, once shipped.
    pub tracking: Option<String>,
}

/// A customer with their orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerOut {
    /// Their id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Their id in the system they come from.
    #[schema(required)]
    pub external_id: Option<String>,
    /// Their address.
    pub email: String,
    /// Their name, if known.
    #[schema(required)]
    pub name: Option<String>,
    /// The organisation they write for.
    #[schema(required)]
    pub organisation: Option<String>,
    /// What they pay for.
    pub tier: Tier,
    /// The address of the colleague who looks after them.
    #[schema(required)]
    pub account_owner: Option<String>,
    /// The language they prefer, if known.
    #[schema(required)]
    pub language: Option<String>,
    /// What colleagues noted about them.
    #[schema(required)]
    pub notes: Option<String>,
    /// What they ordered, newest last.
    pub orders: Vec<OrderOut>,
    /// Since when they are known.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// One order of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderOut {
    /// Its number as customers write it.
    pub number: String,
    /// When it was placed.
    #[schema(format = DateTime)]
    pub placed_at: String,
    /// When it arrived, if it did.
    #[schema(required, format = DateTime)]
    pub delivered_at: Option<String>,
    /// Where it stands.
    pub status: OrderStatus,
    /// What it cost, in the currency's minor unit.
    pub total_minor: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// What was in it.
    pub items: Vec<String>,
    /// The carrier's number, once shipped.
    #[schema(required)]
    pub tracking: Option<String>,
}

impl CustomerIn {
    /// The customer.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_new(self) -> Result<NewCustomer, FieldError> {
        let Self { external_id, email, name, organisation, tier, account_owner, language, notes, orders, created_at } = self;
        Ok(NewCustomer {
            external_id: external_id.map(|id| line("/external_id", id)).transpose()?,
            email: parse("/email", &email)?,
            name: line_opt("/name", name)?,
            organisation: line_opt("/organisation", organisation)?,
            tier: tier.unwrap_or(Tier::Standard),
            account_owner: parse_opt("/account_owner", account_owner.as_deref())?,
            language: parse_opt("/language", language.as_deref())?,
            notes: notes.filter(|notes| !notes.trim().is_empty()).map(|notes| text("/notes", notes, LONGEST_NOTES_CHARS)).transpose()?,
            orders: each("/orders", orders, OrderIn::into_order)?,
            created_at: parse_opt("/created_at", created_at.as_deref())?,
        })
    }
}

impl OrderIn {
    fn into_order(self) -> Result<Order, FieldError> {
        let Self { number, placed_at, delivered_at, status, total_minor, currency, items, tracking } = self;
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(FieldError::new("/currency", "expected an ISO 4217 code such as `GBP`"));
        }
        Ok(Order {
            number: filled("/number", number)?,
            placed_at: parse("/placed_at", &placed_at)?,
            delivered_at: parse_opt("/delivered_at", delivered_at.as_deref())?,
            status,
            total_minor,
            currency,
            items,
            tracking,
        })
    }
}

impl From<Customer> for CustomerOut {
    fn from(customer: Customer) -> Self {
        let Customer { id, workspace: _, external_id, email, name, organisation, tier, account_owner, language, notes, orders, created_at } =
            customer;
        Self {
            id: id.to_string(),
            external_id,
            email: email.to_string(),
            name,
            organisation,
            tier,
            account_owner: account_owner.map(|owner| owner.to_string()),
            language: language.map(|language| language.to_string()),
            notes,
            orders: orders.into_iter().map(Into::into).collect(),
            created_at: created_at.to_string(),
        }
    }
}

impl From<Order> for OrderOut {
    fn from(order: Order) -> Self {
        let Order { number, placed_at, delivered_at, status, total_minor, currency, items, tracking } = order;
        Self {
            number,
            placed_at: placed_at.to_string(),
            delivered_at: delivered_at.map(|at| at.to_string()),
            status,
            total_minor,
            currency,
            items,
            tracking,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::read::read_value;

    #[test]
    fn an_order_that_cannot_be_used_is_pointed_at() {
        let check = |key: &str, value: serde_json::Value, pointer: &str| {
            let mut order =
                json!({"number": "AW-1", "placed_at": "2026-03-02T11:20:00Z", "status": "paid", "total_minor": 1, "currency": "GBP"});
            order[key] = value;
            let customer = json!({"email": "a@b.example", "orders": [order]});
            let error = read_value::<CustomerIn>(customer).and_then(CustomerIn::into_new).unwrap_err();
            assert_eq!(error.pointer, pointer);
        };
        check("currency", json!("pounds"), "/orders/0/currency");
        check("placed_at", json!("today"), "/orders/0/placed_at");
        check("total_minor", json!(1.5), "/orders/0/total_minor");
        check("status", json!("shiped"), "/orders/0/status");
    }
}
