//! How the tables of sums keep a sum of money: in two columns that are added up apart, so that neither overflows.

use std::ops::{AddAssign, SubAssign};

use rusqlite::Row;

use crate::domain::{Micros, TotalMicros};

/// Micros in a thousand units.
const THOUSAND: i64 = 1_000 * Micros::UNIT;

/// A sum of amounts: the whole thousands of units, and the remainders in micros. Neither part carries into the other. So
/// the order of additions and subtractions does not matter, and each part holds 9 * 10^9 amounts of [`Micros::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct SumParts {
    pub(in crate::store) thousands: i64,
    pub(in crate::store) micros: i64,
}

impl SumParts {
    /// The sum in these two columns.
    pub(in crate::store) fn read(row: &Row<'_>, thousands: &str, micros: &str) -> rusqlite::Result<Self> {
        Ok(SumParts { thousands: row.get(thousands)?, micros: row.get(micros)? })
    }
}

impl From<Micros> for SumParts {
    fn from(Micros(micros): Micros) -> Self {
        SumParts { thousands: micros / THOUSAND, micros: micros % THOUSAND }
    }
}

impl From<SumParts> for TotalMicros {
    fn from(parts: SumParts) -> Self {
        TotalMicros(i128::from(parts.thousands) * i128::from(THOUSAND) + i128::from(parts.micros))
    }
}

impl AddAssign for SumParts {
    fn add_assign(&mut self, other: Self) {
        self.thousands += other.thousands;
        self.micros += other.micros;
    }
}

impl SubAssign for SumParts {
    fn sub_assign(&mut self, other: Self) {
        self.thousands -= other.thousands;
        self.micros -= other.micros;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn total(amounts: &[Micros]) -> SumParts {
        let mut sum = SumParts::default();
        amounts.iter().for_each(|amount| sum += (*amount).into());
        sum
    }

    #[test]
    fn either_part_holds_nine_thousand_million_of_the_largest_parts() {
        let SumParts { thousands, micros } = Micros::MAX.into();
        assert_eq!((thousands, micros), (THOUSAND - 1, THOUSAND - 1));
        let SumParts { micros, .. } = Micros(THOUSAND - 1).into();
        assert!(thousands.checked_mul(9_000_000_000).is_some() && micros.checked_mul(9_000_000_000).is_some());
    }

    proptest! {
        #[test]
        fn parts_depend_on_the_amounts_alone(amounts in prop::collection::vec((0..=Micros::MAX.0).prop_map(Micros), 0..40)) {
            let exact = amounts.iter().map(|amount| i128::from(amount.0)).sum();
            prop_assert_eq!(TotalMicros::from(total(&amounts)), TotalMicros(exact));
            let backwards: Vec<_> = amounts.iter().rev().copied().collect();
            prop_assert_eq!(total(&backwards), total(&amounts));
            let mut left = total(&amounts);
            amounts.iter().for_each(|amount| left -= (*amount).into());
            prop_assert_eq!(left, SumParts::default());
        }
    }
}
