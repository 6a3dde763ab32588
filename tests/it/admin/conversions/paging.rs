//! Pages of the list while events arrive.

use std::collections::BTreeSet;

use pixeld::domain::{PixelId, Role};
use pixeld::store::{ConversionQuery, LogRow};

use super::{PATH, listed};
use crate::admin::{Browser, Seen};
use crate::harness::TestApp;
use crate::judge::{MIN, fire};

/// Logs events at these minutes.
async fn log(app: &TestApp, pixel: PixelId, minutes: impl IntoIterator<Item = i64>) {
    let rows = minutes.into_iter().map(|minute| LogRow::Fire(Box::new(fire(pixel, 7, minute * MIN))));
    app.store.append_all(rows.collect()).await.unwrap();
    app.judged().await;
}

/// The address of the page before (`prev`) or after (`next`).
fn link(seen: &Seen, rel: &str) -> Option<String> {
    let (before, _) = seen.body.split_once(&format!(r#"" rel="{rel}""#))?;
    Some(before.rsplit_once(r#"href=""#).unwrap().1.replace("&#38;", "&"))
}

#[actix_web::test]
async fn no_event_is_left_out_or_comes_twice_while_others_arrive() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    // Three at each moment, so that pages end between events of one time.
    log(&app, shop.pixel.id, (0..180).map(|number| -(number / 3))).await;
    app.wait_minutes(30);
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let first = browser.get(&format!("{PATH}?pixel={}", shop.pixel.id)).await;
    assert!(first.text().contains("1–50 of 180 · times in"), "{}", first.text());
    let (mut pages, mut came) = (vec![listed(&first)], 0);
    let mut seen = first;
    while let Some(next) = link(&seen, "next") {
        // Newer ones, and late ones before and after the place of the page.
        came += 1;
        log(&app, shop.pixel.id, [came, -came, -59 - came]).await;
        seen = browser.get(&next).await;
        assert!(seen.has(&format!("pixel={}", shop.pixel.id)), "the filter stays");
        pages.push(listed(&seen));
    }
    let down: Vec<i64> = pages.concat();
    let distinct: BTreeSet<i64> = down.iter().copied().collect();
    assert_eq!(distinct.len(), down.len(), "none comes twice");
    assert!((1..=3).all(|came| pages[came].len() <= 50) && distinct.len() >= 180, "{}", distinct.len());
    let begun: BTreeSet<i64> = listed_before(&app, &down).await;
    assert!(begun.is_subset(&distinct), "none of the first is left out");
    let mut up = pages.last().unwrap().clone();
    while let Some(previous) = link(&seen, "prev") {
        seen = browser.get(&previous).await;
        up.splice(0..0, listed(&seen));
    }
    let unique: BTreeSet<i64> = up.iter().copied().collect();
    assert!(distinct.is_subset(&unique), "the way back shows them too");
    assert!(listed(&seen).len() == 50 && seen.text().contains("1–50 of"), "it ends at the newest: {}", seen.text());
}

/// Those of the first 180 events that the list must have shown.
async fn listed_before(app: &TestApp, down: &[i64]) -> BTreeSet<i64> {
    let first = down.iter().min().copied().unwrap();
    let query = ConversionQuery { num_elements: 1_000, ..ConversionQuery::default() };
    let all = app.store.conversions(&app.reader(), query).await.unwrap().items;
    let all = all.iter().map(|event| event.fire.seq.0);
    all.filter(|seq| (first..first + 180).contains(seq)).collect()
}

#[actix_web::test]
async fn a_page_has_as_many_rows_as_chosen() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    log(&app, shop.pixel.id, (0..120).map(|number| -number)).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for (query, rows) in [("", 50), ("?rows=100", 100), ("?rows=200", 120), ("?rows=7", 50), ("?outcome=attributed", 0)]
    {
        let seen = browser.get(&format!("{PATH}{query}")).await;
        assert_eq!(listed(&seen).len(), rows, "{query}");
        assert_eq!(link(&seen, "next").is_some(), (1..120).contains(&rows), "{query}");
        assert_eq!(link(&seen, "prev"), None, "{query}");
    }
}
