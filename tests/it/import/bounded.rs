//! What an import costs and withstands: killed at any moment it goes on where it was, and a file larger than memory is
//! none of memory's business.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use pixeld::clock::Clock;
use pixeld::domain::Caller;
use pixeld::store::Store;

use super::{import, logged, shop};

/// So many fires, each with an order of its own, the last first.
fn fires(count: usize, page: &str) -> String {
    let mut lines = String::new();
    for number in (0..count).rev() {
        let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
        let at = format!("2026-09-{:02}T{hour:02}:{minute:02}:{second:02}Z", 1 + number / 86_400);
        let line = format!(r#"{{"kind":"fire","at":"{at}","pixel_id":1,"order_id":"{number}","page_url":"{page}"}}"#);
        writeln!(lines, "{line}").unwrap();
    }
    lines
}

fn start(directory: &Path, file: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_pixeld"))
        .arg("import")
        .arg(file)
        .arg("--data-dir")
        .arg(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn killed_and_run_again_it_appends_each_line_once() {
    const LINES: usize = 3_000;
    let directory = tempfile::TempDir::new().unwrap();
    shop(directory.path()).await;
    let lines = fires(LINES, "");
    let file = directory.path().join("history.ndjson");
    std::fs::write(&file, &lines).unwrap();
    let store = Store::open(directory.path(), Clock::System).unwrap();
    let base = store.logged().0;
    let reader = store.judge_file().unwrap();
    let there = |from: i64| {
        let rows = reader.snapshot().unwrap().rows(pixeld::domain::Seq(base), pixeld::domain::Seq(i64::MAX)).unwrap();
        i64::try_from(rows.fires().count()).unwrap() >= from
    };
    // Killed as soon as so many are there, if it is not done before.
    for enough in [1, 600, 1_300, 2_000] {
        let mut running = start(directory.path(), &file);
        while !there(enough) && running.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = running.kill();
        running.wait().unwrap();
    }
    store.stop();
    drop(reader);
    drop(store);
    let before = logged(directory.path()).await.len();
    assert!(before < LINES, "it was never killed in the middle");
    let said = import(directory.path(), &[], &lines);
    assert!(said.well, "{said:?}");
    assert!(said.out.contains(&format!("Appended: 0 impressions, 0 clicks, {} fires.", LINES - before)), "{said:?}");
    assert!(said.out.contains(&format!("Skipped, imported before: {before} lines.")), "{said:?}");
    let mut orders = logged(directory.path()).await;
    orders.sort();
    let mut once: Vec<_> = (0..LINES).map(|number| format!("fire {number}")).collect();
    once.sort();
    assert_eq!(orders, once);
    let store = Store::open(directory.path(), Clock::System).unwrap();
    let found = store.verify(&Caller::shell().reader().unwrap()).await.unwrap();
    assert_eq!((found.judged, found.faults), (found.logged, vec![]));
    store.stop();
}

/// The most memory that reading, sorting and appending this file ever took, in KiB. (The judge comes after; it holds a
/// slice of the log, of whatever the log was made.)
fn most_memory(directory: &Path, file: &Path) -> u64 {
    let mut running = Command::new(env!("CARGO_BIN_EXE_pixeld"))
        .arg("import")
        .arg(file)
        .arg("--data-dir")
        .arg(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (said, id) = (BufReader::new(running.stderr.take().unwrap()), running.id());
    let (is_done, done) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let status = format!("/proc/{id}/status");
        let mut most = 0;
        while done.recv_timeout(Duration::from_millis(5)) == Err(mpsc::RecvTimeoutError::Timeout) {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let size = line.and_then(|size| size.trim().trim_end_matches(" kB").parse().ok());
            most = size.unwrap_or(0).max(most);
        }
        most
    });
    let mut lines = said.lines().map(|line| line.unwrap());
    assert!(lines.any(|line| line.starts_with("Appended")));
    drop(is_done);
    let most = watch.join().unwrap();
    lines.for_each(drop);
    assert!(running.wait().unwrap().success());
    most
}

#[tokio::test]
async fn a_large_file_takes_no_more_memory_than_a_small_one() {
    // Long lines, so that the caches, which have their limits, are full soon.
    let page = format!("https://shop.example/{}", "p".repeat(8_000));
    let mut sizes = Vec::new();
    for count in [2_500, 7_500] {
        let directory = tempfile::TempDir::new().unwrap();
        shop(directory.path()).await;
        let file = directory.path().join("history.ndjson");
        let lines = fires(count, &page);
        std::fs::write(&file, &lines).unwrap();
        sizes.push((u64::try_from(lines.len() / 1024).unwrap(), most_memory(directory.path(), &file)));
    }
    let [(small, memory), (large, memory_of_large)] = sizes[..] else { unreachable!() };
    let told = format!("{small} KiB of lines took {memory} KiB, {large} took {memory_of_large}");
    assert!(memory_of_large < memory + (large - small) / 5, "{told}");
}
