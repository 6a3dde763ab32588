//! Adjustments on the real application: what is reported changes from the moment they arrive, what was sent stays, and
//! every figure follows in the hour of the conversion. Rows are appended by hand.

use jiff::civil::date;
use jiff::tz::TimeZone;
use pixeld::attribution::words;
use pixeld::domain::{
    Advertiser, Conversion, ConversionChange, ConversionName, Currency, Effect, Fire, FireDetails, Flags, Micros,
    PixelId, Seq,
};
use pixeld::judge::explain;
use pixeld::store::{AdjustmentQuery, FiguresOf, FiguresQuery, LogRow, MAX_ADJUSTED_AT_ONCE};

use crate::harness::{START, Shop, TestApp};
use crate::judge::{HOUR, adjustment, click, convert, fire, show};

const RETRACT: ConversionChange = ConversionChange::Retract;

fn restate(value: i64, currency: Option<&str>) -> ConversionChange {
    ConversionChange::Restate {
        value: Some(Micros(value * Micros::UNIT)),
        currency: currency.and_then(Currency::parse),
    }
}

fn order(id: &str) -> ConversionName {
    ConversionName::OrderId(id.to_owned())
}

fn sale(pixel: PixelId, visitor: i64, order: &str, value: i64) -> Fire {
    Fire {
        order_id: Some(order.to_owned()),
        event_id: Some(format!("e-{order}")),
        value: Some(Micros(value * Micros::UNIT)),
        currency: Currency::parse("EUR"),
        ..fire(pixel, visitor, 0)
    }
}

fn details(reference: Option<&str>, parent: Option<&str>) -> FireDetails {
    FireDetails {
        reference_id: reference.map(str::to_owned),
        parent_reference_id: parent.map(str::to_owned),
        ..FireDetails::default()
    }
}

async fn adjust(app: &TestApp, shop: &Shop, of: ConversionName, correction: ConversionChange) -> Seq {
    let said = adjustment(shop.advertiser.id, of, correction);
    let seq = app.store.append(LogRow::Adjustment(Box::new(said))).await.unwrap();
    app.judged().await;
    seq
}

/// A shop whose visitors 1 to 9 have clicked its ad, where every sale counts and is worth 2 by the line item.
async fn shop(app: &TestApp) -> Shop {
    let shop = app
        .shop_with(|pixel| {
            pixel.min_minutes_per_conv = Some(0);
            pixel.post_click_value = Some(Micros(2 * Micros::UNIT));
        })
        .await;
    for visitor in 1..10 {
        show(&app.store, click(shop.line_item.id, visitor, -HOUR)).await;
    }
    shop
}

/// The current value of a conversion: `10 EUR`, `retracted`.
async fn current(app: &TestApp, conversion: &Conversion) -> String {
    let stands = app.store.conversion(&app.reader(), conversion.fire.seq).await.unwrap().current_value();
    match stands.value {
        _ if stands.retracted => "retracted".to_owned(),
        None => "no value".to_owned(),
        Some(value) => format!("{value} {}", stands.currency.unwrap_or(Currency::NONE)),
    }
}

/// Today's post-click conversions and their values by currency, dynamic and static.
async fn today(app: &TestApp, pixel: PixelId) -> String {
    let today = date(2026, 10, 1);
    let days = app.store.daily_outcomes(&app.reader(), pixel, today, today, TimeZone::UTC).await.unwrap();
    let said = |values: &std::collections::BTreeMap<Currency, pixeld::store::DayValues>| {
        values.iter().map(|(code, of)| format!("{} {code}", of.post_click)).collect::<Vec<_>>().join(" + ")
    };
    format!("{}: {}; {}", days[0].post_click, said(&days[0].values), said(&days[0].static_values))
}

/// The adjustments of a conversion, in words.
async fn history(app: &TestApp, conversion: &Conversion) -> Vec<String> {
    let explained = explain(&app.store, &app.reader(), conversion.fire.seq).await.unwrap();
    assert_eq!(explained.judgement.outcome, explained.conversion.outcome);
    explained.adjustments.iter().map(words::adjustment).collect()
}

/// The latest adjustments.
fn listed(most: u32) -> AdjustmentQuery {
    AdjustmentQuery { num_elements: most, ..AdjustmentQuery::default() }
}

/// Nothing that is derived disagrees with the log.
async fn is_sound(app: &TestApp) {
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[actix_web::test]
async fn figures_follow_in_the_hour_of_the_conversion() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let pixel = shop.pixel.id;
    let (one, two) = (convert(&app, sale(pixel, 1, "A1", 10)).await, convert(&app, sale(pixel, 2, "A2", 20)).await);
    assert_eq!(today(&app, shop.pixel.id).await, "2: 30 EUR; 4 USD");
    // A day later, and yet of that day.
    app.wait_minutes(1440);
    adjust(&app, &shop, order("A1"), restate(7, None)).await;
    assert_eq!(
        (current(&app, &one).await.as_str(), today(&app, shop.pixel.id).await.as_str()),
        ("7 EUR", "2: 27 EUR; 4 USD")
    );
    adjust(&app, &shop, order("A1"), restate(8, Some("CHF"))).await;
    assert_eq!(today(&app, shop.pixel.id).await, "2: 8 CHF + 20 EUR; 4 USD");
    adjust(&app, &shop, order("A1"), RETRACT).await;
    assert_eq!(
        (current(&app, &one).await.as_str(), today(&app, shop.pixel.id).await.as_str()),
        ("retracted", "1: 20 EUR; 2 USD")
    );
    assert_eq!(current(&app, &two).await, "20 EUR");
    // The sent value stays.
    let kept = app.store.conversion(&app.reader(), one.fire.seq).await.unwrap();
    assert_eq!((kept.fire.value, kept.outcome), (Some(Micros(10 * Micros::UNIT)), one.outcome));
    // All other figures say the same.
    let by = app.reader();
    let (from, to) = (START.day(), START.plus(24 * HOUR));
    let of = FiguresOf::LineItem;
    let query =
        FiguresQuery { only: vec![(of, shop.line_item.id.0)], begins: vec![from, to], ..FiguresQuery::default() };
    let sums = app.store.figures(&by, query).await.unwrap();
    let sums = sums.iter().find(|row| row.currency == Currency::USD).unwrap().figures;
    assert_eq!((sums.post_click, sums.payout), (1, Micros(2 * Micros::UNIT).into()));
    let health = app.store.pixel_health(&by, vec![pixel]).await.unwrap();
    assert_eq!((health[&pixel].conversions_7d, health[&pixel].loads()), (1, 2), "a retracted one was a load");
    app.clock.set(START.plus(6 * 24 * HOUR));
    let health = app.store.pixel_health(&by, vec![pixel]).await.unwrap();
    assert_eq!(health[&pixel].conversions_7d, 1, "on the last of its seven days");
    is_sound(&app).await;
}

#[actix_web::test]
async fn each_adjustment_is_listed_with_its_effect() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let sold = convert(&app, sale(shop.pixel.id, 1, "A1", 10)).await;
    let duplicate = convert(&app, sale(shop.pixel.id, 2, "A1", 10)).await;
    assert_eq!(duplicate.outcome.reason().as_str(), "duplicate_event");
    for correction in [restate(5, None), restate(6, Some("USD")), RETRACT, RETRACT, restate(9, None)] {
        adjust(&app, &shop, order("A1"), correction).await;
    }
    assert_eq!(
        history(&app, &sold).await,
        [
            "It was restated to 5.00.",
            "It was restated to 6.00 USD.",
            "It was retracted, and counts no more.",
            "It was to be retracted, but had been retracted, which is final.",
            "It was to be restated to 9.00, but had been retracted, which is final.",
        ]
    );
    assert!(history(&app, &duplicate).await.is_empty(), "they reach the one that counts");
    assert_eq!(current(&app, &duplicate).await, "10 EUR");
    is_sound(&app).await;
}

#[actix_web::test]
async fn an_adjustment_by_name_finds_its_conversions() {
    let app = TestApp::start().await;
    let (shop, other) = (shop(&app).await, app.shop().await);
    let pixel = shop.pixel.id;
    let second = app.store.create(&app.editor(), pixeld::domain::Pixel::new(shop.advertiser.id, "Lead")).await.unwrap();
    let flags = Flags { bot: true, ..Flags::default() };
    let sold = convert(&app, Fire { details: details(Some("R1"), None), ..sale(pixel, 1, "A1", 10) }).await;
    let lead = convert(&app, sale(second.id, 1, "A1", 11)).await;
    let theirs = convert(&app, sale(other.pixel.id, 1, "A1", 12)).await;
    let bot = convert(&app, Fire { flags, ..sale(pixel, 3, "A1", 13) }).await;
    let named = async |of, correction| {
        let seq = adjust(&app, &shop, of, correction).await;
        let fates = app.store.adjustments(&app.reader(), listed(1)).await.unwrap();
        assert_eq!((fates.items[0].adjustment.seq, fates.items[0].judged), (seq, true));
        fates.items[0].effects.clone()
    };
    let (sold, lead) = (sold.fire.seq, lead.fire.seq);
    assert_eq!(named(order("A1"), restate(1, None)).await, [(sold, Effect::Restated), (lead, Effect::Restated)]);
    let event = ConversionName::EventId("e-A1".into());
    assert_eq!(named(event, restate(2, None)).await, [(sold, Effect::Restated), (lead, Effect::Restated)]);
    let reference = |name: &str| ConversionName::ReferenceId(name.into());
    assert_eq!(named(reference("R1"), restate(3, None)).await, [(sold, Effect::Restated)]);
    assert_eq!(named(reference("R2"), RETRACT).await, [], "unmatched");
    assert_eq!(named(order("a1"), RETRACT).await, [], "names are exact");
    let of_one = pixeld::domain::Adjustment {
        pixel_id: Some(second.id),
        ..adjustment(shop.advertiser.id, order("A1"), RETRACT)
    };
    app.store.append(LogRow::Adjustment(Box::new(of_one))).await.unwrap();
    app.judged().await;
    assert_eq!(app.store.conversion(&app.reader(), lead).await.unwrap().adjusted.map(|a| a.retracted), Some(true));
    assert_eq!(app.store.conversion(&app.reader(), sold).await.unwrap().adjusted.map(|a| a.retracted), Some(false));
    assert_eq!((current(&app, &theirs).await.as_str(), current(&app, &bot).await.as_str()), ("12 EUR", "13 EUR"));
    is_sound(&app).await;
}

#[actix_web::test]
async fn an_adjustment_does_not_name_later_conversions() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let early = adjust(&app, &shop, order("A1"), RETRACT).await;
    let sold = convert(&app, sale(shop.pixel.id, 1, "A1", 10)).await;
    assert_eq!(current(&app, &sold).await, "10 EUR");
    let fates = app.store.adjustments(&app.reader(), listed(9)).await.unwrap();
    assert_eq!((fates.count, fates.items[0].adjustment.seq, fates.items[0].effects.len()), (1, early, 0));
    adjust(&app, &shop, order("A1"), RETRACT).await;
    assert_eq!(current(&app, &sold).await, "retracted");
    // Another sale under the same order is a sale of its own.
    let again = convert(&app, Fire { event_id: None, ..sale(shop.pixel.id, 1, "A1", 12) }).await;
    assert_eq!(current(&app, &again).await, "12 EUR");
}

#[actix_web::test]
async fn after_a_retraction_fires_are_judged_as_if_it_had_not_counted() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.count_each_order_once = true).await;
    let clicked = show(&app.store, click(shop.line_item.id, 1, -HOUR)).await;
    let sold = convert(&app, sale(shop.pixel.id, 1, "A1", 10)).await;
    assert_eq!(crate::judge::said(&sold), format!("post_click {clicked}"));
    adjust(&app, &shop, order("A1"), RETRACT).await;
    let again = Fire { event_id: None, ..sale(shop.pixel.id, 1, "A1", 10) };
    assert_eq!(crate::judge::said(&convert(&app, again.clone()).await), format!("post_click {clicked}"));
    assert_eq!(crate::judge::said(&convert(&app, again).await), "duplicate_order");
    assert_eq!(crate::judge::said(&convert(&app, sale(shop.pixel.id, 1, "A2", 10)).await), "repeat");
}

#[actix_web::test]
async fn an_order_that_many_have_adjusts_the_last() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let many = i64::from(MAX_ADJUSTED_AT_ONCE) + 20;
    let sent = |n: i64| Fire { event_id: None, ..sale(shop.pixel.id, 1, "undefined", n) };
    app.store.append_all((0..many / 2).map(|n| LogRow::Fire(Box::new(sent(n)))).collect()).await.unwrap();
    app.judged().await;
    // Half of them stand in the store, half in the same batch as the adjustment.
    let rest = (many / 2..many).map(|n| LogRow::Fire(Box::new(sent(n))));
    let retract = adjustment(shop.advertiser.id, order("undefined"), RETRACT);
    let rows: Vec<_> = rest.chain([LogRow::Adjustment(Box::new(retract))]).collect();
    app.store.append_all(rows).await.unwrap();
    app.judged().await;
    assert_eq!(today(&app, shop.pixel.id).await, format!("20: {} EUR; 40 USD", (0..20).sum::<i64>()));
    is_sound(&app).await;
}

#[actix_web::test]
async fn an_update_by_reference_is_no_further_conversion() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let sent = |reference: Option<&str>, parent: Option<&str>, value: Option<i64>| Fire {
        value: value.map(|value| Micros(value * Micros::UNIT)),
        currency: value.and(Currency::parse("EUR")),
        details: FireDetails { reason_code: Some("renewal".into()), ..details(reference, parent) },
        ..fire(shop.pixel.id, 1, 0)
    };
    let first = convert(&app, sent(Some("R1"), None, Some(10))).await;
    let update = convert(&app, sent(Some("R2"), Some("R1"), Some(15))).await;
    assert_eq!(update.outcome.reason().as_str(), "adjustment");
    assert_eq!(
        (current(&app, &first).await.as_str(), today(&app, shop.pixel.id).await.as_str()),
        ("15 EUR", "1: 15 EUR; 2 USD")
    );
    // By the update's own name; and with a reason alone.
    convert(&app, sent(None, Some("R2"), Some(12))).await;
    convert(&app, sent(None, Some("R1"), None)).await;
    assert_eq!(current(&app, &first).await, "12 EUR");
    let explained = explain(&app.store, &app.reader(), first.fire.seq).await.unwrap();
    let said: Vec<_> = explained.adjustments.iter().map(|a| (words::adjustment(a), a.reason_code.clone())).collect();
    let renewal = || Some("renewal".to_owned());
    assert_eq!(
        said,
        [
            ("It was restated to 15.00 EUR.".to_owned(), renewal()),
            ("It was restated to 12.00 EUR.".to_owned(), renewal()),
            ("It was updated without another value.".to_owned(), renewal()),
        ]
    );
    assert_eq!(update.fire.warnings, []);

    let unknown = convert(&app, sent(None, Some("R9"), Some(3))).await;
    assert_eq!(unknown.outcome.reason().as_str(), "post_click", "unknown, it stands for itself");
    let warning = &unknown.fire.warnings[0];
    assert_eq!(
        (warning.parameter.as_str(), warning.rule.as_str()),
        ("parent_reference_id", "unknown_parent_reference")
    );
    assert_eq!(app.store.pixel_health(&app.reader(), vec![shop.pixel.id]).await.unwrap()[&shop.pixel.id].warned, 1);
    assert_eq!(today(&app, shop.pixel.id).await, "2: 15 EUR; 4 USD");
    is_sound(&app).await;
}

#[actix_web::test]
async fn a_reference_is_the_advertisers_own() {
    let app = TestApp::start().await;
    let (one, other) = (shop(&app).await, app.shop().await);
    let named = convert(&app, Fire { details: details(Some("R1"), None), ..sale(one.pixel.id, 1, "A1", 10) }).await;
    let theirs = Fire { details: details(None, Some("R1")), ..sale(other.pixel.id, 1, "A1", 5) };
    assert_eq!(convert(&app, theirs).await.outcome.reason().as_str(), "no_exposure");
    assert_eq!(current(&app, &named).await, "10 EUR");
    let guest = |of: &Advertiser| {
        let scope = pixeld::domain::Scope::Advertiser(of.id);
        let role = pixeld::domain::Role::Viewer;
        pixeld::domain::Caller { user_id: None, token_id: None, name: "guest".into(), role, scope }.reader().unwrap()
    };
    adjust(&app, &one, order("A1"), RETRACT).await;
    let seen = async |by| app.store.adjustments(&by, listed(9)).await.unwrap().count;
    assert_eq!((seen(guest(&one.advertiser)).await, seen(guest(&other.advertiser)).await), (1, 0));
}
