//! Sums of money on the real application: the largest values that a tag can send, and what adjustments leave of them.

use std::process::Command;

use pixeld::domain::{ConversionChange, ConversionName, Currency, Micros, Role, TotalMicros};
use pixeld::store::{ConversionQuery, LogRow};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::admin::Browser;
use crate::api::Api;
use crate::harness::{Shop, TestApp, open_database};
use crate::judge::oracle::stored;
use crate::judge::{HOUR, adjustment, click, fire, show};

/// How many fires carry the largest value.
const FIRES: u32 = 20;

/// The largest value in units.
const LARGEST: &str = "999999999999.999999";

/// A shop whose visitor 7 has clicked its ad. Every sale counts, and the pixel books the largest amount for it.
async fn shop(app: &TestApp) -> Shop {
    let shop = app
        .shop_with(|pixel| {
            pixel.min_minutes_per_conv = Some(0);
            pixel.post_click_value = Some(Micros::MAX);
        })
        .await;
    show(&app.store, click(shop.line_item.id, 7, -HOUR)).await;
    shop
}

/// Fails unless every page and report about this shop shows the sum of so many largest values.
async fn sums_are(browser: &Browser, api: &Api, shop: &Shop, conversions: u32) {
    let total = TotalMicros(i128::from(conversions) * i128::from(Micros::MAX.0));
    let money = hundredths(total);
    let reports = "/admin/reports?type=advertiser_analytics&column=currency&column=total_revenue&column=booked_revenue";
    for (path, expected) in [
        ("/admin/line-items".to_owned(), money.clone()),
        (format!("/admin/pixels/{}", shop.pixel.id), String::new()),
        (format!("/admin/line-items/{}", shop.line_item.id), money.clone()),
        (format!("{reports}&range=today"), money.clone()),
        (format!("{reports}&column=hour&chart=total_revenue&range=today"), money.clone()),
    ] {
        let seen = browser.get(&path).await;
        assert_eq!(seen.status, 200, "{path} with {conversions} conversions: {}", seen.text());
        assert!(seen.text().contains(&expected), "{path} shows {expected}: {}", seen.text());
    }
    let report = json!({
        "report_type": "network_analytics", "report_interval": "today",
        "columns": ["currency", "total_convs", "post_click_revenue", "total_revenue", "booked_revenue"],
        "group_filters": {"total_revenue": {"operator": ">=", "value": total.to_string()}},
    });
    let sum = total;
    assert_eq!(
        crate::api::reports::rows(api, report).await.split_terminator("\r\n").nth(1),
        Some(format!("USD,{conversions},{sum},{sum},{sum}").as_str())
    );
}

#[actix_web::test]
async fn sums_of_the_largest_values_stay_right_while_conversions_are_retracted() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let api = Api::on(app).await;
    for n in 1..=FIRES {
        let sent = format!("/px?id={}&t=2&order_id=A{n}&value={LARGEST}&currency=USD", shop.pixel.id);
        assert_eq!(api.app.get(&sent, &[("cookie", "pxid=7")]).await.status(), 200);
    }
    api.app.judged().await;
    let found = api.app.store.conversions(&api.app.reader(), ConversionQuery::default()).await.unwrap();
    let sales: Vec<_> = found.items.iter().map(|sale| sale.fire.seq).collect();
    assert_eq!(sales.len(), 20);
    sums_are(&browser, &api, &shop, FIRES).await;
    for (left, sale) in (1..FIRES).rev().zip(sales) {
        let retracted = browser.submit(&format!("/admin/conversions/{sale}/correct"), &[("type", "retract")]).await;
        assert_eq!(retracted.status, 303, "{}", retracted.text());
        api.app.judged().await;
        sums_are(&browser, &api, &shop, left).await;
    }
    assert_eq!(api.app.store.verify(&api.app.reader()).await.unwrap().faults, []);
    let conn = open_database(api.app.data_dir());
    conn.execute("UPDATE conversions_quarters SET net_value_micros = net_value_micros + 1", []).unwrap();
    let faults = api.app.store.verify(&api.app.reader()).await.unwrap().faults;
    assert_eq!(faults.len(), 2, "a sum that is a millionth too large, and that of its day: {faults:?}");
}

/// An amount that a tag may send, in micros: the smallest, the largest, and any.
fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => select(vec![0, 1, 999_999_999, 1_000_000_000, Micros::MAX.0 - 1, Micros::MAX.0]),
        1 => 0..=Micros::MAX.0,
    ]
}

/// Sales and currencies by their number.
#[derive(Clone, Debug)]
enum Step {
    Sell { currency: usize, value: i64 },
    Buy { cost: i64 },
    Restate { sale: usize, value: i64, currency: Option<usize> },
    Retract { sale: usize },
    Judge,
}

const CURRENCIES: [&str; 2] = ["EUR", "USD"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..2_usize, amounts()).prop_map(|(currency, value)| Step::Sell { currency, value }),
        2 => amounts().prop_map(|cost| Step::Buy { cost }),
        4 => (0..40_usize, amounts(), prop::option::of(0..2_usize))
            .prop_map(|(sale, value, currency)| Step::Restate { sale, value, currency }),
        4 => (0..40_usize).prop_map(|sale| Step::Retract { sale }),
        1 => Just(Step::Judge),
    ];
    prop::collection::vec(step, 30..80)
}

/// The plain sums that every figure must agree with.
#[derive(Default)]
struct Ledger {
    /// Currency, value, whether it was retracted.
    sales: Vec<(usize, i64, bool)>,
    cost: i128,
}

impl Ledger {
    /// The row that the step appends, and its effect here; none for a step that appends nothing.
    fn take(&mut self, step: &Step, shop: &Shop) -> Option<LogRow> {
        let code = |currency: usize| Currency::parse(CURRENCIES[currency]);
        let adjust = |sale: usize, correction| {
            let of = ConversionName::OrderId(format!("A{sale}"));
            Some(LogRow::Adjustment(Box::new(adjustment(shop.advertiser.id, of, correction))))
        };
        match *step {
            Step::Sell { currency, value } => {
                let mut sale = fire(shop.pixel.id, 7, 0);
                sale.order_id = Some(format!("A{}", self.sales.len()));
                (sale.value, sale.currency) = (Some(Micros(value)), code(currency));
                self.sales.push((currency, value, false));
                Some(LogRow::Fire(Box::new(sale)))
            }
            Step::Buy { cost } => {
                self.cost += i128::from(cost);
                let mut bought = click(shop.line_item.id, 8, 0);
                bought.ancost = Some(Micros(cost));
                Some(LogRow::Exposure(Box::new(bought)))
            }
            Step::Restate { sale, value, currency } => {
                let (own, worth, _) = self.sales.get_mut(sale).filter(|(.., retracted)| !retracted)?;
                (*own, *worth) = (currency.unwrap_or(*own), value);
                adjust(
                    sale,
                    ConversionChange::Restate { value: Some(Micros(value)), currency: currency.and_then(code) },
                )
            }
            Step::Retract { sale } => {
                self.sales.get_mut(sale)?.2 = true;
                adjust(sale, ConversionChange::Retract)
            }
            Step::Judge => None,
        }
    }

    fn count(&self) -> i128 {
        self.sales.iter().map(|(.., retracted)| i128::from(!retracted)).sum()
    }

    fn revenue(&self, currency: usize) -> TotalMicros {
        let counted = self.sales.iter().filter(|(own, _, retracted)| *own == currency && !retracted);
        TotalMicros(counted.map(|(_, value, _)| i128::from(*value)).sum())
    }

    /// The value that the pixel books for every sale.
    fn booked(&self) -> TotalMicros {
        TotalMicros(self.count() * i128::from(Micros::MAX.0))
    }

    /// The lines of a report by currency: conversions, revenue, booked revenue, cost. Zeros have no line.
    fn lines(&self) -> Vec<String> {
        let (euro, dollar) = (self.revenue(0), self.revenue(1));
        let dollars = [self.count(), dollar.0, self.cost].iter().any(|figure| *figure != 0);
        let euros = (euro.0 != 0).then(|| format!("EUR,0,{euro},0,0"));
        let cost = TotalMicros(self.cost);
        euros
            .into_iter()
            .chain(dollars.then(|| format!("USD,{},{dollar},{},{cost}", self.count(), self.booked())))
            .collect()
    }
}

/// `1,204.50`
fn written(amount: TotalMicros) -> String {
    let text = amount.to_money();
    let (units, decimals) = text.split_once('.').unwrap();
    let groups: Vec<_> = units.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    format!("{}.{decimals}", groups.join(","))
}

/// As pages show it. Files have all decimals.
fn hundredths(amount: TotalMicros) -> String {
    written(TotalMicros((amount.0 + 5_000).div_euclid(10_000) * 10_000))
}

/// Fails unless pages and reports show the sums of the ledger.
async fn agree(app: TestApp, ledger: &Ledger) -> TestApp {
    app.judged().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let api = Api::on(app).await;
    let sums = [ledger.revenue(0), ledger.revenue(1), ledger.booked()];
    let amounts = sums.map(hundredths);
    let [euros, dollars, booked] = &amounts;
    let reports = "/admin/reports?range=today&type";
    for (path, expected) in [
        ("/admin/line-items".to_owned(), amounts.iter().collect()),
        (
            format!("{reports}=advertiser_analytics&column=currency&column=total_revenue&column=booked_revenue"),
            vec![euros, dollars, booked],
        ),
        (
            format!("{reports}=advertiser_analytics&column=hour&column=total_revenue&currency=USD&chart=total_revenue"),
            vec![dollars],
        ),
        (
            format!("{reports}=attributed_conversions&column=currency&column=post_click_or_post_view_revenue"),
            vec![euros, dollars],
        ),
    ] {
        let seen = browser.get(&path).await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.text());
        for amount in expected.into_iter().filter(|amount| amount.as_str() != "0.00") {
            assert!(seen.text().contains(amount), "{path} shows {amount}: {}", seen.text());
        }
    }
    let report = json!({
        "report_type": "network_analytics", "report_interval": "today",
        "columns": ["currency", "total_convs", "total_revenue", "booked_revenue", "cost"],
    });
    let file = crate::api::reports::rows(&api, report).await;
    assert_eq!(file.split_terminator("\r\n").skip(1).collect::<Vec<_>>(), ledger.lines());
    assert_eq!(api.app.store.verify(&api.app.reader()).await.unwrap().faults, []);
    api.app
}

async fn agrees_before_and_after_a_rebuild(steps: &[Step]) {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let (shop, mut ledger, mut rows) = (shop(&app).await, Ledger::default(), Vec::new());
    for step in steps {
        rows.extend(ledger.take(step, &shop));
        if matches!(step, Step::Judge) {
            app.store.append_all(std::mem::take(&mut rows)).await.unwrap();
            app.judged().await;
        }
    }
    app.store.append_all(rows).await.unwrap();
    agree(app, &ledger).await.stop();
    let before = stored(&open_database(directory.path()));
    let rebuilt =
        Command::new(env!("CARGO_BIN_EXE_pixeld")).arg("rebuild").arg("--data-dir").arg(directory.path()).status();
    assert!(rebuilt.unwrap().success());
    assert_eq!(stored(&open_database(directory.path())), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_figure_is_the_plain_sum_of_the_remaining_conversions(steps in steps()) {
        actix_web::rt::System::new().block_on(agrees_before_and_after_a_rebuild(&steps));
    }
}
