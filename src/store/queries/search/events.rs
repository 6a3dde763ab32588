//! Finds events by their order ID, event ID, reference or number.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::domain::{AdvertiserId, Reader, Seq, order_spellings};
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

/// The rows that one look-up reads at most. A thing named `undefined` may have millions.
const MOST_READ: u32 = 1_000;

/// What the events were found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventsBy {
    /// The order ID, regardless of case, blanks and a leading `#`.
    Order,
    /// An order ID that begins with the text.
    OrderStart,
    /// The event ID.
    EventId,
    /// The sender's reference.
    Reference,
    /// The event's own number.
    Number,
}

/// Events, the last by the log's order first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHits {
    pub by: EventsBy,
    pub seqs: Vec<Seq>,
    /// How many there are; it stops at a thousand.
    pub count: u32,
}

const ORDER: &str = "SELECT seq FROM conversions WHERE order_id COLLATE NOCASE = ?1 ORDER BY seq DESC LIMIT ?2";

// The index holds them in this order.
const ORDER_START: &str = "SELECT seq FROM conversions
    WHERE order_id COLLATE NOCASE > ?1 AND order_id COLLATE NOCASE < ?1 || char(1114111)
    ORDER BY order_id COLLATE NOCASE LIMIT ?2";

const EVENT_ID: &str = "SELECT n.seq FROM pixels p
    CROSS JOIN names_seen n ON n.pixel_id = p.id AND n.kind = 1 AND n.name = ?1 LIMIT ?2";

const REFERENCE: &str = "SELECT DISTINCT r.seq FROM advertisers a
    CROSS JOIN references_seen r ON r.advertiser_id = a.id AND r.reference_id = ?1 LIMIT ?2";

impl Store {
    /// The events that a text names, `most` of each kind, among those that the caller sees.
    ///
    /// # Errors
    /// Database faults.
    pub async fn find_events(&self, by: &Reader, text: &str, most: usize) -> Result<Vec<EventHits>, StoreError> {
        let (own, text) = (by.scope().advertiser(), text.to_owned());
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let spellings = order_spellings(&text);
            let mut orders = Vec::new();
            let mut starts = Vec::new();
            for spelling in &spellings {
                orders.extend(seqs(&snapshot, ORDER, spelling)?);
                starts.extend(seqs(&snapshot, ORDER_START, spelling)?);
            }
            let number = text.trim().trim_start_matches('#').parse().ok().map(Seq);
            let found = [
                (EventsBy::Order, orders),
                (EventsBy::EventId, seqs(&snapshot, EVENT_ID, text.trim())?),
                (EventsBy::Reference, seqs(&snapshot, REFERENCE, text.trim())?),
                (EventsBy::Number, number.into_iter().collect()),
                (EventsBy::OrderStart, starts),
            ];
            let mut hits = Vec::new();
            for (by, seqs) in found {
                hits.extend(visible(&snapshot, own, by, seqs, most)?);
            }
            Ok(hits)
        })
        .await
    }
}

fn seqs(conn: &Connection, sql: &str, text: &str) -> rusqlite::Result<Vec<Seq>> {
    conn.prepare_cached(sql)?.query_map(params![text, MOST_READ], |row| row.get(0))?.collect()
}

/// Those of these events that the caller sees, the newest first. None if there is none.
fn visible(
    conn: &Connection,
    own: Option<AdvertiserId>,
    by: EventsBy,
    seqs: Vec<Seq>,
    most: usize,
) -> rusqlite::Result<Option<EventHits>> {
    if seqs.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT c.seq FROM json_each(?1) s CROSS JOIN conversions c ON c.seq = s.value
        WHERE ?2 IS NULL OR c.advertiser_id = ?2 ORDER BY c.seq DESC";
    let list = Value::Text(serde_json::json!(seqs.iter().map(|seq| seq.0).collect::<Vec<_>>()).to_string());
    let mut statement = conn.prepare_cached(sql)?;
    let mut seqs: Vec<Seq> =
        statement.query_map(params![list, own], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let count = u32::try_from(seqs.len()).unwrap_or(u32::MAX).min(MOST_READ);
    seqs.truncate(most);
    Ok((!seqs.is_empty()).then_some(EventHits { by, seqs, count }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_up_goes_by_an_index_and_sorts_nothing() {
        let conn = connect::in_memory();
        for (sql, index) in [
            (ORDER, "USING COVERING INDEX conversions_order (order_id=?)"),
            (ORDER_START, "USING COVERING INDEX conversions_order (order_id>? AND order_id<?)"),
            (EVENT_ID, "SEARCH n USING PRIMARY KEY (pixel_id=? AND kind=? AND name=?)"),
            (REFERENCE, "SEARCH r USING PRIMARY KEY (advertiser_id=? AND reference_id=?)"),
        ] {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps: Vec<String> =
                plan.query_map(params!["A", 1], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
            assert!(steps.iter().any(|step| step.contains(index)), "{sql}: {steps:?}");
            assert!(!steps.iter().any(|step| step.contains("ORDER BY")), "{sql}: {steps:?}");
        }
    }
}
