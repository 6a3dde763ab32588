//! Costs: after any sequence of imports, undos and deletions they are those of a simple model, and the check finds no
//! fault.

use std::collections::BTreeMap;

use pixeld::domain::{
    AdvertiserId, Campaign, Cost, CostKey, CostRunId, CostWay, Currency, Day, ImportedCosts, LineItem, LineItemId,
    Micros, NewCost, TotalMicros,
};
use pixeld::store::{CostSumQuery, Dimension, ListQuery, Scalar, Test};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::harness::TestApp;

/// A cost by indexes: day, line item, whether with its campaign, account, label, currency; and its amount.
type Draft = (u8, usize, bool, u8, u8, bool, i64);

#[derive(Clone, Debug)]
enum Act {
    Import(u8, Vec<Draft>),
    /// The run at this place of those that there are, undone or not.
    Undo(usize),
    /// The cost at this place of those that count.
    Delete(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let draft = (0..3_u8, 0..2_usize, any::<bool>(), 0..2_u8, 0..3_u8, any::<bool>(), 0..900_i64);
    let act = prop_oneof![
        6 => (0..2_u8, prop::collection::vec(draft, 1..6)).prop_map(|(profile, drafts)| Act::Import(profile, drafts)),
        4 => any::<usize>().prop_map(Act::Undo),
        1 => any::<usize>().prop_map(Act::Delete),
    ];
    prop::collection::vec(act, 1..16)
}

/// A run of the model.
struct Run {
    id: CostRunId,
    profile: String,
    undone: bool,
    costs: Vec<(NewCost, bool)>,
}

/// Whether a run that says `later` replaces `earlier`, of the same profile.
fn replaces(later: &NewCost, earlier: &NewCost) -> bool {
    let same_label = !later.label.is_empty() && later.label == earlier.label;
    (later.day, &later.account) == (earlier.day, &earlier.account) && (later.key == earlier.key || same_label)
}

/// The costs that count: of each run that is not undone, those that no later one replaces.
fn counting(runs: &[Run]) -> Vec<(usize, usize)> {
    let mut counting = Vec::new();
    for (place, run) in runs.iter().enumerate().filter(|(_, run)| !run.undone) {
        let later = || runs[place + 1..].iter().filter(|later| !later.undone && later.profile == run.profile);
        for (index, (cost, deleted)) in run.costs.iter().enumerate() {
            if !deleted && !later().any(|later| later.costs.iter().any(|(other, _)| replaces(other, cost))) {
                counting.push((place, index));
            }
        }
    }
    counting
}

type Sums = BTreeMap<(String, i64, i64, Currency), TotalMicros>;

fn sums_of(runs: &[Run]) -> Sums {
    let mut sums = Sums::new();
    for (run, index) in counting(runs) {
        let (cost, _) = &runs[run].costs[index];
        let campaign = cost.key.campaign_id.map_or(0, |id| id.0);
        *sums.entry((cost.day.to_string(), cost.key.line_item_id.0, campaign, cost.currency)).or_default() +=
            cost.amount.into();
    }
    sums
}

async fn stored_sums(app: &TestApp) -> Sums {
    let day = |text| Day::parse(text).unwrap();
    let by = vec![Dimension::LineItem, Dimension::Campaign];
    let query =
        CostSumQuery { first: day("2026-01-01"), last: day("2026-12-31"), by_day: true, by, filters: Vec::new() };
    let sums = app.store.cost_sums(&app.reader(), query).await.unwrap();
    sums.into_iter()
        .map(|sum| ((sum.day.unwrap().to_string(), sum.ids[0], sum.ids[1], sum.currency), sum.amount))
        .collect()
}

struct Shop {
    advertiser: AdvertiserId,
    line_items: Vec<LineItemId>,
    keys: Vec<CostKey>,
}

async fn shop(app: &TestApp) -> Shop {
    let advertiser = app.advertiser("Ridge").await.id;
    let (mut line_items, mut keys) = (Vec::new(), Vec::new());
    for name in ["Road", "Trail"] {
        let line_item = app.store.create(&app.editor(), LineItem::new(advertiser, name)).await.unwrap().id;
        let campaign = app.store.create(&app.editor(), Campaign::new(advertiser, line_item, name)).await.unwrap().id;
        line_items.push(line_item);
        keys.push(CostKey { line_item_id: line_item, campaign_id: Some(campaign), publisher_id: None });
    }
    Shop { advertiser, line_items, keys }
}

fn cost(shop: &Shop, (day, line_item, with_campaign, account, label, euros, amount): Draft) -> NewCost {
    let day = Day::parse(&format!("2026-09-0{}", day + 1)).unwrap();
    let currency = if euros { Currency::parse("EUR").unwrap() } else { Currency::USD };
    let mut cost = NewCost::new(day, shop.line_items[line_item], currency, Micros(amount * 10_000));
    if with_campaign {
        cost.key = shop.keys[line_item];
    }
    cost.account = ["", "a"][usize::from(account)].to_owned();
    cost.label = ["", "x", "y"][usize::from(label)].to_owned();
    cost
}

/// Adds up as an import does.
fn added_up(costs: &[NewCost]) -> Vec<(NewCost, bool)> {
    let mut sums: Vec<(NewCost, bool)> = Vec::new();
    for cost in costs {
        let same = |sum: &&mut (NewCost, bool)| NewCost { amount: sum.0.amount, ..cost.clone() } == sum.0;
        match sums.iter_mut().find(same) {
            Some((sum, _)) => sum.amount = Micros(sum.amount.0 + cost.amount.0),
            None => sums.push((cost.clone(), false)),
        }
    }
    sums
}

async fn act(app: &TestApp, shop: &Shop, runs: &mut Vec<Run>, act: Act) {
    match act {
        Act::Import(profile, drafts) => {
            let costs: Vec<_> = drafts.into_iter().map(|draft| cost(shop, draft)).collect();
            let mut import = ImportedCosts::new(CostWay::Import, shop.advertiser, costs.clone());
            import.profile = ["google_ads", "meta_ads"][usize::from(profile)].to_owned();
            let profile = import.profile.clone();
            let before = counting(runs).len();
            let preview = app.store.preview_costs(&app.editor(), import.clone()).await.unwrap();
            let run = app.store.import_costs(&app.editor(), import).await.unwrap();
            let costs = added_up(&costs);
            assert_eq!((run.rows, preview.rows), (costs.len() as u64, costs.len()));
            runs.push(Run { id: run.id, profile, undone: false, costs });
            let left = counting(runs).len() - usize::try_from(run.rows).unwrap();
            assert_eq!(run.replaced, (before - left) as u64);
            assert_eq!(preview.replaced.is_empty(), run.replaced == 0);
        }
        Act::Undo(place) if !runs.is_empty() => {
            let place = place % runs.len();
            let outcome = app.store.undo_cost_run(&app.editor(), runs[place].id).await;
            assert_eq!(outcome.is_err(), runs[place].undone);
            runs[place].undone = true;
        }
        Act::Delete(place) => {
            let counting = counting(runs);
            let Some((run, index)) = counting.get(place.checked_rem(counting.len()).unwrap_or(0)).copied() else {
                return;
            };
            let query = ListQuery::default()
                .with_id::<Cost>("run_id", runs[run].id.0)
                .with::<Cost>("state", Test::In(vec![Scalar::Text("live".to_owned())]));
            let stored = app.store.costs(&app.reader(), query).await.unwrap().items;
            let stored = stored.iter().find(|cost| cost.figure == runs[run].costs[index].0).unwrap();
            app.store.delete_cost(&app.editor(), stored.id).await.unwrap();
            runs[run].costs[index].1 = true;
        }
        Act::Undo(_) => {}
    }
}

#[tokio::test]
async fn any_sequence_of_imports_and_undos_equals_a_simple_model() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let (mut runner, acts) = (TestRunner::deterministic(), acts());
    for _ in 0..24 {
        let (sequence, mut runs) = (acts.new_tree(&mut runner).unwrap().current(), Vec::new());
        for next in &sequence {
            act(&app, &shop, &mut runs, next.clone()).await;
            assert_eq!(stored_sums(&app).await, sums_of(&runs), "{next:?} of {sequence:#?}");
        }
        // The next sequence begins with nothing.
        for run in runs.iter().filter(|run| !run.undone) {
            app.store.undo_cost_run(&app.editor(), run.id).await.unwrap();
        }
        assert_eq!(stored_sums(&app).await, Sums::new());
    }
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[tokio::test]
async fn sums_never_overflow_and_a_sum_of_one_cost_does_not_either() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let largest = |account: String, amount| {
        let mut cost = cost(&shop, (0, 0, false, 0, 0, true, 0));
        (cost.amount, cost.account) = (Micros(amount), account);
        cost
    };
    for sign in [1, -1] {
        let costs = (0..40).map(|account| largest(account.to_string(), sign * Micros::MAX.0)).collect();
        let mut import = ImportedCosts::new(CostWay::Typed, shop.advertiser, costs);
        import.allow_negative = true;
        app.store.import_costs(&app.editor(), import).await.unwrap();
        let sum = stored_sums(&app).await.into_values().next();
        assert_eq!(sum, Some(TotalMicros(i128::from(Micros::MAX.0) * 40 * i128::from(sign))));
    }
    let twice = vec![largest(String::new(), Micros::MAX.0), largest(String::new(), 1)];
    let import = ImportedCosts::new(CostWay::Typed, shop.advertiser, twice);
    let refused = app.store.import_costs(&app.editor(), import).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "amount is too large: those of 2026-09-01 and line item 1 add up to 999999999999.999999 or more"
    );
}

#[tokio::test]
async fn a_campaign_of_a_file_that_moves_to_another_line_item_is_not_counted_twice() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let import = |line_item, amount| ImportedCosts {
        profile: "google_ads".to_owned(),
        ..ImportedCosts::new(
            CostWay::Import,
            shop.advertiser,
            vec![cost(&shop, (0, line_item, false, 0, 1, true, amount))],
        )
    };
    app.store.import_costs(&app.editor(), import(0, 500)).await.unwrap();
    let typed = ImportedCosts::new(CostWay::Typed, shop.advertiser, vec![cost(&shop, (0, 1, false, 0, 0, true, 70))]);
    app.store.import_costs(&app.editor(), typed).await.unwrap();
    let preview = app.store.preview_costs(&app.editor(), import(1, 300)).await.unwrap();
    let euros = |amount: i128| BTreeMap::from([(Currency::parse("EUR").unwrap(), TotalMicros(amount * 10_000))]);
    assert_eq!((preview.replaced.len(), preview.beside, preview.totals), (1, 1, euros(300)));
    assert_eq!((&preview.replaced[0].old, preview.replaced[0].new.len()), (&euros(500), 0));
    app.store.import_costs(&app.editor(), import(1, 300)).await.unwrap();
    let sums: Vec<_> =
        stored_sums(&app).await.into_iter().map(|((_, line_item, ..), sum)| (line_item, sum.0 / 10_000)).collect();
    assert_eq!(sums, [(2, 370)]);
}
