//! The order of the log decides: a row sees earlier rows of its slice, and definitions hold from their place on.

mod stops;

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, Caller, Editor, Flags, LineItem, LineItemPixel, Micros, Pixel, Reader, Status, TriggerType,
};
use pixeld::judge::{Worker, explain};
use pixeld::store::MAX_TOUCHES_OF_A_KIND;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::judge::*;

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

    /// A conversion in words.
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
async fn an_unknown_pixel_is_inactive_and_has_no_advertiser() {
    let bench = Bench::new(|_| ()).await;
    let seq = bench.fire(fire(PixelId(77), 1, 0)).await;
    bench.judge();
    let conversion = bench.store.conversion(&reader(), seq).await.unwrap();
    assert_eq!(said(&conversion), "pixel_inactive");
    assert_eq!((conversion.advertiser_id.0, conversion.pixel_version), (0, Seq(0)));
    assert_eq!(explain(&bench.store, &reader(), seq).await.unwrap().judgement.outcome, conversion.outcome);
}

#[actix_web::test]
async fn a_token_replaces_the_visitor() {
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
