//! Adds up the costs that count by calendar day, by objects and by currency.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::sum_query::{Dimension, SumFilter};
use crate::domain::{AdvertiserId, Currency, Day, Reader, TotalMicros};
use crate::store::db::list::{Conditions, Test};
use crate::store::db::sum_parts::SumParts;
use crate::store::{Store, StoreError};

/// A query for sums of costs.
#[derive(Clone, Debug)]
pub struct CostSumQuery {
    /// Days of the advertisers' calendars.
    pub first: Day,
    /// It belongs to them.
    pub last: Day,
    /// Whether to group by day.
    pub by_day: bool,
    /// The objects to group by. A cost has neither a source nor a pixel.
    pub by: Vec<Dimension>,
    /// All of these must hold.
    pub filters: Vec<(SumFilter, Test)>,
}

/// A sum of costs in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostSum {
    /// None where the query does not group by day.
    pub day: Option<Day>,
    /// The objects' ids in the query's order; 0 for none.
    pub ids: Vec<i64>,
    pub currency: Currency,
    pub amount: TotalMicros,
    /// How many costs: a sum of 0 differs from none.
    pub costs: u64,
    /// Views, as the ad platforms count them, of the costs that tell.
    pub imps: u64,
    /// Clicks, likewise.
    pub clicks: u64,
}

impl Store {
    /// Sums of the costs that count, in the order of day, ids and currency. A caller limited to one advertiser gets the sums
    /// of that advertiser.
    ///
    /// # Errors
    /// Database faults.
    pub async fn cost_sums(&self, by: &Reader, query: CostSumQuery) -> Result<Vec<CostSum>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| Ok(add_up(conn, own, &query)?)).await
    }
}

/// The thousands and the rest, as [`SumParts`] keeps them.
const PARTS: &str = "sum(amount / 1000000000) AS thousands, sum(amount % 1000000000) AS micros";

const COSTS: &str = "SELECT day, advertiser_id, line_item_id, coalesce(campaign_id, 0) AS campaign_id,
        coalesce(publisher_id, 0) AS publisher_id, 0 AS source_id, 0 AS pixel_id, currency, amount, imps, clicks
    FROM costs WHERE state = 'live'";

pub(in crate::store::queries) fn add_up(
    conn: &Connection,
    own: Option<AdvertiserId>,
    query: &CostSumQuery,
) -> rusqlite::Result<Vec<CostSum>> {
    let (sql, values) = statement(own, query);
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        let count = |column: &str| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let ids = query.by.iter().map(|dimension| row.get(dimension.table().1));
        Ok(CostSum {
            day: row.get("day")?,
            ids: ids.collect::<rusqlite::Result<_>>()?,
            currency: row.get("currency")?,
            amount: SumParts::read(row, "thousands", "micros")?.into(),
            costs: count("costs")?,
            imps: count("imps")?,
            clicks: count("clicks")?,
        })
    })?;
    rows.collect()
}

fn statement(own: Option<AdvertiserId>, query: &CostSumQuery) -> (String, Vec<Value>) {
    let mut groups = vec![if query.by_day { "day" } else { "NULL AS day" }];
    groups.extend(query.by.iter().map(|dimension| dimension.table().1));
    groups.push("currency");
    let places = (1..=groups.len()).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
    let mut conditions = Conditions::default();
    conditions.and("day >= ? AND day <= ?", [query.first, query.last].map(|day| day.to_string().into()));
    if let Some(own) = own {
        conditions.and("advertiser_id = ?", [own.0.into()]);
    }
    query.filters.iter().for_each(|(filter, test)| filter.add(test, &mut conditions));
    let (groups, Conditions { sql, values }) = (groups.join(", "), conditions);
    let figures =
        format!("{PARTS}, count(*) AS costs, coalesce(sum(imps), 0) AS imps, coalesce(sum(clicks), 0) AS clicks");
    (format!("SELECT {groups}, {figures} FROM ({COSTS}){sql} GROUP BY {places} ORDER BY {places}"), values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Scalar;
    use crate::store::derived::connect;

    #[test]
    fn only_the_days_asked_for_are_read() {
        let conn = connect::in_memory();
        let day = |text| Day::parse(text).unwrap();
        for (filters, index) in [
            (vec![], "costs_live_day (day>? AND day<?)"),
            (
                vec![(SumFilter::Id(Dimension::LineItem), Test::In(vec![Scalar::Int(7)]))],
                "costs_live_line_item (line_item_id=? AND day>? AND day<?)",
            ),
        ] {
            let by = vec![Dimension::LineItem, Dimension::Campaign, Dimension::Source];
            let (first, last) = (day("2026-10-01"), day("2026-10-30"));
            let (sql, values) = statement(None, &CostSumQuery { first, last, by_day: true, by, filters });
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = plan.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            let steps = steps.map(Result::unwrap).collect::<Vec<_>>().join("; ");
            assert!(steps.contains(&format!("SEARCH costs USING INDEX {index}")), "{steps}");
        }
    }
}
