//! Snapshots of every sentence of the explanations.

use super::*;
use crate::domain::Reason;

/// The sentence of the deciding step.
fn deciding_sentence(case: Setup) -> String {
    case.judge().explanation.steps.last().map(words::step).unwrap_or_default()
}

/// The sentence of the step with this name.
fn step(case: Setup, name: &str) -> String {
    let steps = case.judge().explanation.steps;
    steps.iter().find(|step| step.as_str() == name).map(words::step).unwrap_or_default()
}

/// The sentences of the exposures.
fn exposures(case: Setup) -> Vec<String> {
    case.judge().explanation.touches.iter().map(words::touch).collect()
}

#[test]
fn a_whole_explanation_reads_well() {
    let case = setup().saw([click(5, 3 * DAY), view(6, HOUR + 5 * MIN), click(7, 15 * DAY), click(8, 2 * HOUR).on(9)]);
    let steps = case.judge().explanation.steps;
    insta::assert_snapshot!(steps.iter().map(words::step).collect::<Vec<_>>().join("\n"), @r"
    The fire is not marked as a test, and was sent by neither a bot nor a prefetch.
    No earlier fire of the pixel had the same event id.
    The pixel does not ask whether the order was counted before.
    The pixel is active.
    The pixel is active on 1 line item.
    The visitor is known.
    3 exposures on the active line items of the pixel: 3 of a kind that the trigger type admits, 2 of these within the window.
    Every conversion of a visitor counts.
    A post-click conversion, credited to click 5 on line item 1.
    ");
    insta::assert_snapshot!(exposures(case).join("\n"), @r"
    A click 15 days before, outside the window of 14 days by 1 day.
    A click 3 days before, within the window of 14 days. Credited.
    A click 2 hours before, on line item 9, which does not hold this pixel.
    An impression 1 hour 5 minutes before, within the window of 1 day, but a click within its window beats every impression.
    ");
}

#[test]
fn every_verdict_has_its_sentence() {
    let inactive = setup().with(|s| {
        s.line_items.push(LineItemRules { active: false, ..line_item(2) });
        s.line_items.push(line_item(3));
        s.line_items[2].entries[0].active = false;
    });
    let all = [
        setup().saw([
            click(5, 14 * DAY + 1),
            click(6, 2 * HOUR).tied(20 * DAY),
            click(7, -5 * MIN),
            view(8, DAY + HOUR),
        ]),
        setup().saw([view(5, 40_500), view(6, 40_500), view(7, 0)]),
        setup().saw([view(5, HOUR), view(6, HOUR)]),
        setup().saw([view(5, HOUR), click(6, 2 * HOUR).tied(3 * HOUR)]).with(|s| s.fire.flags.test = true),
        inactive.saw([click(5, 3).on(2), click(6, 2).on(3), click(7, 1).on(4)]),
        setup().trigger(TriggerType::View).saw([click(5, HOUR)]),
        setup().trigger(TriggerType::Click).saw([view(5, HOUR)]),
        setup().saw([click(5, 3 * HOUR).marked(true, false, false), view(6, 2 * HOUR).marked(false, true, false)]),
        setup().saw([view(6, 2 * HOUR).marked(false, false, true)]),
        setup().saw([click(5, HOUR)]).with(|s| s.named = Some(view(6, 2 * HOUR))),
    ];
    insta::assert_snapshot!(all.into_iter().flat_map(exposures).collect::<Vec<_>>().join("\n"), @r"
    A click 14 days before, outside the window of 14 days by 1 millisecond.
    An impression 1 day 1 hour before, outside the window of 1 day by 1 hour.
    A click 2 hours before, on an impression 20 days before, outside the window of 14 days from the impression by 6 days.
    A click 5 minutes after. Not considered: it came after the fire.
    An impression 40 seconds before, within the window of 1 day, but there is a more recent impression.
    An impression 40 seconds before, within the window of 1 day, but there is a more recent impression.
    An impression at the same moment, within the window of 1 day. Credited.
    An impression 1 hour before, within the window of 1 day, but another impression at the same moment was logged after it.
    An impression 1 hour before, within the window of 1 day. Credited.
    A click 2 hours before, on an impression 3 hours before, within the window of 14 days from the impression. It would have been credited.
    An impression 1 hour before, within the window of 1 day, but a click within its window beats every impression.
    A click 3 milliseconds before, on line item 2, which is inactive.
    A click 2 milliseconds before, on line item 3, where this pixel is inactive.
    A click 1 millisecond before, on line item 4, which does not hold this pixel.
    A click 1 hour before. The trigger type of the pixel does not admit clicks.
    An impression 1 hour before. The trigger type of the pixel does not admit impressions.
    A click 3 hours before. Never credited: it was marked as a test.
    An impression 2 hours before. Never credited: a bot sent it.
    An impression 2 hours before. Never credited: a browser fetched it in advance.
    An impression 2 hours before, within the window of 1 day. Credited.
    A click 1 hour before. Not considered: the token of the fire names another exposure.
    ");
}

#[test]
fn every_deciding_step_has_its_sentence() {
    let good = || setup().saw([click(5, HOUR)]);
    let repeat = |rule| good().with(|s| (s.pixel.repeat, s.counted_before) = (rule, earlier(3, 10 * MIN)));
    let all = [
        good().with(|s| s.fire.flags.test = true),
        good().with(|s| s.fire.flags.bot = true),
        good().with(|s| s.fire.flags.prefetch = true),
        good().named([event(3, NamesakeState::Credited, 5 * MIN)]),
        good().named([event(3, NamesakeState::Repeat, -5 * MIN)]),
        good().named([event(3, NamesakeState::Retracted, 5 * MIN)]),
        good().with(|s| (s.fire.parent_reference_id, s.parent) = (Some("R1".into()), earlier(3, DAY))),
        good().once().named([order(3, NamesakeState::Credited, 2 * DAY)]),
        setup().named([event(3, NamesakeState::Open, 5 * MIN)]),
        setup().once().named([order(3, NamesakeState::Open, 2 * DAY)]),
        good().with(|s| s.pixel.active = false),
        good().with(|s| s.line_items.clear()),
        good().with(|s| s.line_items[0].active = false),
        good().with(|s| s.line_items[0].entries[0].active = false),
        good().with(|s| s.line_items.push(line_item(2))).with(|s| {
            s.line_items[0].active = false;
            s.line_items[1].entries[0].active = false;
        }),
        good().with(|s| s.fire.visitor_id = None),
        setup(),
        good().trigger(TriggerType::View),
        setup().trigger(TriggerType::Click).saw([view(5, HOUR), view(6, HOUR)]),
        setup().saw([click(5, 15 * DAY)]),
        repeat(RepeatRule::Once),
        repeat(RepeatRule::Every(Minutes(30))),
        good(),
        setup().saw([view(5, HOUR)]),
    ];
    insta::assert_snapshot!(all.map(deciding_sentence).join("\n"), @r"
    The fire is marked as a test, so it is not counted.
    A bot sent the fire, so it is not counted.
    A browser fetched the pixel in advance, so the fire is not counted.
    Fire 3, 5 minutes before, had the same event id, within 48 hours, so this one is a duplicate and is not counted.
    Fire 3, 5 minutes after, had the same event id, within 48 hours, so this one is a duplicate and is not counted.
    Fire 3, 5 minutes before, had the same event id, and was retracted before this one came, so this one is not counted either.
    The fire's parent_reference_id names fire 3, 1 day before: it updates that one, and is not counted itself.
    The pixel counts each order once, and counted this one as conversion 3, 2 days before, so it is not counted again.
    Neither this fire nor fire 3, 5 minutes before, with the same event id, is credited. They count once, as that one.
    Neither this fire nor fire 3, 2 days before, with the same order id, is credited. They count once, as that one.
    The pixel is inactive, so the fire is credited to nobody.
    The pixel is on no line item, so there is nothing to credit.
    The pixel is on no active line item (inactive: 1), so there is nothing to credit.
    The pixel is on no active line item (with an inactive entry: 1), so there is nothing to credit.
    The pixel is on no active line item (inactive: 1, with an inactive entry: 1), so there is nothing to credit.
    The visitor is unknown (opted out, without consent, or not named by the server), so no exposure can be found.
    No exposure before the fire on the active line items of the pixel.
    1 exposure on the active line items of the pixel: none is an impression, which the trigger type asks for.
    2 exposures on the active line items of the pixel: none is a click, which the trigger type asks for.
    1 exposure on the active line items of the pixel: 1 of a kind that the trigger type admits, none of these within the window.
    One conversion per visitor counts, and conversion 3, 10 minutes before, has counted, so this one does not.
    Conversions of a visitor count when at least 30 minutes apart, and conversion 3, 10 minutes before, has counted, so this one does not.
    A post-click conversion, credited to click 5 on line item 1.
    A post-view conversion, credited to impression 5 on line item 1.
    ");
}

#[test]
fn every_passed_step_has_its_sentence() {
    let good = || setup().saw([click(5, HOUR)]);
    let repeat = |rule, before| good().with(|s| (s.pixel.repeat, s.counted_before) = (rule, before));
    let half_an_hour = RepeatRule::Every(Minutes(30));
    let all = [
        step(good().with(|s| s.fire.event_id = None), "event"),
        step(good().with(|s| s.event_apart = earlier(3, 3 * DAY)), "event"),
        step(good().with(|s| s.shared = true), "event"),
        step(good().named([event(3, NamesakeState::Open, 5 * MIN)]), "event"),
        step(
            good().once().named([event(3, NamesakeState::Repeat, HOUR), order(4, NamesakeState::Credited, HOUR)]),
            "event",
        ),
        step(good().with(|s| s.fire.parent_reference_id = Some("R1".into())), "parent"),
        step(good().with(|s| s.pixel.count_each_order_once = true), "order"),
        step(good().with(|s| (s.pixel.count_each_order_once, s.fire.order_id) = (true, None)), "order"),
        step(good().once().with(|s| s.shared = true), "order"),
        step(good().once().named([order(3, NamesakeState::Open, DAY)]), "order"),
        step(good().with(|s| s.line_items.push(line_item(2))), "line_items"),
        step(good().with(|s| s.named = Some(view(6, HOUR))), "visitor"),
        step(good().saw([view(6, HOUR), click(7, 15 * DAY)]).trigger(TriggerType::Click), "exposures"),
        step(repeat(RepeatRule::Once, None), "repeat"),
        step(repeat(half_an_hour, None), "repeat"),
        step(repeat(half_an_hour, earlier(3, 2 * HOUR)), "repeat"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    The fire has no event id to be a duplicate by.
    Fire 3, 3 days before, had the same event id, but lies more than 48 hours apart, so this one is no duplicate.
    Several visitors sent this event id within an hour, so it names no event.
    Fire 3, 5 minutes before, had the same event id, but is not credited, so this one is judged by itself.
    Fire 3, 1 hour before, had the same event id. The order id leads to a credited conversion, which decides.
    No earlier fire has the reference that the fire's parent_reference_id names, so it is judged by itself.
    The pixel counts each order once, and had not counted this one.
    The pixel counts each order once, and the fire has no order id.
    The pixel counts each order once, but several visitors sent this order id within an hour, so it names no order.
    The pixel counts each order once. Fire 3, 1 day before, had the same order id, but is not credited, so this one is judged by itself.
    The pixel is active on 2 line items.
    A token names the exposure, in place of the visitor.
    3 exposures on the active line items of the pixel: 2 of a kind that the trigger type admits, 1 of these within the window.
    One conversion per visitor counts, and no other has counted.
    Conversions of a visitor count when at least 30 minutes apart, and no other has counted.
    Conversions of a visitor count when at least 30 minutes apart, and the nearest, conversion 3, was 2 hours before.
    ");
}

#[test]
fn every_reason_has_its_sentence() {
    let all = Reason::WORDS.iter().map(|word| words::reason(Reason::parse(word).unwrap()));
    assert!(all.clone().all(|sentence| sentence.ends_with('.')));
    let mut distinct: Vec<_> = all.collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), Reason::WORDS.len());
}

#[test]
fn spans_have_their_two_largest_units() {
    for (ms, text) in [
        (0, "0 milliseconds"),
        (1, "1 millisecond"),
        (999, "999 milliseconds"),
        (1000, "1 second"),
        (1999, "1 second"),
        (60_000, "1 minute"),
        (61_000, "1 minute 1 second"),
        (HOUR, "1 hour"),
        (HOUR + 5 * MIN + 999, "1 hour 5 minutes"),
        (HOUR + 999, "1 hour"),
        (DAY + 59 * MIN, "1 day"),
        (3 * DAY + 4 * HOUR, "3 days 4 hours"),
        (-DAY, "1 day"),
        (i64::MIN, "106751991167 days 7 hours"),
    ] {
        assert_eq!(words::span(ms), text);
    }
}
