//! The two database files: the log, what is derived from it, sums of money, rebuilds and checks.

/// The file of all that is derived, made anew where it must be.
mod derived;
/// What is appended to the log is what is read back.
pub mod log;
/// Sums of money, however large.
mod money;
/// Everything derived made anew while people go on.
mod rebuild;
/// Derived tables against the log, and each of the rules broken by hand.
mod verify;
