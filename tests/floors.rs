//! Holds the floors of `ARCHITECTURE.md`: a module imports only from floors below its own. Also holds that every
//! file says what it is for and stays readable.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

/// Each floor with its modules; a module may use those on lower floors only.
const FLOORS: &[&[&str]] = &[
    &["domain", "config"],
    &["clock"],
    &["attribution", "tag"],
    &["store"],
    &["auth", "judge", "report"],
    &["jobs", "web"],
    &["collect", "api", "admin", "demo"],
    &["app"],
    &["cli"],
    &["main", "lib"],
];

/// Crates that one module alone may name.
const FENCED: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("r2d2", &["store"]),
    ("actix_web", &["web", "collect", "api", "admin", "demo", "app", "cli"]),
    ("askama", &["admin", "collect", "demo", "web", "tag"]),
];

const LONGEST: usize = 500;

fn rust_files(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn sources() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    files.sort();
    // Tests may use what they like.
    files.retain(|file| file.file_name().is_none_or(|name| name != "tests.rs"));
    files
        .into_iter()
        .map(|file| {
            let relative = file.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
            let module = relative.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            (module, relative, std::fs::read_to_string(&file).unwrap())
        })
        .collect()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The modules of this crate that a line of code names: `crate::a::b`, `use crate::{a::b, c}`.
fn named(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut at_start = true;
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => at_start = true,
                    c if depth == 0 && at_start && (c.is_alphanumeric() || c == '_') => word.push(c),
                    c if c.is_whitespace() => {}
                    _ => at_start = false,
                }
                if (!at_start || c == ',') && !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
            }
            found.extend((!word.is_empty()).then_some(word));
        } else {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

/// The code without comments and without the tests at its foot.
fn code_only(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

#[test]
fn modules_import_only_from_lower_floors() {
    let mut wrong = Vec::new();
    for (module, file, text) in sources() {
        let Some(own) = floor(&module) else {
            wrong.push(format!("{file}: module {module} stands on no floor; add it to the table"));
            continue;
        };
        for used in named(&code_only(&text)) {
            match floor(&used) {
                Some(other) if used != module && other >= own => {
                    wrong.push(format!("{file} (floor {own}) uses {used} (floor {other})"));
                }
                _ => {}
            }
        }
        for (fenced, allowed) in FENCED {
            if code_only(&text).contains(&format!("{fenced}::")) && !allowed.contains(&module.as_str()) {
                wrong.push(format!("{file} names {fenced}, which only {allowed:?} may"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_stays_readable() {
    let mut wrong = Vec::new();
    for (_, file, text) in sources() {
        if !text.starts_with("//! ") {
            wrong.push(format!("{file} does not open by saying what it is for"));
        }
        let lines = text.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{file} has {lines} lines, over {LONGEST}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_use_lines_reads_lists() {
    let code = "use crate::{app::App, store::{self, Store}, web};\nlet x = crate::cli::run();";
    assert_eq!(named(code), ["app", "store", "web", "cli"]);
}
