//! Integration tests: one binary, every test against the very application that `main` starts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

/// What adjustments make of conversions and of every figure.
mod adjustments;
/// The admin pages.
mod admin;
/// The pages of advertisers, line items, campaigns, publishers, trackers, users and tokens.
mod admin_objects;
/// The pages of reports.
mod admin_reports;
/// The management API.
mod api;
/// The public tracking endpoints.
mod collect;
/// The demo: its history, its shop, and the whole loop through both.
mod demo;
/// The file of all that is derived, made anew where it must be.
mod derived;
/// What goes wrong around the program.
#[cfg(target_os = "linux")]
mod faults;
/// Starts the application and speaks to it.
#[allow(dead_code, reason = "helpers for every suite")]
mod harness;
/// `pixeld import`.
mod import;
/// What the judge makes of the log.
mod judge;
/// What is appended to the log is what is read back.
mod log;
/// Sums of money, however large.
mod money;
/// Several processes on one data directory.
mod processes;
/// The real program as a process of its own.
#[cfg(target_os = "linux")]
mod program;
/// Everything derived made anew while people go on.
mod rebuild;
/// Memberships of segments and their loads.
mod segments;
/// It starts, answers, stops, and refuses what it cannot open.
mod start;
/// The check of addresses that the pages share.
mod urls;
/// Derived tables against the log, and each of the rules broken by hand.
mod verify;
