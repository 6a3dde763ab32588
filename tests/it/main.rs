//! Integration tests: one binary, every test against the very application that `main` starts.

/// Starts the application and speaks to it.
#[allow(dead_code, reason = "helpers for every suite")]
mod harness;
/// What the judge makes of the log.
mod judge;
/// It starts, answers, stops, and refuses what it cannot open.
mod start;
/// Derived tables against the log, and each of the rules broken by hand.
mod verify;
