//! Conditions on columns: `filters` before rows are added up, `group_filters` after.

use crate::domain::{FieldError, Micros, TotalMicros, trim};
use crate::report::broken;
use crate::report::definition::{Column, Kind};
use crate::store::{Scalar, Test};

/// The most values in one condition.
const MAX_VALUES: usize = 1_000;

/// How a column is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// One of the values.
    #[default]
    In,
    /// None of them.
    NotIn,
    /// More than the value.
    Above,
    /// At least the value.
    AtLeast,
    /// Less than the value.
    Below,
    /// At most the value.
    AtMost,
}

impl Operator {
    /// How many there are.
    pub(in crate::report) const COUNT: usize = 6;

    /// Every published sign.
    pub const SIGNS: &[&str] = &["=", "!=", ">", ">=", "<", "<=", "in", "not in"];

    /// Reads a published sign.
    pub fn parse(sign: &str) -> Option<Self> {
        Some(match sign.trim().to_ascii_lowercase().as_str() {
            "=" | "==" | "in" => Operator::In,
            "!=" | "<>" | "not in" | "not_in" => Operator::NotIn,
            ">" => Operator::Above,
            ">=" => Operator::AtLeast,
            "<" => Operator::Below,
            "<=" => Operator::AtMost,
            _ => return None,
        })
    }

    /// Its published sign.
    pub fn sign(self) -> &'static str {
        match self {
            Operator::In => "=",
            Operator::NotIn => "!=",
            Operator::Above => ">",
            Operator::AtLeast => ">=",
            Operator::Below => "<",
            Operator::AtMost => "<=",
        }
    }

    /// Whether a figure passes. A missing figure passes only [`Operator::NotIn`].
    pub(in crate::report) fn passes(self, figure: Option<i128>, values: &[i128]) -> bool {
        let Some(figure) = figure else { return self == Operator::NotIn };
        match self {
            Operator::In => values.contains(&figure),
            Operator::NotIn => !values.contains(&figure),
            Operator::Above => values.iter().all(|value| figure > *value),
            Operator::AtLeast => values.iter().all(|value| figure >= *value),
            Operator::Below => values.iter().all(|value| figure < *value),
            Operator::AtMost => values.iter().all(|value| figure <= *value),
        }
    }
}

/// A condition as a user typed it or a script sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The column's name.
    pub column: String,
    /// How it is compared.
    pub operator: Operator,
    /// The values to compare with.
    pub values: Vec<String>,
}

impl Condition {
    /// The column is one of the values.
    pub fn one_of(column: impl Into<String>, values: Vec<String>) -> Self {
        Condition { column: column.into(), operator: Operator::In, values }
    }

    /// Whether one of the others compares the same column in the same way.
    pub(in crate::report) fn is_among(&self, others: &[Condition]) -> bool {
        others.iter().any(|other| other.column == self.column && other.operator == self.operator)
    }

    /// The values in the form of the column's figures.
    pub(in crate::report) fn figures(&self, field: &str, column: &Column) -> Result<Vec<i128>, FieldError> {
        self.read(field, |text| figure(column.kind, text))
    }

    fn read<T>(&self, field: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, FieldError> {
        let values = &self.values;
        if values.is_empty() || values.len() > MAX_VALUES {
            return Err(broken(field, format!("must have 1 to {MAX_VALUES} values, and has {}", values.len())));
        }
        let read = values.iter().map(|value| read(value)).collect::<Option<Vec<_>>>();
        read.ok_or_else(|| broken(field, format!("must hold values such as the column shows, and holds {values:?}")))
    }

    /// The test of a source's column.
    pub(in crate::report) fn test(&self, field: &str, column: &Column) -> Result<Test, FieldError> {
        let values = self.read(field, |text| scalar(column.kind, text))?;
        match (self.operator, values.as_slice()) {
            (Operator::In, _) => Ok(Test::In(values)),
            (Operator::NotIn, _) => Ok(Test::NotIn(values)),
            (Operator::AtLeast, [Scalar::Int(value)]) => Ok(Test::Min(Scalar::Int(*value))),
            (Operator::AtMost, [Scalar::Int(value)]) => Ok(Test::Max(Scalar::Int(*value))),
            (Operator::Above, [Scalar::Int(value)]) => Ok(Test::Min(Scalar::Int(value.saturating_add(1)))),
            (Operator::Below, [Scalar::Int(value)]) => Ok(Test::Max(Scalar::Int(value.saturating_sub(1)))),
            _ => Err(broken(field, "can be compared by = and != alone, or by <, <=, > and >= with one number")),
        }
    }
}

/// A value in the form of a column's figures.
fn figure(kind: Kind, text: &str) -> Option<i128> {
    match kind {
        Kind::Int => text.trim().parse().ok(),
        Kind::Amount | Kind::Ratio => TotalMicros::parse(text.trim()).ok().map(|total| total.0),
        _ => None,
    }
}

/// A value in the column's own form.
fn scalar(kind: Kind, text: &str) -> Option<Scalar> {
    match kind {
        Kind::Int | Kind::LongId => text.trim().parse().ok().map(Scalar::Int),
        Kind::Amount | Kind::Ratio => Micros::parse(text.trim()).ok().map(|amount| Scalar::Int(amount.0)),
        Kind::Text => Some(Scalar::Text(text.to_owned())),
        // Ids are stored without blanks around them.
        Kind::Beginning(_) => Some(Scalar::Text(trim(text).to_owned())),
        Kind::Words(words) => {
            let (stored, _) = words.iter().find(|(_, shown)| shown.eq_ignore_ascii_case(text.trim()))?;
            Some(Scalar::Text((*stored).to_owned()))
        }
        Kind::Month | Kind::Day | Kind::UtcDay | Kind::Hour | Kind::Moment(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_is_read() {
        for sign in Operator::SIGNS {
            assert!(Operator::parse(sign).is_some(), "{sign}");
        }
        for sign in ["=", "!=", ">", ">=", "<", "<="] {
            assert_eq!(Operator::parse(sign).map(Operator::sign), Some(sign));
        }
        assert_eq!(Operator::parse("~"), None);
    }

    #[test]
    fn figures_are_compared() {
        let passes = |sign: &str| Operator::parse(sign).unwrap();
        for (sign, below, equal, above) in [
            ("=", false, true, false),
            ("!=", true, false, true),
            (">", false, false, true),
            (">=", false, true, true),
            ("<", true, false, false),
            ("<=", true, true, false),
        ] {
            let passed = [1, 2, 3].map(|figure| passes(sign).passes(Some(figure), &[2]));
            assert_eq!(passed, [below, equal, above], "{sign}");
            assert_eq!(passes(sign).passes(None, &[2]), sign == "!=", "{sign}");
        }
    }

    #[test]
    fn texts_are_not_put_in_order() {
        let column = Column::new("order_id", Kind::Text, "");
        let condition = |operator| Condition { column: String::new(), operator, values: vec!["a".to_owned()] };
        assert!(condition(Operator::NotIn).test("x", &column).is_ok());
        assert!(condition(Operator::Above).test("x", &column).is_err());
    }
}
