//! The program: parses the command and hands over.

use std::process::ExitCode;

use clap::Parser;
use pixeld::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    Cli::parse().run()
}
