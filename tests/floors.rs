//! Holds the structure that `ARCHITECTURE.md` promises: floors, no cycles, fenced crates, short files with a header,
//! and folders small enough to read at a glance. It parses the source with `syn`, so strings and comments cannot
//! deceive it. Code under `#[cfg(test)]` may import what it likes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "floors/graph.rs"]
mod graph;
#[path = "floors/source.rs"]
mod source;

use std::collections::BTreeMap;

use graph::Graph;
use source::Tree;

/// Each floor with its modules. A module imports only from floors below its own.
const FLOORS: &[&[&str]] = &[
    &["domain", "config"],
    &["clock"],
    &["attribution", "tables", "tag"],
    &["store"],
    &["auth", "judge", "report"],
    &["web"],
    &["collect", "api", "admin", "demo"],
    &["app"],
    &["cli"],
    &["main"],
];

/// Crates that only some modules may name.
const FENCED: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("r2d2", &["store"]),
    ("actix_web", &["web", "collect", "api", "admin", "demo", "app", "cli"]),
    ("askama", &["admin", "collect", "demo", "web", "tag"]),
];

/// The most lines of a file.
const MAX_LINES: usize = 400;
/// The most files of a folder.
const MAX_FILES: usize = 16;

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn modules_import_only_from_lower_floors() {
    let mut problems = Vec::new();
    for file in &Tree::read("src").files {
        let Some(own) = file.top().map(floor) else { continue };
        let Some(own) = own else {
            problems.push(format!("{}: its module is on no floor; add it to the table", file.path));
            continue;
        };
        for used in file.crate_paths().filter_map(|path| path.first()) {
            if let Some(other) = floor(used).filter(|other| file.top() != Some(used) && *other >= own) {
                problems.push(format!("{} (floor {own}) uses {used} (floor {other})", file.path));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn fenced_crates_stay_behind_their_fence() {
    let mut problems = Vec::new();
    for file in &Tree::read("src").files {
        for (fenced, allowed) in FENCED {
            if file.names_crate(fenced) && !file.top().is_some_and(|top| allowed.contains(&top)) {
                problems.push(format!("{} names {fenced}, which only {allowed:?} may", file.path));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn files_form_no_cycle() {
    assert_none(&Graph::of_files(&Tree::read("src")).cycles());
}

#[test]
fn siblings_of_a_folder_form_no_cycle() {
    let tree = Tree::read("src");
    let problems: Vec<_> =
        tree.folders().iter().flat_map(|folder| Graph::of_siblings(&tree, folder).cycles()).collect();
    assert_none(&problems);
}

#[test]
fn files_open_with_a_header_and_stay_short() {
    let mut problems = Vec::new();
    for file in Tree::read("src").files.iter().chain(&Tree::read("tests").files) {
        if !file.text.starts_with("//! ") {
            problems.push(format!("{} does not open with a `//!` line that says what it is for", file.path));
        }
        let lines = file.text.lines().count();
        if lines > MAX_LINES {
            problems.push(format!("{} has {lines} lines, over {MAX_LINES}", file.path));
        }
    }
    assert_none(&problems);
}

#[test]
fn folders_are_small_enough_to_read() {
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for root in ["src", "templates", "tests", "static", "docs"] {
        source::count_files(root, &mut files);
    }
    let problems: Vec<_> = files
        .iter()
        .filter(|(_, count)| **count > MAX_FILES)
        .map(|(folder, count)| format!("{folder} lists {count} files, over {MAX_FILES}; split it by concept"))
        .collect();
    assert_none(&problems);
}

#[test]
fn the_reader_follows_every_form_of_a_path() {
    let tree = Tree::of(&[
        ("src/lib.rs", "pub mod a; pub mod b;"),
        ("src/a/mod.rs", "mod x; mod y; pub use y::Y;"),
        ("src/a/x.rs", "use super::{y::{self, Y}, Z}; fn f() { y::g(); vec![crate::b::B, \"crate::c\"]; }"),
        ("src/a/y.rs", "#[cfg(test)] mod tests { use crate::b::B; } // crate::b::B"),
        ("src/b.rs", "fn f(_: crate::a::Y) {}"),
    ]);
    let graph = Graph::of_files(&tree);
    assert_eq!(graph.targets("src/a/x.rs"), ["src/a/y.rs", "src/b.rs"]);
    assert!(graph.targets("src/a/y.rs").is_empty(), "tests import what they like");
    assert_eq!(graph.targets("src/b.rs"), ["src/a/y.rs"], "a re-export leads to the file of the item");
    assert!(graph.cycles().is_empty());
    assert_eq!(Graph::of_siblings(&tree, "src").cycles().len(), 1, "a and b use each other");
}
