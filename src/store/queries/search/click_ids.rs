//! Finds visitors by a click ID that an ad platform gave to one of their clicks.

use rusqlite::{Connection, params};

use crate::domain::{AdParameter, AdvertiserId, ClickId, Reader, VisitorId};
use crate::store::judge::click_ids::click_id_hash;
use crate::store::log::arrivals::arrival_from_text;
use crate::store::{Store, StoreError};

/// The arrivals with one hash that are read at most. An ID that many share may have millions.
const MOST_READ: u32 = 1_000;

/// A click ID that a visitor came with to an advertiser's shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickIdHit {
    pub advertiser: AdvertiserId,
    pub name: String,
    pub value: String,
    pub visitor: VisitorId,
}

/// The first arrival with a hash, and the last ones: whose the ID is, and who came with it lately.
const BY_HASH: [&str; 2] = [
    "SELECT e.advertiser_id, e.visitor_id, e.arrival
    FROM (SELECT seq, advertiser_id FROM click_ids WHERE hash = ?1 ORDER BY seq LIMIT ?3) k
    CROSS JOIN exposures e USING (seq) WHERE ?2 IS NULL OR k.advertiser_id = ?2 LIMIT 1",
    "SELECT e.advertiser_id, e.visitor_id, e.arrival
    FROM (SELECT seq, advertiser_id FROM click_ids WHERE hash = ?1 ORDER BY seq DESC LIMIT ?3) k
    CROSS JOIN exposures e USING (seq) WHERE ?2 IS NULL OR k.advertiser_id = ?2",
];

/// A click ID as people type it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct TypedClickId {
    pub value: String,
    /// The names that it may have, each with the hash of name and value.
    pub names: Vec<(&'static str, i64)>,
}

impl TypedClickId {
    /// Reads `EAIa…` or `gclid=EAIa…`.
    pub(in crate::store) fn of(text: &str) -> Self {
        let (name, value) = match text.trim().split_once('=') {
            Some((name, value)) if matches!(AdParameter::of(name), Some(AdParameter::ClickId(_))) => (name, value),
            _ => ("", text.trim()),
        };
        let names = ClickId::all().into_iter().map(|id| id.name);
        let names = names.filter(|known| name.is_empty() || known.eq_ignore_ascii_case(name));
        TypedClickId { names: names.map(|name| (name, click_id_hash(name, value))).collect(), value: value.to_owned() }
    }
}

impl Store {
    /// The visitors who came with a click ID, typed as `EAIa…` or as `gclid=EAIa…`: first the one whose it is.
    ///
    /// # Errors
    /// Database faults.
    pub async fn find_click_ids(&self, by: &Reader, text: &str, most: u32) -> Result<Vec<ClickIdHit>, StoreError> {
        let (own, typed) = (by.scope().advertiser(), TypedClickId::of(text));
        self.read(move |conn| {
            let mut hits: Vec<ClickIdHit> = Vec::new();
            for (name, hash) in &typed.names {
                for sql in BY_HASH {
                    let came = came(conn, sql, (*hash, own), |id| id == (*name, typed.value.as_str()))?;
                    let hit = |(advertiser, visitor)| ClickIdHit {
                        advertiser,
                        name: (*name).to_owned(),
                        value: typed.value.clone(),
                        visitor,
                    };
                    for hit in came.into_iter().map(hit) {
                        if !hits.contains(&hit) {
                            hits.push(hit);
                        }
                    }
                }
            }
            hits.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            Ok(hits)
        })
        .await
    }
}

/// Who came with an ID of this hash to which advertiser, of those arrivals whose ID is the one.
fn came(
    conn: &Connection,
    sql: &str,
    (hash, own): (i64, Option<AdvertiserId>),
    is_it: impl Fn((&str, &str)) -> bool,
) -> rusqlite::Result<Vec<(AdvertiserId, VisitorId)>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![hash, own, MOST_READ])?;
    let mut came = Vec::new();
    while let Some(row) = rows.next()? {
        let (advertiser, visitor): (AdvertiserId, Option<VisitorId>) = (row.get(0)?, row.get(1)?);
        let arrival = arrival_from_text(advertiser, row.get(2)?);
        if arrival.click_ids.iter().any(|id| id.value.as_deref().is_some_and(|value| is_it((&id.name, value)))) {
            came.extend(visitor.map(|visitor| (advertiser, visitor)));
        }
    }
    Ok(came)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::derived::connect;

    #[test]
    fn a_hash_is_found_by_its_index_and_nothing_is_sorted() {
        let conn = connect::in_memory();
        for sql in BY_HASH {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = plan.query_map(params![1, 1, 1], |row| row.get(3)).unwrap();
            let steps: Vec<String> = steps.map(Result::unwrap).collect();
            let has = |what: &str| steps.iter().any(|step| step.contains(what));
            assert!(has("INDEX click_ids_hash (hash=?)") && !has("ORDER BY") && !has("SCAN e"), "{sql}: {steps:?}");
        }
    }

    #[test]
    fn an_id_is_typed_with_or_without_its_name() {
        for (text, value, has_others) in [
            ("gclid=EAIa", "EAIa", false),
            (" GCLID=EAIa ", "EAIa", false),
            ("EAIa", "EAIa", true),
            ("order=EAIa", "order=EAIa", true),
        ] {
            let typed = TypedClickId::of(text);
            let has = |name| typed.names.contains(&(name, click_id_hash(name, value)));
            assert_eq!((typed.value.as_str(), has("gclid"), has("fbclid")), (value, true, has_others), "{text}");
        }
    }
}
