//! The command. Everything it does is in the library's hidden module `cli`, which the Python package calls too.

use std::process::ExitCode;

fn main() -> ExitCode {
    dechaff::cli::main(std::env::args_os()).into()
}
