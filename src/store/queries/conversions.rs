//! Reads conversions with their fires: one, a page of them, or one with the look-ups of its judgement.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::domain::{
    AdvertiserId, Conversion, Credited, LineItemId, Millis, OutcomeKind, PixelId, Reader, Reason, Seq, Taken,
    TakenField,
};
use crate::store::db::sql_types::{content_ids_from_text, get};
use crate::store::derived::connect;
use crate::store::judge::lookups::LookUps;
use crate::store::judge::state;
use crate::store::log::rows;
use crate::store::{Page, Store, StoreError};

/// The count of matching conversions stops here, since counting millions of rows takes longer than reading a page.
pub const COUNTED_AT_MOST: u32 = 100_000;

/// A page of conversions to read, newest first by the time of the event.
#[derive(Clone, Debug)]
pub struct ConversionQuery {
    pub advertiser: Option<AdvertiserId>,
    pub pixel: Option<PixelId>,
    /// The line item that they are credited to.
    pub line_item: Option<LineItemId>,
    pub outcome: Option<OutcomeKind>,
    pub reason: Option<Reason>,
    /// Only those that an adjustment retracted, or only the others.
    pub retracted: Option<bool>,
    /// Exactly this order id.
    pub order_id: Option<String>,
    /// At or after this moment.
    pub from: Option<Millis>,
    /// Before this moment.
    pub to: Option<Millis>,
    /// How many conversions to skip.
    pub start_element: u32,
    /// How many conversions to return at most.
    pub num_elements: u32,
}

impl Default for ConversionQuery {
    fn default() -> Self {
        ConversionQuery {
            advertiser: None,
            pixel: None,
            line_item: None,
            outcome: None,
            reason: None,
            retracted: None,
            order_id: None,
            from: None,
            to: None,
            start_element: 0,
            num_elements: 100,
        }
    }
}

const COLUMNS: &str = "f.*, c.order_id AS own_order_id, c.value AS own_value, c.currency AS own_currency,
    iif(c.duplicate_of IS NULL, NULL, (WITH RECURSIVE counts (seq, step) AS (
        SELECT c.duplicate_of, 0
        UNION ALL SELECT d.duplicate_of, step + 1 FROM counts JOIN conversions d USING (seq)
            WHERE d.duplicate_of IS NOT NULL AND step < 8
    ) SELECT seq FROM counts ORDER BY step DESC LIMIT 1)) AS counts_instead,
    (SELECT json_group_array(json_array(t.field, t.from_seq)) FROM taken t WHERE t.seq = c.seq) AS taken,
    (SELECT t.content_ids FROM fires t WHERE t.seq = (SELECT from_seq FROM taken x
        WHERE x.seq = c.seq AND x.field = 'content_ids')) AS taken_content_ids,
    (SELECT t.num_items FROM fires t WHERE t.seq = (SELECT from_seq FROM taken x
        WHERE x.seq = c.seq AND x.field = 'num_items')) AS taken_num_items, c.advertiser_id, c.visitor_id AS whose, c.reason, c.max_value, c.pixel_version,
    c.line_item_version,
    c.exposure_seq AS credited_seq, c.exposure_at, c.window_mins, c.line_item_id, c.campaign_id, c.publisher_id,
    c.source_id, c.tracker_id, c.creative_id, c.static_value, c.static_currency, adj.retracted AS adj_retracted, adj.value AS adj_value,
    adj.currency AS adj_currency";

fn conversion(row: &Row<'_>) -> rusqlite::Result<Conversion> {
    let reason: Reason = get(row, "reason")?;
    let credit = match get::<Option<Seq>>(row, "credited_seq")? {
        None => None,
        Some(exposure) => Some(Credited {
            exposure,
            exposure_at: get(row, "exposure_at")?,
            window: get(row, "window_mins")?,
            line_item_version: get(row, "line_item_version")?,
            line_item_id: get(row, "line_item_id")?,
            campaign_id: get(row, "campaign_id")?,
            publisher_id: get(row, "publisher_id")?,
            source_id: get(row, "source_id")?,
            tracker_id: get(row, "tracker_id")?,
            creative_id: get(row, "creative_id")?,
            static_value: get(row, "static_value")?,
            static_currency: get(row, "static_currency")?,
        }),
    };
    let fire = rows::fire(row)?;
    let taken_content_ids: Option<String> = get(row, "taken_content_ids")?;
    let content_ids = match taken_content_ids {
        None => fire.details.content_ids.clone(),
        Some(text) => content_ids_from_text(Some(text)),
    };
    let num_items = get::<Option<u32>>(row, "taken_num_items")?.or(fire.details.num_items);
    let mut conversion = Conversion {
        fire,
        duplicate_of: get(row, "counts_instead")?,
        order_id: get(row, "own_order_id")?,
        value: get(row, "own_value")?,
        currency: get(row, "own_currency")?,
        content_ids,
        num_items,
        taken: taken(&get::<String>(row, "taken")?),
        advertiser_id: get(row, "advertiser_id")?,
        visitor_id: get(row, "whose")?,
        outcome: reason.outcome(),
        max_value: get(row, "max_value")?,
        pixel_version: get(row, "pixel_version")?,
        credit,
        adjusted: state::current_value(row)?,
    };
    let found = conversion.found_by_judge();
    conversion.fire.row.warnings.extend(found);
    Ok(conversion)
}

fn taken(json: &str) -> Vec<Taken> {
    let pairs: Vec<(String, i64)> = serde_json::from_str(json).unwrap_or_default();
    let taken = |(field, from): &(String, i64)| Some(Taken { field: TakenField::parse(field)?, from: Seq(*from) });
    pairs.iter().filter_map(taken).collect()
}

/// A conversion that the caller may see.
pub(in crate::store) fn find(conn: &Connection, by: &Reader, seq: Seq) -> Result<Conversion, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM conversions c JOIN fires f ON f.seq = c.seq
        LEFT JOIN adjusted adj ON adj.seq = c.seq WHERE c.seq = ?1 AND (?2 IS NULL OR c.advertiser_id = ?2)"
    );
    let row = conn.prepare_cached(&sql)?.query_row(params![seq, by.scope().advertiser()], conversion).optional()?;
    row.ok_or_else(|| StoreError::not_found("conversion", seq))
}

/// The query's conditions and their values. If another condition is narrower than the advertiser, `+` keeps SQLite from
/// using the advertiser's index.
fn conditions(by: &Reader, query: &ConversionQuery) -> (String, Vec<Value>) {
    let mut sql = String::from("1");
    let mut values = Vec::new();
    let mut and = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    };
    let is_narrow =
        query.pixel.is_some() || query.line_item.is_some() || query.order_id.is_some() || query.retracted == Some(true);
    let of_advertiser = if is_narrow { "+advertiser_id = ?" } else { "advertiser_id = ?" };
    and(of_advertiser, by.scope().advertiser().map(|id| id.0.into()));
    and(of_advertiser, query.advertiser.map(|id| id.0.into()));
    and("pixel_id = ?", query.pixel.map(|id| id.0.into()));
    and("line_item_id = ?", query.line_item.map(|id| id.0.into()));
    and("reason = ?", query.reason.map(|reason| reason.as_str().to_owned().into()));
    // The index finds orders regardless of case.
    and("order_id COLLATE NOCASE = ?", query.order_id.clone().map(Value::from));
    and("order_id = ?", query.order_id.clone().map(Value::from));
    and("at >= ?", query.from.map(|at| at.0.into()));
    and("at < ?", query.to.map(|at| at.0.into()));
    if let Some(outcome) = query.outcome {
        // The indexes hold the reason, and each reason has one outcome. The index of reasons has no order of time among several.
        let reasons = reasons(|reason| reason.outcome().kind() == outcome);
        sql.push_str(&format!(" AND +reason IN ({reasons})"));
    }
    if let Some(retracted) = query.retracted {
        let is_among = if retracted { "IN" } else { "NOT IN" };
        sql.push_str(&format!(" AND seq {is_among} (SELECT a.seq FROM adjusted a WHERE a.retracted)"));
    }
    (sql, values)
}

/// The inner query reads an index alone, so skipping many rows costs little.
fn page_sql(conditions: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM (SELECT seq, at FROM conversions WHERE {conditions}
            ORDER BY at DESC, seq DESC LIMIT ? OFFSET ?) AS p
        CROSS JOIN conversions c ON c.seq = p.seq CROSS JOIN fires f ON f.seq = p.seq
        LEFT JOIN adjusted adj ON adj.seq = p.seq ORDER BY p.at DESC, p.seq DESC"
    )
}

fn page(conn: &Connection, by: &Reader, query: &ConversionQuery) -> Result<Page<Conversion>, StoreError> {
    let (conditions, values) = conditions(by, query);
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM conversions WHERE {conditions} LIMIT {COUNTED_AT_MOST})");
    let count: u32 = conn.prepare_cached(&sql)?.query_row(params_from_iter(&values), |row| row.get(0))?;
    Ok(Page { items: items(conn, by, query)?, count: count.into() })
}

fn items(conn: &Connection, by: &Reader, query: &ConversionQuery) -> Result<Vec<Conversion>, StoreError> {
    let (conditions, mut values) = conditions(by, query);
    values.push(query.num_elements.into());
    values.push(query.start_element.into());
    let mut statement = conn.prepare_cached(&page_sql(&conditions))?;
    let items = statement.query_map(params_from_iter(&values), conversion)?;
    Ok(items.collect::<Result<_, _>>()?)
}

/// These reasons as a list in SQL.
pub(in crate::store) fn reasons(wanted: impl Fn(Reason) -> bool) -> String {
    let words = Reason::WORDS.iter().filter(|word| Reason::parse(word).is_some_and(&wanted));
    words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}

impl Store {
    /// The conversion of the fire with this number in the log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the judge has not reached the fire, or the caller may not see it.
    pub async fn conversion(&self, by: &Reader, seq: Seq) -> Result<Conversion, StoreError> {
        let by = *by;
        self.read(move |conn| find(conn, &by, seq)).await
    }

    /// The conversions of the fires with these numbers, without those that the caller may not see.
    pub async fn conversions_at(&self, by: &Reader, seqs: Vec<Seq>) -> Result<Vec<Conversion>, StoreError> {
        let by = *by;
        self.read(move |conn| {
            let mut conversions = Vec::new();
            for seq in seqs {
                match find(conn, &by, seq) {
                    Ok(conversion) => conversions.push(conversion),
                    Err(StoreError::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(conversions)
        })
        .await
    }

    /// A page of conversions of every outcome. Its `count` stops at [`COUNTED_AT_MOST`].
    pub async fn conversions(&self, by: &Reader, query: ConversionQuery) -> Result<Page<Conversion>, StoreError> {
        let by = *by;
        self.read(move |conn| page(conn, &by, &query)).await
    }

    /// The latest conversions of a pixel, including tests, newest first by the time of the event.
    pub async fn recent_fires(&self, by: &Reader, pixel: PixelId, most: u32) -> Result<Vec<Conversion>, StoreError> {
        let query = ConversionQuery { pixel: Some(pixel), num_elements: most, ..ConversionQuery::default() };
        let by = *by;
        self.read(move |conn| items(conn, &by, &query)).await
    }

    /// Calls `work` with the conversion of this fire and the look-ups for its judgement.
    ///
    /// # Errors
    /// As [`Store::conversion`], and the errors of `work`.
    pub async fn look_back<T, F>(&self, by: &Reader, seq: Seq, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(Conversion, &mut LookUps<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let by = *by;
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let conversion = find(&snapshot, &by, seq)?;
            work(conversion, &mut LookUps::new(&snapshot)?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Caller, Role, Scope};

    /// The indexes that a page is read by, for a caller limited to one advertiser.
    fn indexes(query: ConversionQuery) -> Vec<String> {
        let conn = connect::in_memory();
        let scope = Scope::Advertiser(AdvertiserId(1));
        let guest = Caller { user_id: None, token_id: None, name: "guest".into(), role: Role::Viewer, scope };
        let (conditions, mut values) = conditions(&guest.reader().unwrap(), &query);
        values.extend([Value::from(1), Value::from(0)]);
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", page_sql(&conditions))).unwrap();
        let steps = plan.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        let steps =
            steps.map(Result::unwrap).filter(|step| step.starts_with("SEARCH conv") || step.contains("SCAN conv"));
        steps.collect()
    }

    #[test]
    fn pages_are_read_by_the_most_narrow_index() {
        let all = ConversionQuery::default;
        for (query, index) in [
            (all(), "conversions_advertiser (advertiser_id=?"),
            (ConversionQuery { outcome: Some(OutcomeKind::Attributed), ..all() }, "conversions_advertiser (adv"),
            (ConversionQuery { pixel: Some(PixelId(1)), ..all() }, "conversions_pixel (pixel_id=?"),
            (ConversionQuery { line_item: Some(LineItemId(1)), ..all() }, "conversions_line_item (line_item_id=?"),
            (ConversionQuery { order_id: Some("A".into()), ..all() }, "conversions_order (order_id=?"),
            (ConversionQuery { retracted: Some(true), ..all() }, "INTEGER PRIMARY KEY (rowid=?"),
            (ConversionQuery { retracted: Some(false), ..all() }, "conversions_advertiser (advertiser_id=?"),
        ] {
            let steps = indexes(query.clone());
            assert!(matches!(&steps[..], [step] if step.contains(index)), "{query:?}: {steps:?}");
        }
    }
}
