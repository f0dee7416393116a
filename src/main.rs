//! The command. Everything it does is in [`cli`]; here a result becomes an exit code.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(status) => status.into(),
        Err(error) => cli::fail(&error),
    }
}
