//! Tables of cases about the steps: flags, duplicates, the repeat rule, tokens, and the order of the steps.
//! Each case expects the reason with the credited exposure.

use super::*;
use RepeatRule::{All, Every, Once};

type Change = fn(&mut Setup);

/// A case whose credit goes to click 5.
fn good() -> Setup {
    setup().saw([click(5, HOUR)])
}

/// The same as a test, bot or prefetch.
fn marked(test: bool, bot: bool, prefetch: bool) -> Setup {
    good().with(|s| s.fire.flags = Flags { test, bot, prefetch, new_visitor: true })
}

#[test]
fn a_test_decides_before_a_bot_and_a_bot_before_a_prefetch() {
    assert_table(&[
        ("unmarked", marked(false, false, false), "post_click 5"),
        ("test", marked(true, false, false), "test"),
        ("bot", marked(false, true, false), "bot"),
        ("prefetch", marked(false, false, true), "prefetch"),
        ("test, bot", marked(true, true, false), "test"),
        ("test, prefetch", marked(true, false, true), "test"),
        ("bot, prefetch", marked(false, true, true), "bot"),
        ("all", marked(true, true, true), "test"),
    ]);
}

#[test]
fn an_update_of_an_earlier_fire_is_no_conversion() {
    let update = || {
        good().with(|s| {
            s.fire.parent_reference_id = Some("R1".into());
            s.parent = earlier(3, 400 * DAY);
        })
    };
    assert_table(&[
        ("of a known one", update(), "adjustment"),
        ("of an unknown one", update().with(|s| s.parent = None), "post_click 5"),
        ("naming none", update().with(|s| s.fire.parent_reference_id = None), "post_click 5"),
        ("on an inactive pixel", update().with(|s| s.pixel.active = false), "adjustment"),
        ("sent twice", update().named([event(4, NamesakeState::Credited, 0)]), "adjustment"),
        (
            "of an unknown one, twice",
            update().with(|s| s.parent = None).named([event(4, NamesakeState::Credited, 0)]),
            "duplicate_event",
        ),
        ("a test", update().with(|s| s.fire.flags.test = true), "test"),
    ]);
    let parent_step = |setup: Setup| setup.judge().explanation.steps.iter().any(|step| step.as_str() == "parent");
    assert!(parent_step(update()) && !parent_step(good()), "a fire without a parent takes no parent step");
}

#[test]
fn the_repeat_rule_takes_the_nearest_conversion_on_either_side() {
    let repeat = |rule, before: Option<i64>, after: Option<i64>| {
        good().with(|s| {
            s.pixel.repeat = rule;
            s.counted_before = before.and_then(|age_ms| earlier(3, age_ms));
            s.counted_after = after.and_then(|ms| earlier(4, -ms));
        })
    };
    let every = |minutes| Every(Minutes(minutes));
    let n = 30 * MIN;
    assert_table(&[
        ("once, the first", repeat(Once, None, None), "post_click 5"),
        ("once, long ago", repeat(Once, Some(4000 * DAY), None), "repeat"),
        ("once, one after", repeat(Once, None, Some(DAY)), "repeat"),
        ("all", repeat(All, Some(0), Some(1)), "post_click 5"),
        ("every, the first", repeat(every(30), None, None), "post_click 5"),
        ("every, exactly N", repeat(every(30), Some(n), None), "post_click 5"),
        ("every, one ms less", repeat(every(30), Some(n - 1), None), "repeat"),
        ("every, at the same moment", repeat(every(1), Some(0), None), "repeat"),
        ("every, exactly N after", repeat(every(30), None, Some(n)), "post_click 5"),
        ("every, one ms less after", repeat(every(30), None, Some(n - 1)), "repeat"),
        ("every, N on both sides", repeat(every(30), Some(n), Some(n)), "post_click 5"),
        ("every, near after just", repeat(every(30), Some(n), Some(n - 1)), "repeat"),
        ("every, near before just", repeat(every(30), Some(n - 1), Some(n)), "repeat"),
        ("every 0 is all", repeat(every(0), Some(0), Some(1)), "post_click 5"),
    ]);
    for (before, after, named) in [(9, 8, 4), (8, 9, 3), (9, 9, 3)] {
        let judgement = repeat(every(30), Some(before), Some(after)).judge();
        let Some(Step::Repeat(check)) = judgement.explanation.steps.last() else { panic!("not the repeat rule") };
        assert_eq!(check.nearest.map(|gap| gap.earlier.seq), Some(Seq(named)), "{before} {after}");
    }
}

#[test]
fn a_token_replaces_the_visitor() {
    let token = |touch: Touch| good().with(|s| (s.fire.exposure, s.named) = (Some(touch.seq), Some(touch)));
    let unknown = |s: &mut Setup| s.fire.visitor_id = None;
    assert_table(&[
        ("no visitor", good().with(unknown), "no_visitor"),
        ("no visitor, a token", token(view(6, HOUR)).with(unknown), "post_view 6"),
        ("a token beats the visitor's click", token(view(6, DAY)), "post_view 6"),
        ("too old", token(view(6, DAY + 1)), "outside_window"),
        ("of another line item", token(click(6, HOUR).on(9)), "no_exposure"),
        ("of the wrong kind", token(view(6, HOUR)).trigger(TriggerType::Click), "wrong_kind"),
        ("after the fire", token(view(6, -1)), "no_exposure"),
        ("marked", token(click(6, HOUR).marked(false, true, false)), "no_exposure"),
        ("of the visitor's own", token(click(5, HOUR)), "post_click 5"),
        ("no longer stored", good().with(|s| s.fire.exposure = Some(Seq(6))), "no_exposure"),
        ("no longer stored, no visitor", good().with(unknown).with(|s| s.fire.exposure = Some(Seq(6))), "no_exposure"),
        ("only handed over", good().with(|s| s.named = Some(view(6, HOUR))), "post_view 6"),
    ]);
    assert_eq!(token(view(6, DAY)).saw([click(7, -1)]).verdicts(), "6 chosen, 5 not_named, 7 not_named");
    assert_eq!(token(click(5, HOUR)).verdicts(), "5 chosen", "shown once");
}

/// The case fails every step. Each round repairs the step that decided.
#[test]
fn the_steps_decide_in_the_order_of_the_rules() {
    let mut case = setup().with(|s| {
        s.fire.flags = Flags { test: true, bot: true, prefetch: true, new_visitor: true };
        s.fire.visitor_id = None;
        s.namesakes = vec![event(3, NamesakeState::Credited, HOUR), order(4, NamesakeState::Credited, HOUR)];
        s.fire.parent_reference_id = Some("R1".into());
        s.parent = earlier(3, HOUR);
        s.counted_before = earlier(3, HOUR);
        (s.pixel.count_each_order_once, s.pixel.repeat) = (true, Once);
        (s.pixel.active, s.line_items[0].active) = (false, false);
        s.pixel.trigger_type = TriggerType::View;
    });
    let repairs: [(&str, Change); 14] = [
        ("test", |s| s.fire.flags.test = false),
        ("bot", |s| s.fire.flags.bot = false),
        ("prefetch", |s| s.fire.flags.prefetch = false),
        ("adjustment", |s| s.parent = None),
        ("duplicate_event", |s| s.namesakes.truncate(0)),
        ("pixel_inactive", |s| s.pixel.active = true),
        ("no_line_item", |s| s.line_items[0].active = true),
        ("no_visitor", |s| s.fire.visitor_id = Some(VisitorId(1))),
        ("no_exposure", |s| s.exposures.push(click(5, HOUR))),
        ("wrong_kind", |s| s.exposures.push(view(6, 2 * DAY))),
        ("outside_window", |s| s.exposures.push(view(7, HOUR))),
        ("repeat", |s| s.counted_before = None),
        ("post_view 7", |s| s.pixel.trigger_type = TriggerType::Hybrid),
        ("post_click 5", |_| ()),
    ];
    for (wanted, repair) in repairs {
        assert_eq!(case.short(), wanted);
        repair(&mut case);
    }
}

#[test]
fn exposures_have_verdicts_whichever_step_decides() {
    let judged = good().saw([view(6, HOUR)]);
    let early: [(&str, Change); 5] = [
        ("test", |s| s.fire.flags.test = true),
        ("duplicate_event", |s| s.namesakes.push(event(3, NamesakeState::Credited, 0))),
        ("pixel_inactive", |s| s.pixel.active = false),
        ("no_visitor", |s| s.fire.visitor_id = None),
        ("repeat", |s| (s.pixel.repeat, s.counted_before) = (Once, earlier(3, 0))),
    ];
    for (wanted, change) in early {
        let case = judged.clone().with(change);
        assert_eq!(case.short(), wanted);
        assert_eq!(case.verdicts(), "5 would_be_chosen, 6 beaten_by_click", "{wanted}");
    }
}
