//! Arrivals on the real application: which ad gets a sale after one, what a token brings, what names a conversion's clicks.
//! The random logs of `random` cover the rest.

use pixeld::domain::{
    AdvertiserId, Arrival, Campaign, CampaignId, ClickIdValue, Exposure, Fire, FireDetails, LineItem, LineItemPixel,
    PublisherId, Rejudge, Source, SourceId, SourceMatch, Status, Warning,
};
use pixeld::judge::{explain, rebuild};
use pixeld::store::LogRow;

use super::*;
use crate::harness::Shop;

/// An arrival of this visitor with parameters and click ids; 0 for a private visitor.
pub fn came(of: AdvertiserId, visitor: i64, after: i64, carried: &[(&str, &str)]) -> Exposure {
    let is_id = |name: &str| name.ends_with("clid") || name.ends_with("braid") || name == "mc_cid";
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let ids = carried.iter().filter(|(name, _)| is_id(name)).map(pair);
    let arrival = Arrival {
        advertiser_id: of,
        parameters: carried.iter().filter(|(name, _)| !is_id(name)).map(pair).collect(),
        click_ids: ids.map(|(name, value)| ClickIdValue { name, value: (visitor != 0).then_some(value) }).collect(),
        referrer_host: None,
        named: None,
    };
    Exposure {
        arrival: Some(Box::new(arrival)),
        tracker_id: TrackerId::NONE,
        publisher_id: PublisherId::NONE,
        ..click(LineItemId::NONE, visitor, after)
    }
}

/// The same with the token of an exposure.
fn with_token(mut exposure: Exposure, named: Seq) -> Exposure {
    exposure.arrival.as_mut().unwrap().named = Some(named);
    exposure
}

pub async fn source(app: &TestApp, shop: &Shop, condition: (&str, &str)) -> SourceId {
    let mut source = Source::new(shop.advertiser.id, shop.line_item.id, "Google Ads");
    source.condition = SourceMatch::of([(condition.0.to_owned(), vec![condition.1.to_owned()])]).unwrap();
    source.publisher_id = Some(PublisherId(1));
    source.campaign_by = Some("utm_campaign".to_owned());
    app.store.create(&app.editor(), source).await.unwrap().id
}

async fn fates(app: &TestApp, seqs: &[Seq]) -> Vec<String> {
    app.judged().await;
    let rows = app.store.arrivals_at(&app.reader(), seqs.to_vec()).await.unwrap();
    rows.iter().map(|row| row.fate.to_string()).collect()
}

#[tokio::test]
async fn an_arrival_earns_the_sale_for_its_source() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = source(&app, &shop, ("click_id", "gclid")).await;
    let mut campaign = Campaign::new(shop.advertiser.id, shop.line_item.id, "Autumn");
    campaign.code = Some("autumn".to_owned());
    let campaign = app.store.create(&app.editor(), campaign).await.unwrap().id;
    let carried = [("gclid", "Cj0_v3f2"), ("utm_campaign", "autumn"), ("utm_source", "google")];
    let arrived = show(&app.store, came(shop.advertiser.id, 7, 0, &carried)).await;
    let sale = convert(&app, fire(shop.pixel.id, 7, MIN)).await;
    assert_eq!(said(&sale), format!("post_click {arrived}"));
    let credit = sale.credit.unwrap();
    assert_eq!(
        (credit.line_item_id, credit.campaign_id, credit.publisher_id, credit.source_id),
        (shop.line_item.id, Some(campaign), PublisherId(1), Some(source))
    );
    let explained = explain(&app.store, &app.reader(), sale.fire.seq).await.unwrap();
    let row = &explained.arrivals[&arrived];
    let words = pixeld::attribution::words::arrived(&row.source.as_ref().unwrap().1, &row.arrival);
    assert_eq!(words, "arrived from Google Ads (gclid …v3f2, utm_campaign autumn)");
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[tokio::test]
async fn a_token_brings_its_exposure_from_then_on() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let of = shop.advertiser.id;
    let clicked = show(&app.store, click(shop.line_item.id, 1, 0)).await;
    let before = convert(&app, fire(shop.pixel.id, 2, MIN)).await;
    let named = |visitor, after, carried: &[(&str, &str)]| with_token(came(of, visitor, after, carried), clicked);
    let all = [
        show(&app.store, named(2, MIN, &[("gclid", "g1")])).await,
        // Reloaded, and shared with a third visitor an hour later.
        show(&app.store, named(2, 2 * MIN, &[("gclid", "g1")])).await,
        show(&app.store, named(3, HOUR, &[("utm_source", "mail")])).await,
    ];
    assert_eq!(fates(&app, &all).await, ["token", "token", "unmatched"]);
    let after = convert(&app, fire(shop.pixel.id, 2, 3 * MIN)).await;
    let third = convert(&app, fire(shop.pixel.id, 3, HOUR)).await;
    let expected = format!("post_click {clicked}");
    assert_eq!([said(&before), said(&after), said(&third)], ["no_exposure".to_owned(), expected.clone(), expected]);
    assert_eq!(after.credit.unwrap().exposure_at, START, "at its own time");
    let explained = explain(&app.store, &app.reader(), after.fire.seq).await.unwrap();
    assert_eq!(explained.judgement.credit.unwrap().touch.adopted_by, Some(all[0]));
    // A token of another advertiser's exposure brings nothing.
    let other = app.advertiser("Other").await.id;
    let foreign = show(&app.store, with_token(came(other, 4, HOUR, &[]), clicked)).await;
    assert_eq!(fates(&app, &[foreign]).await, ["empty"]);
    let nothing = convert(&app, fire(shop.pixel.id, 4, HOUR)).await;
    assert_eq!(said(&nothing), "no_exposure");
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[tokio::test]
async fn a_source_that_comes_later_takes_earlier_arrivals_by_todays_settings() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let arrived = show(&app.store, came(shop.advertiser.id, 7, 0, &[("gclid", "g1")])).await;
    let sale = convert(&app, fire(shop.pixel.id, 7, MIN)).await;
    assert_eq!((said(&sale), fates(&app, &[arrived]).await), ("no_exposure".to_owned(), vec!["unmatched".to_owned()]));
    // A line item that was not there at the arrival, either.
    let mut line_item = LineItem::new(shop.advertiser.id, "Search");
    let (pixel_id, state) = (shop.pixel.id, Status::Active);
    line_item.pixels = vec![LineItemPixel { pixel_id, state, post_click_revenue: None, post_view_revenue: None }];
    let line_item = app.store.create(&app.editor(), line_item).await.unwrap().id;
    let mut source = Source::new(shop.advertiser.id, line_item, "Google Ads");
    source.condition = SourceMatch::of([("click_id".to_owned(), vec!["gclid".to_owned()])]).unwrap();
    app.store.create(&app.editor(), source).await.unwrap();
    let again = show(&app.store, came(shop.advertiser.id, 7, 2 * MIN, &[("gclid", "g1")])).await;
    let once_more = show(&app.store, came(shop.advertiser.id, 7, DAY, &[("gclid", "g1")])).await;
    assert_eq!(fates(&app, &[arrived, again, once_more]).await, ["unmatched", "click", "repeat"]);
    let store = app.store.clone();
    let rebuilding = std::thread::spawn(move || {
        let decision = Rejudge { from: Millis(i64::MIN), settings: true, exposures: false };
        rebuild(&store, &store.start_rebuild(Some(decision)).unwrap().unwrap(), &mut |_| ()).unwrap();
    });
    tokio::task::spawn_blocking(|| rebuilding.join().unwrap()).await.unwrap();
    assert_eq!(fates(&app, &[arrived, again, once_more]).await, ["click", "repeat", "repeat"]);
    let sale = app.store.conversion(&app.reader(), sale.fire.seq).await.unwrap();
    assert_eq!(said(&sale), format!("post_click {arrived}"));
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[tokio::test]
async fn a_conversion_names_the_click_ids_that_were_good_then() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (of, store) = (shop.advertiser.id, &app.store);
    for (visitor, after, carried) in [
        (7, -100 * DAY, &[("fbclid", "old")][..]),
        (7, -3 * DAY, &[("gclid", "first"), ("gbraid", "b")]),
        (7, -2 * DAY, &[("gclid", "second"), ("ttclid", "t")]),
        // Passed on by the first visitor.
        (8, -DAY, &[("gclid", "second"), ("fbclid", "own")]),
    ] {
        show(store, came(of, visitor, after, carried)).await;
    }
    let sale = |visitor, after, ids: &[(&str, &str)]| {
        let id = |(name, value): &(&str, &str)| ClickIdValue { name: (*name).into(), value: Some((*value).into()) };
        let details = FireDetails { click_ids: ids.iter().map(id).collect(), ..FireDetails::default() };
        Fire { details, ..fire(shop.pixel.id, visitor, after) }
    };
    for (fire, expected) in [
        (sale(7, 0, &[]), vec!["gclid second", "ttclid t"]),
        (sale(8, 0, &[]), vec!["fbclid own"]),
        (sale(7, -2 * DAY - 1, &[]), vec!["gclid first", "gbraid b"]),
        (sale(7, 0, &[("gclid", "sent")]), vec!["gclid sent!", "ttclid t"]),
        (sale(0, 0, &[("msclkid", "m")]), vec!["msclkid m!"]),
    ] {
        let conversion = convert(&app, fire).await;
        let named = app.store.click_ids_of(&app.reader(), &[conversion]).await.unwrap();
        let words =
            |id: &pixeld::domain::GoodClickId| format!("{} {}{}", id.name, id.value, if id.is_own { "!" } else { "" });
        assert_eq!(named[0].iter().map(words).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn unmatched_arrivals_are_counted_by_what_they_carried_within_bounds() {
    let app = TestApp::start().await;
    let of = app.advertiser("Shop").await.id;
    let mut rows = Vec::new();
    for n in 0..210 {
        // The first contents come again at the end.
        let campaign = format!("c{}", n % 205);
        rows.push(came(of, 1_000 + n, n, &[("utm_campaign", campaign.as_str())]));
    }
    let mut broken = came(of, 1, MIN, &[]);
    broken.warnings = vec![Warning { parameter: "gclid".into(), raw: "<".into(), rule: "not_a_click_id".into() }];
    rows.push(broken);
    let rows = rows.into_iter().map(|row| LogRow::Exposure(Box::new(row))).collect();
    app.store.append_all(rows).await.unwrap();
    app.judged().await;
    let found = app.store.unmatched_arrivals(&app.reader(), of, 1_000).await.unwrap();
    let (known, rest): (Vec<_>, Vec<_>) = found.iter().partition(|one| one.content.is_some());
    assert_eq!((known.len(), known.iter().map(|one| one.arrivals).sum::<u64>()), (200, 205));
    assert_eq!((rest.len(), rest[0].arrivals), (1, 6), "five contents too many, and the broken one");
    assert_eq!(app.store.unmatched_arrivals(&app.reader(), of, 3).await.unwrap().len(), 3);
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[tokio::test]
async fn a_repeat_is_looked_for_among_the_last_hundred() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    source(&app, &shop, ("utm_source", "*")).await;
    let of = shop.advertiser.id;
    for (others, fate) in [(99, "repeat"), (100, "click")] {
        let visitor = others;
        let first = came(of, visitor, 0, &[("utm_source", "first")]);
        let between = (0..others).map(|n| came(of, visitor, n, &[("utm_source", format!("s{n}").as_str())]));
        let rows = std::iter::once(first.clone()).chain(between);
        app.store.append_all(rows.map(|row| LogRow::Exposure(Box::new(row))).collect()).await.unwrap();
        let again = show(&app.store, first).await;
        assert_eq!(fates(&app, &[again]).await, [fate], "after {others} others");
    }
    // And among the last 4,000 clicks, whether the judge reads them at once or one after the other.
    let mut all = Vec::new();
    for clicks in [3_999, 4_000] {
        let first = came(of, clicks, 0, &[("utm_source", "first")]);
        let between = (0..clicks).map(|_| click(shop.line_item.id, clicks, 1));
        let rows = std::iter::once(first.clone()).chain(between);
        app.store.append_all(rows.map(|row| LogRow::Exposure(Box::new(row))).collect()).await.unwrap();
        app.judged().await;
        all.push(show(&app.store, first).await);
    }
    assert_eq!(fates(&app, &all).await, ["repeat", "click"]);
    let store = app.store.clone();
    let again = move || rebuild(&store, &store.start_rebuild(None).unwrap().unwrap(), &mut |_| ()).unwrap();
    tokio::task::spawn_blocking(again).await.unwrap();
    assert_eq!(fates(&app, &all).await, ["repeat", "click"]);
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[tokio::test]
async fn a_campaign_is_found_by_the_code_that_it_had_then() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    source(&app, &shop, ("utm_source", "news")).await;
    let of = shop.advertiser.id;
    let arrive = |visitor| came(of, visitor, 0, &[("utm_source", "news"), ("utm_campaign", "autumn")]);
    let before = show(&app.store, arrive(1)).await;
    let mut campaign = Campaign::new(of, shop.line_item.id, "Autumn");
    campaign.code = Some("autumn".to_owned());
    let id = app.store.create(&app.editor(), campaign).await.unwrap().id;
    let during = show(&app.store, arrive(2)).await;
    let rename = |campaign: &mut Campaign| {
        campaign.code = Some("winter".to_owned());
        Ok(())
    };
    app.store.update::<Campaign, _>(&app.editor(), id.0, rename).await.unwrap();
    let after = show(&app.store, arrive(3)).await;
    app.judged().await;
    let rows = app.store.arrivals_at(&app.reader(), vec![before, during, after]).await.unwrap();
    let campaigns: Vec<Option<CampaignId>> = rows.iter().map(|row| row.campaign_id).collect();
    assert_eq!(campaigns, [None, Some(id), None]);
}
