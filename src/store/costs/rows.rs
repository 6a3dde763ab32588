//! Reads and writes rows of costs and of their runs.

use rusqlite::{Connection, Row, params};

use crate::domain::{AdvertiserId, Cost, CostKey, CostRun, CostRunId, Day, Field, NewCost, Reader, fields};
use crate::store::db::columns;
use crate::store::db::columns::Column;
use crate::store::db::list;
use crate::store::db::list::{ListQuery, Listed, Page, find};
use crate::store::db::sql_types::get;
use crate::store::{Store, StoreError, Tx};

impl Listed for Cost {
    const WHAT: &'static str = "cost";
    const TABLE: &'static str = "costs";
    const NAME: &'static str = "label";
    const FIELDS: &'static [Field] = fields::COST;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let count = |column| get::<Option<i64>>(row, column).map(|count| count.map(i64::unsigned_abs));
        Ok(Cost {
            id: get(row, "id")?,
            run_id: get(row, "run_id")?,
            state: get(row, "state")?,
            replaced_by: get(row, "replaced_by")?,
            advertiser_id: get(row, "advertiser_id")?,
            profile: get(row, "profile")?,
            figure: NewCost {
                day: get(row, "day")?,
                key: CostKey {
                    line_item_id: get(row, "line_item_id")?,
                    campaign_id: get(row, "campaign_id")?,
                    publisher_id: get(row, "publisher_id")?,
                },
                account: get(row, "account")?,
                label: get(row, "label")?,
                currency: get(row, "currency")?,
                amount: get(row, "amount")?,
                imps: count("imps")?,
                clicks: count("clicks")?,
            },
            created_on: get(row, "created_on")?,
            last_modified: get(row, "last_modified")?,
        })
    }
}

impl Listed for CostRun {
    const WHAT: &'static str = "run of costs";
    const TABLE: &'static str = "cost_runs";
    const NAME: &'static str = "file_name";
    const FIELDS: &'static [Field] = fields::COST_RUN;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(CostRun {
            id: get(row, "id")?,
            how: get(row, "how")?,
            advertiser_id: get(row, "advertiser_id")?,
            profile: get(row, "profile")?,
            file_name: get(row, "file_name")?,
            file_hash: get(row, "file_hash")?,
            rows: get::<i64>(row, "rows")?.unsigned_abs(),
            replaced: get::<i64>(row, "replaced")?.unsigned_abs(),
            made_by: get(row, "made_by")?,
            made_at: get(row, "made_at")?,
            undone_by: get(row, "undone_by")?,
            undone_at: get(row, "undone_at")?,
        })
    }
}

impl Store {
    /// A page of costs in any state. Filter by `state` for those that count.
    ///
    /// # Errors
    /// Database faults.
    pub async fn costs(&self, by: &Reader, query: ListQuery) -> Result<Page<Cost>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| list::list(conn, scope, &query)).await
    }

    /// A page of runs, undone ones too.
    ///
    /// # Errors
    /// Database faults.
    pub async fn cost_runs(&self, by: &Reader, query: ListQuery) -> Result<Page<CostRun>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| list::list(conn, scope, &query)).await
    }

    /// One run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it.
    pub async fn cost_run(&self, by: &Reader, id: CostRunId) -> Result<CostRun, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| find(conn, scope, id.0)).await
    }
}

/// The costs of one day of an advertiser that count, of all profiles, by id.
pub(super) fn live_of_day(conn: &Connection, advertiser: AdvertiserId, day: Day) -> rusqlite::Result<Vec<Cost>> {
    let sql = "SELECT * FROM costs WHERE advertiser_id = ?1 AND day = ?2 AND state = 'live' ORDER BY id";
    conn.prepare_cached(sql)?.query_map(params![advertiser, day], Cost::from_row)?.collect()
}

/// The costs of one day that are not undone, of the runs after this one of the same advertiser and profile.
pub(super) fn later_of_day(conn: &Connection, run: &CostRun, day: Day, after: CostRunId) -> rusqlite::Result<Vec<Cost>> {
    let sql = "SELECT * FROM costs
        WHERE advertiser_id = ?1 AND day = ?2 AND profile = ?3 AND run_id > ?4 AND state <> 'undone'";
    let values = params![run.advertiser_id, day, run.profile, after];
    conn.prepare_cached(sql)?.query_map(values, Cost::from_row)?.collect()
}

/// Inserts a cost that counts.
pub(super) fn insert(
    tx: &Tx<'_>,
    run: CostRunId,
    advertiser: AdvertiserId,
    profile: &str,
    cost: &NewCost,
) -> rusqlite::Result<()> {
    let row: [Column<'_>; 16] = [
        ("run_id", &run),
        ("state", &crate::domain::CostState::Live),
        ("advertiser_id", &advertiser),
        ("profile", &profile),
        ("account", &cost.account),
        ("day", &cost.day),
        ("line_item_id", &cost.key.line_item_id),
        ("campaign_id", &cost.key.campaign_id),
        ("publisher_id", &cost.key.publisher_id),
        ("label", &cost.label),
        ("currency", &cost.currency),
        ("amount", &cost.amount),
        ("imps", &count(cost.imps)),
        ("clicks", &count(cost.clicks)),
        ("created_on", &tx.now),
        ("last_modified", &tx.now),
    ];
    columns::insert(tx.conn, "costs", &row).map(drop)
}

/// A count as its column holds it. No count is larger: see [`crate::domain::MAX_COST_COUNT`].
pub(super) fn count(count: Option<u64>) -> Option<i64> {
    count.and_then(|count| i64::try_from(count).ok())
}
