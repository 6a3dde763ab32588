//! What became of arrivals, for pages, the API and explanations.

pub mod by_source;
pub mod click_ids;
pub mod unmatched;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::{
    Arrival, ArrivalFate, CampaignId, LineItemId, Millis, PublisherId, Reader, Seq, SourceId, VisitorId,
};
use crate::store::db::sql_types::get;
use crate::store::judge::lookups::LookUps;
use crate::store::log::arrivals::arrival_from_text;
use crate::store::{Store, StoreError};

/// An arrival and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedArrivalRow {
    pub seq: Seq,
    pub at: Millis,
    pub arrival: Arrival,
    pub fate: ArrivalFate,
    /// The source that takes it, with its name. The name of a deleted one is what it was last.
    pub source: Option<(SourceId, String)>,
    /// Of a click.
    pub line_item_id: Option<LineItemId>,
    pub campaign_id: Option<CampaignId>,
    pub publisher_id: Option<PublisherId>,
    /// The exposure that its token names, and whether it counts for the visitor from here on.
    pub named: Option<Seq>,
    pub adopts: bool,
}

const COLUMNS: &str =
    "a.seq, a.at, a.advertiser_id, a.fate, a.source_id, a.line_item_id, a.campaign_id, a.publisher_id,
    a.named_seq, a.adopts, e.arrival, coalesce((SELECT name FROM sources s WHERE s.id = a.source_id),
        (SELECT object_name FROM audit WHERE object_type = 'source' AND object_id = a.source_id
            AND action = 'deleted' ORDER BY id DESC LIMIT 1), '') AS source_name";

/// The numbers of a visitor's last arrivals, `?1`. Those that are clicks are looked for among its last 4,000 clicks.
const OF_VISITOR: &str = "SELECT seq FROM (
        SELECT since AS seq FROM (SELECT since, source_id FROM touches WHERE visitor_id = ?1 AND kind = 2
            ORDER BY since DESC, seq DESC LIMIT 4000) WHERE source_id IS NOT NULL
        UNION ALL
        SELECT seq FROM (SELECT seq FROM arrivals WHERE visitor_id = ?1 AND line_item_id IS NULL
            ORDER BY seq DESC LIMIT 4000))";

impl Store {
    /// What became of the arrivals with these numbers in the log, without those that the judge has not reached and those
    /// that the caller may not see.
    ///
    /// # Errors
    /// Database faults.
    pub async fn arrivals_at(&self, by: &Reader, seqs: Vec<Seq>) -> Result<Vec<JudgedArrivalRow>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let mut found = Vec::new();
            for seq in seqs {
                found.extend(at(conn, seq)?.filter(|row| own.is_none_or(|own| row.arrival.advertiser_id == own)));
            }
            Ok(found)
        })
        .await
    }

    /// The latest arrivals of a visitor that the caller may see, newest first.
    ///
    /// # Errors
    /// Database faults.
    pub async fn arrivals_of(
        &self,
        by: &Reader,
        visitor: VisitorId,
        most: u32,
    ) -> Result<Vec<JudgedArrivalRow>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let sql = format!(
                "SELECT {COLUMNS} FROM ({OF_VISITOR}) v CROSS JOIN arrivals a USING (seq) CROSS JOIN exposures e USING (seq)
                WHERE (?2 IS NULL OR a.advertiser_id = ?2)
                ORDER BY a.seq DESC LIMIT ?3"
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let rows = statement.query_map(params![visitor, own, most], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// An arrival of the log that is judged.
fn at(conn: &Connection, seq: Seq) -> rusqlite::Result<Option<JudgedArrivalRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM exposures e
        CROSS JOIN arrivals a ON a.seq = e.seq WHERE e.seq = ?1"
    );
    conn.prepare_cached(&sql)?.query_row([seq], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<JudgedArrivalRow> {
    let source_id: Option<SourceId> = get(row, "source_id")?;
    let name: String = get(row, "source_name")?;
    Ok(JudgedArrivalRow {
        seq: get(row, "seq")?,
        at: get(row, "at")?,
        arrival: arrival_from_text(get(row, "advertiser_id")?, get(row, "arrival")?),
        fate: get(row, "fate")?,
        source: source_id.map(|id| (id, if name.is_empty() { format!("source {id}") } else { name })),
        line_item_id: get(row, "line_item_id")?,
        campaign_id: get(row, "campaign_id")?,
        publisher_id: get(row, "publisher_id")?,
        named: get(row, "named_seq")?,
        adopts: get(row, "adopts")?,
    })
}

impl LookUps<'_> {
    /// What became of the arrival with this number in the log; none if it is no arrival.
    ///
    /// # Errors
    /// Database faults.
    pub fn arrival(&mut self, seq: Seq) -> Result<Option<JudgedArrivalRow>, StoreError> {
        Ok(at(self.conn(), seq)?)
    }
}
