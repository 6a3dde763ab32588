//! What each run brought, and what of it still counts.

use std::collections::{BTreeMap, HashMap};

use rusqlite::params;

use crate::domain::{CostRunId, Currency, Day, Reader, TotalMicros};
use crate::store::db::id_list::IdList;
use crate::store::db::sum_parts::SumParts;
use crate::store::{Store, StoreError};

/// What a run brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostRunSum {
    pub first: Day,
    pub last: Day,
    pub totals: BTreeMap<Currency, TotalMicros>,
    /// How many of its costs count.
    pub live: u64,
    pub live_totals: BTreeMap<Currency, TotalMicros>,
}

impl Store {
    /// The sums of these runs. One without costs has none.
    ///
    /// # Errors
    /// Database faults.
    pub async fn cost_run_sums(
        &self,
        by: &Reader,
        runs: Vec<CostRunId>,
    ) -> Result<HashMap<CostRunId, CostRunSum>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let sql = "SELECT run_id, currency, state = 'live' AS live, count(*) AS costs, min(day) AS first, max(day) AS last,
                    sum(amount / 1000000000) AS thousands, sum(amount % 1000000000) AS micros
                FROM costs WHERE run_id IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR advertiser_id = ?2)
                GROUP BY 1, 2, 3";
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![IdList::of(runs.iter().map(|run| run.0)), own])?;
            let mut sums: HashMap<CostRunId, CostRunSum> = HashMap::new();
            while let Some(row) = rows.next()? {
                let (first, last): (Day, Day) = (row.get("first")?, row.get("last")?);
                let sum = sums.entry(row.get("run_id")?).or_insert_with(|| CostRunSum {
                    first,
                    last,
                    totals: BTreeMap::new(),
                    live: 0,
                    live_totals: BTreeMap::new(),
                });
                (sum.first, sum.last) = (sum.first.min(first), sum.last.max(last));
                let (currency, amount): (Currency, TotalMicros) =
                    (row.get("currency")?, SumParts::read(row, "thousands", "micros")?.into());
                *sum.totals.entry(currency).or_default() += amount;
                if row.get("live")? {
                    sum.live += row.get::<_, i64>("costs")?.unsigned_abs();
                    *sum.live_totals.entry(currency).or_default() += amount;
                }
            }
            Ok(sums)
        })
        .await
    }
}
