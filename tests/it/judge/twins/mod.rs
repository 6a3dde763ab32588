//! One name, one conversion: tables of cases about fires of one event or order. A case is a list of steps: fires,
//! adjustments and edits of the pixel.
//!
//! A fire is its visitor and what it brings: `v1 e=E o=A v=10 t=5`. Visitors `v` have clicked an ad an hour before, `x`
//! have not, `n` were created by the request itself, and `-` is no visitor. `t` is its own time, in minutes.

mod cases;

use pixeld::domain::{
    ConversionChange, ConversionName, Currency, Fire, FireDetails, Flags, Micros, OutcomeKind, Pixel, Seq,
};
use pixeld::judge::explain;
use pixeld::store::LogRow;

use cases::{ORDERS, RETRACTED, SHARED, TWINS};

use crate::harness::{Shop, TestApp};
use crate::judge::{MIN, adjustment, click, fire, show};

struct Case {
    name: &'static str,
    steps: &'static [&'static str],
    /// What became of each fire, in their order.
    fires: &'static [&'static str],
    /// How many conversions count, attributed or not, and their values.
    counts: &'static str,
}

/// The value of `key=` in a step.
fn part<'s>(step: &'s str, key: &str) -> Option<&'s str> {
    step.split(' ').find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
}

fn amount(step: &str) -> Option<Micros> {
    Some(Micros(part(step, "v")?.parse::<i64>().unwrap() * Micros::UNIT))
}

fn as_fire(shop: &Shop, step: &str) -> Fire {
    let who = step.split(' ').next().unwrap();
    let number = |from: i64| from + who[1..].parse::<i64>().unwrap();
    let visitor = match &who[..1] {
        "-" => 0,
        "v" => number(0),
        "x" => number(100),
        _ => number(200),
    };
    let after = part(step, "t").map_or(0, |minutes| minutes.parse::<i64>().unwrap() * MIN);
    let text = |key| part(step, key).map(str::to_owned);
    Fire {
        event_id: text("e"),
        order_id: text("o"),
        value: amount(step),
        currency: part(step, "c").and_then(Currency::parse).or(Currency::parse("EUR")),
        flags: Flags { new_visitor: who.starts_with('n'), bot: step.contains(" bot"), ..Flags::default() },
        details: FireDetails {
            content_ids: text("ids").into_iter().collect(),
            num_items: part(step, "n").map(|items| items.parse().unwrap()),
            ..FireDetails::default()
        },
        ..fire(shop.pixel.id, visitor, after)
    }
}

async fn step(app: &TestApp, shop: &Shop, step: &str) -> Option<Seq> {
    let name = || match (part(step, "o"), part(step, "e")) {
        (Some(order), _) => ConversionName::OrderId(order.to_owned()),
        (None, event) => ConversionName::EventId(event.unwrap().to_owned()),
    };
    let change = match step.split(' ').next().unwrap() {
        "retract" => ConversionChange::Retract,
        "restate" => ConversionChange::Restate { value: amount(step), currency: None },
        "once" => {
            let on = step.ends_with("on");
            let change = move |pixel: &mut Pixel| {
                pixel.count_each_order_once = on;
                Ok(())
            };
            app.store.update::<Pixel, _>(&app.editor(), shop.pixel.id.0, change).await.unwrap();
            return None;
        }
        _ => {
            let row = LogRow::Fire(Box::new(as_fire(shop, step)));
            return Some(app.store.append(row).await.unwrap());
        }
    };
    app.store.append(LogRow::Adjustment(Box::new(adjustment(shop.advertiser.id, name(), change)))).await.unwrap();
    None
}

/// What became of the fires, and what counts.
async fn results(app: &TestApp, seqs: &[Seq]) -> (Vec<String>, String) {
    let number = |seq: Seq| seqs.iter().position(|other| *other == seq).unwrap() + 1;
    let (mut fires, mut count, mut values) = (Vec::new(), 0, std::collections::BTreeMap::new());
    for seq in seqs {
        let explained = explain(&app.store, &app.reader(), *seq).await.unwrap();
        let conversion = &explained.conversion;
        assert_eq!(explained.judgement.outcome, conversion.outcome, "explained");
        let mut said = conversion.outcome.reason().to_string();
        if let Some(of) = conversion.duplicate_of {
            said += &format!(" of {}", number(of));
        }
        for taken in &conversion.taken {
            said += &format!(", {} of {}", taken.field, number(taken.from));
        }
        let current = conversion.current_value();
        if current.retracted {
            said += ", retracted";
        } else if conversion.outcome.kind() != OutcomeKind::NotCounted {
            count += 1;
            if let Some(value) = current.value {
                *values.entry(current.currency.unwrap().to_string()).or_insert(0) += value.0 / Micros::UNIT;
            }
        }
        fires.push(said);
    }
    let values: Vec<_> = values.iter().map(|(currency, value)| format!(" {value} {currency}")).collect();
    (fires, format!("{count}:{}", values.join(" +")))
}

async fn holds(case: &Case) {
    // Judged row by row, and all at once.
    for at_once in [false, true] {
        let app = TestApp::start().await;
        let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
        for visitor in 1..10 {
            show(&app.store, click(shop.line_item.id, visitor, -60 * MIN)).await;
        }
        let mut seqs = Vec::new();
        for text in case.steps {
            seqs.extend(step(&app, &shop, text).await);
            if !at_once {
                app.judged().await;
            }
        }
        app.judged().await;
        let (fires, counts) = results(&app, &seqs).await;
        assert_eq!(
            (fires, counts.as_str()),
            (case.fires.iter().map(|f| (*f).to_owned()).collect(), case.counts),
            "{}",
            case.name
        );
        assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, [], "{}", case.name);
    }
}

async fn all_hold(cases: &[Case]) {
    for case in cases {
        holds(case).await;
    }
}

#[actix_web::test]
async fn twins_count_once() {
    all_hold(TWINS).await;
}

#[actix_web::test]
async fn orders_count_once() {
    all_hold(ORDERS).await;
}

#[actix_web::test]
async fn what_was_retracted_is_as_if_absent() {
    all_hold(RETRACTED).await;
}

#[actix_web::test]
async fn an_id_of_several_visitors_is_no_name() {
    all_hold(SHARED).await;
}

#[actix_web::test]
async fn a_repeat_is_an_original() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(30)).await;
    for visitor in 1..3 {
        show(&app.store, click(shop.line_item.id, visitor, -60 * MIN)).await;
    }
    let mut seqs = Vec::new();
    for text in ["v1", "v1 e=E t=1", "v2 e=E t=2", "- e=F v=4", "v1 e=F t=3"] {
        seqs.extend(step(&app, &shop, text).await);
    }
    app.judged().await;
    let (fires, _) = results(&app, &seqs).await;
    assert_eq!(fires, ["post_click", "repeat", "duplicate_event of 2", "no_visitor", "duplicate_event of 4"]);
}

#[actix_web::test]
async fn a_repeat_keeps_the_restated_value_of_its_twin() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| {
        (pixel.min_minutes_per_conv, pixel.count_each_order_once) = (Some(30), true);
    });
    let shop = shop.await;
    show(&app.store, click(shop.line_item.id, 1, -60 * MIN)).await;
    let mut seqs = Vec::new();
    for text in ["v1", "v1 e=E t=1", "x1 o=A v=4 t=1", "restate o=A v=9", "x2 e=E o=A t=2"] {
        seqs.extend(step(&app, &shop, text).await);
    }
    app.judged().await;
    let (fires, counts) = results(&app, &seqs).await;
    let expected = ["post_click", "repeat, order_id of 4, value of 3", "duplicate_order of 2", "duplicate_event of 2"];
    assert_eq!((fires, counts.as_str()), (expected.map(str::to_owned).to_vec(), "1:"));
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[actix_web::test]
async fn a_retracted_conversion_is_no_repeat() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = None).await;
    show(&app.store, click(shop.line_item.id, 1, -60 * MIN)).await;
    for at_once in [true, false] {
        let mut seqs = Vec::new();
        for text in ["v1 o=A", "v1 o=B", "retract o=A", "v1 o=B", "v1 o=C", "retract o=B"] {
            seqs.extend(step(&app, &shop, text).await);
            if !at_once {
                app.judged().await;
            }
        }
        app.judged().await;
        let (fires, _) = results(&app, &seqs).await;
        assert_eq!(fires, ["post_click, retracted", "repeat", "post_click, retracted", "repeat"]);
    }
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}
