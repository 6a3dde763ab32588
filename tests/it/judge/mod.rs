//! The judge on the real application: rows are appended by hand, and what was derived from them is read back.

/// The effect of adjustments on conversions and figures.
mod adjustments;
pub mod arrivals;
/// The largest believable value of a pixel.
mod max_value;
/// Computes the derived tables a second time, in the plainest way.
pub mod oracle;
mod places;
mod random;
mod reading;
mod reasons;
/// Memberships of segments and their loads.
pub mod segments;
mod speed;
/// Which of several fires of one name counts.
mod twins;

use pixeld::domain::{
    Adjustment, AdvertiserId, Conversion, ConversionChange, ConversionName, Exposure, ExposureKind, Fire, FireDetails,
    Flags, LineItemId, Millis, PixelId, PublisherId, SegmentLoad, Seq, TagKind, TrackerId, VisitorId,
};
use pixeld::store::{LogRow, Store};

use crate::harness::{START, TestApp, open_database};

pub const MIN: i64 = 60_000;
pub const HOUR: i64 = Millis::HOUR;
pub const DAY: i64 = Millis::DAY;

/// A fire of this visitor at [`START`] plus so many milliseconds; 0 for no visitor.
pub fn fire(pixel: PixelId, visitor: i64, after: i64) -> Fire {
    Fire {
        at: START.plus(after),
        received: START.plus(after),
        pixel_id: pixel,
        visitor_id: (visitor != 0).then_some(VisitorId(visitor)),
        flags: Flags::default(),
        tag: TagKind::Image,
        order_id: None,
        value: None,
        currency: None,
        other: None,
        event_id: None,
        exposure: None,
        details: FireDetails::default(),
        warnings: Vec::new(),
        query: String::new(),
        referer: None,
        user_agent: None,
        ip: None,
    }
}

/// An exposure of this visitor at [`START`] plus so many milliseconds; 0 for no visitor.
pub fn exposure(kind: ExposureKind, line_item: LineItemId, visitor: i64, after: i64) -> Exposure {
    Exposure {
        at: START.plus(after),
        kind,
        tracker_id: TrackerId(1),
        line_item_id: line_item,
        publisher_id: PublisherId(1),
        campaign_id: None,
        creative_id: None,
        visitor_id: (visitor != 0).then_some(VisitorId(visitor)),
        flags: Flags::default(),
        ancost: None,
        impression: None,
        arrival: None,
        warnings: Vec::new(),
        query: String::new(),
        referer: None,
        user_agent: None,
        ip: None,
    }
}

/// A load of the segment pixel by this visitor at [`START`] plus so many milliseconds; 0 for no visitor.
pub fn segment_load(visitor: i64, after: i64) -> SegmentLoad {
    SegmentLoad {
        at: START.plus(after),
        visitor_id: (visitor != 0).then_some(VisitorId(visitor)),
        flags: Flags::default(),
        tag: TagKind::Image,
        segments: Vec::new(),
        warnings: Vec::new(),
        query: String::new(),
        referer: None,
        user_agent: None,
        ip: None,
    }
}

/// An adjustment of conversions of any of the advertiser's pixels.
pub fn adjustment(advertiser: AdvertiserId, of: ConversionName, change: ConversionChange) -> Adjustment {
    Adjustment {
        at: START,
        received: START,
        advertiser_id: advertiser,
        pixel_id: None,
        of,
        change,
        reason_code: None,
        source: "shop".to_owned(),
    }
}

pub fn click(line_item: LineItemId, visitor: i64, after: i64) -> Exposure {
    exposure(ExposureKind::Click, line_item, visitor, after)
}

pub fn view(line_item: LineItemId, visitor: i64, after: i64) -> Exposure {
    exposure(ExposureKind::Impression, line_item, visitor, after)
}

/// Logs an exposure.
pub async fn show(store: &Store, exposure: Exposure) -> Seq {
    store.append(LogRow::Exposure(Box::new(exposure))).await.unwrap()
}

/// Logs a fire and waits until it is judged.
pub async fn convert(app: &TestApp, fire: Fire) -> Conversion {
    let seq = app.store.append(LogRow::Fire(Box::new(fire))).await.unwrap();
    app.judged().await;
    app.store.conversion(&app.reader(), seq).await.unwrap()
}

/// The reason of a conversion, with the exposure it is credited to: `post_click 5`.
pub fn said(conversion: &Conversion) -> String {
    let reason = conversion.outcome.reason();
    conversion.credit.map_or(reason.to_string(), |credit| format!("{reason} {}", credit.exposure))
}
