//! The two database files: the log, what is derived from it, sums of money, rebuilds and checks.

/// Costs against a simple model.
mod costs;
/// The derived file, and when a start rebuilds it.
mod derived;
/// Figures of a range of days against a log made by hand.
pub mod figures;
/// Rows of the log are read back as they were appended.
pub mod log;
/// Sums of money, however large.
mod money;
/// Rebuilds while a server runs.
mod rebuild;
/// Derived tables against the log, and each of the rules broken by hand.
mod verify;
