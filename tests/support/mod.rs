//! What tests share: databases that exist for one test, and things to put into them.

pub(crate) mod app;
pub(crate) mod database;
pub(crate) mod make;
