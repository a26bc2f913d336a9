//! The binary: hands over to [`backchannel`].
fn main() {}
