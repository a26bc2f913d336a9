//! Lists that come in pages.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::intake::Page;

/// A piece of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageOut<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to send as `cursor` to get the next piece; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A list that always comes whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemsOut<T> {
    /// The items.
    pub items: Vec<T>,
}

impl<T> PageOut<T> {
    /// Converts each item of a page.
    pub fn new<I: Into<T>>(page: Page<I>) -> Self {
        let Page { items, next_cursor } = page;
        Self { items: items.into_iter().map(Into::into).collect(), next_cursor }
    }
}

impl<T> ItemsOut<T> {
    /// Converts each item of a list.
    pub fn new<I: Into<T>>(items: impl IntoIterator<Item = I>) -> Self {
        Self { items: items.into_iter().map(Into::into).collect() }
    }
}
