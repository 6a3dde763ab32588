//! Random logs, crowded so that duplicates, repeats, ties and edges are common: whatever the size of the slices, the
//! derived tables are what a naive recomputation makes of the log, and explaining a fire ends where judging it did.

use std::path::Path;

use pixeld::clock::Clock;
use pixeld::domain::{
    Adjustment, Advertiser, AdvertiserId, Caller, ConversionChange, ConversionName, Currency, Flags, LineItem,
    LineItemPixel, Micros, Pixel, Rejudge, Segment, SegmentAction, SegmentId, SegmentLoad, SegmentOp, Status,
    TriggerType, Warning,
};
use pixeld::judge::{Worker, explain, rebuild};
use proptest::prelude::*;
use proptest::sample::select;

use super::naive::{expected, forget, stored};
use super::*;

/// What happens next. Pixels and line items are 0 to 2, visitors 0 (none) to 3.
#[derive(Clone, Debug)]
enum Happens {
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
    Pixel {
        pixel: usize,
        trigger: &'static str,
        repeat: Option<u32>,
        window: Option<u32>,
        once: bool,
        active: bool,
    },
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
    fn is_row(&self) -> bool {
        use Happens::{Adjustment, Exposure, Fire, SegmentLoad};
        matches!(self, Fire { .. } | Exposure { .. } | SegmentLoad { .. } | Adjustment { .. })
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
    let value = prop::option::of((amounts(), select(vec![Some("EUR"), Some("USD"), None])));
    let parent = prop::option::weighted(0.1, select(vec!["R1", "R2", "R3"]));
    let sent = (rarely(["e1", "e2"]), rarely(["A1", "A2"]), value, segment_ops(3), rarely(["R1", "R2"]), parent);
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

fn edits() -> impl Strategy<Value = Happens> {
    let repeat = select(vec![None, Some(0), Some(2)]);
    let window = select(vec![None, Some(3), Some(1440)]);
    let mostly = || prop::bool::weighted(0.8);
    let pixel = (0..3_usize, select(vec!["click", "view", "hybrid"]), repeat, window, any::<bool>(), mostly())
        .prop_map(|(pixel, trigger, repeat, window, once, active)| Happens::Pixel {
            pixel,
            trigger,
            repeat,
            window,
            once,
            active,
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
    ]
}

fn logs() -> impl Strategy<Value = Vec<Happens>> {
    prop::collection::vec(
        prop_oneof![6 => fires(), 6 => exposures(), 3 => segment_loads(), 3 => adjustments(), 1 => edits()],
        1..60,
    )
}

struct World {
    store: Store,
    advertiser: AdvertiserId,
    pixels: Vec<PixelId>,
    line_items: Vec<LineItemId>,
    segments: Vec<SegmentId>,
    exposures: Vec<Seq>,
    /// Rows that are logged together, before the next edit.
    rows: Vec<LogRow>,
}

impl World {
    /// Three pixels of different rules, each on the line item of its number, and the first on all.
    async fn new(directory: &Path) -> Self {
        let store = Store::open(directory, Clock::fixed(START)).unwrap();
        let by = Caller::shell().editor().unwrap();
        let advertiser = store.create(&by, Advertiser::new("Shop")).await.unwrap().id;
        let (mut pixels, mut line_items) = (Vec::new(), Vec::new());
        for repeat in [Some(0), None, Some(2)] {
            let mut pixel = Pixel::new(advertiser, "Purchase");
            pixel.trigger_type = TriggerType::Hybrid;
            pixel.min_minutes_per_conv = repeat;
            pixel.count_each_order_once = repeat.is_none();
            pixel.post_click_value = Some(Micros(5));
            pixels.push(store.create(&by, pixel).await.unwrap().id);
        }
        for own in &pixels {
            let mut line_item = LineItem::new(advertiser, "Sale");
            line_item.pixels.push(entry(*own, true, None));
            if *own != pixels[0] {
                line_item.pixels.push(entry(pixels[0], true, Some(3)));
            }
            line_items.push(store.create(&by, line_item).await.unwrap().id);
        }
        let mut segments = Vec::new();
        for minutes in [None, Some(60), Some(1440)] {
            let segment = Segment { expire_minutes: minutes, ..Segment::new("Buyers") };
            segments.push(store.create(&by, segment).await.unwrap().id);
        }
        World { store, advertiser, pixels, line_items, segments, exposures: Vec::new(), rows: Vec::new() }
    }

    fn ops(&self, ops: &[(usize, i32)]) -> Vec<SegmentOp> {
        let op = |(segment, value): &(usize, i32)| SegmentOp {
            segment_id: self.segments.get(*segment).copied().unwrap_or(SegmentId(900)),
            action: match value {
                -2 => SegmentAction::Remove,
                -1 => SegmentAction::Add { value: None },
                value => SegmentAction::Add { value: Some(*value) },
            },
        };
        ops.iter().map(op).collect()
    }

    async fn log(&mut self) {
        self.store.append_all(std::mem::take(&mut self.rows)).await.unwrap();
    }

    async fn happen(&mut self, what: &Happens) {
        if !what.is_row() {
            self.log().await;
        }
        let by = Caller::shell().editor().unwrap();
        match what.clone() {
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
            } => {
                let bad = Warning { parameter: "value".into(), raw: "$".into(), rule: "not_plain".into() };
                let sent = Fire {
                    flags: Flags::from_bits(flags),
                    event_id: event.map(str::to_owned),
                    order_id: order.map(str::to_owned),
                    value: value.map(|(value, _)| Micros(value)),
                    currency: value.and_then(|(_, code)| Currency::parse(code?)),
                    exposure: token.map(|ago| self.exposures.iter().rev().nth(ago).copied().unwrap_or(Seq(1_000_000))),
                    warnings: if warned { vec![bad] } else { Vec::new() },
                    details: FireDetails {
                        segments: self.ops(&segments),
                        reference_id: reference.map(str::to_owned),
                        parent_reference_id: parent.map(str::to_owned),
                        ..FireDetails::default()
                    },
                    ..fire(self.pixels[pixel], visitor, after)
                };
                self.rows.push(LogRow::Fire(Box::new(sent)));
            }
            Happens::Adjustment { pixel, of, correction } => {
                let pixel_id = pixel.map(|pixel| self.pixels[pixel]);
                let said = Adjustment { pixel_id, ..adjustment(self.advertiser, of, correction) };
                self.rows.push(LogRow::Adjustment(Box::new(said)));
            }
            Happens::SegmentLoad { visitor, days, flags, segments } => {
                let (flags, segments) = (Flags::from_bits(flags), self.ops(&segments));
                let load = SegmentLoad { flags, segments, ..segment_load(visitor, days * DAY) };
                self.rows.push(LogRow::SegmentLoad(Box::new(load)));
            }
            Happens::Exposure { click, line_item, visitor, after, flags, campaign, tied, ancost } => {
                let kind = if click { ExposureKind::Click } else { ExposureKind::Impression };
                let shown = Exposure {
                    flags: Flags::from_bits(flags),
                    campaign_id: campaign.map(pixeld::domain::CampaignId),
                    creative_id: campaign,
                    impression: tied.filter(|_| click).map(|after| (Seq(1), START.plus(after))),
                    ancost: ancost.map(Micros),
                    ..exposure(kind, self.line_items[line_item], visitor, after)
                };
                self.rows.push(LogRow::Exposure(Box::new(shown)));
                let place = self.store.logged().0 + i64::try_from(self.rows.len()).unwrap();
                self.exposures.push(Seq(place));
            }
            Happens::Pixel { pixel, trigger, repeat, window, once, active } => {
                let change = move |p: &mut Pixel| {
                    p.trigger_type = TriggerType::parse(trigger).unwrap();
                    p.min_minutes_per_conv = repeat;
                    (p.post_click_expire_mins, p.post_view_expire_mins) = (window, window);
                    p.count_each_order_once = once;
                    p.state = if active { Status::Active } else { Status::Inactive };
                    Ok(())
                };
                let _ = self.store.update::<Pixel, _>(&by, self.pixels[pixel].0, change).await;
            }
            Happens::LineItem { line_item, active, mut entries, currency } => {
                entries.sort();
                entries.dedup_by_key(|(pixel, ..)| *pixel);
                let entries = entries.into_iter().map(|(p, active, worth)| entry(self.pixels[p], active, worth));
                let entries: Vec<_> = entries.collect();
                let change = move |l: &mut LineItem| {
                    l.state = if active { Status::Active } else { Status::Inactive };
                    l.pixels = entries;
                    l.currency = currency.and_then(Currency::parse);
                    Ok(())
                };
                let _ = self.store.update::<LineItem, _>(&by, self.line_items[line_item].0, change).await;
            }
            Happens::Segment { segment, active, minutes } => {
                let change = move |s: &mut Segment| {
                    s.state = if active { Status::Active } else { Status::Inactive };
                    s.expire_minutes = minutes;
                    Ok(())
                };
                let _ = self.store.update::<Segment, _>(&by, self.segments[segment].0, change).await;
            }
            Happens::DeleteSegment(segment) => {
                let _ = self.store.delete::<Segment>(&by, self.segments[segment].0).await;
            }
            Happens::DeleteLineItem(line_item) => {
                let _ = self.store.delete::<LineItem>(&by, self.line_items[line_item].0).await;
            }
            Happens::DeletePixel(pixel) => {
                let _ = self.store.delete::<Pixel>(&by, self.pixels[pixel].0).await;
            }
            Happens::UnknownPixel => {
                let sent = Fire { event_id: Some("e1".into()), ..fire(PixelId(999), 1, 0) };
                self.store.append(LogRow::Fire(Box::new(sent))).await.unwrap();
            }
        }
    }
}

fn entry(pixel_id: PixelId, active: bool, worth: Option<i64>) -> LineItemPixel {
    LineItemPixel {
        pixel_id,
        state: if active { Status::Active } else { Status::Inactive },
        post_click_revenue: worth.map(Micros),
        post_view_revenue: None,
    }
}

/// Judges all there is, so many rows at a time, on a thread that may block.
fn judge_all(store: &Store, rows_a_slice: u16) {
    let store = store.clone();
    let judging = std::thread::spawn(move || {
        let mut worker = Worker::new(store.clone(), rows_a_slice).unwrap();
        while worker.cursor() < store.logged() {
            worker.step(store.logged()).unwrap();
        }
    });
    judging.join().unwrap();
}

/// Decides to judge anew when so much has happened.
fn decisions() -> impl Strategy<Value = Vec<(usize, Rejudge)>> {
    let from = select(vec![i64::MIN, START.0 - DAY, START.0, START.0 + HOUR, i64::MAX]);
    let decision = (from, any::<bool>(), any::<bool>());
    let decision = decision.prop_map(|(from, settings, exposures)| Rejudge { from: Millis(from), settings, exposures });
    prop::collection::vec((0..60_usize, decision), 0..3)
}

/// A rebuild, on a thread that may block.
fn rebuild_all(store: &Store, decision: Option<Rejudge>) {
    let store = store.clone();
    let rebuilding = std::thread::spawn(move || {
        let rebuilding = store.start_rebuild(decision).unwrap().unwrap();
        rebuild(&store, &rebuilding, &mut |_| ()).unwrap();
    });
    rebuilding.join().unwrap();
}

async fn holds(log: &[Happens], decided: &[(usize, Rejudge)]) -> Result<(), TestCaseError> {
    let directory = tempfile::tempdir().unwrap();
    let mut world = World::new(directory.path()).await;
    for (n, what) in log.iter().enumerate() {
        world.happen(what).await;
        for (_, decision) in decided.iter().filter(|(after, _)| *after == n) {
            world.log().await;
            rebuild_all(&world.store, Some(*decision));
        }
    }
    world.log().await;
    let conn = open_database(directory.path());
    let (tables, judgements) = expected(&conn);
    for rows_a_slice in [1, 2, 7, 2000] {
        forget(&conn);
        judge_all(&world.store, rows_a_slice);
        for (table, rows) in stored(&conn) {
            prop_assert_eq!(&rows, &tables[table], "{} in slices of {}", table, rows_a_slice);
        }
    }
    rebuild_all(&world.store, None);
    let by = Caller::shell().reader().unwrap();
    let rebuilt = stored(&open_database(directory.path()));
    for (table, rows) in &rebuilt {
        prop_assert_eq!(rows, &tables[table], "{} rebuilt", table);
    }
    prop_assert_eq!(world.store.verify(&by).await.unwrap().faults, []);
    for (seq, judgement) in judgements {
        let explained = explain(&world.store, &by, seq).await.unwrap();
        let conversion = &explained.conversion;
        prop_assert_eq!(conversion.outcome, judgement.outcome, "stored outcome of {}", seq);
        prop_assert_eq!(explained.judgement.outcome, judgement.outcome, "explained outcome of {}", seq);
        prop_assert_eq!(explained.judgement.credit, judgement.credit, "explained credit of {}", seq);
        prop_assert_eq!(explained.judgement.explanation.steps, judgement.explanation.steps, "steps of {}", seq);
        prop_assert_eq!(explained.pixel.version, conversion.pixel_version);
        prop_assert!([AdvertiserId(0), world.advertiser].contains(&conversion.advertiser_id));
    }
    prop_assert_eq!(world.store.verify(&by).await.unwrap().faults, []);
    world.store.stop();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_judge_agrees_with_a_naive_recomputation(log in logs(), decided in decisions()) {
        actix_web::rt::System::new().block_on(holds(&log, &decided))?;
    }
}
