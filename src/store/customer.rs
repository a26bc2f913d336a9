//! Customers and their orders.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

use crate::domain::customer::{Customer, Order};
use crate::domain::id::{CustomerId, WorkspaceId};
use crate::domain::sought::folded;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, OrderStatus, Tier};
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};
use crate::store::{Change, Saved, fold};

const TABLE: &str = "customers";
const COLUMNS: &str =
    "SELECT workspace, id, external_id, email, name, organisation, tier, account_owner, language, notes, orders, created_at
    FROM customers WHERE workspace = $1";
const SAVE: &str = "save a customer";
const READ: &str = "read customers";

/// Adds a customer, or replaces the one with the same external id, else the one with the same address.
///
/// # Errors
/// [`StoreError::Conflict`] when the address belongs to a customer with another external id.
pub async fn save(tx: &mut Tx, customer: &Customer) -> Result<Saved<CustomerId>, StoreError> {
    if insert(tx, customer).await? {
        return Ok(Saved { id: customer.id, change: Change::Created });
    }
    let known = known(tx, customer).await?;
    let wanted = Customer { id: known.id, created_at: known.created_at, ..customer.clone() };
    replace(tx, &known, &wanted).await
}

/// Makes sure that whoever wrote is known: adds them, or only fills in a name or external id that was missing.
pub async fn ensure(tx: &mut Tx, customer: &Customer) -> Result<Saved<CustomerId>, StoreError> {
    if insert(tx, customer).await? {
        return Ok(Saved { id: customer.id, change: Change::Created });
    }
    let known = known(tx, customer).await?;
    let wanted = Customer {
        name: known.name.clone().or_else(|| customer.name.clone()),
        external_id: known.external_id.clone().or_else(|| customer.external_id.clone()),
        ..known.clone()
    };
    replace(tx, &known, &wanted).await
}

/// The customer with this id.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, id: CustomerId) -> Result<Option<Customer>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND id = $2")).id(id);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The customer with this address.
pub async fn by_email(source: impl Into<Source<'_>>, workspace: WorkspaceId, email: &EmailAddress) -> Result<Option<Customer>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND email = $2")).id(email);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The tiers of those of these addresses that are customers.
pub async fn tiers(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    emails: &[&EmailAddress],
) -> Result<BTreeMap<EmailAddress, Tier>, StoreError> {
    let mut source = source.into();
    let mut tiers = BTreeMap::new();
    for emails in emails.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(workspace, "SELECT email, tier FROM customers WHERE workspace = $1 AND email IN ").among(emails);
        for row in source.all(READ, sql).await? {
            let row = Row::new(TABLE, &row);
            tiers.insert(row.parsed("email")?, row.parsed("tier")?);
        }
    }
    Ok(tiers)
}

/// The customers with these ids, in no order; unknown ids are left out.
pub async fn by_ids(source: impl Into<Source<'_>>, workspace: WorkspaceId, ids: &[CustomerId]) -> Result<Vec<Customer>, StoreError> {
    let mut source = source.into();
    let mut customers = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(workspace, format!("{COLUMNS} AND id IN ")).among(ids);
        for row in source.all(READ, sql).await? {
            customers.push(from_row(&row)?);
        }
    }
    Ok(customers)
}

/// The customers whose name ends in one of these family names, in whatever case and with or without accents.
pub async fn of_family_names(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    names: &[String],
    limit: u32,
) -> Result<Vec<Customer>, StoreError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = names.iter().map(|name| folded(name)).collect();
    let mut sql = Sql::of(workspace, COLUMNS).push(" AND (1 = 0");
    for name in &names {
        sql = sql.push(" OR ").with_line_ending_in("folded_name", name);
    }
    let sql = sql.push(") ORDER BY id LIMIT ").with_int(i64::from(limit));
    let rows = source.into().all(READ, sql).await?;
    let customers = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    let is_meant = |customer: &Customer| {
        let name = folded(customer.name.as_deref().unwrap_or_default());
        names.iter().any(|family| name.split_whitespace().last() == Some(family))
    };
    Ok(customers.into_iter().filter(is_meant).collect())
}

/// A page of the customers, those known for the shortest time first; with words, only those whose name, address, organisation, external id
/// or orders (number, items, tracking) hold them, in whatever case.
pub async fn list(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    words: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Customer>, StoreError> {
    let mut sql = Sql::of(workspace, COLUMNS);
    if let Some(words) = words {
        let words = folded(words.trim());
        sql = sql.push(" AND (").holding("folded_name", &words).push(" OR ").holding("folded_rest", &words).push(")");
    }
    let rows = source.into().all(READ, sql.page("created_at", "id", page)).await?;
    let customers = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(customers, page, |customer| Cursor { rank: None, at: customer.created_at, id: customer.id.as_uuid() }))
}

/// Removes a customer; answers whether there was one.
///
/// # Errors
/// [`StoreError::Missing`] while tickets are theirs.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: CustomerId) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM customers WHERE workspace = $1 AND id = $2").id(id);
    Ok(tx.execute("remove a customer", sql).await? == 1)
}

/// Fills in what searches look at, of every customer: rows that were there before its columns.
pub(super) async fn fold_all(tx: &mut Tx, workspace: WorkspaceId) -> Result<(), StoreError> {
    fold::all(tx, workspace, COLUMNS, |row| {
        let customer = from_row(row)?;
        let sql = Sql::of(workspace, "UPDATE customers SET folded_name = $3, folded_rest = $4 WHERE workspace = $1 AND id = $2");
        let sql = sql.id(customer.id).text(folded_name(&customer)).text(folded_rest(&customer));
        Ok((customer.id.to_string(), sql))
    })
    .await
}

/// Who they are, as the inbox looks for them too.
fn folded_name(customer: &Customer) -> String {
    folded(&format!("{}\n{}", customer.name.as_deref().unwrap_or_default(), customer.email))
}

/// What else they are found by; a line each, so that no word is found across two of them.
fn folded_rest(customer: &Customer) -> String {
    let known = [&customer.organisation, &customer.external_id].into_iter().flatten();
    let of_order = |order| {
        let Order { number, items, tracking, .. }: &Order = order;
        std::iter::once(number).chain(items).chain(tracking).cloned().collect::<Vec<_>>()
    };
    let lines: Vec<String> = known.cloned().chain(customer.orders.iter().flat_map(of_order)).collect();
    folded(&lines.join("\n"))
}

async fn insert(tx: &mut Tx, customer: &Customer) -> Result<bool, StoreError> {
    let Customer { id, workspace, external_id, email, name, organisation, tier, account_owner, language, notes, orders, created_at } =
        customer;
    let sql = Sql::of(
        *workspace,
        "INSERT INTO customers (workspace, id, external_id, email, name, organisation, tier, language, notes, orders, created_at,
            account_owner, folded_name, folded_rest)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING",
    );
    let sql = sql.id(id).maybe_text(external_id.as_ref()).id(email).maybe_text(name.as_ref()).maybe_text(organisation.as_ref());
    let sql = sql.id(tier).maybe_id(*language).maybe_text(notes.as_ref()).json(&order_rows(orders)).time(*created_at);
    let sql = sql.maybe_id(account_owner.as_ref()).text(folded_name(customer)).text(folded_rest(customer));
    Ok(tx.execute(SAVE, sql).await? == 1)
}

/// The customer whose place is taken: the one with the same external id, else the same address.
async fn known(tx: &mut Tx, customer: &Customer) -> Result<Customer, StoreError> {
    if let Some(external_id) = &customer.external_id {
        let sql = Sql::of(customer.workspace, format!("{COLUMNS} AND external_id = $2")).text(external_id);
        if let Some(row) = tx.optional(SAVE, sql).await? {
            return from_row(&row);
        }
    }
    by_email(&mut *tx, customer.workspace, &customer.email).await?.ok_or(StoreError::Contended { tried: SAVE, source: None })
}

async fn replace(tx: &mut Tx, known: &Customer, wanted: &Customer) -> Result<Saved<CustomerId>, StoreError> {
    if known == wanted {
        return Ok(Saved { id: known.id, change: Change::Unchanged });
    }
    let Customer { id, workspace, external_id, email, name, organisation, tier, account_owner, language, notes, orders, created_at: _ } =
        wanted;
    let sql = Sql::of(
        *workspace,
        "UPDATE customers SET external_id = $3, email = $4, name = $5, organisation = $6, tier = $7, language = $8, notes = $9, orders = $10,
            account_owner = $11, folded_name = $12, folded_rest = $13
         WHERE workspace = $1 AND id = $2",
    );
    let sql = sql.id(id).maybe_text(external_id.as_ref()).id(email).maybe_text(name.as_ref()).maybe_text(organisation.as_ref());
    let sql = sql.id(tier).maybe_id(*language).maybe_text(notes.as_ref()).json(&order_rows(orders));
    let sql = sql.maybe_id(account_owner.as_ref()).text(folded_name(wanted)).text(folded_rest(wanted));
    tx.execute(SAVE, sql).await?;
    Ok(Saved { id: known.id, change: Change::Updated })
}

/// An order inside the `orders` column.
#[derive(Serialize, Deserialize)]
struct OrderRow {
    number: String,
    placed_at: i64,
    delivered_at: Option<i64>,
    status: OrderStatus,
    total_minor: i64,
    currency: String,
    items: Vec<String>,
    tracking: Option<String>,
}

fn order_rows(orders: &[Order]) -> Vec<OrderRow> {
    orders
        .iter()
        .cloned()
        .map(|order| {
            let Order { number, placed_at, delivered_at, status, total_minor, currency, items, tracking } = order;
            let delivered_at = delivered_at.map(Timestamp::as_micros);
            OrderRow { number, placed_at: placed_at.as_micros(), delivered_at, status, total_minor, currency, items, tracking }
        })
        .collect()
}

fn order(row: OrderRow) -> Order {
    let OrderRow { number, placed_at, delivered_at, status, total_minor, currency, items, tracking } = row;
    let delivered_at = delivered_at.map(Timestamp::from_micros);
    Order { number, placed_at: Timestamp::from_micros(placed_at), delivered_at, status, total_minor, currency, items, tracking }
}

fn from_row(row: &AnyRow) -> Result<Customer, StoreError> {
    let row = Row::new(TABLE, row);
    let orders: Vec<OrderRow> = row.json("orders")?;
    Ok(Customer {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        external_id: row.maybe_text("external_id")?,
        email: row.parsed("email")?,
        name: row.maybe_text("name")?,
        organisation: row.maybe_text("organisation")?,
        tier: row.parsed("tier")?,
        account_owner: row.maybe_parsed("account_owner")?,
        language: row.maybe_parsed("language")?,
        notes: row.maybe_text("notes")?,
        orders: orders.into_iter().map(order).collect(),
        created_at: row.time("created_at")?,
    })
}
