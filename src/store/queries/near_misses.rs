//! Finds conversions whose name is nearly that of an adjustment: other case, a leading `#`, blanks, leading zeros, a part
//! before or after it, or the same name as another kind of id. It asks the indexes for a bounded number of spellings.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use crate::domain::{Adjustment, AdvertiserId, ConversionName, Millis, OutcomeKind, Reader, Reason, Seq};
use crate::store::db::sql_types::get;
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

use super::adjustments::AdjustmentEffects;
use super::conversions::reasons;

/// The most near misses of one adjustment.
const MOST: usize = 5;
/// The most conversions of one spelling that are looked at.
const MOST_OF_SPELLING: u32 = 20;
/// The most pixels of the advertiser whose event ids are looked at.
const MOST_PIXELS: u32 = 50;
/// The shortest part of a name that is looked for by itself, in characters.
const SHORTEST_PART: usize = 3;
/// The most zeros that are tried before a number.
const MOST_ZEROS: usize = 8;
/// The marks that shops put between an order's number and a further part.
const SEPARATORS: [char; 8] = ['-', '_', '.', '/', '#', ':', ' ', ','];

/// A conversion whose name is nearly the one that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The fire's number in the log.
    pub seq: Seq,
    pub at: Millis,
    /// Its name.
    pub name: ConversionName,
}

/// The kinds of names, each with the statement that finds conversions by it. ?1 is the name or the first name of a
/// range, ?2 the last name of the range. ?3 is the advertiser, ?4 how many to look at, ?5 how many pixels.
// The index of order ids disregards case.
const BY_ORDER: &str = "SELECT seq, order_id AS name FROM conversions
    WHERE order_id COLLATE NOCASE BETWEEN ?1 AND ?2 ORDER BY order_id COLLATE NOCASE DESC, seq DESC LIMIT ?4";
const BY_EVENT: &str = "SELECT n.seq, n.name FROM (SELECT id FROM pixels WHERE advertiser_id = ?3 LIMIT ?5) p
    CROSS JOIN names_seen n ON n.pixel_id = p.id AND n.kind = 1 AND n.name BETWEEN ?1 AND ?2 LIMIT ?4";
const BY_REFERENCE: &str = "SELECT seq, reference_id AS name FROM references_seen
    WHERE advertiser_id = ?3 AND reference_id BETWEEN ?1 AND ?2 LIMIT ?4";

/// Makes a name of a kind.
type NameOf = fn(String) -> ConversionName;

impl Store {
    /// The near misses of each adjustment that reached no conversion, at most five. Conversions that do not count are left
    /// out, since no adjustment changes them.
    ///
    /// # Errors
    /// Database faults.
    pub async fn near_misses(
        &self,
        _: &Reader,
        adjustments: &[AdjustmentEffects],
    ) -> Result<Vec<Vec<NearMiss>>, StoreError> {
        let is_unmatched = |item: &AdjustmentEffects| item.judged && item.effects.is_empty();
        let unmatched = adjustments.iter().map(|item| is_unmatched(item).then(|| item.adjustment.row.clone()));
        let unmatched: Vec<_> = unmatched.collect();
        if unmatched.iter().all(Option::is_none) {
            return Ok(vec![Vec::new(); adjustments.len()]);
        }
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let of_one = |adjustment: &Option<Adjustment>| match adjustment {
                Some(adjustment) => near_misses(&snapshot, adjustment),
                None => Ok(Vec::new()),
            };
            Ok(unmatched.iter().map(of_one).collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

fn near_misses(conn: &Connection, adjustment: &Adjustment) -> rusqlite::Result<Vec<NearMiss>> {
    let kinds: [(&str, NameOf); 3] = [
        (BY_ORDER, ConversionName::OrderId),
        (BY_EVENT, ConversionName::EventId),
        (BY_REFERENCE, ConversionName::ReferenceId),
    ];
    let mut found = Vec::new();
    // A number is no name that shops write in several ways.
    let name = match adjustment.of {
        ConversionName::ConversionId(_) => return Ok(Vec::new()),
        _ => adjustment.of.field().1,
    };
    for (first, last) in ranges(&name) {
        for (by, kind) in kinds {
            for (seq, name) in named(conn, by, (&first, &last), adjustment.advertiser_id)? {
                if found.iter().all(|(known, _)| *known != seq) {
                    found.push((seq, kind(name)));
                }
            }
        }
        if found.len() > 10 * MOST {
            break;
        }
    }
    let mut misses = Vec::new();
    for (seq, name) in found {
        if misses.len() < MOST
            && let Some(at) = adjustable_at(conn, seq, adjustment.advertiser_id)?
        {
            misses.push(NearMiss { seq, at, name });
        }
    }
    Ok(misses)
}

fn named(
    conn: &Connection,
    sql: &str,
    (first, last): (&str, &str),
    advertiser: AdvertiserId,
) -> rusqlite::Result<Vec<(Seq, String)>> {
    let mut statement = conn.prepare_cached(sql)?;
    // The statements differ in the parameters that they use.
    let pixels = if sql == BY_EVENT { Some(MOST_PIXELS) } else { None };
    let most = statement.parameter_count();
    let all = params![first, last, advertiser, MOST_OF_SPELLING, pixels];
    let used = all.get(..most).unwrap_or(all);
    let rows = statement.query_map(used, |row| Ok((get(row, "seq")?, get(row, "name")?)))?;
    rows.collect()
}

/// When the conversion happened; none if it is another advertiser's or does not count.
fn adjustable_at(conn: &Connection, seq: Seq, advertiser: AdvertiserId) -> rusqlite::Result<Option<Millis>> {
    let reasons = reasons(|reason: Reason| reason.outcome().kind() != OutcomeKind::NotCounted);
    let sql = format!("SELECT at FROM conversions WHERE seq = ?1 AND advertiser_id = ?2 AND reason IN ({reasons})");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![seq, advertiser])?;
    rows.next()?.map(|row| get(row, "at")).transpose()
}

/// The ranges of names to look for: each spelling by itself, and each with a further part behind a separator.
fn ranges(name: &str) -> Vec<(String, String)> {
    let spellings = spellings(name);
    let longer = core(name).into_iter().flat_map(|core| cases(core).into_iter().collect::<Vec<_>>()).flat_map(|core| {
        SEPARATORS.map(|separator| (format!("{core}{separator}"), format!("{core}{separator}{}", char::MAX)))
    });
    let exact = spellings.into_iter().map(|name| (name.clone(), name));
    exact.chain(longer).collect()
}

/// The name in other spellings, and as it is: a conversion of that name may have come later, or be another pixel's.
fn spellings(name: &str) -> BTreeSet<String> {
    let mut bases = BTreeSet::from([name.to_owned(), name.trim().to_owned()]);
    let mut add = |text: &str| {
        if !text.is_empty() {
            bases.insert(text.to_owned());
        }
    };
    if let Some(core) = core(name) {
        let bare = core.trim_start_matches('0');
        add(core);
        add(bare);
        let is_number = bare.bytes().all(|byte| byte.is_ascii_digit());
        for zeros in 1..=MOST_ZEROS {
            if is_number && !bare.is_empty() {
                add(&format!("{}{bare}", "0".repeat(zeros)));
            }
        }
        // The number without the part before or after it.
        let is_mark = |sign: char| !sign.is_alphanumeric();
        for part in [core.split(is_mark).next(), core.rsplit(is_mark).next()].into_iter().flatten() {
            if part.chars().count() >= SHORTEST_PART {
                add(part);
            }
        }
    }
    let with_mark =
        |base: &String| cases(base).into_iter().flat_map(|text| [format!("#{text}"), text]).collect::<Vec<_>>();
    bases.iter().flat_map(with_mark).collect()
}

/// In lower case, in capitals, and as it is.
fn cases(text: &str) -> BTreeSet<String> {
    BTreeSet::from([text.to_owned(), text.to_lowercase(), text.to_uppercase()])
}

/// The name from its first to its last letter or digit; none if it has none.
fn core(name: &str) -> Option<&str> {
    Some(name.trim_matches(|sign: char| !sign.is_alphanumeric())).filter(|core| !core.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_is_looked_up_in_an_index() {
        let conn = connect::in_memory();
        for sql in [BY_ORDER, BY_EVENT, BY_REFERENCE] {
            let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let mut rows = statement.raw_query();
            let mut plan = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                plan.push(row.get::<_, String>("detail").unwrap());
            }
            let plan = plan.join("\n");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN conversions"), "{plan}");
            assert!(
                plan.contains("order_id>?") || plan.contains("name>?") || plan.contains("reference_id>?"),
                "{plan}"
            );
        }
    }

    #[test]
    fn names_that_people_take_for_the_same_are_near() {
        for (sent, stored) in [
            ("1003", "#1003"),
            ("#1003", "1003"),
            ("1003", "1003-1"),
            ("1003-1", "1003"),
            ("1003", "001003"),
            ("001003", "1003"),
            ("a-1003", "A-1003"),
            ("A-1003", "a-1003"),
            (" 1003 ", "1003"),
            ("Order #1003", "1003"),
            ("SHOP-1003", "1003"),
            ("1003", "1003"),
            ("1003", "1003 EUR"),
        ] {
            let is_near = |(first, last): &(String, String)| (first.as_str()..=last.as_str()).contains(&stored);
            assert!(ranges(sent).iter().any(is_near), "{sent:?} {stored:?}");
        }
        for (sent, stored) in [("1003", "10031"), ("1003", "1004"), ("A-1003", "B-1003"), ("##", "1003"), ("1-2", "1")]
        {
            let is_near = |(first, last): &(String, String)| (first.as_str()..=last.as_str()).contains(&stored);
            assert!(!ranges(sent).iter().any(is_near), "{sent:?} {stored:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_has_many_spellings(name in "\\PC{0,40}|[0-9a-zA-Z# _-]{0,20}") {
            prop_assert!(ranges(&name).len() <= 130);
        }
    }
}
