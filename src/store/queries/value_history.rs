//! The values that a pixel's fires usually have: what to propose as the largest believable value, and which fires lie far
//! beyond the others (`docs/rules/attribution.md`, *The largest believable value*).

use rusqlite::params;

use super::conversions::reasons;
use crate::domain::{Currency, Micros, OutcomeKind, PixelId, Reader, Reason, Seq};
use crate::store::{Store, StoreError};

/// The latest conversions that are looked at, and how many of their values count.
const MOST_CONVERSIONS: u32 = 10_000;
const MOST_VALUES: u32 = 1_000;
/// Fewer values say little.
const FEWEST_VALUES: usize = 50;
/// Values beyond so many times the median count for nothing, so that forged ones do not move the proposal.
const TIMES_MEDIAN: i128 = 100;
/// A bound lies so many times above the usual values.
const TIMES_USUAL: i128 = 10;

/// The latest values of a pixel in the advertiser's currency, without zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueHistory {
    /// How many values it rests on.
    pub values: usize,
    /// 99 of 100 are not larger, forged ones aside.
    pub usual: Micros,
    /// Ten times that, rounded up to a round number; none if it is no amount any more.
    pub proposal: Option<Micros>,
    /// How many are larger than ten times the usual.
    pub beyond: usize,
    /// The largest of these, with its fire.
    pub largest: Option<(Seq, Micros)>,
}

impl Store {
    /// The values of the pixel's latest conversions. None if there are too few, or the caller may not see the pixel.
    ///
    /// # Errors
    /// Database faults.
    pub async fn value_history(
        &self,
        by: &Reader,
        pixel: PixelId,
        currency: Currency,
    ) -> Result<Option<ValueHistory>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(&values_sql())?;
            let rows = statement.query_map(params![pixel, own, currency], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(history(rows.collect::<Result<_, _>>()?))
        })
        .await
    }
}

fn values_sql() -> String {
    format!(
        "SELECT c.value, c.seq FROM (SELECT seq FROM conversions WHERE pixel_id = ?1 AND +reason IN ({})
            AND (?2 IS NULL OR +advertiser_id = ?2) ORDER BY at DESC LIMIT {MOST_CONVERSIONS}) AS p
        CROSS JOIN conversions c ON c.seq = p.seq
        WHERE c.value > 0 AND coalesce(c.currency, ?3) = ?3 LIMIT {MOST_VALUES}",
        reasons(|reason: Reason| reason.outcome().kind() != OutcomeKind::NotCounted)
    )
}

fn history(mut values: Vec<(Micros, Seq)>) -> Option<ValueHistory> {
    if values.len() < FEWEST_VALUES {
        return None;
    }
    values.sort_unstable();
    let amount = |place: usize| values.get(place).map(|(Micros(value), _)| i128::from(*value));
    let median = amount((values.len() - 1) / 2)?;
    let honest = values.partition_point(|(Micros(value), _)| i128::from(*value) <= median * TIMES_MEDIAN);
    let usual = amount((honest * 99).div_ceil(100) - 1)?;
    let bound = usual * TIMES_USUAL;
    let within = values.partition_point(|(Micros(value), _)| i128::from(*value) <= bound);
    Some(ValueHistory {
        values: values.len(),
        usual: i64::try_from(usual).map(Micros).ok()?,
        proposal: round_up(bound).filter(|proposal| *proposal <= Micros::MAX),
        beyond: values.len() - within,
        largest: values.last().filter(|_| within < values.len()).map(|(value, seq)| (*seq, *value)),
    })
}

/// The next of 1, 2, 5, 10, 20, 50, ... micros.
fn round_up(micros: i128) -> Option<Micros> {
    let decades = (0..19).map(|zeros| 10_i128.pow(zeros));
    let rounds = decades.flat_map(|decade| [1, 2, 5].map(|digit| digit * decade));
    rounds.into_iter().find(|round| *round >= micros).and_then(|round| i64::try_from(round).ok()).map(Micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::derived::connect;

    /// The usual value, the proposal, how many lie beyond, and the fire with the largest of these.
    fn said(units: impl IntoIterator<Item = i64>) -> Option<(i64, Option<i64>, usize, Option<i64>)> {
        let values = (1..).map(Seq).zip(units).map(|(seq, units)| (Micros(units * Micros::UNIT), seq)).collect();
        let unit = |Micros(micros): Micros| micros / Micros::UNIT;
        history(values).map(|h| (unit(h.usual), h.proposal.map(unit), h.beyond, h.largest.map(|(seq, _)| seq.0)))
    }

    #[test]
    fn a_bound_is_proposed_from_fifty_values_on() {
        assert_eq!(said(1..50), None);
        assert_eq!(said(1..=50), Some((50, Some(500), 0, None)));
        assert_eq!(said(1..=100), Some((99, Some(1_000), 0, None)), "990, rounded up");
        assert_eq!(said([30; 200]), Some((30, Some(500), 0, None)), "300, rounded up");
        assert_eq!(said((1..=100).chain([600, 991])), Some((600, Some(10_000), 0, None)), "6,000, rounded up");
        assert_eq!(said((1..=99).chain([991])), Some((99, Some(1_000), 1, Some(100))));
    }

    #[test]
    fn forged_values_move_nothing_as_long_as_they_are_fewer() {
        let forged = Micros::MAX.0 / Micros::UNIT;
        assert_eq!(said((1..=100).chain([forged; 50])), Some((99, Some(1_000), 50, Some(150))));
        assert_eq!(said([forged; 60]), Some((forged, None, 0, None)), "no amount is larger");
    }

    #[test]
    fn round_numbers_are_one_two_and_five() {
        for (micros, round) in [(1, 1), (2, 2), (3, 5), (6, 10), (10, 10), (11, 20), (5_000_001, 10_000_000)] {
            assert_eq!(round_up(micros), Some(Micros(round)), "{micros}");
        }
        assert_eq!(round_up(10_i128.pow(30)), None);
    }

    #[test]
    fn the_values_are_found_by_an_index() {
        let conn = connect::in_memory();
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", values_sql())).unwrap();
        let steps = plan.query_map([0, 0, 0], |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<_> = steps.map(Result::unwrap).collect();
        assert!(steps.iter().any(|step| step.contains("INDEX conversions_pixel (pixel_id=?")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE") || step.contains("SCAN conv")), "{steps:?}");
    }
}
