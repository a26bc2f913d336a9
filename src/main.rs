//! The binary: hands its arguments to [`backchannel::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    backchannel::cli::main()
}
