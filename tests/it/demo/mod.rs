//! The demo: its history, its shop, and the whole loop through both.

mod pages;
mod totals;

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use pixeld::clock::Clock;
use pixeld::demo::{self, Demo};
use pixeld::domain::{
    Advertiser, Caller, Conversion, ExposureKind, LineItem, Millis, Outcome, OutcomeKind, Pixel, Reader, Reason,
    Source, Status, TagKind,
};
use pixeld::judge;
use pixeld::store::{
    ConversionQuery, Dimension, FILE_NAME, ListQuery, Measure, Scalar, Store, SumQuery, SumSource, Test,
};
use tempfile::TempDir;

use crate::harness::{START, TestApp};

/// Small, so that the suite stays quick, and large enough that every outcome occurs.
const EXPOSURES: u32 = 30_000;

struct History {
    store: Store,
    /// Every fire, oldest first by its own time.
    fires: Vec<Conversion>,
    _directory: TempDir,
}

async fn prepared(exposures: u32) -> (TempDir, Demo) {
    let directory = TempDir::new().unwrap();
    let prepared = demo::prepare(directory.path(), START, exposures).await.unwrap();
    (directory, prepared)
}

async fn history(exposures: u32) -> History {
    let (directory, _) = prepared(exposures).await;
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
    let query = ConversionQuery { num_elements: 1_000_000, ..ConversionQuery::default() };
    let mut fires = store.conversions(&reader(), query).await.unwrap().items;
    fires.reverse();
    History { store, fires, _directory: directory }
}

fn reader() -> Reader {
    Caller::shell().reader().unwrap()
}

#[actix_web::test]
async fn the_same_history_goes_into_a_server_that_runs() {
    let app = TestApp::start().await;
    let store = app.store.clone();
    let load = move || {
        let told = std::cell::RefCell::new(Vec::new());
        demo::load(&store, 2_000, &|percent| told.borrow_mut().push(percent)).map(|()| told.into_inner())
    };
    let told = tokio::task::spawn_blocking(load.clone()).await.unwrap().unwrap();
    assert!(told.is_sorted() && told.last() == Some(&100), "{told:?}");
    app.judged().await;
    assert_eq!(app.clock.now(), START, "the server's clock is left alone");
    let attributed = ConversionQuery { outcome: Some(OutcomeKind::Attributed), ..ConversionQuery::default() };
    assert!(app.store.conversions(&reader(), attributed).await.unwrap().count > 10);
    assert_eq!(app.store.list::<Advertiser>(&reader(), ListQuery::default()).await.unwrap().count, 3);
    let again = tokio::task::spawn_blocking(load).await.unwrap().unwrap_err();
    assert_eq!(again.to_string(), "there is something in the log already");
}

impl History {
    async fn pixel(&self, code: &str) -> Pixel {
        let query = ListQuery::default().with::<Pixel>("code", Test::In(vec![Scalar::Text(code.to_owned())]));
        self.store.list::<Pixel>(&reader(), query).await.unwrap().items.remove(0)
    }

    /// The pixel's fires, oldest first, without tests, bots and pages fetched in advance.
    fn of(&self, pixel: &Pixel) -> Vec<&Conversion> {
        let strays = [Reason::Test, Reason::Bot, Reason::Prefetch];
        let own = |conversion: &&Conversion| {
            conversion.fire.pixel_id == pixel.id && !strays.contains(&conversion.outcome.reason())
        };
        self.fires.iter().filter(own).collect()
    }
}

fn reasons(fires: &[Conversion]) -> BTreeMap<Reason, usize> {
    let mut reasons = BTreeMap::new();
    for conversion in fires {
        *reasons.entry(conversion.outcome.reason()).or_default() += 1;
    }
    reasons
}

#[tokio::test]
async fn the_history_is_believable() {
    // One history for all, since it takes a while to make.
    let history = history(EXPOSURES).await;
    every_outcome_occurs_in_a_believable_share(&history);
    it_lies_within_ninety_days_and_reaches_to_the_present(&history).await;
    every_pixel_has_its_story(&history).await;
    clicks_know_their_impression_and_servers_name_theirs(&history).await;
    ads_without_trackers_have_their_sources(&history).await;
}

async fn ads_without_trackers_have_their_sources(history: &History) {
    let by = reader();
    let sources = history.store.list::<Source>(&by, ListQuery::default()).await.unwrap().items;
    assert_eq!(sources.len(), 5);
    for source in &sources {
        let credited = |fire: &&Conversion| fire.credit.is_some_and(|credit| credit.source_id == Some(source.id));
        let (fires, campaigns): (Vec<_>, BTreeSet<_>) = {
            let fires: Vec<_> = history.fires.iter().filter(credited).collect();
            let campaigns = fires.iter().map(|fire| fire.credit.unwrap().campaign_id).collect();
            (fires, campaigns)
        };
        assert!(!fires.is_empty() && !campaigns.contains(&None), "{} has {} conversions", source.name, fires.len());
        let unmatched = history.store.unmatched_arrivals(&by, source.advertiser_id, 10).await.unwrap();
        assert!(!unmatched.is_empty(), "advertiser {}", source.advertiser_id);
    }
    let broken = history.store.unmatched_arrivals(&by, sources[0].advertiser_id, 10).await.unwrap();
    assert!(broken.iter().any(|one| one.content.as_ref().is_some_and(|content| !content.problems.is_empty())));
    let with_ids = history.fires.iter().filter(|fire| fire.credit.is_some_and(|credit| credit.source_id.is_some()));
    let with_ids: Vec<Conversion> = with_ids.cloned().collect();
    let named = history.store.click_ids_of(&by, &with_ids).await.unwrap();
    assert!(named.iter().any(|ids| ids.iter().any(|id| id.name == "gclid" && !id.is_own)));
}

fn every_outcome_occurs_in_a_believable_share(history: &History) {
    let found = reasons(&history.fires);
    // Updates of earlier conversions come by Invoca's pixel alone, which the demo's shops do not use.
    let wanted = Reason::WORDS.iter().filter(|word| **word != Reason::Adjustment.as_str());
    let missing: Vec<_> = wanted.filter(|word| !found.keys().any(|r| r.as_str() == **word)).collect();
    assert!(missing.is_empty(), "{missing:?} in {found:?}");

    let of = |kind| history.fires.iter().filter(|conversion| conversion.outcome.kind() == kind).count();
    let (attributed, unattributed) = (of(OutcomeKind::Attributed), of(OutcomeKind::Unattributed));
    assert!((2_000..6_000).contains(&history.fires.len()), "{}", history.fires.len());
    let share = attributed * 100 / (attributed + unattributed);
    assert!((25..55).contains(&share), "{share} % are attributed");
    assert!(of(OutcomeKind::NotCounted) * 4 < history.fires.len(), "{found:?}");
}

async fn it_lies_within_ninety_days_and_reaches_to_the_present(history: &History) {
    let first_day = START.day().plus(-demo::DAYS * Millis::DAY);
    for conversion in &history.fires {
        let fire = &conversion.fire;
        assert!(fire.at >= first_day && fire.received < START && fire.at <= fire.received, "{fire:?}");
    }
    let by_place = {
        let mut fires: Vec<_> = history.fires.iter().map(|conversion| &conversion.fire).collect();
        fires.sort_by_key(|fire| fire.seq);
        fires
    };
    assert!(by_place.is_sorted_by_key(|fire| fire.received), "logged in the order of arrival");
    let latest = history.fires.last().unwrap().fire.at;
    assert!(START.since(latest) < 6 * Millis::HOUR, "the latest is of {latest}");

    let advertisers = history.store.list::<Advertiser>(&reader(), ListQuery::default()).await.unwrap().items;
    let currencies: Vec<_> = advertisers.iter().map(|advertiser| advertiser.default_currency.to_string()).collect();
    assert_eq!(currencies, ["EUR", "USD", "GBP"]);
    assert!(advertisers.iter().all(|advertiser| advertiser.created_on < first_day), "defined before anybody came");
}

async fn every_pixel_has_its_story(history: &History) {
    let ago = |days: i64| START.plus(-days * Millis::DAY);

    let forgotten = history.pixel("old-checkout").await;
    assert_eq!((forgotten.state, forgotten.last_modified), (Status::Inactive, ago(45)));
    assert!(history.of(&forgotten).iter().any(|fire| fire.fire.at < ago(45)), "it was in use");
    for fire in history.of(&forgotten) {
        let inactive = fire.outcome.reason() == Reason::PixelInactive;
        let counted = fire.outcome.kind() != OutcomeKind::NotCounted;
        assert_eq!(inactive, counted && fire.fire.at >= ago(45), "{fire:?}");
    }

    let paused = history.pixel("test-ride").await;
    let links = history.store.pixel_links(&reader(), vec![paused.id]).await.unwrap();
    assert!(paused.state == Status::Active && !links[&paused.id].is_running());
    let ended: LineItem = history.store.get(&reader(), links[&paused.id].line_items[0].0.0).await.unwrap();
    assert_eq!((ended.state, ended.last_modified), (Status::Inactive, ago(30)));

    let silent = history.pixel("pricing").await;
    let fires = history.of(&silent);
    assert!(fires.len() > 100 && START.since(fires.last().unwrap().fire.at) >= 9 * Millis::HOUR);

    assert_eq!(history.of(&history.pixel("partner").await).len(), 0, "never fired");

    let comma = history.pixel("workshop").await;
    let (now, before): (Vec<_>, Vec<_>) = history.of(&comma).into_iter().partition(|fire| fire.fire.at > ago(8));
    let warned = now.iter().filter(|fire| !fire.fire.warnings.is_empty()).count();
    assert!(warned * 2 > now.len(), "{warned} of {}", now.len());
    assert!(before.len() > now.len() && before.iter().all(|fire| fire.fire.warnings.is_empty()));
    let warning = &now.iter().find_map(|fire| fire.fire.warnings.first()).unwrap();
    assert!(warning.raw.contains(',') && warning.rule == "not_a_plain_decimal", "{warning:?}");

    let (cart, purchase) = (history.pixel("add-to-cart").await, history.pixel("purchase").await);
    let segments = |pixel: &Pixel| -> Vec<String> {
        let fires = history.of(pixel);
        let tagged = fires.iter().find(|fire| fire.fire.tag == TagKind::Script).unwrap();
        tagged.fire.details.segments.iter().map(ToString::to_string).collect()
    };
    let (added, removed) = (segments(&cart), segments(&purchase));
    assert_eq!(
        (added.len(), removed),
        (1, vec![format!("-{}", added[0])]),
        "who buys leaves the segment of who did not"
    );
    assert!(history.of(&purchase).iter().all(|fire| !fire.fire.details.content_ids.is_empty()));

    let changed = history.pixel("trial").await;
    assert_eq!((changed.post_click_expire_mins, changed.last_modified), (Some(14 * 1_440), ago(20)));
}

async fn clicks_know_their_impression_and_servers_name_theirs(history: &History) {
    let clicks = |fire: &&Conversion| fire.outcome == Outcome::Attributed(ExposureKind::Click);
    let (mut tied, mut clicked) = (0, 0);
    for conversion in history.fires.iter().filter(clicks).rev().take(250) {
        let explained = judge::explain(&history.store, &reader(), conversion.fire.seq).await.unwrap();
        assert_eq!(explained.judgement.outcome, conversion.outcome, "judged again, the same");
        let credit = explained.judgement.credit.unwrap();
        if credit.touch.source_id.is_some() {
            // The site tag saw it, so there is no impression.
            continue;
        }
        clicked += 1;
        tied += u32::from(credit.touch.impression.is_some_and(|(_, at)| at < credit.touch.at));
    }
    assert!(clicked > 100 && tied * 2 > clicked && tied < clicked, "{tied} of {clicked}");
    let by_token = |fire: &&Conversion| fire.fire.exposure.is_some() && fire.credit.is_some();
    assert!(history.fires.iter().any(|fire| by_token(&fire)));
}

#[tokio::test]
async fn the_same_moment_makes_the_same_history() {
    let (one, other) = (history(1_000).await, history(1_000).await);
    assert_eq!(one.fires, other.fires);
    assert!(one.fires.len() > 50);
}

#[tokio::test]
async fn the_check_finds_no_fault_in_the_history() {
    let history = history(1_000).await;
    let found = history.store.verify(&reader()).await.unwrap();
    assert_eq!(found.faults, []);
    assert_eq!((found.judged, found.fires), (found.logged, i64::try_from(history.fires.len()).unwrap()));
    // With some arrivals.
    assert!((1_000..1_060).contains(&found.exposures), "{}", found.exposures);
}

#[tokio::test]
async fn a_database_that_is_there_is_left_alone() {
    let (directory, _) = prepared(100).await;
    let file = directory.path().join(FILE_NAME);
    let before = std::fs::metadata(&file).unwrap().len();
    let refused = demo::prepare(directory.path(), START, 100).await.unwrap_err().to_string();
    assert!(refused.contains("holds a database already"), "{refused}");
    assert_eq!(std::fs::metadata(&file).unwrap().len(), before);
}

#[actix_web::test]
async fn ad_platforms_cost_something_and_one_line_item_loses_money() {
    let History { store, _directory, .. } = history(EXPOSURES).await;
    let money = |column| Measure { column, money: true };
    let measures = vec![Measure::MEDIA_COST, money("cost"), money("post_click_revenue"), money("post_view_revenue")];
    let query = SumQuery {
        source: SumSource::Analytics,
        between: (Millis(0), START.plus(Millis::DAY)),
        zone: TimeZone::UTC,
        grain: None,
        dimensions: vec![Dimension::LineItem],
        by_currency: true,
        measures,
        filters: Vec::new(),
    };
    let rows = store.report_sums(&reader(), query).await.unwrap();
    let paid = rows.into_iter().filter(|row| row.figures[0] > 0).map(|row| {
        let (cost, value) = (row.figures[0] + row.figures[1], row.figures[2] + row.figures[3]);
        (row.objects[0].name.clone().unwrap(), cost, value)
    });
    let paid: Vec<_> = paid.collect();
    let losing = paid.iter().filter(|(_, cost, value)| cost > value).count();
    assert_eq!((paid.len(), losing), (3, 1), "{paid:?}");
    let runs = store.cost_runs(&reader(), ListQuery::default()).await.unwrap();
    assert!(runs.count >= 9 && runs.items.iter().all(|run| run.file_name.is_some()), "{runs:?}");
    assert_eq!(store.verify(&reader()).await.unwrap().faults, []);
}
