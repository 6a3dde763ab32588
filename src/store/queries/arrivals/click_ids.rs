//! The click ids that were good at the time of an event: those that its visitor came with before, and its own.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::OF_VISITOR;
use crate::domain::{AdParameter, AdvertiserId, ClickIdValue, Conversion, GoodClickId, Millis, Reader, Seq, VisitorId};
use crate::store::derived::connect;
use crate::store::judge::click_ids::click_id_hash;
use crate::store::log::arrivals::arrival_from_text;
use crate::store::{Store, StoreError};

/// The arrivals of a visitor that are looked at, the last before the event.
const MOST_ARRIVALS: u32 = 200;

/// The arrivals with which the visitor brought click ids, the first one first.
fn arrivals_sql() -> String {
    format!(
        "SELECT e.seq, e.at, e.arrival FROM ({OF_VISITOR} WHERE seq < ?2 ORDER BY seq DESC LIMIT ?5) v
        CROSS JOIN exposures e USING (seq)
        WHERE e.advertiser_id = ?3 AND e.at <= ?4 AND EXISTS (SELECT 1 FROM click_ids k WHERE k.seq = e.seq)
        ORDER BY e.seq"
    )
}

/// The first arrival of any visitor with a click id, among the first of all shops. The index has those in front.
const FIRST: &str = "SELECT min(seq) FROM (SELECT seq, advertiser_id FROM click_ids WHERE hash = ?1
    ORDER BY seq LIMIT 1000) WHERE advertiser_id = ?2";

/// A click id that an arrival brought to its visitor.
struct Brought {
    id: ClickIdValue,
    at: Millis,
    seq: Seq,
}

impl Store {
    /// The click ids that were good at the time of each of these conversions, in their order.
    ///
    /// # Errors
    /// Database faults.
    pub async fn click_ids_of(
        &self,
        _: &Reader,
        conversions: &[Conversion],
    ) -> Result<Vec<Vec<GoodClickId>>, StoreError> {
        let asked: Vec<_> = conversions
            .iter()
            .map(|conversion| {
                let fire = &conversion.fire;
                let own = fire.details.click_ids.clone();
                (conversion.visitor_id, fire.seq, fire.at, conversion.advertiser_id, own)
            })
            .collect();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let good = asked.into_iter().map(|(visitor, seq, at, advertiser, own)| {
                let brought = match visitor {
                    Some(visitor) => brought(&snapshot, visitor, advertiser, seq, at)?,
                    None => Vec::new(),
                };
                Ok(good(own, brought, at))
            });
            good.collect()
        })
        .await
    }

    /// The newest click ids of a visitor at an advertiser's shop, with the platforms' newest first.
    ///
    /// # Errors
    /// Database faults.
    pub async fn newest_click_ids(&self, by: &Reader, visitor: VisitorId) -> Result<Vec<GoodClickId>, StoreError> {
        let (own, now) = (by.scope().advertiser(), self.clock().now());
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let sql = format!(
                "SELECT DISTINCT advertiser_id FROM ({OF_VISITOR} ORDER BY seq DESC LIMIT ?3) v
                CROSS JOIN click_ids USING (seq) WHERE ?2 IS NULL OR advertiser_id = ?2 ORDER BY 1"
            );
            let mut statement = snapshot.prepare_cached(&sql)?;
            let advertisers = statement.query_map(params![visitor, own, MOST_ARRIVALS], |row| row.get(0))?;
            let mut all = Vec::new();
            for advertiser in advertisers {
                let brought = brought(&snapshot, visitor, advertiser?, Seq(i64::MAX), Millis(i64::MAX))?;
                all.extend(good(Vec::new(), brought, now));
            }
            Ok(all)
        })
        .await
    }
}

/// The ids that the visitor's arrivals before an event brought, the newest first. An id of one click is another's if a
/// different visitor came with it before.
fn brought(
    conn: &Connection,
    visitor: VisitorId,
    advertiser: AdvertiserId,
    before: Seq,
    at: Millis,
) -> rusqlite::Result<Vec<Brought>> {
    let mut arrivals = conn.prepare_cached(&arrivals_sql())?;
    let mut first = conn.prepare_cached(FIRST)?;
    let (mut seen, mut brought) = (HashSet::new(), Vec::new());
    let mut rows = arrivals.query(params![visitor, before, advertiser, at, MOST_ARRIVALS])?;
    while let Some(row) = rows.next()? {
        let (seq, at) = (row.get(0)?, row.get(1)?);
        for id in arrival_from_text(advertiser, row.get(2)?).click_ids {
            let Some(value) = &id.value else { continue };
            let hash = click_id_hash(&id.name, value);
            let mut is_own = || -> rusqlite::Result<bool> {
                Ok(first.query_row(params![hash, advertiser], |row| row.get::<_, Option<Seq>>(0))? == Some(seq))
            };
            if seen.insert(hash) && (is_shared(&id.name) || is_own()?) {
                brought.push(Brought { id, at, seq });
            }
        }
    }
    brought.sort_by_key(|brought| std::cmp::Reverse((brought.at, brought.seq)));
    Ok(brought)
}

/// Of each platform the ids of its newest arrival, as long as they are good; the event's own take their place.
fn good(own: Vec<ClickIdValue>, brought: Vec<Brought>, at: Millis) -> Vec<GoodClickId> {
    let mut good: Vec<GoodClickId> = Vec::new();
    for ClickIdValue { name, value } in own {
        let Some(value) = value else { continue };
        let known = brought.iter().find(|known| known.id.name == name && known.id.value.as_ref() == Some(&value));
        let (first_seen, arrival) = (known.map(|known| known.at), known.map(|known| known.seq));
        good.push(GoodClickId { name, value, first_seen, arrival, is_own: true });
    }
    let taken: Vec<&str> = good.iter().map(|id| platform(&id.name)).map(|platform| platform.0).collect();
    let mut newest: Vec<(&str, Seq)> = Vec::new();
    let mut visitors = Vec::new();
    for Brought { id, at: first_seen, seq } in &brought {
        let (platform, days) = platform(&id.name);
        let of_platform = newest.iter().find(|(known, _)| *known == platform).map(|(_, seq)| *seq);
        if of_platform.is_none() {
            newest.push((platform, *seq));
        }
        let is_good = days.is_none_or(|days| at.since(*first_seen) <= i64::from(days) * Millis::DAY);
        if is_good && of_platform.is_none_or(|newest| newest == *seq) && !taken.contains(&platform) {
            visitors.extend(id.value.clone().map(|value| GoodClickId {
                name: id.name.clone(),
                value,
                first_seen: Some(*first_seen),
                arrival: Some(*seq),
                is_own: false,
            }));
        }
    }
    good.extend(visitors);
    good
}

fn is_shared(name: &str) -> bool {
    matches!(AdParameter::of(name), Some(AdParameter::ClickId(known)) if known.is_shared)
}

/// The platform of a click id, and for how many days its ids are good, if there is an end.
fn platform(name: &str) -> (&str, Option<u32>) {
    match AdParameter::of(name) {
        Some(AdParameter::ClickId(known)) => (known.platform, known.good_days),
        _ => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Millis = Millis(1_790_000_000_000);

    fn brought(name: &str, value: &str, age_ms: i64, seq: i64) -> Brought {
        let id = ClickIdValue { name: name.to_owned(), value: Some(value.to_owned()) };
        Brought { id, at: T.plus(-age_ms), seq: Seq(seq) }
    }

    fn named(own: &[(&str, &str)], brought: Vec<Brought>) -> Vec<String> {
        let own =
            own.iter().map(|(name, value)| ClickIdValue { name: (*name).to_owned(), value: Some((*value).to_owned()) });
        let words = |id: &GoodClickId| format!("{}={}{}", id.name, id.value, if id.is_own { "!" } else { "" });
        good(own.collect(), brought, T).iter().map(words).collect()
    }

    #[test]
    fn of_each_platform_the_newest_counts_while_it_is_good() {
        let day = Millis::DAY;
        for (own, ids, expected) in [
            (&[][..], vec![brought("gclid", "a", 90 * day, 1)], vec!["gclid=a"]),
            (&[], vec![brought("gclid", "a", 90 * day + 1, 1)], vec![]),
            (&[], vec![brought("ttclid", "a", 28 * day + 1, 1)], vec![]),
            (&[], vec![brought("irclickid", "a", 900 * day, 1)], vec!["irclickid=a"]),
            (&[], vec![brought("gclid", "b", 5, 2), brought("gclid", "a", 9, 1)], vec!["gclid=b"]),
            // A later link of the same platform takes the place of the earlier one, whatever its names.
            (&[], vec![brought("wbraid", "w", 5, 2), brought("gclid", "a", 9, 1)], vec!["wbraid=w"]),
            (&[], vec![brought("gclid", "a", 5, 2), brought("gbraid", "b", 5, 2)], vec!["gclid=a", "gbraid=b"]),
            (&[], vec![brought("fbclid", "f", 5, 2), brought("gclid", "a", 9, 1)], vec!["fbclid=f", "gclid=a"]),
            (&[("gclid", "own")], vec![brought("gclid", "a", 9, 1)], vec!["gclid=own!"]),
            (&[("gclid", "own")], vec![brought("fbclid", "f", 9, 1)], vec!["gclid=own!", "fbclid=f"]),
            (&[("unknown_id", "x")], vec![], vec!["unknown_id=x!"]),
        ] {
            assert_eq!(named(own, ids), expected);
        }
    }
}
