//! Fields that a JSON body has more than once. The last one counts, so each of them deserves a warning.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::domain::cut;

/// The most fields that are named.
const MOST: usize = 20;
/// The most characters of a path.
const LONGEST: usize = 200;

/// The paths of the fields that valid JSON has more than once in one object, such as `pixel.piggyback_pixels[1].url`.
pub(super) fn repeated(json: &[u8]) -> Vec<String> {
    let mut walk = Walk::default();
    // The caller has read it as JSON already, so there is no error to tell of.
    let _ = walk.deserialize(&mut serde_json::Deserializer::from_slice(json));
    walk.found
}

/// Walks through a value.
#[derive(Default)]
struct Walk {
    /// Where it is.
    path: String,
    found: Vec<String>,
}

impl Walk {
    fn note(&mut self) {
        let path = cut(&self.path, LONGEST);
        if self.found.len() < MOST && self.found.iter().all(|other| other != path) {
            self.found.push(path.to_owned());
        }
    }
}

impl<'de> DeserializeSeed<'de> for &mut Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (here, mut names) = (self.path.len(), HashSet::new());
        while let Some(name) = members.next_key::<String>()? {
            if here > 0 {
                self.path.push('.');
            }
            self.path.push_str(&name);
            if !names.insert(name) {
                self.note();
            }
            members.next_value_seed(&mut *self)?;
            self.path.truncate(here);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let here = self.path.len();
        for index in 0_usize.. {
            self.path.push_str(&format!("[{index}]"));
            let element = elements.next_element_seed(&mut *self)?;
            self.path.truncate(here);
            if element.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_one_object_are_told_apart_from_those_of_others() {
        for (json, found) in [
            (r#"{"pixel": {"name": "a", "state": "active"}}"#, &[][..]),
            (r#"{"pixel": {"name": "a", "name": "a", "name": null}}"#, &["pixel.name"]),
            (r#"{"id": 1.50, "pixel": {"id": -2e3}, "id": 18446744073709551616}"#, &["id"]),
            (r#"[{"a": 1}, {"a": 1, "b": [true, {"c": 1, "c": 2}]}]"#, &["[1].b[1].c"]),
            (r#"{"a": {"b": 1}, "a": {"b": 2, "\u0062": 3}}"#, &["a", "a.b"]),
            ("7", &[]),
        ] {
            assert_eq!(repeated(json.as_bytes()), found, "{json}");
        }
        let many: String = (0..100).map(|n| format!(r#""a{n}": 1, "a{n}": 2, "#)).collect();
        assert_eq!(repeated(format!("{{{many}\"z\": 1}}").as_bytes()).len(), MOST);
    }
}
