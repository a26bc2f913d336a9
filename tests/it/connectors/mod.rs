//! The rim to the outside world.

mod files;
