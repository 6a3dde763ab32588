//! Properties of the judgement over random cases. Their times lie close to the boundaries, so ties and edges are common.
//! `oracle.rs` says what each case must yield.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::oracle::oracle;
use super::*;
use crate::domain::{OutcomeKind, Reason, Unattributed};

/// Ages of a few minutes: whole minutes, or one millisecond more or less.
fn age() -> impl Strategy<Value = i64> {
    (-1..=5_i64, prop_oneof![4 => Just(0), 1 => Just(-1), 1 => Just(1)]).prop_map(|(minutes, ms)| minutes * MIN + ms)
}

fn touch() -> impl Strategy<Value = Touch> {
    let tied = prop_oneof![2 => Just(None), 1 => age().prop_map(Some)];
    let marked = prop::collection::vec(prop::bool::weighted(0.05), 3);
    (any::<bool>(), age(), 1..=4_i64, tied, marked).prop_map(|(is_click, age_ms, line_item, tied, marked)| {
        let touch = if is_click { click(0, age_ms) } else { view(0, age_ms) };
        let touch = touch.on(line_item).marked(marked[0], marked[1], marked[2]);
        tied.map_or(touch, |age_ms| touch.tied(age_ms))
    })
}

/// Up to eight exposures whose order in the log is independent of their times.
fn touches() -> impl Strategy<Value = Vec<Touch>> {
    let seqs = subsequence((10..30).collect::<Vec<i64>>(), 8).prop_shuffle();
    (prop::collection::vec(touch(), 0..=8), seqs).prop_map(|(touches, seqs)| {
        touches.into_iter().zip(seqs).map(|(touch, seq)| Touch { seq: Seq(seq), ..touch }).collect()
    })
}

fn line_items() -> impl Strategy<Value = Vec<LineItemRules>> {
    let value = || prop::option::of((0..3_i64).prop_map(Micros));
    let one = (prop::bool::weighted(0.8), prop::bool::weighted(0.8), prop::bool::weighted(0.9), value(), value());
    prop::collection::vec(one, 0..=3).prop_map(|all| {
        let ids = 1..;
        all.into_iter()
            .zip(ids)
            .map(|((active, entry_active, ours, click_value, view_value), id)| {
                let entry = LineItemEntry {
                    pixel_id: PixelId(if ours { 1 } else { 2 }),
                    active: entry_active,
                    post_click_revenue: click_value,
                    post_view_revenue: view_value,
                };
                LineItemRules { active, entries: vec![entry], ..line_item(id) }
            })
            .collect()
    })
}

/// Small amounts in two currencies.
fn money() -> impl Strategy<Value = (Micros, Currency)> {
    ((0..4_i64).prop_map(Micros), select(vec![Currency::USD, Currency::parse("EUR").unwrap()]))
}

fn pixel() -> impl Strategy<Value = PixelRules> {
    let trigger = select(vec![TriggerType::View, TriggerType::Click, TriggerType::Hybrid, TriggerType::Hybrid]);
    let repeat = select(vec![RepeatRule::Once, RepeatRule::All, RepeatRule::Every(Minutes(2))]);
    let value = || prop::option::of((3..6_i64).prop_map(Micros));
    let active = prop::bool::weighted(0.95);
    let max = prop::option::of(money().prop_map(|(amount, currency)| MaxValue { amount, currency }));
    (trigger, repeat, 0..=4_u32, 0..=4_u32, active, any::<bool>(), (value(), value()), max).prop_map(
        |(trigger_type, repeat, click, view, active, count_each_order_once, values, max_value)| {
            let (post_click_value, post_view_value) = values;
            PixelRules {
                trigger_type,
                repeat,
                click_window: Minutes(click),
                view_window: Minutes(view),
                active,
                count_each_order_once,
                post_click_value,
                post_view_value,
                max_value,
                ..setup().pixel
            }
        },
    )
}

/// An earlier fire or conversion, in a quarter of the cases.
fn rarely(at: impl Strategy<Value = i64>) -> impl Strategy<Value = Option<EarlierFire>> {
    prop::option::weighted(0.25, at.prop_map(|age_ms| EarlierFire { seq: Seq(3), at: T.plus(-age_ms) }))
}

/// At most one fire of the same event, and up to two of the same order.
fn namesakes() -> impl Strategy<Value = Vec<Namesake>> {
    use NamesakeState::{Credited, Open, Repeat, Retracted};
    let same_event = (4..6_i64, select(vec![Credited, Repeat, Retracted, Open, Open]), age());
    let same_order = (3..7_i64, select(vec![Credited, Repeat, Open, Open]), age());
    (prop::option::weighted(0.25, same_event), prop::collection::vec(same_order, 0..3)).prop_map(|(same, others)| {
        let mut all: Vec<Namesake> = same.into_iter().map(|(seq, state, age)| event(seq, state, age)).collect();
        for (seq, state, age) in others {
            // A fire is in one state, whichever name leads to it.
            if all.iter().all(|known| known.fire.seq != Seq(seq)) {
                all.push(order(seq, state, age));
            }
        }
        all
    })
}

fn case() -> impl Strategy<Value = Setup> {
    let earlier =
        (namesakes(), rarely(age().prop_map(|age_ms| age_ms.max(0))), rarely(age().prop_map(|age_ms| age_ms.min(-1))));
    let token = prop_oneof![8 => Just((false, false)), 1 => Just((true, true)), 1 => Just((true, false))];
    let fire =
        (prop::collection::vec(prop::bool::weighted(0.03), 3), prop::bool::weighted(0.9), any::<[bool; 2]>(), token);
    let parent = prop_oneof![8 => Just((false, false)), 1 => any::<(bool, bool)>()];
    let worth = (prop::option::of(money()), any::<bool>());
    (touches(), touch(), line_items(), pixel(), earlier, fire, parent, worth).prop_map(
        |(exposures, other, line_items, pixel, earlier, (flags, visitor, ids, (token, stored)), parent, worth)| {
            let mut setup = Setup { exposures, line_items, pixel, ..setup() };
            (setup.namesakes, setup.counted_before, setup.counted_after) = earlier;
            setup.parent = parent.1.then_some(EarlierFire { seq: Seq(3), at: Millis(0) });
            let fire = &mut setup.fire;
            fire.parent_reference_id = parent.0.then(|| "R1".to_owned());
            fire.flags = Flags { test: flags[0], bot: flags[1], prefetch: flags[2], new_visitor: false };
            (fire.value, fire.currency) = (worth.0.map(|(value, _)| value), worth.0.map(|(_, currency)| currency));
            fire.currency = fire.currency.filter(|_| worth.1);
            fire.visitor_id = visitor.then_some(VisitorId(1));
            fire.event_id = fire.event_id.take().filter(|_| ids[0]);
            fire.order_id = fire.order_id.take().filter(|_| ids[1]);
            fire.exposure = token.then_some(Seq(9));
            setup.named = (token && stored).then_some(Touch { seq: Seq(9), ..other });
            setup
        },
    )
}

/// The judgement without its explanation.
fn verdict(case: &Setup) -> (Outcome, Option<Credit>) {
    let judgement = case.judge();
    (judgement.outcome, judgement.credit)
}

fn eligible(case: &Setup) -> bool {
    case.judge().explanation.touches.iter().any(|line| line.verdict.is_eligible())
}

/// Random cases prove little about a reason that never occurs among them.
#[test]
fn the_random_cases_reach_every_reason() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..5000 {
        let reason = case().new_tree(&mut runner).unwrap().current().judge().outcome.reason();
        *seen.entry(reason).or_insert(0) += 1;
    }
    assert!(seen.len() == Reason::WORDS.len() && seen.values().all(|count| *count > 20), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_oracle_agrees(case in case()) {
        let (outcome, credit) = verdict(&case);
        let credit = credit.map(|credit| (credit.touch.seq.0, credit.counted_from.0, credit.static_value));
        prop_assert_eq!((outcome.reason().to_string(), credit), oracle(&case));
    }

    #[test]
    fn a_value_beyond_the_bound_is_noticed_and_decides_nothing(case in case()) {
        let judgement = case.judge();
        let says = |step: &&Step| matches!(step, Step::Value { .. });
        prop_assert_eq!(judgement.exceeded.is_some(), oracle::is_beyond_belief(&case));
        let steps = judgement.explanation.steps.iter().filter(says).count();
        prop_assert_eq!(steps, usize::from(judgement.exceeded.is_some()));
        let believed = case.clone().with(|s| s.pixel.max_value = None);
        prop_assert_eq!(verdict(&case), verdict(&believed));
    }

    #[test]
    fn a_judgement_has_credit_exactly_when_it_is_attributed(case in case()) {
        let (outcome, credit) = verdict(&case);
        prop_assert_eq!(outcome.kind() == OutcomeKind::Attributed, credit.is_some());
        if let Some(credit) = credit {
            prop_assert_eq!(outcome, Outcome::Attributed(credit.touch.kind));
        }
    }

    #[test]
    fn the_last_step_decides_alone_or_after_the_rules_for_one_fire(case in case()) {
        let judgement = case.judge();
        let (last, before) = judgement.explanation.steps.split_last().unwrap();
        prop_assert_eq!(last.outcome(), Some(judgement.outcome));
        let twin = matches!(last, Step::Twin { .. });
        let decided = before.iter().filter(|step| step.outcome().is_some()).count();
        prop_assert_eq!(decided, usize::from(twin));
        prop_assert_eq!(judgement.duplicate_of.is_some(), judgement.outcome.reason().as_str().starts_with("duplicate"));
    }

    #[test]
    fn the_order_of_the_input_does_not_matter(
        (case, exposures, line_items) in case().prop_flat_map(|case| {
            let (exposures, line_items) = (case.exposures.clone(), case.line_items.clone());
            (Just(case), Just(exposures).prop_shuffle(), Just(line_items).prop_shuffle())
        })
    ) {
        let shuffled = Setup { exposures, line_items, ..case.clone() };
        prop_assert_eq!(case.judge(), shuffled.judge());
    }

    #[test]
    fn an_ineligible_exposure_changes_no_credit(case in case(), extra in touch()) {
        let more = case.clone().saw([Touch { seq: Seq(40), ..extra }]);
        let touches = more.judge().explanation.touches;
        let line = touches.iter().find(|line| line.touch.seq == Seq(40)).unwrap();
        let (before, after) = (verdict(&case), verdict(&more));
        match line.verdict {
            // It may change why there is no credit: from no exposure to one that is too old.
            Verdict::TooOld | Verdict::WrongKind => {
                prop_assert_eq!(before.1, after.1);
                prop_assert_eq!(before.0.kind(), after.0.kind());
                let lacking = [Unattributed::NoExposure, Unattributed::WrongKind].map(Outcome::Unattributed);
                prop_assert!(before == after || lacking.contains(&before.0));
            }
            other if !other.is_eligible() => prop_assert_eq!(before, after),
            _ => {}
        }
    }

    #[test]
    fn hybrid_equals_click_if_a_click_is_eligible_and_view_otherwise(case in case()) {
        let [hybrid, click, view] = [TriggerType::Hybrid, TriggerType::Click, TriggerType::View]
            .map(|trigger_type| case.clone().trigger(trigger_type));
        if eligible(&click) {
            prop_assert_eq!(verdict(&hybrid), verdict(&click));
        } else if eligible(&view) {
            prop_assert_eq!(verdict(&hybrid), verdict(&view));
        } else {
            prop_assert_eq!(verdict(&hybrid).1, None);
        }
    }

    #[test]
    fn a_wider_window_loses_no_conversion(case in case(), click in 0..4_u32, view in 0..4_u32, longest: bool) {
        let wider = case.clone().with(|s| {
            let widen = |window: Minutes, by| Minutes(if longest || window.0 == 0 { 0 } else { window.0 + by });
            s.pixel.click_window = widen(s.pixel.click_window, click);
            s.pixel.view_window = widen(s.pixel.view_window, view);
        });
        if verdict(&case).1.is_some() {
            prop_assert!(verdict(&wider).1.is_some());
        }
    }

    #[test]
    fn the_credited_exposure_lies_within_its_window_and_before_the_fire(case in case()) {
        if let Some(credit) = verdict(&case).1 {
            prop_assert!(credit.touch.at <= case.fire.at);
            prop_assert!(credit.counted_from <= credit.touch.at);
            prop_assert!(case.fire.at.since(credit.counted_from) <= credit.window.as_millis());
        }
    }

    #[test]
    fn the_explanation_lists_all_exposures_in_order_and_chooses_the_credited_one(case in case()) {
        let judgement = case.judge();
        let touches = &judgement.explanation.touches;
        let listed: Vec<_> = touches.iter().map(|line| (line.touch.at, line.touch.seq)).collect();
        let mut wanted: Vec<_> = case.exposures.iter().chain(&case.named).map(|t| (t.at, t.seq)).collect();
        wanted.sort();
        prop_assert_eq!(listed, wanted);
        let with = |verdict| touches.iter().filter(|line| line.verdict == verdict).map(|l| l.touch).collect::<Vec<_>>();
        prop_assert_eq!(with(Verdict::Chosen), Vec::from_iter(judgement.credit.map(|credit| credit.touch)));
        let would = usize::from(judgement.credit.is_none() && eligible(&case));
        prop_assert_eq!(with(Verdict::WouldBeChosen).len(), would);
    }

    #[test]
    fn every_step_and_exposure_is_one_sentence_or_two(case in case()) {
        let explanation = case.judge().explanation;
        let steps = explanation.steps.iter().map(words::step);
        for sentence in steps.chain(explanation.touches.iter().map(words::touch)) {
            prop_assert!(sentence.ends_with('.') && sentence.starts_with(|c: char| c.is_uppercase() || c.is_numeric()), "{}", sentence);
            prop_assert!(!sentence.contains("  ") && !sentence.contains(".."), "{}", sentence);
        }
    }
}
