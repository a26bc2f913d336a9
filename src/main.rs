//! The binary: hands over to [`backchannel`].

use std::process::ExitCode;

use backchannel::connectors::files::run_child;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["extract-child", "--format", format] => format.parse().map_or(ExitCode::from(2), run_child),
        _ => ExitCode::SUCCESS,
    }
}
