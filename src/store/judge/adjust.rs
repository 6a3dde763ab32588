//! What adjustments reach: the conversions that a name stands for, as they stand, and what is written of each
//! adjustment. The rules are `attribution`'s, and when they are asked is the judge's.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::judged::Judged;
use super::lookups::LookUps;
use crate::domain::{
    Adjustment, AdvertiserId, AppliedAdjustment, CampaignId, ConversionChange, ConversionName, Currency, CurrentValue,
    Effect, LineItemId, Logged, Micros, Millis, Outcome, PixelId, PublisherId, Reader, Reason, Seq,
};
use crate::store::db::sql_types::get;
use crate::store::derived::connect;
use crate::store::log::rows;
use crate::store::{Page, Store, StoreError};

/// Of all that carry a name an adjustment reaches the last so many, by the log's order. It bounds the work that one
/// adjustment of an order id such as "undefined" can make.
pub const MAX_ADJUSTED_AT_ONCE: u32 = 100;

/// A conversion as far as adjusting goes.
#[derive(Clone, Copy, Debug)]
pub struct AdjustmentTarget {
    /// The fire's place in the log.
    pub seq: Seq,
    /// The fire's own time.
    pub at: Millis,
    /// The pixel.
    pub pixel_id: PixelId,
    /// The pixel's advertiser.
    pub advertiser_id: AdvertiserId,
    /// What became of it.
    pub outcome: Outcome,
    /// What it is credited to.
    pub credited: Option<(LineItemId, Option<CampaignId>, PublisherId)>,
    /// Its static value.
    pub static_value: Option<(Micros, Currency)>,
    /// Its dynamic figures after earlier adjustments.
    pub current: CurrentValue,
}

impl From<&Judged> for AdjustmentTarget {
    fn from(judged: &Judged) -> Self {
        let (fire, credit) = (&judged.fire, judged.credit.as_ref());
        AdjustmentTarget {
            seq: fire.seq,
            at: fire.at,
            pixel_id: fire.pixel_id,
            advertiser_id: judged.advertiser_id,
            outcome: judged.outcome,
            credited: credit.map(|credit| (credit.line_item_id, credit.campaign_id, credit.publisher_id)),
            static_value: credit.and_then(|credit| Some((credit.static_value?, credit.static_currency))),
            current: CurrentValue { retracted: false, value: fire.value, currency: fire.currency },
        }
    }
}

/// An adjustment with what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentEffects {
    pub adjustment: Logged<Adjustment>,
    /// What it did, by conversion. Empty: nothing before it in the log has the name, it is *unmatched*.
    pub effects: Vec<(Seq, Effect)>,
    /// Whether it was judged already; until then nothing is known.
    pub judged: bool,
}

const ADJUSTABLE: &str = "SELECT c.seq, c.at, c.pixel_id, c.advertiser_id, c.reason, c.line_item_id, c.campaign_id,
        c.publisher_id, c.static_value, c.static_currency, c.value, c.currency, a.retracted AS adj_retracted,
        a.value AS adj_value, a.currency AS adj_currency
    FROM conversions c LEFT JOIN adjusted a ON a.seq = c.seq
    WHERE c.reason NOT IN ('test', 'bot', 'prefetch', 'adjustment') AND +c.advertiser_id = ?2
        AND (?3 IS NULL OR +c.pixel_id = ?3) AND c.seq < ?4";

const BY_ORDER: &str = "c.order_id = ?1";

const BY_EVENT: &str = "c.seq IN (SELECT e.seq
    FROM (SELECT DISTINCT pixel_id FROM pixel_versions WHERE advertiser_id = ?2) p
    CROSS JOIN events_seen e ON e.pixel_id = p.pixel_id AND e.event_id = ?1)";

const BY_REFERENCE: &str = "c.seq IN (SELECT r.seq FROM references_seen r
    WHERE r.advertiser_id = ?2 AND r.reference_id = ?1 AND r.named_by < ?4)";

fn target(row: &Row<'_>) -> rusqlite::Result<AdjustmentTarget> {
    let line_item: Option<LineItemId> = get(row, "line_item_id")?;
    let credited = match line_item {
        None => None,
        Some(line_item) => Some((line_item, get(row, "campaign_id")?, get(row, "publisher_id")?)),
    };
    let static_value: Option<Micros> = get(row, "static_value")?;
    let sent = CurrentValue { retracted: false, value: get(row, "value")?, currency: get(row, "currency")? };
    Ok(AdjustmentTarget {
        seq: get(row, "seq")?,
        at: get(row, "at")?,
        pixel_id: get(row, "pixel_id")?,
        advertiser_id: get(row, "advertiser_id")?,
        outcome: get::<Reason>(row, "reason")?.outcome(),
        credited,
        static_value: static_value.zip(get::<Option<Currency>>(row, "static_currency")?),
        current: current_value(row)?.unwrap_or(sent),
    })
}

impl LookUps<'_> {
    /// The conversions of this advertiser (and pixel, if one is given) that were logged before `before` and have this
    /// name by then: the last [`MAX_ADJUSTED_AT_ONCE`], the latest first, without tests, bots, prefetches and updates.
    /// An event has one, its first.
    ///
    /// # Errors
    /// Database faults.
    pub fn named_conversions(
        &mut self,
        of: &ConversionName,
        advertiser: AdvertiserId,
        pixel: Option<PixelId>,
        before: Seq,
    ) -> Result<Vec<AdjustmentTarget>, StoreError> {
        let (by, name) = match of {
            ConversionName::OrderId(id) => (BY_ORDER, id),
            ConversionName::EventId(id) => (BY_EVENT, id),
            ConversionName::ReferenceId(id) => (BY_REFERENCE, id),
        };
        let sql = format!("{ADJUSTABLE} AND {by} ORDER BY c.seq DESC LIMIT ?5");
        let mut statement = self.conn().prepare_cached(&sql)?;
        let most = MAX_ADJUSTED_AT_ONCE;
        let found = statement.query_map(params![name, advertiser, pixel, before, most], target)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The adjustments of a conversion, in the order of the log.
    ///
    /// # Errors
    /// Database faults.
    pub fn adjustments(&mut self, conversion: Seq) -> Result<Vec<AppliedAdjustment>, StoreError> {
        let sql =
            "SELECT adjustment_seq, effect FROM adjustment_effects WHERE conversion_seq = ?1 ORDER BY adjustment_seq";
        let mut statement = self.conn().prepare_cached(sql)?;
        let mut rows = statement.query([conversion])?;
        let mut applied = Vec::new();
        while let Some(row) = rows.next()? {
            applied.extend(applied_at(self.conn(), get(row, "adjustment_seq")?, get(row, "effect")?)?);
        }
        Ok(applied)
    }
}

/// None if the row is no longer in the log.
fn applied_at(conn: &Connection, seq: Seq, effect: Effect) -> rusqlite::Result<Option<AppliedAdjustment>> {
    let sql = "SELECT * FROM adjustments WHERE seq = ?1";
    if let Some(adjustment) = conn.prepare_cached(sql)?.query_row([seq], rows::adjustment).optional()? {
        let Adjustment { at, received, change, reason_code, source, .. } = adjustment.row;
        let source = Some(source);
        return Ok(Some(AppliedAdjustment { seq, at, received, change, effect, reason_code, source }));
    }
    let fire = rows::fire_at(conn, seq)?;
    Ok(fire.map(|fire| AppliedAdjustment {
        seq,
        at: fire.at,
        received: fire.received,
        change: ConversionChange::Restate { value: fire.value, currency: fire.value.and(fire.currency) },
        effect,
        reason_code: fire.row.details.reason_code,
        source: None,
    }))
}

impl Store {
    /// A page of adjustments with what they came to, the last logged first; updates by fires are not among them.
    ///
    /// # Errors
    /// Database faults.
    pub async fn adjustments(&self, by: &Reader, start: u32, most: u32) -> Result<Page<AdjustmentEffects>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let judged = super::cursor(&snapshot)?.seq;
            let sql = "SELECT count(*) FROM adjustments WHERE ?1 IS NULL OR advertiser_id = ?1";
            let count: u32 = snapshot.prepare_cached(sql)?.query_row([own], |row| row.get(0))?;
            let sql = "SELECT * FROM adjustments WHERE ?1 IS NULL OR advertiser_id = ?1
                ORDER BY seq DESC LIMIT ?2 OFFSET ?3";
            let mut statement = snapshot.prepare_cached(sql)?;
            let mut rows = statement.query(params![own, most, start])?;
            let mut items = Vec::new();
            while let Some(row) = rows.next()? {
                let adjustment = rows::adjustment(row)?;
                let effects = effects_of(&snapshot, adjustment.seq)?;
                items.push(AdjustmentEffects { effects, judged: adjustment.seq <= judged, adjustment });
            }
            Ok(Page { items, count: count.into() })
        })
        .await
    }
}

fn effects_of(conn: &Connection, adjustment: Seq) -> rusqlite::Result<Vec<(Seq, Effect)>> {
    let sql = "SELECT conversion_seq, effect FROM adjustment_effects WHERE adjustment_seq = ?1 ORDER BY conversion_seq";
    let mut statement = conn.prepare_cached(sql)?;
    let effects = statement.query_map([adjustment], |row| Ok((get(row, "conversion_seq")?, get(row, "effect")?)))?;
    effects.collect()
}

/// A conversion's value after its adjustments, in the row of a join with `adjusted`; none if it was never adjusted.
pub(in crate::store) fn current_value(row: &Row<'_>) -> rusqlite::Result<Option<CurrentValue>> {
    let Some(retracted) = get(row, "adj_retracted")? else { return Ok(None) };
    Ok(Some(CurrentValue { retracted, value: get(row, "adj_value")?, currency: get(row, "adj_currency")? }))
}

/// What adjustments did in a slice of the log.
#[derive(Debug, Default)]
pub(in crate::store) struct Effects {
    /// Advertiser, reference, the fire that brought it, the fire that is meant.
    names: Vec<(AdvertiserId, String, Seq, Seq)>,
    effects: Vec<(Seq, Seq, Effect)>,
    values: std::collections::BTreeMap<Seq, CurrentValue>,
}

impl Effects {
    pub(in crate::store) fn name(&mut self, advertiser: AdvertiserId, reference: String, named_by: Seq, seq: Seq) {
        self.names.push((advertiser, reference, named_by, seq));
    }

    pub(in crate::store) fn adjusted(&mut self, by: Seq, conversion: Seq, value: CurrentValue, effect: Effect) {
        self.effects.push((conversion, by, effect));
        if matches!(effect, Effect::Retracted | Effect::Restated) {
            self.values.insert(conversion, value);
        }
    }

    pub(in crate::store) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO references_seen (advertiser_id, reference_id, named_by, seq) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = conn.prepare_cached(sql)?;
        for (advertiser, reference, named_by, seq) in &self.names {
            insert.execute(params![advertiser, reference, named_by, seq])?;
        }
        let sql = "INSERT INTO adjustment_effects (conversion_seq, adjustment_seq, effect) VALUES (?1, ?2, ?3)";
        let mut insert = conn.prepare_cached(sql)?;
        for effect in &self.effects {
            insert.execute(params![effect.0, effect.1, effect.2])?;
        }
        let sql = "INSERT OR REPLACE INTO adjusted (seq, retracted, value, currency) VALUES (?1, ?2, ?3, ?4)";
        let mut replace = conn.prepare_cached(sql)?;
        for (seq, current) in &self.values {
            replace.execute(params![seq, current.retracted, current.value, current.currency])?;
        }
        Ok(())
    }
}
