//! A JSON object in which a name may come twice: the first value counts, and the others are there to be reported. The
//! same holds for the objects in it, whose later values are dropped.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

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
        while let Some((name, FirstOf(value))) = members.next_entry::<String, FirstOf>()? {
            if object.fields.contains_key(&name) {
                object.repeated.push((name, value));
            } else {
                object.fields.insert(name, value);
            }
        }
        Ok(object)
    }
}

/// A value whose objects hold the first of each name.
struct FirstOf(Value);

impl<'de> Deserialize<'de> for FirstOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(FirstOf)
    }
}

struct ValueVisitor;

/// The name under which serde_json hands over a number that is no short whole one, with all its digits.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(FirstOf(value)) = elements.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if name == NUMBER {
                let digits: String = members.next_value()?;
                return digits.parse::<Number>().map(Value::Number).map_err(A::Error::custom);
            }
            let FirstOf(value) = members.next_value()?;
            object.entry(name).or_insert(value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_of_a_repeated_name_counts() {
        let text = r#"{"a":1.50,"b":[{"a":2.0e5,"a":3},true,"x",null,-1],"a":4,"a":null}"#;
        let object: Object = serde_json::from_str(text).unwrap();
        let first = r#"{"a":1.50,"b":[{"a":2.0e+5},true,"x",null,-1]}"#;
        assert_eq!(Value::Object(object.fields).to_string(), first);
        assert_eq!(object.repeated, [("a".to_owned(), json!(4)), ("a".to_owned(), Value::Null)]);
        for other in ["5", "[1]", "\"x\"", "null", "{", "{} x"] {
            assert!(serde_json::from_str::<Object>(other).is_err(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn other_texts_are_read_as_ever(text in "\\{\"a\":([0-9eE.+-]{1,6}|\\[[0-9,]{0,5}\\]|\\{\"[bc]\":[0-9a-z\"]{1,5}\\}|\\PC{0,9})\\}") {
            let read = serde_json::from_str::<Object>(&text).ok().map(|object| Value::Object(object.fields));
            prop_assert_eq!(read, serde_json::from_str::<Value>(&text).ok());
        }
    }
}
