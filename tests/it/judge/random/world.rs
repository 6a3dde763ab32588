//! A store to which a random log is written.

use std::collections::HashSet;
use std::path::Path;

use pixeld::clock::Clock;
use pixeld::domain::{
    Adjustment, Advertiser, AdvertiserId, Arrival, Caller, Campaign, CampaignId, ClickIdValue, Currency, Flags,
    LineItem, LineItemPixel, Micros, Pixel, Segment, SegmentAction, SegmentId, SegmentLoad, SegmentOp, Source,
    SourceId, SourceMatch, Status, TriggerType, Warning,
};

use super::events::Happens;
use crate::judge::*;

/// The store, what was created in it, and the rows that wait for the next edit.
pub struct World {
    pub store: Store,
    pub advertiser: AdvertiserId,
    other: AdvertiserId,
    sources: [Option<SourceId>; 3],
    campaigns: [Option<CampaignId>; 2],
    pixels: Vec<PixelId>,
    line_items: Vec<LineItemId>,
    segments: Vec<SegmentId>,
    exposures: Vec<Seq>,
    /// The visitors of arrivals.
    arrived: HashSet<i64>,
    /// Rows that are logged together, before the next edit.
    rows: Vec<LogRow>,
}

impl World {
    /// Three pixels of different rules, each on the line item of its number, and the first on all.
    pub async fn new(directory: &Path) -> Self {
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
            pixel.max_value = repeat.map(|_| Micros(3));
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
        let other = store.create(&by, Advertiser::new("Other")).await.unwrap().id;
        let (sources, campaigns) = ([None; 3], [None; 2]);
        World {
            store,
            advertiser,
            other,
            sources,
            campaigns,
            pixels,
            line_items,
            segments,
            exposures: Vec::new(),
            arrived: HashSet::new(),
            rows: Vec::new(),
        }
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

    pub async fn log(&mut self) {
        self.store.append_all(std::mem::take(&mut self.rows)).await.unwrap();
    }

    pub async fn happen(&mut self, what: &Happens) {
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
                        content_ids: if segments.len() == 1 { vec!["p1".to_owned()] } else { Vec::new() },
                        num_items: (segments.len() == 2).then_some(2),
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
            Happens::Arrival { visitor, after, flags, parameters, click_ids, referrer, token, warned, elsewhere } => {
                let id = |(name, value): (&str, &str)| ClickIdValue {
                    name: name.to_owned(),
                    value: (visitor != 0).then(|| value.to_owned()),
                };
                // Only the first arrival of a visitor can be that of a new one.
                let (flags, is_new) = (Flags::from_bits(flags), self.arrived.insert(visitor));
                let named = token.map(|ago| self.exposures.iter().rev().nth(ago).copied().unwrap_or(Seq(1_000_000)));
                let arrival = Arrival {
                    advertiser_id: if elsewhere { self.other } else { self.advertiser },
                    parameters: parameters.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
                    click_ids: click_ids.into_iter().map(id).collect(),
                    referrer_host: referrer.map(str::to_owned),
                    named,
                };
                let bad = Warning { parameter: "gclid".into(), raw: "$".into(), rule: "not_plain".into() };
                let came = Exposure {
                    flags: Flags { new_visitor: flags.new_visitor && is_new, ..flags },
                    arrival: Some(Box::new(arrival)),
                    warnings: if warned { vec![bad] } else { Vec::new() },
                    tracker_id: TrackerId::NONE,
                    publisher_id: PublisherId::NONE,
                    ..click(LineItemId::NONE, visitor, after)
                };
                self.rows.push(LogRow::Exposure(Box::new(came)));
                let place = self.store.logged().0 + i64::try_from(self.rows.len()).unwrap();
                self.exposures.push(Seq(place));
            }
            Happens::Source { source, condition: (part, value), line_item, position, active, by_code, fixed } => {
                let line_item_id = self.line_items[line_item];
                let mut made = Source::new(self.advertiser, line_item_id, "Ads");
                made.condition = SourceMatch::of([(part.to_owned(), vec![value.to_owned()])]).unwrap();
                made.position = position;
                made.state = if active { Status::Active } else { Status::Inactive };
                made.campaign_by = by_code.then(|| "utm_campaign".to_owned());
                made.campaign_id = self.campaigns[0].filter(|_| fixed);
                match self.sources[source] {
                    Some(id) => {
                        let change = move |s: &mut Source| {
                            *s = Source { id: s.id, code: s.code.clone(), created_on: s.created_on, ..made };
                            Ok(())
                        };
                        let _ = self.store.update::<Source, _>(&by, id.0, change).await;
                    }
                    None => self.sources[source] = self.store.create(&by, made).await.ok().map(|made| made.id),
                }
            }
            Happens::Campaign { campaign, line_item, code } => {
                let line_item_id = self.line_items[line_item];
                let mut made = Campaign::new(self.advertiser, line_item_id, "Autumn");
                made.code = code.map(str::to_owned);
                match self.campaigns[campaign] {
                    Some(id) => {
                        let change = move |c: &mut Campaign| {
                            (c.code, c.line_item_id) = (made.code, made.line_item_id);
                            Ok(())
                        };
                        let _ = self.store.update::<Campaign, _>(&by, id.0, change).await;
                    }
                    None => self.campaigns[campaign] = self.store.create(&by, made).await.ok().map(|made| made.id),
                }
            }
            Happens::DeleteSource(source) => {
                if let Some(id) = self.sources[source].take() {
                    self.store.delete::<Source>(&by, id.0).await.unwrap();
                }
            }
            Happens::DeleteCampaign(campaign) => {
                if let Some(id) = self.campaigns[campaign]
                    && self.store.delete::<Campaign>(&by, id.0).await.is_ok()
                {
                    self.campaigns[campaign] = None;
                }
            }
            Happens::Pixel { pixel, trigger, repeat, window, once, active, max } => {
                let change = move |p: &mut Pixel| {
                    p.trigger_type = TriggerType::parse(trigger).unwrap();
                    p.min_minutes_per_conv = repeat;
                    (p.post_click_expire_mins, p.post_view_expire_mins) = (window, window);
                    p.count_each_order_once = once;
                    p.max_value = max.map(Micros);
                    p.state = if active { Status::Active } else { Status::Inactive };
                    Ok(())
                };
                let _ = self.store.update::<Pixel, _>(&by, self.pixels[pixel].0, change).await;
            }
            Happens::Currency(code) => {
                let change = move |a: &mut Advertiser| {
                    a.default_currency = Currency::parse(code).unwrap();
                    Ok(())
                };
                self.store.update::<Advertiser, _>(&by, self.advertiser.0, change).await.unwrap();
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
