//! Reads adjustments with their effects: a page of them, or what became of some that were just appended.

use std::time::Duration;

use rusqlite::{Connection, params};

use crate::domain::{Adjustment, AdvertiserId, Effect, EffectCounts, Logged, Reader, Seq};
use crate::store::db::sql_types::get;
use crate::store::derived::connect;
use crate::store::derived::cursor::cursor;
use crate::store::log::rows;
use crate::store::{Page, Store, StoreError};

/// A page looks at the latest adjustments alone, at most so many: no index of the log finds those of one advertiser.
pub const ADJUSTMENTS_LISTED: u32 = 100_000;

/// A page of adjustments to read, the last logged first.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdjustmentQuery {
    pub advertiser: Option<AdvertiserId>,
    /// Only this one.
    pub seq: Option<Seq>,
    /// Only judged ones that changed a conversion, or only those that changed none.
    pub has_effect: Option<bool>,
    /// How many adjustments to skip.
    pub start_element: u32,
    /// How many adjustments to return at most.
    pub num_elements: u32,
}

/// An adjustment and its effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentEffects {
    pub adjustment: Logged<Adjustment>,
    /// Its effect on each conversion. Empty for an *unmatched* adjustment: no conversion before it has the name.
    pub effects: Vec<(Seq, Effect)>,
    /// Whether the judge has reached it. Until then `effects` is empty.
    pub judged: bool,
}

impl AdjustmentEffects {
    pub fn counts(&self) -> EffectCounts {
        self.effects.iter().map(|(_, effect)| *effect).collect()
    }

    /// The result, in one word.
    pub fn result(&self) -> &'static str {
        if self.judged { self.counts().result() } else { "pending" }
    }
}

/// Of these: ?1 the caller's advertiser, ?2 one advertiser, ?3 one adjustment, ?4 whether it has an effect, ?5 the judge's
/// cursor.
const CONDITIONS: &str =
    "FROM (SELECT * FROM adjustments WHERE seq BETWEEN coalesce(?3, 1) AND coalesce(?3, 9223372036854775807)
        ORDER BY seq DESC LIMIT ?6) a
    WHERE (?1 IS NULL OR advertiser_id = ?1) AND (?2 IS NULL OR advertiser_id = ?2)
        AND (?4 IS NULL OR seq <= ?5 AND ?4 = EXISTS (SELECT 1 FROM adjustment_effects e
            WHERE e.adjustment_seq = a.seq AND e.effect IN ('retracted', 'restated')))";

impl Store {
    /// A page of adjustments, without updates by fires.
    ///
    /// # Errors
    /// Database faults.
    pub async fn adjustments(
        &self,
        by: &Reader,
        query: AdjustmentQuery,
    ) -> Result<Page<AdjustmentEffects>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let judged = cursor(&snapshot)?.seq;
            let AdjustmentQuery { advertiser, seq, has_effect, start_element, num_elements } = query;
            let (count_sql, page_sql) = (
                format!("SELECT count(*) {CONDITIONS}"),
                format!("SELECT * {CONDITIONS} ORDER BY seq DESC LIMIT ?7 OFFSET ?8"),
            );
            let most = ADJUSTMENTS_LISTED;
            let conditions = params![own, advertiser, seq, has_effect, judged, most];
            let count: u32 = snapshot.prepare_cached(&count_sql)?.query_row(conditions, |row| row.get(0))?;
            let mut statement = snapshot.prepare_cached(&page_sql)?;
            let page = params![own, advertiser, seq, has_effect, judged, most, num_elements, start_element];
            let mut rows = statement.query(page)?;
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

    /// The effects of these adjustments. Waits at most `patience` for the judge; none for those that it has not reached.
    ///
    /// # Errors
    /// Database faults.
    pub async fn adjustment_effects(
        &self,
        adjustments: Vec<Seq>,
        patience: Duration,
    ) -> Result<Vec<Option<EffectCounts>>, StoreError> {
        let last = adjustments.iter().max().copied().unwrap_or(Seq(0));
        let mut judged = self.judged();
        // If the time is up, some may be judged all the same.
        let _ = tokio::time::timeout(patience, judged.wait_for(|seq| *seq >= last)).await;
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let judged = cursor(&snapshot)?.seq;
            let counts = |seq: Seq| {
                let effects = || Ok(effects_of(&snapshot, seq)?.into_iter().map(|(_, effect)| effect).collect());
                (seq <= judged).then(effects).transpose()
            };
            adjustments.into_iter().map(counts).collect()
        })
        .await
    }
}

fn effects_of(conn: &Connection, adjustment: Seq) -> rusqlite::Result<Vec<(Seq, Effect)>> {
    // A later conversion keeps the value that it gave to one that it displaced. It did not name that conversion.
    let sql = "SELECT conversion_seq, effect FROM adjustment_effects
        WHERE adjustment_seq = ?1 AND conversion_seq < ?1 ORDER BY conversion_seq";
    let mut statement = conn.prepare_cached(sql)?;
    let effects = statement.query_map([adjustment], |row| Ok((get(row, "conversion_seq")?, get(row, "effect")?)))?;
    effects.collect()
}
