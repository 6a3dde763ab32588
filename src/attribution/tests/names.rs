//! Tables of cases about names: which fire of the same event or order counts, and which become duplicates of it.

use super::*;
use NamesakeState::{Credited, Open, Repeat, Retracted};

/// A fire that is credited by itself, with event and order.
fn good() -> Setup {
    setup().saw([click(5, HOUR)])
}

/// A fire of a visitor whom no ad reached.
fn bad() -> Setup {
    setup()
}

/// The reason, the fire that this one is a duplicate of, and the fires that become duplicates.
fn names(setup: &Setup) -> String {
    let judgement = setup.judge();
    let of = judgement.duplicate_of.map_or(String::new(), |of| format!(" of {}", of.seq));
    let displaced: Vec<_> = judgement.displaced.iter().map(|d| format!("{} {}", d.seq, d.reason)).collect();
    let displaced =
        if displaced.is_empty() { String::new() } else { format!(", displaces {}", displaced.join(" and ")) };
    format!("{}{of}{displaced}", judgement.outcome.reason())
}

#[test]
fn one_name_counts_once() {
    let e = |state| event(3, state, HOUR);
    let o = |state| order(4, state, HOUR);
    let same = |state| [event(3, state, HOUR), order(3, state, HOUR)];
    let cases: Vec<(&str, Setup, &str)> = vec![
        ("no name", good(), "post_click"),
        ("after a credited one", good().named([e(Credited)]), "duplicate_event of 3"),
        ("after a repeat", good().named([e(Repeat)]), "duplicate_event of 3"),
        ("after half an event that was retracted", good().named([e(Retracted)]), "duplicate_event of 3"),
        ("credited after one that is not", good().named([e(Open)]), "post_click, displaces 3 duplicate_event"),
        ("neither is credited", bad().named([e(Open)]), "duplicate_event of 3"),
        (
            "a repeat after one that is not credited",
            good().named([e(Open)]).with(|s| (s.pixel.repeat, s.counted_before) = (RepeatRule::Once, earlier(2, HOUR))),
            "duplicate_event of 3",
        ),
        ("on an inactive pixel", good().named([e(Open)]).with(|s| s.pixel.active = false), "duplicate_event of 3"),
        ("without an event id", good().named([e(Credited)]).with(|s| s.fire.event_id = None), "post_click"),
        ("the order, not asked for", good().named([o(Credited)]), "post_click"),
        ("the order", good().once().named([o(Credited)]), "duplicate_order of 4"),
        ("the order, without an id", good().once().named([o(Credited)]).with(|s| s.fire.order_id = None), "post_click"),
        ("the order, a repeat", good().once().named([o(Repeat)]), "duplicate_order of 4"),
        ("the order, not credited", bad().once().named([o(Open)]), "duplicate_order of 4"),
        ("the order, credited now", good().once().named([o(Open)]), "post_click, displaces 4 duplicate_order"),
        ("one fire by both names", good().once().named(same(Credited)), "duplicate_event of 3"),
        ("one open fire by both names", good().once().named(same(Open)), "post_click, displaces 3 duplicate_event"),
        ("both credited: the event", good().once().named([o(Credited), e(Credited)]), "duplicate_event of 3"),
        ("the credited one decides", good().once().named([e(Repeat), o(Credited)]), "duplicate_order of 4"),
        ("among equals the event", good().once().named([o(Repeat), e(Repeat)]), "duplicate_event of 3"),
        (
            "one of them counts: the other becomes its duplicate",
            good().once().named([e(Open), o(Credited)]),
            "duplicate_order of 4, displaces 3 duplicate_event",
        ),
        (
            "the fire counts: both become its duplicates",
            good().once().named([o(Open), e(Open)]),
            "post_click, displaces 3 duplicate_event and 4 duplicate_order",
        ),
        (
            "none counts: all become duplicates of the event's",
            bad().once().named([o(Open), e(Open)]),
            "duplicate_event of 3, displaces 4 duplicate_order",
        ),
        ("a retracted one displaces none", good().once().named([e(Retracted), o(Open)]), "duplicate_event of 3"),
        (
            "of several of one order the first that is credited",
            good().once().named([order(4, Open, DAY), order(6, Credited, HOUR), order(7, Credited, 1)]),
            "duplicate_order of 6, displaces 4 duplicate_order",
        ),
        ("a test has no names", good().named([e(Open)]).with(|s| s.fire.flags.test = true), "test"),
        ("a bot has no names", good().named([e(Credited)]).with(|s| s.fire.flags.bot = true), "bot"),
    ];
    for (case, setup, wanted) in cases {
        assert_eq!(names(&setup), wanted, "{case}");
    }
}
