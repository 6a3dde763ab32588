//! Integration tests: one binary, every test against the very application that `main` starts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

/// The admin pages.
mod admin;
/// The management API.
mod api;
/// The public tracking endpoints.
mod collect;
/// The demo: its history, its shop, and the whole loop through both.
mod demo;
/// Faults around the program.
#[cfg(target_os = "linux")]
mod faults;
/// Starts the application and speaks to it.
#[allow(dead_code, reason = "helpers for every suite")]
mod harness;
/// `pixeld import`.
mod import;
/// The judge: the derived data of a log.
mod judge;
/// The real program as a process of its own.
#[cfg(target_os = "linux")]
mod program;
/// The two database files: the log, derived data, sums of money, rebuilds and checks.
mod store;
/// Named statements on the two database files.
mod tables;
/// Times on every way in.
mod times;
/// The check of addresses that the pages share.
mod urls;
