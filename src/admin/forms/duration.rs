//! A length of time in a form: the number in one field and the unit in another. One of the units is "maximum".

use super::parse::{Controls, FormField};
use crate::admin::shell::form::Form;
use crate::domain::Minutes;

/// The two fields as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationInput {
    pub number: String,
    /// `minutes`, `hours`, `days` or `max`.
    pub unit: String,
}

impl FormField for DurationInput {
    /// Reads the fields `name` and `{name}_unit`.
    fn read(form: &Form, name: &str) -> Self {
        DurationInput { number: form.text(name).to_owned(), unit: form.text(&format!("{name}_unit")).to_owned() }
    }

    fn put(&self, name: &str, controls: &mut Controls) {
        controls.push((name.to_owned(), self.number.clone()));
        controls.push((format!("{name}_unit"), self.unit.clone()));
    }

    fn words(&self) -> String {
        match self.unit.as_str() {
            "max" => "Maximum".to_owned(),
            "default" => "The default".to_owned(),
            "none" => "Not kept".to_owned(),
            unit => format!("{} {unit}", self.number),
        }
    }
}

impl DurationInput {
    /// Shows stored minutes in the largest unit that fits without a rest. Null and 0 mean the maximum.
    pub fn of(minutes: Option<u32>) -> Self {
        match minutes {
            None | Some(0) => DurationInput { number: String::new(), unit: "max".to_owned() },
            Some(minutes) => {
                let (size, unit) = match minutes {
                    m if m % 1440 == 0 => (1440, "days"),
                    m if m % 60 == 0 => (60, "hours"),
                    _ => (1, "minutes"),
                };
                DurationInput { number: (minutes / size).to_string(), unit: unit.to_owned() }
            }
        }
    }

    /// The minutes, at most `longest`; none for the maximum.
    ///
    /// # Errors
    /// The rule that the text breaks, as the rest of a sentence.
    pub fn minutes(&self, longest: u32) -> Result<Option<u32>, String> {
        let size = match self.unit.as_str() {
            "max" => return Ok(None),
            "minutes" => 1,
            "hours" => 60,
            "days" => 1440,
            other => return Err(format!("must be in minutes, hours or days, and is in {other:?}")),
        };
        if self.number.is_empty() {
            return Err("needs a number".to_owned());
        }
        if !self.number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("must be a whole number, and is {:?}", self.number));
        }
        let minutes = self.number.parse::<u32>().ok().and_then(|number| number.checked_mul(size));
        match minutes {
            Some(0) => Err("must be more than 0".to_owned()),
            Some(minutes) if minutes <= longest => Ok(Some(minutes)),
            _ => Err(format!("must be at most {}", at_most(longest, size))),
        }
    }
}

/// The longest duration in the unit of the form, and in words if these differ: `2160 hours (90 days)`.
fn at_most(longest: u32, size: u32) -> String {
    let unit = match size {
        1 => "minutes",
        60 => "hours",
        _ => "days",
    };
    let plain = format!("{} {unit}", longest / size);
    match Minutes(longest).to_string() {
        words if words == plain => plain,
        words if longest.is_multiple_of(size) => format!("{plain} ({words})"),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(number: &str, unit: &str) -> Result<Option<u32>, String> {
        DurationInput { number: number.to_owned(), unit: unit.to_owned() }.minutes(129_600)
    }

    #[test]
    fn stored_minutes_appear_in_their_largest_unit_and_read_back() {
        for stored in [None, Some(1), Some(90), Some(120), Some(20_160), Some(129_600)] {
            assert_eq!(DurationInput::of(stored).minutes(129_600), Ok(stored));
        }
        assert_eq!(DurationInput::of(Some(20_160)), DurationInput { number: "14".into(), unit: "days".into() });
        assert_eq!(DurationInput::of(Some(0)).unit, "max");
    }

    #[test]
    fn an_error_uses_the_unit_of_the_form() {
        assert_eq!(minutes("90", "days"), Ok(Some(129_600)));
        assert_eq!(minutes("91", "days").unwrap_err(), "must be at most 90 days");
        assert_eq!(minutes("2161", "hours").unwrap_err(), "must be at most 2160 hours (90 days)");
        assert_eq!(minutes("4294967296", "minutes").unwrap_err(), "must be at most 129600 minutes (90 days)");
        assert_eq!(minutes("4294967295", "days").unwrap_err(), "must be at most 90 days");
        for bad in ["", "0", "-1", "1.5", "ten", "١"] {
            assert!(minutes(bad, "hours").is_err(), "{bad}");
        }
        assert!(minutes("1", "weeks").is_err());
        assert_eq!(minutes("anything", "max"), Ok(None));
        assert_eq!(
            DurationInput { number: "23".into(), unit: "days".into() }.minutes(32_767).unwrap_err(),
            "must be at most 22 days"
        );
    }
}
