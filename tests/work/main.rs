//! No request costs more work than in proportion to its size, on any route and with the worst input that it takes; and one
//! that its caller may not send costs no more for being long. Work is counted, so the test says the same on every
//! machine. `tests/work/run` builds the counters in; without them only the table is checked.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "how much was measured")]

mod callers;
#[path = "../it/harness.rs"]
#[allow(dead_code, reason = "helpers for every suite")]
mod harness;
mod inputs;
mod meter;
mod routes;
#[path = "../it/tables.rs"]
#[allow(dead_code, reason = "helpers for every suite")]
mod tables;

use std::collections::BTreeSet;

use callers::{Bench, Caller};
use inputs::{Input, Size};
use routes::{Route, TABLE, Takes};

/// Twice the size may cost so many tenths of the work.
const MOST_TENTHS: u64 = 22;
/// The other half of a request may cost so much for each byte of the whole: even the first half may cost no square.
const MOST_PER_BYTE: u64 = 200;
/// The pages read a query of 8 KiB at most before they look at the rights of a user whom they know.
const MOST_PER_BYTE_OF_USERS: u64 = 20;
/// The same request costs a little more or less each time, since the program's own rounds are counted too.
const ANYWAY: u64 = 24_000;
/// How often an input is tried before it fails.
const TIMES: usize = 3;

fn takes(path: &str) -> Option<Takes> {
    TABLE.iter().find(|(_, paths)| paths.contains(&path)).map(|(takes, _)| *takes)
}

#[actix_web::test]
async fn the_table_has_every_route() {
    let routes: BTreeSet<_> = routes::all().await.into_iter().map(|route| route.path).collect();
    let table: Vec<_> = TABLE.iter().flat_map(|(_, paths)| paths.iter().map(|path| (*path).to_owned())).collect();
    assert_eq!(table.len(), table.iter().collect::<BTreeSet<_>>().len(), "each once");
    assert_eq!(routes, table.into_iter().collect());
}

#[actix_web::test]
#[ignore = "needs a program with counters: tests/work/run"]
async fn work_is_in_proportion_to_the_size_and_none_is_done_for_those_who_may_not_ask() {
    let mut bench = Bench::start().await;
    let mut problems = Vec::new();
    let mut count = 0;
    for Route { path: pattern, methods } in in_order(routes::all().await) {
        let takes = takes(&pattern).unwrap_or_else(|| panic!("{pattern} is in no row of the table"));
        let path = concrete(&pattern);
        for method in &methods {
            let of = |size| inputs::of(takes, &path, method, size);
            let (halves, wholes) = (of(Size::Half), of(Size::Whole));
            for (index, (half, whole)) in halves.iter().zip(&wholes).enumerate() {
                for caller in callers_of(takes, is_typical(&wholes, index)) {
                    problems.extend(problem(&mut bench, *caller, takes, (method, &path), half, whole).await);
                    count += 1;
                }
            }
        }
    }
    println!("{count} inputs");
    assert!(problems.is_empty(), "{} of {count}:\n{}", problems.len(), problems.join("\n"));
}

/// Whether the input is one of the first two queries or bodies.
fn is_typical(inputs: &[Input], index: usize) -> bool {
    let has_body = |input: &&Input| input.body.is_some();
    let input = inputs.get(index).unwrap();
    inputs.iter().filter(|other| has_body(other) == has_body(&input)).take(2).any(|other| std::ptr::eq(other, input))
}

/// Those who send an input. Whoever may not send a typical one may send none.
fn callers_of(takes: Takes, is_typical: bool) -> &'static [Caller] {
    match takes {
        Takes::Tag | Takes::Entry => &[Caller::Stranger],
        Takes::Events | Takes::Api | Takes::Page if is_typical => &[Caller::Stranger, Caller::Viewer, Caller::Admin],
        Takes::Events | Takes::Api | Takes::Page => &[Caller::Admin],
    }
}

/// What is wrong with the work for an input of this kind. What is wrong once is tried again.
async fn problem(
    bench: &mut Bench,
    caller: Caller,
    takes: Takes,
    (method, path): (&str, &str),
    half: &Input,
    whole: &Input,
) -> Option<String> {
    let bytes = u64::try_from(whole.query.len() + whole.body.as_ref().map_or(0, |(_, text)| text.len())).unwrap();
    let mut seen = Vec::new();
    for _ in 0..TIMES {
        let (short, _) = bench.cost(caller, takes, method, path, half).await;
        let (long, refused) = bench.cost(caller, takes, method, path, whole).await;
        let most = match caller {
            Caller::Stranger if refused => short,
            Caller::Viewer if refused => short + MOST_PER_BYTE_OF_USERS * bytes,
            _ => (short * MOST_TENTHS / 10).min(short + MOST_PER_BYTE * bytes),
        };
        if long <= most + ANYWAY {
            return None;
        }
        seen.push(format!("{short} then {long}"));
    }
    Some(format!("{caller:?} {method} {path}, {} of {bytes} bytes: {}", whole.name, seen.join(", ")))
}

/// The routes, those that delete something late, and those that throttle a later sign-in last.
fn in_order(mut routes: Vec<Route>) -> Vec<Route> {
    routes.sort_by_key(|route| {
        let throttles = takes(&route.path) == Some(Takes::Entry);
        (throttles, route.path.ends_with("/delete"), route.path.clone())
    });
    routes
}

/// An address with ids of objects that there are.
fn concrete(pattern: &str) -> String {
    let named = [
        ("/tracking/{id}", "/tracking/2"),
        ("{file:.+}", "pixeld.css"),
        ("{version}", "1"),
        ("{file}", "1.gif"),
        ("{advertiser}", "1"),
        ("{document}", "changelog"),
    ];
    let path = named.iter().fold(pattern.to_owned(), |path, (part, value)| path.replace(part, value));
    path.replace("{id}", "1").replace("{session}", "1")
}
