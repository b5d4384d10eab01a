//! The `strata` program. Everything is in the library, so that tests can call it.

use std::process::ExitCode;

fn main() -> ExitCode {
    strata::cli::main()
}
