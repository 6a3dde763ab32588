//! Finds the conversions that an adjustment names, and writes its effects. `attribution` has the rules of adjustments, and
//! the judge applies them.

use rusqlite::{Connection, OptionalExtension, params};

use super::lookups::LookUps;
use super::state::ConversionState;
use crate::domain::{
    Adjustment, AdvertiserId, AppliedAdjustment, ConversionChange, ConversionName, CurrentValue, Effect, Millis,
    PixelId, Seq, VisitorId,
};
use crate::store::StoreError;
use crate::store::db::sql_types::get;
use crate::store::log::rows;

/// An adjustment reaches at most this many conversions of one name, the last by the log's order. It bounds the work of an
/// adjustment of an order id such as "undefined".
pub const MAX_ADJUSTED_AT_ONCE: u32 = 100;

const ADJUSTABLE: &str = "SELECT c.seq FROM conversions c
    WHERE c.reason NOT IN ('test', 'bot', 'prefetch', 'adjustment') AND +c.advertiser_id = ?2
        AND (?3 IS NULL OR +c.pixel_id = ?3) AND c.seq < ?4";

// The index finds orders regardless of case.
const BY_ORDER: &str = "c.order_id = ?1 COLLATE NOCASE AND c.order_id = ?1";

const BY_EVENT: &str = "c.seq IN (SELECT n.seq
    FROM (SELECT DISTINCT pixel_id FROM pixel_versions WHERE advertiser_id = ?2) p
    CROSS JOIN names_seen n ON n.pixel_id = p.pixel_id AND n.kind = 1 AND n.name = ?1)";

const BY_REFERENCE: &str = "c.seq IN (SELECT r.seq FROM references_seen r
    WHERE r.advertiser_id = ?2 AND r.reference_id = ?1 AND r.named_by < ?4)";

const BY_NUMBER: &str = "c.seq = CAST(?1 AS INTEGER)";

impl LookUps<'_> {
    /// The last [`MAX_ADJUSTED_AT_ONCE`] conversions of this advertiser (and pixel) with this name, logged before `before`,
    /// the latest first. It leaves out tests, bots, prefetches and updates. An event id names only its first conversion.
    ///
    /// # Errors
    /// Database faults.
    pub fn named_conversions(
        &mut self,
        of: &ConversionName,
        advertiser: AdvertiserId,
        pixel: Option<PixelId>,
        before: Seq,
    ) -> Result<Vec<Seq>, StoreError> {
        let by = match of {
            ConversionName::OrderId(_) => BY_ORDER,
            ConversionName::EventId(_) => BY_EVENT,
            ConversionName::ReferenceId(_) => BY_REFERENCE,
            ConversionName::ConversionId(_) => BY_NUMBER,
        };
        let (_, name) = of.field();
        let sql = format!("{ADJUSTABLE} AND {by} ORDER BY c.seq DESC LIMIT ?5");
        let mut statement = self.conn().prepare_cached(&sql)?;
        let most = MAX_ADJUSTED_AT_ONCE;
        let seqs = statement.query_map(params![name, advertiser, pixel, before, most], |row| get(row, "seq"))?;
        Ok(seqs.collect::<Result<_, _>>()?)
    }

    /// The adjustments that gave the conversion a value, logged before `before`.
    ///
    /// # Errors
    /// Database faults.
    pub fn restatements(&mut self, conversion: Seq, before: Seq) -> Result<Vec<Seq>, StoreError> {
        let sql = "SELECT adjustment_seq FROM adjustment_effects
            WHERE conversion_seq = ?1 AND effect = 'restated' AND adjustment_seq < ?2 ORDER BY adjustment_seq";
        let mut statement = self.conn().prepare_cached(sql)?;
        let seqs = statement.query_map(params![conversion, before], |row| get(row, "adjustment_seq"))?;
        Ok(seqs.collect::<Result<_, _>>()?)
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

/// The names and effects that a slice of the log brings.
#[derive(Debug, Default)]
pub(in crate::store) struct Effects {
    references: Vec<Reference>,
    effects: Vec<AppliedEffect>,
    values: std::collections::BTreeMap<Seq, CurrentValue>,
    /// The conversions that count no more for the repeat rule, with their pixels, visitors, times and adjustments.
    uncounted: Vec<(PixelId, VisitorId, Millis, Seq, Seq)>,
}

#[derive(Debug)]
struct Reference {
    advertiser_id: AdvertiserId,
    reference_id: String,
    /// The fire that brought the reference.
    named_by: Seq,
    /// The fire that the reference names.
    seq: Seq,
}

#[derive(Debug)]
struct AppliedEffect {
    conversion: Seq,
    adjustment: Seq,
    effect: Effect,
}

impl Effects {
    pub(in crate::store) fn refer(
        &mut self,
        advertiser_id: AdvertiserId,
        reference_id: String,
        named_by: Seq,
        seq: Seq,
    ) {
        self.references.push(Reference { advertiser_id, reference_id, named_by, seq });
    }

    pub(in crate::store) fn adjusted(&mut self, by: Seq, conversion: Seq, value: CurrentValue, effect: Effect) {
        self.effects.push(AppliedEffect { conversion, adjustment: by, effect });
        if matches!(effect, Effect::Retracted | Effect::Restated) {
            self.values.insert(conversion, value);
        }
    }

    /// Sets the value of an adjusted conversion.
    pub(in crate::store) fn set(&mut self, conversion: Seq, value: CurrentValue) {
        self.values.insert(conversion, value);
    }

    /// Lets a conversion count no more for the repeat rule, from the adjustment `by` on.
    pub(in crate::store) fn uncount(&mut self, conversion: &ConversionState, by: Seq) {
        if let Some(visitor) = conversion.counted_for {
            self.uncounted.push((conversion.pixel_id, visitor, conversion.at, conversion.seq, by));
        }
    }

    pub(in crate::store) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        let sql = "UPDATE counted SET retracted_by = ?5 WHERE (pixel_id, visitor_id, at, seq) = (?1, ?2, ?3, ?4)";
        let mut update = conn.prepare_cached(sql)?;
        for (pixel, visitor, at, seq, by) in &self.uncounted {
            update.execute(params![pixel, visitor, at, seq, by])?;
        }
        let sql = "INSERT INTO references_seen (advertiser_id, reference_id, named_by, seq) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = conn.prepare_cached(sql)?;
        for Reference { advertiser_id, reference_id, named_by, seq } in &self.references {
            insert.execute(params![advertiser_id, reference_id, named_by, seq])?;
        }
        let sql = "INSERT INTO adjustment_effects (conversion_seq, adjustment_seq, effect) VALUES (?1, ?2, ?3)";
        let mut insert = conn.prepare_cached(sql)?;
        for AppliedEffect { conversion, adjustment, effect } in &self.effects {
            insert.execute(params![conversion, adjustment, effect])?;
        }
        let sql = "INSERT OR REPLACE INTO adjusted (seq, retracted, value, currency) VALUES (?1, ?2, ?3, ?4)";
        let mut replace = conn.prepare_cached(sql)?;
        for (seq, current) in &self.values {
            replace.execute(params![seq, current.retracted, current.value, current.currency])?;
        }
        Ok(())
    }
}
