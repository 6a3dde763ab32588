//! A rebuild: row for row what the running judge made, beside a server that goes on, and nothing where it is broken off.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use pixeld::clock::Clock;
use pixeld::demo;
use pixeld::domain::{Caller, Pixel, Rejudge, Seq, TriggerType};
use pixeld::judge::explain;
use pixeld::store::{LogRow, Store};

use crate::harness::{START, TestApp, derived_file, open_database};
use crate::judge::oracle::stored;
use crate::judge::{DAY, HOUR, convert, fire, show, view};

/// The program's own command.
fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pixeld"));
    command.arg("rebuild").arg("--data-dir").arg(directory).stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// The output of the command.
fn rebuild(directory: &Path) -> String {
    rebuild_with(directory, &[])
}

fn rebuild_with(directory: &Path, arguments: &[&str]) -> String {
    let output = command(directory).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

async fn is_sound(directory: &Path) {
    let store = Store::open(directory, Clock::fixed(START)).unwrap();
    assert_eq!(store.verify(&Caller::shell().reader().unwrap()).await.unwrap().faults, []);
    store.stop();
}

#[tokio::test]
async fn a_rich_log_yields_the_same_rows_again() {
    let directory = tempfile::TempDir::new().unwrap();
    demo::prepare(directory.path(), START, 3_000).await.unwrap();
    let before = stored(&open_database(directory.path()));
    assert!(before["conversions"].len() > 100 && before["segment_sizes"].len() > 20, "it is rich");
    let file = derived_file(directory.path());
    // From when on makes no difference without a decision: all of it follows from the log.
    let told = rebuild_with(directory.path(), &["--from", "2026-10-01"]);
    assert!(told.contains("rows of the log again") && told.contains("in use"), "{told}");
    assert_ne!(derived_file(directory.path()), file);
    assert!(!file.exists(), "the old one is removed");
    assert_eq!(stored(&open_database(directory.path())), before);
    is_sound(directory.path()).await;
}

#[tokio::test]
async fn while_serving_every_request_is_answered_and_judged() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let rows = (1..=3_000).flat_map(|n| {
        let seen = view(shop.line_item.id, n % 500 + 1, n * 60_000);
        let fired = fire(shop.pixel.id, n % 700 + 1, n * 60_000);
        [LogRow::Exposure(Box::new(seen)), LogRow::Fire(Box::new(fired))]
    });
    app.store.append_all(rows.collect()).await.unwrap();
    app.judged().await;
    let old = app.store.derived_file();

    let mut running = command(app.data_dir()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut answered = 0;
    while running.try_wait().unwrap().is_none() {
        let url = format!("/px?id={}&t=2&order_id=live{answered}", shop.pixel.id);
        assert_eq!(app.get(&url, &[("cookie", "pxid=7")]).await.status(), 200);
        assert_eq!(app.get("/admin/setup", &[]).await.status(), 200);
        app.store.pixel_health(&app.reader(), vec![shop.pixel.id]).await.unwrap();
        answered += 1;
    }
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(answered > 1, "something went on meanwhile");

    // The running server reads and writes the new file by now, or in a moment.
    convert(&app, fire(shop.pixel.id, 9, DAY)).await;
    assert_ne!(app.store.derived_file(), old);
    app.judged().await;
    let found = app.store.verify(&app.reader()).await.unwrap();
    assert_eq!(found.faults, []);
    assert_eq!((found.fires, found.judged), (3_000 + answered + 1, found.logged));
    let conn = open_database(app.data_dir());
    let live = "SELECT count(*) FROM conversions WHERE order_id LIKE 'live%'";
    assert_eq!(conn.query_row(live, [], |row| row.get::<_, i64>(0)).unwrap(), answered);
    // And it is the file that the server goes on with: the one in the directory.
    assert_eq!(derived_file(app.data_dir()), app.store.derived_file());
}

#[tokio::test]
async fn an_aborted_rebuild_changes_nothing() {
    let directory = tempfile::TempDir::new().unwrap();
    demo::prepare(directory.path(), START, 3_000).await.unwrap();
    let (file, before) = (derived_file(directory.path()), stored(&open_database(directory.path())));
    {
        let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
        let rebuilding = store.start_rebuild(None).unwrap().unwrap();
        let half = rebuilding.file().unwrap();
        assert_eq!(half.snapshot().unwrap().cursor().unwrap().seq, Seq(0));
        // As a process that is killed: nothing is tidied up.
        std::mem::forget(half);
        store.stop();
    }
    assert_eq!(derived_file(directory.path()), file);
    assert_eq!(stored(&open_database(directory.path())), before);
    let left = |name: &str| directory.path().join(name).exists();
    assert!(left("derived-2.sqlite3"), "what it has left");
    is_sound(directory.path()).await;
    assert!(!left("derived-2.sqlite3"), "the next start removes it");
}

#[tokio::test]
async fn a_second_rebuild_is_refused() {
    let directory = tempfile::TempDir::new().unwrap();
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
    let first = store.start_rebuild(None).unwrap().unwrap();
    assert!(store.start_rebuild(None).unwrap().is_none());
    let output = command(directory.path()).output().unwrap();
    assert!(!output.status.success());
    assert!(said(&output).contains("another rebuild is under way"), "{}", said(&output));
    assert!(directory.path().join("derived-2.sqlite3").exists(), "the first one's file is left alone");
    drop(first);
    rebuild(directory.path());
}

#[tokio::test]
async fn without_a_database_nothing_is_made() {
    let directory = tempfile::TempDir::new().unwrap();
    let output = command(directory.path()).output().unwrap();
    assert!(!output.status.success());
    assert!(said(&output).contains("there is no database in"), "{}", said(&output));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_rebuild_without_a_server_comes_to_the_end_of_the_log() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    show(&app.store, view(shop.line_item.id, 1, 0)).await;
    app.stop();
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
    let last = store.append(LogRow::Fire(Box::new(fire(shop.pixel.id, 1, HOUR)))).await.unwrap();
    store.stop();
    rebuild(directory.path());
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
    assert_eq!(*store.judged().borrow(), last);
    assert!(store.conversion(&Caller::shell().reader().unwrap(), last).await.unwrap().credit.is_some());
    store.stop();
}

/// Why each of these fires counted or not, as stored; what explains it ends there too.
async fn reasons(directory: &Path, fires: &[Seq]) -> Vec<&'static str> {
    let (store, by) = (Store::open(directory, Clock::fixed(START)).unwrap(), Caller::shell().reader().unwrap());
    let mut reasons = Vec::new();
    for fire in fires {
        let explained = explain(&store, &by, *fire).await.unwrap();
        assert_eq!(explained.judgement.outcome, explained.conversion.outcome);
        assert_eq!(explained.pixel.version, explained.conversion.pixel_version);
        reasons.push(explained.conversion.outcome.reason().as_str());
    }
    assert_eq!(store.verify(&by).await.unwrap().faults, []);
    store.stop();
    reasons
}

#[tokio::test]
async fn settings_of_now_are_applied_and_stay_so() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    let mut fires = Vec::new();
    for visitor in 1..=3 {
        show(&app.store, view(shop.line_item.id, visitor, 0)).await;
        fires.push(convert(&app, fire(shop.pixel.id, visitor, visitor * HOUR)).await.fire.seq);
    }
    let clicks_alone = |pixel: &mut Pixel| {
        pixel.trigger_type = TriggerType::Click;
        Ok(())
    };
    app.store.update(&app.editor(), shop.pixel.id.0, clicks_alone).await.unwrap();
    app.stop();
    let directory = directory.path();

    rebuild(directory);
    assert_eq!(reasons(directory, &fires).await, ["post_view"; 3], "a plain rebuild keeps to what was in force");

    rebuild_with(directory, &["--current-settings", "--from", "2026-10-01T14:00:00Z"]);
    let late_ones = ["post_view", "wrong_kind", "wrong_kind"];
    assert_eq!(reasons(directory, &fires).await, late_ones);
    rebuild(directory);
    assert_eq!(reasons(directory, &fires).await, late_ones, "the log keeps what was decided");
    std::fs::remove_file(derived_file(directory)).unwrap();
    let app = TestApp::start_on(directory).await;
    app.judged().await;
    app.stop();
    assert_eq!(reasons(directory, &fires).await, late_ones, "and a file made anew at the start follows it");

    rebuild_with(directory, &["--current-settings"]);
    assert_eq!(reasons(directory, &fires).await, ["wrong_kind"; 3]);
}

#[tokio::test]
async fn a_decision_that_cannot_be_read_is_refused() {
    let directory = tempfile::TempDir::new().unwrap();
    for (arguments, why) in [
        (["--from", "yesterday"].as_slice(), "must be a time such as 2026-10-01"),
        (&["--current-settings", "--from", "2026-10-01 25:00"], "must be a time such as 2026-10-01"),
    ] {
        let output = command(directory.path()).args(arguments).output().unwrap();
        assert!(!output.status.success());
        assert!(said(&output).contains(why), "{}", said(&output));
    }
}

#[tokio::test]
async fn exposures_that_came_later_are_seen_by_decision() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    let early = convert(&app, fire(shop.pixel.id, 1, HOUR)).await.fire.seq;
    let fired = convert(&app, fire(shop.pixel.id, 1, 3 * HOUR)).await.fire.seq;
    // As if imported: it happened before both fires, and stands after them in the log.
    show(&app.store, view(shop.line_item.id, 1, 0)).await;
    let later = convert(&app, fire(shop.pixel.id, 2, 4 * HOUR)).await.fire.seq;
    app.stop();
    let decide = |exposures| {
        let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
        let decision = Rejudge { from: START.plus(2 * HOUR), settings: false, exposures };
        let done = std::thread::spawn(move || {
            let rebuilding = store.start_rebuild(Some(decision)).unwrap().unwrap();
            pixeld::judge::rebuild(&store, &rebuilding, &mut |_| ()).unwrap();
            store.stop();
        });
        done.join().unwrap();
    };
    let fires = [early, fired, later];
    decide(false);
    assert_eq!(reasons(directory.path(), &fires).await, ["no_exposure", "no_exposure", "no_exposure"]);
    decide(true);
    assert_eq!(reasons(directory.path(), &fires).await, ["no_exposure", "post_view", "no_exposure"]);
}
