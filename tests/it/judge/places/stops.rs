//! Judges that crash, fail, stop or run twice: each row is judged exactly once.

use std::time::{Duration, Instant};

use pixeld::clock::Clock;
use pixeld::domain::{Micros, Pixel, Status};
use pixeld::judge::{Judge, Worker};

use super::{Bench, editor, reader, step};
use crate::judge::oracle::{expected, stored};
use crate::judge::*;
use crate::tables;

/// A few rows in which each depends on those before.
async fn log_some(bench: &Bench) {
    for visitor in [1, 2, 1, 2] {
        show(&bench.store, view(bench.line_item, visitor, -HOUR)).await;
        bench.fire(Fire { event_id: Some("e".into()), value: Some(Micros(3)), ..fire(bench.pixel, visitor, 0) }).await;
        bench.fire(fire(bench.pixel, visitor, MIN)).await;
    }
}

#[actix_web::test]
async fn after_a_crash_it_goes_on_where_the_last_commit_was() {
    let bench = Bench::new(|_| ()).await;
    log_some(&bench).await;
    let (wanted, _) = expected(&bench.open());
    let mut reached = Seq(0);
    // Each time as after a crash: nothing of the one before is closed, and the file is opened again.
    while reached < bench.store.logged() {
        let store = Store::open(bench.directory.path(), Clock::fixed(START)).unwrap();
        assert_eq!(*store.judged().borrow(), reached);
        step(&store, 3).unwrap();
        reached = *store.judged().borrow();
    }
    assert_eq!(stored(&bench.open()), wanted);
}

#[actix_web::test]
async fn two_judges_at_once_take_up_each_row_once() {
    let bench = Bench::new(|_| ()).await;
    log_some(&bench).await;
    let (wanted, _) = expected(&bench.open());
    let store = bench.store.clone();
    let judging = std::thread::spawn(move || {
        let mut workers = [2, 5].map(|rows| Worker::new(store.clone(), rows).unwrap());
        while workers.iter().any(|worker| worker.cursor() < store.logged()) {
            for worker in &mut workers {
                worker.step(store.logged()).unwrap();
            }
        }
    });
    judging.join().unwrap();
    assert_eq!(stored(&bench.open()), wanted);
}

#[actix_web::test]
async fn a_slice_that_fails_is_undone_whole_and_done_again() {
    let bench = Bench::new(|_| ()).await;
    log_some(&bench).await;
    let conn = bench.open();
    let (wanted, _) = expected(&conn);
    let last: i64 = conn.query_row("SELECT max(seq) FROM fires", [], |row| row.get(0)).unwrap();
    conn.execute("INSERT INTO counted VALUES (?1, 2, ?2, 0, NULL)", (bench.pixel.0, START.0)).unwrap();
    let obstacle = "INSERT INTO conversions (seq, at, pixel_id, advertiser_id, outcome, reason, pixel_version, warned)
        VALUES (?1, 0, 0, 0, '', '', 0, 0)";
    conn.execute(obstacle, [last]).unwrap();
    let failed = step(&bench.store, u16::MAX).unwrap_err();
    assert!(failed.contains("UNIQUE constraint failed: conversions.seq"), "{failed}");
    assert_eq!(*bench.store.judged().borrow(), Seq(0));
    conn.execute_batch("DELETE FROM conversions; DELETE FROM counted").unwrap();
    assert!(stored(&conn).values().all(Vec::is_empty));
    bench.judge();
    assert_eq!(stored(&conn), wanted);
}

#[actix_web::test]
async fn the_running_judge_tries_again_until_it_can_go_on() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.judged().await;
    let conn = open_database(app.data_dir());
    let next = app.store.logged().0 + 1;
    let obstacle = "INSERT INTO conversions (seq, at, pixel_id, advertiser_id, outcome, reason, pixel_version, warned)
        VALUES (?1, 0, 0, 0, '', '', 0, 0)";
    conn.execute(obstacle, [next]).unwrap();
    let seq = app.store.append(LogRow::Fire(Box::new(fire(shop.pixel.id, 1, 0)))).await.unwrap();
    conn.execute("DELETE FROM conversions", []).unwrap();
    app.judged().await;
    assert_eq!(said(&app.store.conversion(&app.reader(), seq).await.unwrap()), "no_exposure");
}

#[actix_web::test]
async fn a_row_that_cannot_be_read_does_not_hold_up_the_others() {
    let bench = Bench::new(|_| ()).await;
    let seen = show(&bench.store, view(bench.line_item, 1, -HOUR)).await;
    let damaged = bench.fire(fire(bench.pixel, 1, 0)).await;
    let shown = show(&bench.store, click(bench.line_item, 1, -HOUR)).await;
    let good = bench.fire(fire(bench.pixel, 1, 0)).await;
    let conn = bench.open();
    conn.execute("UPDATE fires SET tag = 'script' WHERE seq = ?1", [damaged.0]).unwrap();
    conn.execute("UPDATE exposures SET kind = 7 WHERE seq = ?1", [shown.0]).unwrap();
    bench.judge();
    assert_eq!(bench.said(good).await, format!("post_view {seen}"));
    assert!(bench.store.conversion(&reader(), damaged).await.is_err());
    assert_eq!(*bench.store.judged().borrow(), good);
}

#[actix_web::test]
async fn a_regular_stop_judges_every_logged_row() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    let rows = (0..2_000).map(|visitor| LogRow::Fire(Box::new(fire(shop.pixel.id, visitor, 0)))).collect();
    app.store.append_all(rows).await.unwrap();
    let logged = app.store.logged();
    app.stop();
    let conn = open_database(directory.path());
    assert_eq!((tables::judge_cursor(&conn), tables::count(&conn, "conversions")), (logged.0, 2_000));
}

#[actix_web::test]
async fn a_slice_done_again_begins_with_the_definitions_of_its_begin() {
    let bench = Bench::new(|_| ()).await;
    show(&bench.store, view(bench.line_item, 1, -HOUR)).await;
    bench.judge();
    let before = bench.fire(fire(bench.pixel, 1, 0)).await;
    let pause = |p: &mut Pixel| {
        p.state = Status::Inactive;
        Ok(())
    };
    bench.store.update::<Pixel, _>(&editor(), bench.pixel.0, pause).await.unwrap();
    let after = bench.fire(fire(bench.pixel, 1, 0)).await;
    let conn = bench.open();
    let obstacle =
        "INSERT INTO pixel_last_fired VALUES (?1, 0); CREATE TRIGGER derived.t BEFORE UPDATE ON pixel_last_fired
        BEGIN SELECT raise(ABORT, 'not now'); END"
            .replace("?1", &bench.pixel.to_string());
    conn.execute_batch(&obstacle).unwrap();
    let store = bench.store.clone();
    let judging = std::thread::spawn(move || {
        let mut worker = Worker::new(store.clone(), u16::MAX).unwrap();
        worker.step(store.logged()).unwrap_err();
        conn.execute_batch("DROP TRIGGER t").unwrap();
        worker.step(store.logged()).unwrap();
    });
    judging.join().unwrap();
    assert!(bench.said(before).await.starts_with("post_view"));
    assert_eq!(bench.said(after).await, "pixel_inactive");
}

#[actix_web::test]
async fn an_idle_judge_ends_at_once() {
    let bench = Bench::new(|_| ()).await;
    let judge = Judge::start(bench.store.clone()).unwrap();
    let begun = Instant::now();
    std::thread::spawn(move || judge.finish(Duration::from_secs(60))).join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30));
}
