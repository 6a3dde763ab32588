//! The events of a random log, and how often they happen.

use pixeld::domain::{ConversionChange, ConversionName, Currency, Micros, Seq};
use proptest::prelude::*;
use proptest::sample::select;

use crate::judge::*;

/// An event. Pixels and line items are 0 to 2, visitors 0 (none) to 3.
#[derive(Clone, Debug)]
pub enum Happens {
    Fire {
        pixel: usize,
        visitor: i64,
        after: i64,
        flags: i64,
        event: Option<&'static str>,
        order: Option<&'static str>,
        value: Option<(i64, Option<&'static str>)>,
        /// The exposure that was logged so many exposures ago.
        token: Option<usize>,
        warned: bool,
        segments: Vec<(usize, i32)>,
        reference: Option<&'static str>,
        parent: Option<&'static str>,
    },
    Adjustment {
        pixel: Option<usize>,
        of: ConversionName,
        correction: ConversionChange,
    },
    SegmentLoad {
        visitor: i64,
        days: i64,
        flags: i64,
        segments: Vec<(usize, i32)>,
    },
    Exposure {
        click: bool,
        line_item: usize,
        visitor: i64,
        after: i64,
        flags: i64,
        campaign: Option<i64>,
        tied: Option<i64>,
        ancost: Option<i64>,
    },
    Arrival {
        visitor: i64,
        after: i64,
        flags: i64,
        /// Names and values.
        parameters: Vec<(&'static str, &'static str)>,
        click_ids: Vec<(&'static str, &'static str)>,
        referrer: Option<&'static str>,
        /// The exposure that was logged so many exposures ago.
        token: Option<usize>,
        warned: bool,
        /// Whether it is of another advertiser than the exposures.
        elsewhere: bool,
    },
    /// A source is made, or changed.
    Source {
        source: usize,
        condition: (&'static str, &'static str),
        line_item: usize,
        position: u32,
        active: bool,
        by_code: bool,
        fixed: bool,
    },
    /// A campaign is made, or gets another code.
    Campaign {
        campaign: usize,
        line_item: usize,
        code: Option<&'static str>,
    },
    DeleteSource(usize),
    DeleteCampaign(usize),
    Pixel {
        pixel: usize,
        trigger: &'static str,
        repeat: Option<u32>,
        window: Option<u32>,
        once: bool,
        active: bool,
        max: Option<i64>,
    },
    /// The advertiser's currency.
    Currency(&'static str),
    LineItem {
        line_item: usize,
        active: bool,
        entries: Vec<(usize, bool, Option<i64>)>,
        currency: Option<&'static str>,
    },
    Segment {
        segment: usize,
        active: bool,
        minutes: Option<u32>,
    },
    DeleteLineItem(usize),
    DeletePixel(usize),
    DeleteSegment(usize),
    UnknownPixel,
}

impl Happens {
    /// Whether it is a row to append, and no edit.
    pub fn is_row(&self) -> bool {
        use Happens::{Adjustment, Arrival, Exposure, Fire, SegmentLoad};
        matches!(self, Fire { .. } | Exposure { .. } | Arrival { .. } | SegmentLoad { .. } | Adjustment { .. })
    }
}

/// Within a few minutes of each other, now and then days apart.
fn after() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => (0..6_i64).prop_map(|minutes| minutes * MIN),
        2 => select(vec![-48 * HOUR, -48 * HOUR - 1, 48 * HOUR, DAY, -31 * DAY, -91 * DAY, HOUR - 1]),
    ]
}

/// As bits: mostly none.
fn flags() -> impl Strategy<Value = i64> {
    prop_oneof![12 => Just(0_i64), 1 => select(vec![1_i64, 2, 4, 8, 9])]
}

/// Amounts in micros: small ones, the largest, and those around a thousand units.
fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => 0..5_i64,
        1 => select(vec![999_999_999, 1_000_000_000, Micros::MAX.0 - 1, Micros::MAX.0]),
    ]
}

/// 0 is no visitor.
fn visitors() -> impl Strategy<Value = i64> {
    select(vec![0, 1, 1, 1, 1, 2, 2, 3])
}

/// Segments 0 to 2, and 3 for one that never was; -2 removes, -1 adds without a value.
fn segment_ops(most: usize) -> impl Strategy<Value = Vec<(usize, i32)>> {
    prop::collection::vec((0..4_usize, -2..2), 0..most)
}

fn segment_loads() -> impl Strategy<Value = Happens> {
    let days = select(vec![0, 0, 0, 1, 1, 2, 6]);
    (visitors(), days, flags(), segment_ops(4)).prop_map(|(visitor, days, flags, segments)| Happens::SegmentLoad {
        visitor,
        days,
        flags,
        segments,
    })
}

fn fires() -> impl Strategy<Value = Happens> {
    let rarely = |ids: [&'static str; 2]| prop::option::weighted(0.3, select(ids.to_vec()));
    let often = |ids: [&'static str; 4]| prop::option::weighted(0.4, select(ids.to_vec()));
    let value = prop::option::of((amounts(), select(vec![Some("EUR"), Some("USD"), None])));
    let parent = prop::option::weighted(0.1, select(vec!["R1", "R2", "R3"]));
    let sent = (
        often(["e1", "e2", "e3", "e4"]),
        often(["A1", "A2", "A3", "A4"]),
        value,
        segment_ops(3),
        rarely(["R1", "R2"]),
        parent,
    );
    (0..3_usize, visitors(), after(), flags(), sent, prop::option::weighted(0.15, 0..4_usize), any::<bool>()).prop_map(
        |(pixel, visitor, after, flags, sent, token, warned)| {
            let (event, order, value, mut segments, reference, parent) = sent;
            // No event is later than 7 days.
            segments.retain(|_| after > -7 * DAY);
            Happens::Fire {
                pixel,
                visitor,
                after,
                flags,
                event,
                order,
                value,
                token,
                warned,
                segments,
                reference,
                parent,
            }
        },
    )
}

fn adjustments() -> impl Strategy<Value = Happens> {
    let name = |ids: [&'static str; 2]| select(ids.to_vec()).prop_map(str::to_owned);
    let of = prop_oneof![
        name(["A1", "A2"]).prop_map(ConversionName::OrderId),
        name(["e1", "e2"]).prop_map(ConversionName::EventId),
        name(["R1", "R2"]).prop_map(ConversionName::ReferenceId),
        (1..80_i64).prop_map(|number| ConversionName::ConversionId(Seq(number))),
    ];
    let restate = (amounts(), select(vec![None, Some("EUR"), Some("USD")])).prop_map(|(value, code)| {
        ConversionChange::Restate { value: Some(Micros(value)), currency: code.and_then(Currency::parse) }
    });
    let correction = prop_oneof![1 => Just(ConversionChange::Retract), 3 => restate];
    (prop::option::weighted(0.3, 0..3_usize), of, correction).prop_map(|(pixel, of, correction)| Happens::Adjustment {
        pixel,
        of,
        correction,
    })
}

fn exposures() -> impl Strategy<Value = Happens> {
    let rest = (prop::option::of(1..3_i64), prop::option::weighted(0.2, after()), prop::option::of(amounts()));
    (any::<bool>(), 0..3_usize, visitors(), after(), flags(), rest).prop_map(
        |(click, line_item, visitor, after, flags, (campaign, tied, ancost))| Happens::Exposure {
            click,
            line_item,
            visitor,
            after,
            flags,
            campaign,
            tied,
            ancost,
        },
    )
}

/// Few contents, so that repeats and shared ids are common.
fn arrivals() -> impl Strategy<Value = Happens> {
    let parameters = prop_oneof![
        2 => Just(vec![]),
        2 => select(vec!["news", "shop"]).prop_map(|source| vec![("utm_source", source)]),
        2 => select(vec!["autumn", "winter", "never"])
            .prop_map(|campaign| vec![("utm_source", "news"), ("utm_campaign", campaign)]),
    ];
    let click_ids = prop_oneof![
        2 => Just(vec![]),
        2 => select(vec!["g1", "g2"]).prop_map(|value| vec![("gclid", value)]),
        1 => Just(vec![("gclid", "g3"), ("gbraid", "b1")]),
        1 => Just(vec![("fbclid", "f1"), ("gclid", "g1")]),
        1 => Just(vec![("mc_cid", "m1")]),
    ];
    // Around half an hour, too.
    let after = prop_oneof![3 => after(), 1 => select(vec![30 * MIN, 30 * MIN + 1, 31 * MIN, 60 * MIN])];
    let rest = (
        prop::option::weighted(0.2, select(vec!["example.com", "www.example.com"])),
        prop::option::weighted(0.25, 0..5_usize),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
    );
    (visitors(), after, flags(), parameters, click_ids, rest).prop_map(
        |(visitor, after, flags, parameters, click_ids, (referrer, token, warned, elsewhere))| Happens::Arrival {
            visitor,
            after,
            flags,
            parameters,
            click_ids,
            referrer,
            token,
            warned,
            elsewhere,
        },
    )
}

fn sources() -> impl Strategy<Value = Happens> {
    let condition = select(vec![
        ("click_id", "gclid"),
        ("click_id", "fbclid"),
        ("utm_source", "news"),
        ("utm_source", "*"),
        ("referrer_host", "example.com"),
    ]);
    let source = (0..3_usize, condition, 0..3_usize, 1..4_u32, prop::bool::weighted(0.9), any::<[bool; 2]>()).prop_map(
        |(source, condition, line_item, position, active, [by_code, fixed])| Happens::Source {
            source,
            condition,
            line_item,
            position,
            active,
            by_code,
            fixed,
        },
    );
    let code = select(vec![None, Some("autumn"), Some("winter")]);
    let campaign = (0..2_usize, 0..3_usize, code).prop_map(|(campaign, line_item, code)| Happens::Campaign {
        campaign,
        line_item,
        code,
    });
    prop_oneof![
        6 => source,
        3 => campaign,
        1 => (0..3_usize).prop_map(Happens::DeleteSource),
        1 => (0..2_usize).prop_map(Happens::DeleteCampaign),
    ]
}

fn edits() -> impl Strategy<Value = Happens> {
    let repeat = select(vec![None, Some(0), Some(2)]);
    let window = select(vec![None, Some(3), Some(1440)]);
    let mostly = || prop::bool::weighted(0.8);
    let max = prop::option::of(amounts());
    let pixel = (0..3_usize, select(vec!["click", "view", "hybrid"]), repeat, window, any::<bool>(), mostly(), max)
        .prop_map(|(pixel, trigger, repeat, window, once, active, max)| Happens::Pixel {
            pixel,
            trigger,
            repeat,
            window,
            once,
            active,
            max,
        });
    let entry = (0..3_usize, mostly(), prop::option::of(amounts()));
    let entries = prop::collection::vec(entry, 0..3);
    let currency = select(vec![None, Some("CHF")]);
    let line_item = (0..3_usize, mostly(), entries, currency)
        .prop_map(|(line_item, active, entries, currency)| Happens::LineItem { line_item, active, entries, currency });
    let minutes = select(vec![None, Some(0), Some(30), Some(2880)]);
    let segment = (0..3_usize, mostly(), minutes).prop_map(|(segment, active, minutes)| Happens::Segment {
        segment,
        active,
        minutes,
    });
    prop_oneof![
        6 => pixel,
        6 => line_item,
        1 => (0..3_usize).prop_map(Happens::DeleteLineItem),
        1 => (0..3_usize).prop_map(Happens::DeletePixel),
        4 => segment,
        1 => (0..3_usize).prop_map(Happens::DeleteSegment),
        1 => Just(Happens::UnknownPixel),
        1 => select(vec!["EUR", "USD"]).prop_map(Happens::Currency),
    ]
}

pub fn logs() -> impl Strategy<Value = Vec<Happens>> {
    prop::collection::vec(
        prop_oneof![
            6 => fires(),
            6 => exposures(),
            6 => arrivals(),
            3 => segment_loads(),
            3 => adjustments(),
            2 => sources(),
            1 => edits(),
        ],
        1..60,
    )
}
