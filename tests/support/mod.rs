//! What tests share: the product in process, databases that exist for one test, and things to put into them.

pub(crate) mod app;
pub(crate) mod database;
pub(crate) mod gate;
pub(crate) mod inbox;
pub(crate) mod mail;
pub(crate) mod make;
pub(crate) mod receiver;
pub(crate) mod slack;
pub(crate) mod teams;
