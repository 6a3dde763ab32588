//! The largest believable value of a pixel, as a table of cases. A case is a list of steps; the advertiser's currency is USD.
//!
//! - `max 100`, `max none`: a new version of the pixel. `currency EUR`: of the advertiser.
//! - `v1 100 USD e=E o=A ref=R parent=R`: a fire of a visitor who has clicked an ad (`x1`: who has not), with its value.
//! - `restate 100 USD o=A`: an adjustment.

use pixeld::attribution::words;
use pixeld::domain::{Advertiser, Currency, Micros, Pixel, Warning};
use pixeld::judge::{compare, explain};

use super::*;
use crate::harness::Shop;

struct Case {
    name: &'static str,
    steps: &'static [&'static str],
    /// Of each fire: its reason, its value as sent or taken, `!` if that was set aside, what it took from which fire,
    /// and after `->` its value after adjustments with their effects.
    fires: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "exactly the bound, and a millionth more",
        steps: &["max 100", "v1 100 USD", "v1 100.000001 USD", "v1 99.999999 USD"],
        fires: &["post_click 100 USD", "post_click -!", "post_click 99.999999 USD"],
    },
    Case {
        name: "the largest amount, and no value at all",
        steps: &["max 100", "v1 999999999999.999999 USD", "v1", "v1 0 USD"],
        fires: &["post_click -!", "post_click -", "post_click 0 USD"],
    },
    Case {
        name: "without a bound",
        steps: &["v1 999999999999.999999 USD"],
        fires: &["post_click 999999999999.999999 USD"],
    },
    Case {
        name: "a bound of zero lets no value through",
        steps: &["max 0", "v1 0 USD", "v1 0.000001 USD"],
        fires: &["post_click 0 USD", "post_click -!"],
    },
    Case {
        name: "another currency cannot be compared; without one it is the advertiser's",
        steps: &["max 100", "v1 500 EUR", "v1 500", "v1 100"],
        fires: &["post_click 500 EUR", "post_click -!", "post_click 100 XXX"],
    },
    Case {
        name: "the version at the fire's place in the log decides",
        steps: &["v1 500 USD", "max 100", "v1 500 USD", "max 500", "v1 500 USD", "max none", "v1 501 USD"],
        fires: &["post_click 500 USD", "post_click -!", "post_click 500 USD", "post_click 501 USD"],
    },
    Case {
        name: "the advertiser's currency changes, and the bound with it",
        steps: &["max 100", "v1 500 USD", "currency EUR", "v1 500 USD", "v1 500 EUR", "v1 500"],
        fires: &["post_click -!", "post_click 500 USD", "post_click -!", "post_click -!"],
    },
    Case {
        name: "fires that are credited to nobody, or do not count",
        steps: &["max 100", "x1 500 USD", "v1 500 USD test", "v1 500 USD bot"],
        fires: &["no_exposure -!", "test -!", "bot -!"],
    },
    Case {
        name: "a fire takes the value of its twin in place of its own that was set aside",
        steps: &["max 100", "v1 500 USD e=E", "x2 50 USD e=E"],
        fires: &["post_click 50 USD!, value of 2", "duplicate_event 50 USD"],
    },
    Case {
        name: "the same where the twin came first",
        steps: &["max 100", "x1 50 USD e=E", "v1 500 USD e=E"],
        fires: &["duplicate_event 50 USD", "post_click 50 USD!, value of 1"],
    },
    Case {
        name: "a twin whose value was set aside has none to give",
        steps: &["max 100", "v1 e=E", "x2 500 USD e=E", "x2 60 USD e=E"],
        fires: &["post_click 60 USD, value of 3", "duplicate_event -!", "duplicate_event 60 USD"],
    },
    Case {
        name: "restatements: the bound, a millionth more, another currency, and the conversion's own currency",
        steps: &[
            "max 100",
            "v1 50 USD o=A",
            "restate 100 USD o=A",
            "restate 100.000001 USD o=A",
            "restate 100.000001 o=A",
            "v1 50 USD o=B",
            "restate 500 EUR o=B",
            "restate 600 o=B",
        ],
        fires: &[
            "post_click 50 USD -> 100 USD restated over_max_value over_max_value",
            "post_click 50 USD -> 600 EUR restated restated",
        ],
    },
    Case {
        name: "a fire whose value was set aside may be given one",
        steps: &["max 100", "v1 500 USD o=A", "restate 500 USD o=A", "restate 70 USD o=A"],
        fires: &["post_click -! -> 70 USD over_max_value restated"],
    },
    Case {
        name: "restatements follow the version at their own place",
        steps: &[
            "v1 50 USD o=A",
            "restate 500 USD o=A",
            "max 100",
            "restate 600 USD o=A",
            "max none",
            "restate 700 USD o=A",
        ],
        fires: &["post_click 50 USD -> 700 USD restated over_max_value restated"],
    },
    Case {
        name: "updates by a reference",
        steps: &["max 100", "v1 50 USD ref=R", "v1 500 USD parent=R", "v1 500 parent=R", "v1 80 USD parent=R"],
        fires: &[
            "post_click 50 USD -> 80 USD over_max_value over_max_value restated",
            "adjustment -!",
            "adjustment -!",
            "adjustment 80 USD",
        ],
    },
];

/// The part of a step that begins with `key=`.
fn part(step: &str, key: &str) -> Option<String> {
    step.split(' ').find_map(|part| part.strip_prefix(key)?.strip_prefix('=').map(str::to_owned))
}

fn as_fire(shop: &Shop, step: &str) -> Fire {
    let who: i64 = step[1..].split(' ').next().unwrap().parse().unwrap();
    let (value, currency) = money(step);
    Fire {
        event_id: part(step, "e"),
        order_id: part(step, "o"),
        value,
        currency,
        flags: Flags { test: step.contains(" test"), bot: step.contains(" bot"), ..Flags::default() },
        details: FireDetails {
            reference_id: part(step, "ref"),
            parent_reference_id: part(step, "parent"),
            ..FireDetails::default()
        },
        ..fire(shop.pixel.id, if step.starts_with('v') { who } else { 100 + who }, 0)
    }
}

fn money(step: &str) -> (Option<Micros>, Option<Currency>) {
    let mut parts = step.split(' ').skip(1);
    let value = parts.next().and_then(|value| Micros::parse(value).ok());
    (value, value.and_then(|_| Currency::parse(parts.next()?)))
}

async fn happen(app: &TestApp, shop: &Shop, step: &str) -> Option<Seq> {
    let (by, after) = (app.editor(), step.split(' ').nth(1).map(str::to_owned));
    match step.split(' ').next().unwrap() {
        "max" => {
            let change = move |pixel: &mut Pixel| {
                pixel.max_value = after.and_then(|amount| Micros::parse(&amount).ok());
                Ok(())
            };
            app.store.update::<Pixel, _>(&by, shop.pixel.id.0, change).await.unwrap();
        }
        "currency" => {
            let change = move |advertiser: &mut Advertiser| {
                advertiser.default_currency = Currency::parse(&after.unwrap()).unwrap();
                Ok(())
            };
            app.store.update::<Advertiser, _>(&by, shop.advertiser.id.0, change).await.unwrap();
        }
        "restate" => {
            let (value, currency) = money(step);
            let change = ConversionChange::Restate { value, currency };
            let of = ConversionName::OrderId(part(step, "o").unwrap());
            let row = LogRow::Adjustment(Box::new(adjustment(shop.advertiser.id, of, change)));
            app.store.append(row).await.unwrap();
        }
        _ => return Some(app.store.append(LogRow::Fire(Box::new(as_fire(shop, step)))).await.unwrap()),
    }
    None
}

fn amount(value: Option<Micros>, currency: Option<Currency>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value} {}", currency.unwrap_or(Currency::NONE)))
}

async fn told(app: &TestApp, seqs: &[Seq], seq: Seq) -> String {
    let number = |seq: Seq| seqs.iter().position(|other| *other == seq).unwrap() + 1;
    let explained = explain(&app.store, &app.reader(), seq).await.unwrap();
    let conversion = &explained.conversion;
    assert_eq!(explained.judgement.outcome, conversion.outcome, "explained");
    let mut told = format!("{} {}", conversion.outcome.reason(), amount(conversion.value, conversion.currency));
    let is_ours = |warning: &&Warning| warning.rule == "over_max_value";
    let warning = conversion.fire.warnings.iter().find(is_ours);
    assert_eq!(warning.is_some(), conversion.max_value.is_some());
    let sentences: Vec<_> = explained.judgement.explanation.steps.iter().map(words::step).collect();
    let step = sentences.iter().find(|sentence| sentence.contains("largest believable value"));
    assert_eq!(step.is_some(), warning.is_some(), "{sentences:?}");
    if let (Some(step), Some(warning)) = (step, warning) {
        let max = explained.pixel.max_value.unwrap();
        let (sent, bound) = (conversion.fire.value.unwrap(), max.amount);
        assert!(step.contains(&sent.to_money()), "{step}");
        assert!(step.contains(&format!("{} {}", bound.to_money(), max.currency)), "{step}");
        assert_eq!((warning.parameter.as_str(), warning.raw.as_str()), ("value", sent.to_string().as_str()));
        told.push('!');
    }
    for taken in &conversion.taken {
        told += &format!(", {} of {}", taken.field, number(taken.from));
    }
    if !explained.adjustments.is_empty() {
        let current = conversion.current_value();
        told += &format!(" -> {}", amount(current.value, current.currency));
        explained.adjustments.iter().for_each(|applied| told += &format!(" {}", applied.effect.as_str()));
    }
    told
}

/// What `pixeld check` finds.
async fn faults(app: &TestApp) -> Vec<String> {
    let store = app.store.clone();
    let compared = std::thread::spawn(move || {
        let rebuilding = store.start_rebuild(None).unwrap().unwrap();
        compare(&store, &rebuilding, &mut |_| ()).unwrap()
    });
    let broken = app.store.verify(&app.reader()).await.unwrap().faults;
    broken.iter().chain(&compared.join().unwrap()).map(|fault| format!("{fault:?}")).collect()
}

async fn holds(case: &Case, at_once: bool) {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    for visitor in 1..4 {
        show(&app.store, click(shop.line_item.id, visitor, -HOUR)).await;
    }
    let mut seqs = Vec::new();
    for step in case.steps {
        seqs.extend(happen(&app, &shop, step).await);
        if !at_once {
            app.judged().await;
        }
    }
    app.judged().await;
    let mut fires = Vec::new();
    for seq in &seqs {
        fires.push(told(&app, &seqs, *seq).await);
    }
    assert_eq!(fires, case.fires, "{}", case.name);
    assert_eq!(faults(&app).await, [""; 0], "{}", case.name);
    let real = fires.iter().filter(|fire| fire.contains('!') && !fire.starts_with("test") && !fire.starts_with("bot"));
    let health = app.store.pixel_health(&app.reader(), vec![shop.pixel.id]).await.unwrap();
    assert_eq!(health[&shop.pixel.id].warned, u64::try_from(real.count()).unwrap(), "{}", case.name);
}

#[actix_web::test]
async fn a_value_beyond_the_bound_is_set_aside() {
    for case in CASES {
        for at_once in [false, true] {
            holds(case, at_once).await;
        }
    }
}

#[actix_web::test]
async fn a_rebuild_by_the_current_settings_applies_the_current_bound() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    show(&app.store, click(shop.line_item.id, 1, -HOUR)).await;
    let mut seqs = Vec::new();
    for step in ["v1 500 USD o=A", "restate 600 USD o=A", "v1 50 USD o=B", "restate 70 USD o=B", "max 100"] {
        seqs.extend(happen(&app, &shop, step).await);
    }
    app.judged().await;
    assert_eq!(told(&app, &seqs, seqs[0]).await, "post_click 500 USD -> 600 USD restated");
    let store = app.store.clone();
    let rebuilding = std::thread::spawn(move || {
        let decision = pixeld::domain::Rejudge { from: Millis(i64::MIN), settings: true, exposures: false };
        let rebuilding = store.start_rebuild(Some(decision)).unwrap().unwrap();
        pixeld::judge::rebuild(&store, &rebuilding, &mut |_| ()).unwrap();
    });
    rebuilding.join().unwrap();
    assert_eq!(told(&app, &seqs, seqs[0]).await, "post_click -! -> - over_max_value");
    assert_eq!(told(&app, &seqs, seqs[1]).await, "post_click 50 USD -> 70 USD restated");
    assert_eq!(faults(&app).await, [""; 0]);
}

#[actix_web::test]
async fn a_deleted_pixel_keeps_its_bound() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.max_value = Some(Micros(100 * Micros::UNIT))).await;
    let sent = happen(&app, &shop, "v1 50 USD o=A").await.unwrap();
    app.store.delete::<Advertiser>(&app.editor(), shop.advertiser.id.0).await.unwrap();
    happen(&app, &shop, "restate 500 USD o=A").await;
    let after = happen(&app, &shop, "v1 500 USD").await.unwrap();
    app.judged().await;
    assert_eq!(told(&app, &[sent], sent).await, "no_exposure 50 USD -> 50 USD over_max_value");
    assert_eq!(told(&app, &[after], after).await, "pixel_inactive -!");
    assert_eq!(faults(&app).await, [""; 0]);
}

#[actix_web::test]
async fn the_uses_of_a_token_are_counted() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let other = app.shop().await;
    let clicked = show(&app.store, click(shop.line_item.id, 1, -HOUR)).await;
    let unused = show(&app.store, click(shop.line_item.id, 1, -2 * HOUR)).await;
    let named = |visitor| Fire { exposure: Some(clicked), ..fire(shop.pixel.id, visitor, 0) };
    let new = Flags { new_visitor: true, ..Flags::default() };
    let bot = Flags { bot: true, ..Flags::default() };
    let mut last = None;
    for sent in [
        named(1),
        named(1),
        named(0),
        Fire { flags: new, ..named(7) },
        Fire { flags: bot, ..named(2) },
        Fire { pixel_id: other.pixel.id, ..named(3) },
        fire(shop.pixel.id, 1, 0),
    ] {
        last = Some(convert(&app, sent).await.fire.seq);
    }
    let explained = explain(&app.store, &app.reader(), last.unwrap()).await.unwrap();
    let uses = |seq: Seq| explained.token_uses[&seq];
    let counted = pixeld::domain::TokenUses { fires: 5, attributed: 4, visitors: 2 };
    assert_eq!(uses(clicked), counted, "the other advertiser's fire is not shown to this one");
    assert_eq!(uses(unused), pixeld::domain::TokenUses::default());
    for _ in 0..pixeld::domain::TokenUses::MOST {
        app.store.append(LogRow::Fire(Box::new(named(1)))).await.unwrap();
    }
    app.judged().await;
    let explained = explain(&app.store, &app.reader(), last.unwrap()).await.unwrap();
    assert_eq!(explained.token_uses[&clicked].fires, pixeld::domain::TokenUses::MOST);
}
