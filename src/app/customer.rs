//! Customers of a workspace.

use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::ticket::{page_of, page_request};
use crate::app::{App, Put};
use crate::domain::audience::{Reader, Scope};
use crate::domain::customer::Customer;
use crate::domain::id::CustomerId;
use crate::domain::intake::{NewCustomer, Page, PageRequest};
use crate::domain::ticket::Ticket;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::EmailAddress;
use crate::store::{self, Change, StoreError, Tx};

/// So many of a customer's tickets are shown with them.
const TICKETS: u32 = 50;

impl App {
    /// Adds a customer, or changes the known one.
    ///
    /// # Errors
    /// [`Error::Conflict`] when address and `external_id` belong to two different customers.
    pub async fn put_customer(&self, actor: &Actor, new: NewCustomer) -> Result<Put<Customer>, Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        let (customer, change) = self.save_customer(&mut tx, actor, new).await?;
        tx.commit().await?;
        Ok(Put::new(customer, change))
    }

    /// The customers, newest first; with words, only those whose name, address, organisation, id or orders hold them.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor that no list gave.
    pub async fn customers(&self, actor: &Actor, words: Option<&str>, page: PageRequest) -> Result<Page<Customer>, Error> {
        self.allow(actor, Permission::Read)?;
        let words = words.filter(|words| !words.trim().is_empty());
        page_of(store::customer::list(self.store(), actor.workspace, words, &page_request(&page)?).await?)
    }

    /// A customer.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn customer(&self, actor: &Actor, id: CustomerId) -> Result<Customer, Error> {
        self.allow(actor, Permission::Read)?;
        store::customer::get(self.store(), actor.workspace, id).await?.ok_or_else(|| missing(id))
    }

    /// Whether somebody with this address is a customer already.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn has_customer(&self, actor: &Actor, email: &EmailAddress) -> Result<bool, Error> {
        self.allow(actor, Permission::Read)?;
        Ok(store::customer::by_email(self.store(), actor.workspace, email).await?.is_some())
    }

    /// The last tickets of a customer, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn tickets_of(&self, actor: &Actor, id: CustomerId) -> Result<Vec<Ticket>, Error> {
        self.customer(actor, id).await?;
        Ok(store::ticket::of_customer(self.store(), &actor.scope(), id, TICKETS).await?)
    }

    /// Removes a customer who has no tickets.
    ///
    /// # Errors
    /// [`Error::Conflict`] while tickets are theirs; [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn delete_customer(&self, actor: &Actor, id: CustomerId) -> Result<(), Error> {
        self.allow(actor, Permission::Feed)?;
        let keeps_them = || Error::Conflict("tickets are theirs, and a ticket keeps who wrote it: the customer stays".to_owned());
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let mut tx = self.store().begin().await?;
        if !store::ticket::of_customer(&mut tx, &everything, id, 1).await?.is_empty() {
            return Err(keeps_them());
        }
        match store::customer::remove(&mut tx, actor.workspace, id).await {
            Ok(true) => {}
            Ok(false) => return Err(missing(id)),
            Err(StoreError::Missing { .. }) => return Err(keeps_them()),
            Err(error) => return Err(error.into()),
        }
        self.record(&mut tx, actor, "customer.delete", &id.to_string());
        Ok(tx.commit().await?)
    }

    /// Saves a customer in the caller's transaction.
    pub(crate) async fn save_customer(&self, tx: &mut Tx, actor: &Actor, new: NewCustomer) -> Result<(Customer, Change), Error> {
        let NewCustomer { external_id, email, name, organisation, tier, account_owner, language, notes, orders, created_at } = new;
        let now = self.now();
        let customer = Customer {
            id: CustomerId::at(now, random()),
            workspace: actor.workspace,
            external_id,
            email,
            name,
            organisation,
            tier,
            account_owner,
            language,
            notes,
            orders,
            created_at: created_at.unwrap_or(now),
        };
        let saved = store::customer::save(tx, &customer).await.map_err(|error| {
            if matches!(error, StoreError::Conflict { .. }) {
                let detail = "this address and this `external_id` belong to two different customers: change one of them first";
                Error::Conflict(detail.to_owned())
            } else {
                error.into()
            }
        })?;
        Ok((Customer { id: saved.id, ..customer }, saved.change))
    }
}

fn missing(id: CustomerId) -> Error {
    Error::NotFound { kind: "customer", id: id.to_string() }
}
