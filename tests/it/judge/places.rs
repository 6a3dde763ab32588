//! The log's order decides: what stands in one slice is seen by what follows in it, definitions hold from their place
//! on, and each row is taken up exactly once, whatever stops or fails in between.

use std::time::{Duration, Instant};

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, Caller, Editor, Flags, LineItem, LineItemPixel, Micros, Pixel, Reader, Status, TriggerType,
};
use pixeld::judge::{Judge, Worker, explain};
use pixeld::store::MAX_TOUCHES_OF_A_KIND;
use rusqlite::Connection;
use tempfile::TempDir;

use super::naive::{expected, stored};
use super::*;

/// A store without a judge, with one hybrid pixel on one line item.
struct Bench {
    directory: TempDir,
    store: Store,
    pixel: PixelId,
    line_item: LineItemId,
}

impl Bench {
    async fn new(change: impl FnOnce(&mut Pixel)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
        let advertiser = store.create(&editor(), Advertiser::new("Shop")).await.unwrap();
        let mut pixel = Pixel::new(advertiser.id, "Purchase");
        pixel.trigger_type = TriggerType::Hybrid;
        change(&mut pixel);
        let pixel = store.create(&editor(), pixel).await.unwrap().id;
        let mut line_item = LineItem::new(advertiser.id, "Sale");
        line_item.pixels = vec![on(pixel)];
        let line_item = store.create(&editor(), line_item).await.unwrap().id;
        Bench { directory, store, pixel, line_item }
    }

    async fn fire(&self, fire: Fire) -> Seq {
        self.store.append(LogRow::Fire(Box::new(fire))).await.unwrap()
    }

    fn open(&self) -> Connection {
        open_database(self.directory.path())
    }

    /// What a conversion says.
    async fn said(&self, seq: Seq) -> String {
        said(&self.store.conversion(&reader(), seq).await.unwrap())
    }

    /// Judges what is logged, a slice for each day.
    fn judge(&self) {
        while *self.store.judged().borrow() < self.store.logged() {
            step(&self.store, u16::MAX).unwrap();
        }
    }
}

fn editor() -> Editor {
    Caller::shell().editor().unwrap()
}

fn reader() -> Reader {
    Caller::shell().reader().unwrap()
}

fn on(pixel_id: PixelId) -> LineItemPixel {
    LineItemPixel { pixel_id, state: Status::Active, post_click_revenue: None, post_view_revenue: None }
}

/// One step of a new worker, on a thread that may block.
fn step(store: &Store, rows_a_slice: u16) -> Result<(), String> {
    let store = store.clone();
    let judging = std::thread::spawn(move || {
        let mut worker = Worker::new(store.clone(), rows_a_slice).unwrap();
        worker.step(store.logged()).map_err(|error| error.to_string())
    });
    judging.join().unwrap()
}

#[actix_web::test]
async fn rows_of_one_slice_see_those_before_them() {
    let bench = Bench::new(|pixel| pixel.count_each_order_once = true).await;
    let pixel = bench.pixel;
    let event = |id: &str| Some(id.to_owned());
    let before = bench.fire(fire(pixel, 1, 0)).await;
    let seen = show(&bench.store, view(bench.line_item, 1, 0)).await;
    let first = bench.fire(Fire { event_id: event("e"), order_id: event("A1"), ..fire(pixel, 1, 0) }).await;
    let same_event = bench.fire(Fire { event_id: event("e"), ..fire(pixel, 2, 0) }).await;
    let same_order = bench.fire(Fire { order_id: event("A1"), ..fire(pixel, 2, 0) }).await;
    let repeat = bench.fire(fire(pixel, 1, 0)).await;
    let late = bench.fire(fire(pixel, 1, -1)).await;
    let after = show(&bench.store, click(bench.line_item, 1, 0)).await;
    bench.judge();
    for (seq, wanted) in [
        (before, "no_exposure".to_owned()),
        (first, format!("post_view {seen}")),
        (same_event, "duplicate_event".to_owned()),
        (same_order, "duplicate_order".to_owned()),
        (repeat, "repeat".to_owned()),
        (late, "no_exposure".to_owned()),
    ] {
        assert_eq!(bench.said(seq).await, wanted, "{seq}");
    }
    assert_eq!(*bench.store.judged().borrow(), after);
}

#[actix_web::test]
async fn a_late_event_finds_the_conversion_after_it() {
    let bench = Bench::new(|_| ()).await;
    let seen = show(&bench.store, view(bench.line_item, 1, -2 * DAY)).await;
    let live = bench.fire(fire(bench.pixel, 1, 0)).await;
    let late = bench.fire(fire(bench.pixel, 1, -DAY)).await;
    bench.judge();
    assert_eq!(bench.said(live).await, format!("post_view {seen}"));
    assert_eq!(bench.said(late).await, "repeat");
}

#[actix_web::test]
async fn definitions_hold_from_their_place_on() {
    let bench = Bench::new(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let (pixel, line_item, store) = (bench.pixel, bench.line_item, &bench.store);
    let seen = show(store, view(line_item, 1, -DAY)).await;
    let credited = format!("post_view {seen}");
    let mut wanted = vec![(bench.fire(fire(pixel, 1, 0)).await, credited.as_str(), None)];

    let clicks_only = |p: &mut Pixel| {
        p.trigger_type = TriggerType::Click;
        Ok(())
    };
    store.update::<Pixel, _>(&editor(), pixel.0, clicks_only).await.unwrap();
    wanted.push((bench.fire(fire(pixel, 1, 0)).await, "wrong_kind", None));
    let short = |p: &mut Pixel| {
        p.trigger_type = TriggerType::View;
        p.post_view_expire_mins = Some(1439);
        p.post_view_value = Some(Micros(4));
        Ok(())
    };
    store.update::<Pixel, _>(&editor(), pixel.0, short).await.unwrap();
    wanted.push((bench.fire(fire(pixel, 1, 0)).await, "outside_window", None));
    wanted.push((bench.fire(fire(pixel, 1, -MIN)).await, credited.as_str(), Some(Micros(4))));
    let priced = move |l: &mut LineItem| {
        l.pixels = vec![LineItemPixel { post_view_revenue: Some(Micros(9)), ..on(pixel) }];
        Ok(())
    };
    store.update::<LineItem, _>(&editor(), line_item.0, priced).await.unwrap();
    wanted.push((bench.fire(fire(pixel, 1, -MIN)).await, credited.as_str(), Some(Micros(9))));
    let emptied = |l: &mut LineItem| {
        l.pixels.clear();
        Ok(())
    };
    store.update::<LineItem, _>(&editor(), line_item.0, emptied).await.unwrap();
    wanted.push((bench.fire(fire(pixel, 1, 0)).await, "no_line_item", None));
    store.delete::<Pixel>(&editor(), pixel.0).await.unwrap();
    wanted.push((bench.fire(fire(pixel, 1, 0)).await, "pixel_inactive", None));

    bench.judge();
    for (seq, wanted, value) in wanted {
        let conversion = store.conversion(&reader(), seq).await.unwrap();
        assert_eq!(
            (said(&conversion).as_str(), conversion.credit.and_then(|c| c.static_value)),
            (wanted, value),
            "{seq}"
        );
        let explained = explain(store, &reader(), seq).await.unwrap();
        assert_eq!(explained.judgement.outcome, conversion.outcome);
        assert_eq!(explained.pixel.version, conversion.pixel_version);
    }
}

#[actix_web::test]
async fn a_deleted_line_item_holds_nothing_more() {
    let bench = Bench::new(|_| ()).await;
    let before = bench.fire(fire(bench.pixel, 1, 0)).await;
    bench.store.delete::<LineItem>(&editor(), bench.line_item.0).await.unwrap();
    let after = bench.fire(fire(bench.pixel, 1, 0)).await;
    bench.judge();
    assert_eq!((bench.said(before).await.as_str(), bench.said(after).await.as_str()), ("no_exposure", "no_line_item"));
    let held = async |seq| explain(&bench.store, &reader(), seq).await.unwrap().line_items.len();
    assert_eq!((held(before).await, held(after).await), (1, 0));
}

#[actix_web::test]
async fn a_pixel_that_was_never_known_is_inactive_and_nobodys() {
    let bench = Bench::new(|_| ()).await;
    let seq = bench.fire(fire(PixelId(77), 1, 0)).await;
    bench.judge();
    let conversion = bench.store.conversion(&reader(), seq).await.unwrap();
    assert_eq!(said(&conversion), "pixel_inactive");
    assert_eq!((conversion.advertiser_id.0, conversion.pixel_version), (0, Seq(0)));
    assert_eq!(explain(&bench.store, &reader(), seq).await.unwrap().judgement.outcome, conversion.outcome);
}

#[actix_web::test]
async fn a_token_stands_in_for_the_visitor() {
    let bench = Bench::new(|_| ()).await;
    let clicked = show(&bench.store, click(bench.line_item, 5, -HOUR)).await;
    let unseen = show(&bench.store, click(bench.line_item, 0, -HOUR)).await;
    let named = |token: Seq, visitor| Fire { exposure: Some(token), ..fire(bench.pixel, visitor, 0) };
    let posted = bench.fire(named(clicked, 0)).await;
    let own = bench.fire(fire(bench.pixel, 5, 0)).await;
    let opted_out = bench.fire(named(unseen, 0)).await;
    let twice = bench.fire(named(unseen, 6)).await;
    let lost = bench.fire(named(Seq(5_000), 5)).await;
    bench.judge();
    for (seq, wanted, whose) in [
        (posted, format!("post_click {clicked}"), Some(VisitorId(5))),
        (own, "repeat".to_owned(), Some(VisitorId(5))),
        (opted_out, format!("post_click {unseen}"), None),
        (twice, "repeat".to_owned(), None),
        (lost, "no_exposure".to_owned(), Some(VisitorId(5))),
    ] {
        let conversion = bench.store.conversion(&reader(), seq).await.unwrap();
        assert_eq!((said(&conversion), conversion.visitor_id), (wanted, whose), "{seq}");
    }
}

#[actix_web::test]
async fn an_explanation_shows_every_exposure_also_where_another_step_decides() {
    let bench = Bench::new(|_| ()).await;
    let seen = show(&bench.store, view(bench.line_item, 1, -HOUR)).await;
    let elsewhere = show(&bench.store, click(LineItemId(900), 1, -HOUR)).await;
    let flags = Flags { test: true, ..Flags::default() };
    let test = bench.fire(Fire { flags, ..fire(bench.pixel, 1, 0) }).await;
    let named = bench.fire(Fire { exposure: Some(elsewhere), ..fire(bench.pixel, 0, 0) }).await;
    show(&bench.store, view(bench.line_item, 1, -1)).await;
    bench.judge();
    let verdicts = async |seq| {
        let touches = explain(&bench.store, &reader(), seq).await.unwrap().judgement.explanation.touches;
        touches.iter().map(|line| (line.touch.seq, line.verdict.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(test).await, [(seen, "would_be_chosen"), (elsewhere, "not_on_pixel")]);
    assert_eq!(verdicts(named).await, [(seen, "not_named"), (elsewhere, "not_on_pixel")]);
}

#[actix_web::test]
async fn of_each_kind_only_the_last_exposures_are_considered() {
    let bench = Bench::new(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let other = LineItemId(900);
    let clicked = show(&bench.store, click(bench.line_item, 1, -2 * HOUR)).await;
    show(&bench.store, view(bench.line_item, 2, -2 * HOUR)).await;
    let shown = |visitor| LogRow::Exposure(Box::new(view(other, visitor, -HOUR)));
    let most = usize::try_from(MAX_TOUCHES_OF_A_KIND).unwrap();
    let last_but_one = [1, 2].into_iter().flat_map(|visitor| std::iter::repeat_n(visitor, most - 1));
    bench.store.append_all(last_but_one.map(shown).collect()).await.unwrap();
    let still = bench.fire(fire(bench.pixel, 2, 0)).await;
    bench.judge();
    bench.store.append(shown(2)).await.unwrap();
    let pushed_out = bench.fire(fire(bench.pixel, 2, 0)).await;
    let other_kind = bench.fire(fire(bench.pixel, 1, 0)).await;
    bench.judge();
    assert!(bench.said(still).await.starts_with("post_view"));
    assert_eq!(bench.said(pushed_out).await, "no_exposure");
    assert_eq!(bench.said(other_kind).await, format!("post_click {clicked}"));
    for seq in [still, pushed_out, other_kind] {
        let explained = explain(&bench.store, &reader(), seq).await.unwrap();
        assert_eq!(explained.judgement.outcome, explained.conversion.outcome, "{seq}");
    }
}

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
    // Each time as after a crash: nothing of the one before is closed, and the file is opened anew.
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
    conn.execute("INSERT INTO counted VALUES (?1, 2, ?2, 0)", (bench.pixel.0, START.0)).unwrap();
    let obstacle = "INSERT INTO conversions (seq, at, pixel_id, advertiser_id, outcome, reason, pixel_version)
        VALUES (?1, 0, 0, 0, '', '', 0)";
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
    let obstacle = "INSERT INTO conversions (seq, at, pixel_id, advertiser_id, outcome, reason, pixel_version)
        VALUES (?1, 0, 0, 0, '', '', 0)";
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
async fn a_regular_stop_judges_what_was_logged() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    let rows = (0..2_000).map(|visitor| LogRow::Fire(Box::new(fire(shop.pixel.id, visitor, 0)))).collect();
    app.store.append_all(rows).await.unwrap();
    let logged = app.store.logged();
    app.stop();
    let conn = open_database(directory.path());
    let cursor: i64 = conn.query_row("SELECT seq FROM judge_cursor", [], |row| row.get(0)).unwrap();
    let conversions: i64 = conn.query_row("SELECT count(*) FROM conversions", [], |row| row.get(0)).unwrap();
    assert_eq!((cursor, conversions), (logged.0, 2_000));
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
