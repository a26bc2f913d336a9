//! Customers of a workspace.

use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::ticket::{page_of, page_request};
use crate::app::{App, Put};
use crate::domain::customer::Customer;
use crate::domain::id::CustomerId;
use crate::domain::intake::{NewCustomer, Page, PageRequest};
use crate::domain::user::{Actor, Permission};
use crate::store::{self, Change};

impl App {
    /// Adds a customer, or changes the known one.
    ///
    /// # Errors
    /// [`Error::Conflict`] when address and `external_id` belong to two different customers.
    pub async fn put_customer(&self, actor: &Actor, new: NewCustomer) -> Result<Put<Customer>, Error> {
        self.allow(actor, Permission::Feed)?;
        let NewCustomer { external_id, email, name, organisation, tier, language, notes, orders, created_at } = new;
        let now = self.now();
        let customer = Customer {
            id: CustomerId::at(now, random()),
            workspace: actor.workspace,
            external_id,
            email,
            name,
            organisation,
            tier,
            language,
            notes,
            orders,
            created_at: created_at.unwrap_or(now),
        };
        let mut tx = self.store().begin().await?;
        let saved = store::customer::save(&mut tx, &customer).await?;
        tx.commit().await?;
        Ok(Put { item: Customer { id: saved.id, ..customer }, created: saved.change == Change::Created })
    }

    /// The customers, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor that no list gave.
    pub async fn customers(&self, actor: &Actor, page: PageRequest) -> Result<Page<Customer>, Error> {
        self.allow(actor, Permission::Read)?;
        page_of(store::customer::list(self.store(), actor.workspace, &page_request(&page)?).await?)
    }

    /// A customer.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn customer(&self, actor: &Actor, id: CustomerId) -> Result<Customer, Error> {
        self.allow(actor, Permission::Read)?;
        store::customer::get(self.store(), actor.workspace, id)
            .await?
            .ok_or_else(|| Error::NotFound { kind: "customer", id: id.to_string() })
    }
}
