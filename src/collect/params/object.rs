//! A JSON object in which a name may come twice: the first value counts, and the others are there to be reported.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

#[derive(Debug, Default, PartialEq)]
pub struct Object {
    /// Each name with its first value, in their order.
    pub fields: Map<String, Value>,
    /// The later values.
    pub repeated: Vec<(String, Value)>,
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object, A::Error> {
        let mut object = Object::default();
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            if object.fields.contains_key(&name) {
                object.repeated.push((name, value));
            } else {
                object.fields.insert(name, value);
            }
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_of_a_repeated_name_counts() {
        let object: Object = serde_json::from_str(r#"{"a":1.50,"b":{"a":2,"a":3},"a":4,"a":null}"#).unwrap();
        assert_eq!(Value::Object(object.fields).to_string(), r#"{"a":1.50,"b":{"a":3}}"#);
        assert_eq!(object.repeated, [("a".to_owned(), json!(4)), ("a".to_owned(), Value::Null)]);
        for other in ["5", "[1]", "\"x\"", "null", "{", "{} x"] {
            assert!(serde_json::from_str::<Object>(other).is_err(), "{other}");
        }
    }
}
