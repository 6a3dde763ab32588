//! Tables of cases about exposures: every boundary of time and every choice between exposures.
//! Each case expects the reason with the credited exposure, or the verdicts on all exposures.

use super::*;
use TriggerType::{Click, Hybrid, View};

#[test]
fn windows_include_their_last_millisecond() {
    let (w, v) = (14 * DAY, DAY);
    assert_table(&[
        ("click at once", setup().saw([click(5, 0)]), "post_click 5"),
        ("click exactly at the window", setup().saw([click(5, w)]), "post_click 5"),
        ("click one ms over", setup().saw([click(5, w + 1)]), "outside_window"),
        ("click one ms after the fire", setup().saw([click(5, -1)]), "no_exposure"),
        ("view at once", setup().saw([view(5, 0)]), "post_view 5"),
        ("view exactly at the window", setup().saw([view(5, v)]), "post_view 5"),
        ("view one ms over", setup().saw([view(5, v + 1)]), "outside_window"),
        ("view one ms after the fire", setup().saw([view(5, -1)]), "no_exposure"),
        ("click beyond the view window", setup().saw([click(5, v + 1)]), "post_click 5"),
        ("none", setup(), "no_exposure"),
    ]);
}

#[test]
fn a_window_of_zero_is_the_longest() {
    let windows =
        |mins: u32| setup().with(|s| (s.pixel.click_window, s.pixel.view_window) = (Minutes(mins), Minutes(mins)));
    assert_table(&[
        ("click at 90 days", windows(0).saw([click(5, 90 * DAY)]), "post_click 5"),
        ("click over 90 days", windows(0).saw([click(5, 90 * DAY + 1)]), "outside_window"),
        ("view at 30 days", windows(0).saw([view(5, 30 * DAY)]), "post_view 5"),
        ("view over 30 days", windows(0).saw([view(5, 30 * DAY + 1)]), "outside_window"),
        ("never longer than 90 days", windows(u32::MAX).saw([click(5, 90 * DAY + 1)]), "outside_window"),
        ("never longer than 30 days", windows(u32::MAX).saw([view(5, 30 * DAY + 1)]), "outside_window"),
        ("one minute", windows(1).saw([click(5, MIN)]), "post_click 5"),
        ("one minute and one ms", windows(1).saw([click(5, MIN + 1)]), "outside_window"),
        ("the beginning of time", windows(0).saw([view(5, i64::MAX)]), "outside_window"),
    ]);
}

#[test]
fn the_trigger_type_admits_kinds() {
    let (new_view, old_view) = (view(5, HOUR), view(5, 2 * DAY));
    let (new_click, old_click) = (click(6, 2 * HOUR), click(6, 20 * DAY));
    let case = |trigger, touches: &[Touch]| setup().trigger(trigger).saw(touches.iter().copied());
    assert_table(&[
        ("view sees a view", case(View, &[new_view]), "post_view 5"),
        ("view sees no click", case(View, &[new_click]), "wrong_kind"),
        ("view, both", case(View, &[new_view, new_click]), "post_view 5"),
        ("view, too old", case(View, &[old_view]), "outside_window"),
        ("view, too old beside a click", case(View, &[old_view, new_click]), "outside_window"),
        ("view, an old click is of the wrong kind first", case(View, &[old_click]), "wrong_kind"),
        ("click sees a click", case(Click, &[new_click]), "post_click 6"),
        ("click sees no view", case(Click, &[new_view]), "wrong_kind"),
        ("click, both", case(Click, &[new_view, new_click]), "post_click 6"),
        ("click, too old", case(Click, &[old_click]), "outside_window"),
        ("click, too old beside a view", case(Click, &[old_click, new_view]), "outside_window"),
        ("hybrid, a click beats a later view", case(Hybrid, &[new_view, new_click]), "post_click 6"),
        ("hybrid, an old click loses to a view", case(Hybrid, &[new_view, old_click]), "post_view 5"),
        ("hybrid, an old view", case(Hybrid, &[old_view, new_click]), "post_click 6"),
        ("hybrid, both too old", case(Hybrid, &[old_view, old_click]), "outside_window"),
        ("hybrid, none", case(Hybrid, &[]), "no_exposure"),
        ("view, none", case(View, &[]), "no_exposure"),
    ]);
}

#[test]
fn the_latest_wins_and_of_simultaneous_ones_the_one_logged_last() {
    assert_table(&[
        ("later click", setup().saw([click(6, HOUR), click(5, 2 * HOUR)]), "post_click 6"),
        ("later click, logged before", setup().saw([click(5, HOUR), click(6, 2 * HOUR)]), "post_click 5"),
        ("one ms decides", setup().saw([click(5, HOUR - 1), click(6, HOUR)]), "post_click 5"),
        ("same instant", setup().saw([click(6, HOUR), click(5, HOUR)]), "post_click 6"),
        ("same instant, other order", setup().saw([click(5, HOUR), click(6, HOUR)]), "post_click 6"),
        ("same instant, views", setup().saw([view(7, HOUR), view(5, HOUR), view(6, HOUR)]), "post_view 7"),
        ("same instant, both kinds", setup().saw([click(5, HOUR), view(6, HOUR)]), "post_click 5"),
        ("at the fire's instant", setup().saw([click(5, 0), click(6, HOUR)]), "post_click 5"),
        ("any old click beats a view just now", setup().saw([click(5, 14 * DAY), view(6, 0)]), "post_click 5"),
    ]);
    let case = setup().saw([click(5, HOUR), click(6, HOUR), click(7, 2 * HOUR), view(8, 0), view(9, DAY + 1)]);
    assert_eq!(case.verdicts(), "9 too_old, 7 older, 5 logged_earlier, 6 chosen, 8 beaten_by_click");
}

#[test]
fn the_window_of_a_tied_click_starts_at_its_impression() {
    let w = 14 * DAY;
    assert_table(&[
        ("impression exactly at the window", setup().saw([click(5, HOUR).tied(w)]), "post_click 5"),
        ("impression one ms over", setup().saw([click(5, HOUR).tied(w + 1)]), "outside_window"),
        // Exposure 5 has the older impression, but is itself the more recent click.
        (
            "chosen by the click",
            setup().saw([click(5, HOUR).tied(w), click(6, 2 * HOUR).tied(3 * HOUR)]),
            "post_click 5",
        ),
        ("a tie by the click", setup().saw([click(6, HOUR).tied(w), click(5, HOUR)]), "post_click 6"),
        ("one too old leaves the other", setup().saw([click(6, HOUR).tied(w + 1), click(5, DAY)]), "post_click 5"),
        ("the post-view window is not asked", setup().saw([click(5, HOUR).tied(2 * DAY)]), "post_click 5"),
        ("an impression after its click", setup().saw([click(5, w + 1).tied(HOUR)]), "outside_window"),
        ("an impression after the fire", setup().saw([click(5, w).tied(-HOUR)]), "post_click 5"),
        ("ties mean nothing on impressions", setup().saw([view(5, HOUR).tied(2 * DAY)]), "post_view 5"),
    ]);
    let credit = setup().saw([click(5, HOUR).tied(2 * DAY)]).judge().credit.unwrap();
    assert_eq!((credit.counted_from, credit.window), (T.plus(-2 * DAY), Minutes(14 * 1440)));
    let credit = setup().saw([click(5, HOUR)]).judge().credit.unwrap();
    assert_eq!(credit.counted_from, T.plus(-HOUR));
}

#[test]
fn marked_exposures_never_earn_credit() {
    for (marks, verdict) in [
        ((true, true, true), "5 test"),
        ((false, true, true), "5 bot"),
        ((false, false, true), "5 prefetch"),
        ((true, false, false), "5 test"),
    ] {
        let case = setup().saw([click(5, HOUR).marked(marks.0, marks.1, marks.2)]);
        assert_eq!((case.short().as_str(), case.verdicts().as_str()), ("no_exposure", verdict));
        assert_eq!(case.saw([view(6, HOUR)]).short(), "post_view 6");
    }
    let new_visitor = Flags { new_visitor: true, ..Flags::default() };
    let case = setup().saw([Touch { flags: new_visitor, ..click(5, HOUR) }]);
    assert_eq!(case.short(), "post_click 5");
}

#[test]
fn a_test_shows_what_test_ads_would_have_earned() {
    let test_fire = || setup().with(|s| s.fire.flags.test = true);
    let of_test = click(5, HOUR).marked(true, false, false);
    for (exposures, verdicts) in [
        (vec![of_test], "5 would_be_chosen"),
        (vec![click(5, HOUR).marked(false, true, false)], "5 bot"),
        (vec![click(6, 2 * HOUR), of_test], "6 older, 5 would_be_chosen"),
    ] {
        let case = test_fire().saw(exposures);
        assert_eq!((case.short().as_str(), case.verdicts().as_str()), ("test", verdicts));
    }
}

#[test]
fn only_active_line_items_of_the_pixel_earn_credit() {
    let inactive = |s: &mut Setup| s.line_items.push(LineItemRules { active: false, ..line_item(2) });
    let entry_inactive = |s: &mut Setup| {
        s.line_items.push(line_item(3));
        s.line_items[1].entries[0].active = false;
    };
    let second = |s: &mut Setup| s.line_items.push(line_item(2));
    let none = |s: &mut Setup| s.line_items.clear();
    assert_table(&[
        ("of another pixel", setup().saw([click(5, HOUR).on(9)]), "no_exposure"),
        ("of another, beside ours", setup().saw([click(5, HOUR).on(9), view(6, DAY)]), "post_view 6"),
        ("on an inactive one", setup().with(inactive).saw([click(5, HOUR).on(2)]), "no_exposure"),
        ("on an inactive entry", setup().with(entry_inactive).saw([click(5, HOUR).on(3)]), "no_exposure"),
        ("on two", setup().with(second).saw([click(5, HOUR).on(2), click(6, DAY)]), "post_click 5"),
        ("on the second just", setup().with(second).saw([view(5, HOUR).on(2)]), "post_view 5"),
        ("no line item", setup().with(none).saw([click(5, HOUR)]), "no_line_item"),
        ("just inactive", setup().with(none).with(inactive).saw([click(5, HOUR).on(2)]), "no_line_item"),
        ("all inactive", setup().with(inactive).with(|s| s.line_items[0].active = false), "no_line_item"),
        ("just inactive entries", setup().with(|s| s.line_items[0].entries[0].active = false), "no_line_item"),
        (
            "an entry of another pixel",
            setup().with(|s| s.line_items[0].entries[0].pixel_id = PixelId(2)),
            "no_line_item",
        ),
    ]);
    let case = setup().with(inactive).with(|s| {
        s.line_items.push(line_item(3));
        s.line_items[2].entries[0].active = false;
    });
    let case = case.saw([click(5, 5).on(9), click(6, 4).on(2), click(7, 3).on(3), view(8, 2), view(9, -1)]);
    assert_eq!(case.verdicts(), "5 not_on_pixel, 6 line_item_inactive, 7 entry_inactive, 8 chosen, 9 later");
}

#[test]
fn the_static_value_is_the_entrys_else_the_pixels() {
    let value = |entry: [Option<i64>; 2], pixel: [Option<i64>; 2], touch: Touch| {
        let case = setup().saw([touch]).with(|s| {
            let [click, view] = entry.map(|value| value.map(Micros));
            (s.line_items[0].entries[0].post_click_revenue, s.line_items[0].entries[0].post_view_revenue) =
                (click, view);
            let [click, view] = pixel.map(|value| value.map(Micros));
            (s.pixel.post_click_value, s.pixel.post_view_value) = (click, view);
        });
        case.judge().credit.unwrap().static_value.map(|value| value.0)
    };
    let (click, view) = (click(5, HOUR), view(5, HOUR));
    assert_eq!(value([Some(1), Some(2)], [Some(3), Some(4)], click), Some(1));
    assert_eq!(value([Some(1), Some(2)], [Some(3), Some(4)], view), Some(2));
    assert_eq!(value([None, Some(2)], [Some(3), Some(4)], click), Some(3));
    assert_eq!(value([Some(1), None], [Some(3), Some(4)], view), Some(4));
    assert_eq!(value([Some(0), Some(0)], [Some(3), Some(4)], click), Some(0), "zero is a value");
    assert_eq!(value([None, Some(2)], [None, Some(4)], click), None);
    assert_eq!(value([Some(1), None], [Some(3), None], view), None);
}

#[test]
fn the_credit_names_exposure_version_and_currency() {
    let eur = Currency::parse("EUR").unwrap();
    let touch = Touch { campaign_id: Some(CampaignId(4)), creative_id: Some(7), ..click(5, HOUR).on(2) };
    let case = setup().saw([touch, click(6, DAY)]).with(|s| {
        s.line_items.push(LineItemRules { currency: eur, version: Seq(77), ..line_item(2) });
    });
    let credit = case.judge().credit.unwrap();
    assert_eq!((credit.touch, credit.line_item_version, credit.static_currency), (touch, Seq(77), eur));
}
