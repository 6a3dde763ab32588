//! The rows of reports, read in slices, so that a long report holds no snapshot and no connection for long. What the
//! columns mean and how they are shown is the report's to say; here stand the queries.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params_from_iter};

use crate::domain::{Millis, Reader};
use crate::store::db::list::{Conditions, Test};
use crate::store::{Scalar, Store, StoreError};

/// Where a report's rows come from. Each is a query with the columns `sort_key` and `row_key` (its order),
/// `advertiser_id` (for whom they are), and those that the report names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportSource {
    /// One row per attributed conversion, by time.
    AttributedConversions,
    /// One row per pixel.
    PixelFired,
    /// One row per segment and UTC day with loads, by day.
    SegmentLoad,
}

impl ReportSource {
    fn sql(self) -> &'static str {
        match self {
            ReportSource::AttributedConversions => include_str!("../sql/attributed_conversions.sql"),
            ReportSource::PixelFired => include_str!("../sql/pixel_fired.sql"),
            ReportSource::SegmentLoad => include_str!("../sql/segment_load.sql"),
        }
    }

    /// What a caller limited to the advertiser `?` gets.
    fn own(self) -> &'static str {
        match self {
            ReportSource::AttributedConversions | ReportSource::PixelFired => "advertiser_id = ?",
            ReportSource::SegmentLoad => "advertiser_id IS NULL OR advertiser_id = ?",
        }
    }
}

/// Which rows, and which of their columns.
#[derive(Clone, Debug)]
pub struct ReportQuery {
    /// Where they come from.
    pub source: ReportSource,
    /// The source's columns, in this order.
    pub columns: Vec<&'static str>,
    /// For columns of the source: all of these must hold.
    pub filters: Vec<(&'static str, Test)>,
    /// For sources by time: not before, and before.
    pub between: Option<(Millis, Millis)>,
}

/// Where a slice ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportPlace {
    sort_key: i64,
    row_key: i64,
}

impl ReportPlace {
    /// For sources by time: the time of the last row read.
    pub fn at(self) -> Millis {
        Millis(self.sort_key)
    }
}

impl Store {
    /// The next `most` rows after a place, in the source's order; a caller limited to one advertiser gets that one's.
    /// The place is none once there are no more.
    ///
    /// # Errors
    /// Database faults.
    pub async fn report_rows(
        &self,
        by: &Reader,
        query: ReportQuery,
        after: Option<ReportPlace>,
        most: u32,
    ) -> Result<(Vec<Vec<Scalar>>, Option<ReportPlace>), StoreError> {
        let own = by.scope().advertiser();
        self.read_report(move |conn| read(conn, own.map(|id| id.0), &query, after, most)).await
    }
}

fn read(
    conn: &Connection,
    own: Option<i64>,
    query: &ReportQuery,
    after: Option<ReportPlace>,
    most: u32,
) -> Result<(Vec<Vec<Scalar>>, Option<ReportPlace>), StoreError> {
    let mut columns = String::new();
    for column in &query.columns {
        columns.push_str(", ");
        columns.push_str(column);
    }
    let mut conditions = Conditions::default();
    if let Some(own) = own {
        conditions.and(query.source.own(), [own.into()]);
    }
    if let Some((from, to)) = query.between {
        conditions.and("sort_key >= ? AND sort_key < ?", [from.0.into(), to.0.into()]);
    }
    for (column, test) in &query.filters {
        conditions.add(column, test);
    }
    if let Some(ReportPlace { sort_key, row_key }) = after {
        // The first half alone can be looked up in an index.
        let values = [sort_key.into(), sort_key.into(), row_key.into()];
        conditions.and("sort_key >= ? AND (sort_key > ? OR row_key > ?)", values);
    }
    let Conditions { sql: conditions, mut values } = conditions;
    let source = query.source.sql();
    let sql =
        format!("SELECT sort_key, row_key{columns} FROM ({source}){conditions} ORDER BY sort_key, row_key LIMIT ?");
    values.push(most.into());
    let mut place = None;
    let mut rows = Vec::new();
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    while let Some(row) = found.next()? {
        place = Some(ReportPlace { sort_key: row.get(0)?, row_key: row.get(1)? });
        rows.push((0..query.columns.len()).map(|column| scalar(row, column + 2)).collect::<Result<_, _>>()?);
    }
    let is_last = rows.len() < usize::try_from(most).unwrap_or(usize::MAX);
    Ok((rows, place.filter(|_| !is_last)))
}

fn scalar(row: &Row<'_>, column: usize) -> rusqlite::Result<Scalar> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => Scalar::Int(number),
        ValueRef::Text(text) => Scalar::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Scalar::Null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::derived::connect;

    fn plan(source: ReportSource, columns: &[&'static str], between: bool) -> String {
        let conn = connect::in_memory();
        let between = if between { " WHERE sort_key >= 0 AND sort_key < 9" } else { "" };
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT {} FROM ({}){between} ORDER BY sort_key, row_key LIMIT 5",
            columns.join(", "),
            source.sql()
        );
        let mut statement = conn.prepare(&sql).unwrap();
        let steps: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        steps.join("; ")
    }

    #[test]
    fn a_report_reads_only_what_its_columns_need() {
        let plan = plan(ReportSource::AttributedConversions, &["at", "pixel_id", "value"], true);
        assert!(plan.starts_with("SEARCH c USING INDEX conversions_at (at>? AND at<?)"), "{plan}");
        for joined in ["SEARCH f ", "SEARCH p ", "SEARCH a ", "SCAN c"] {
            assert!(!plan.contains(joined), "{joined} in {plan}");
        }
    }
}
