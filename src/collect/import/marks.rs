//! Keyed hashes for imports: a visitor's text becomes a visitor's number, and a line becomes the mark that recognises
//! it later. The key belongs to the database, so they cannot be reversed, or guessed elsewhere.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::collect::server::fields::Fields;
use crate::domain::{Millis, VisitorId};
use crate::store::{ImportMark, StoreError};

/// The kinds of hashes, kept apart from each other.
#[derive(Clone, Copy)]
enum Kind {
    Visitor = 1,
    Content = 2,
    LineId = 3,
}

pub struct Marks(Hmac<Sha256>);

impl Marks {
    /// # Errors
    /// An empty key.
    pub fn with_key(key: &[u8]) -> Result<Self, StoreError> {
        Ok(Marks(Hmac::new_from_slice(key).map_err(StoreError::fault)?))
    }

    /// The visitor's number: the same for the same text, in every run.
    pub fn visitor(&self, text: &str) -> VisitorId {
        let [a, b, c, d, e, f, g, h, ..] = self.hash(Kind::Visitor, text.as_bytes());
        VisitorId::from_random(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// The mark of a line: of its `id`, else of its time and all its fields, in any order and spacing. Marks without an
    /// id begin with the time, so that lines of one time are neighbours in the database.
    pub fn line(&self, fields: &Fields<'_>, id: Option<&str>, at: Millis) -> ImportMark {
        if let Some(id) = id {
            return self.of_id(id);
        }
        let mut mark = [0; 16];
        let content: BTreeMap<&str, &Value> = fields.present().collect();
        // Writing a map of JSON values cannot fail.
        let content = serde_json::to_vec(&content).unwrap_or_default();
        mark[0] = Kind::Content as u8;
        mark[1..7].copy_from_slice(&at.0.to_be_bytes()[2..]);
        mark[7..].copy_from_slice(&self.hash(Kind::Content, &content)[..9]);
        ImportMark(mark)
    }

    /// The mark of the line with this `id`.
    pub fn of_id(&self, id: &str) -> ImportMark {
        let mut mark = [0; 16];
        mark.copy_from_slice(&self.hash(Kind::LineId, id.as_bytes())[..16]);
        mark[0] = Kind::LineId as u8;
        ImportMark(mark)
    }

    fn hash(&self, kind: Kind, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(&[kind as u8]);
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(line: &str, id: Option<&str>) -> ImportMark {
        let line: Value = serde_json::from_str(line).unwrap();
        Marks::with_key(&[7; 32]).unwrap().line(&Fields::of(&line).unwrap(), id, Millis(1_790_856_000_000))
    }

    #[test]
    fn marks_and_visitors_never_change() {
        // They live as long as the database: later releases must recognise the same lines and visitors.
        let marks = Marks::with_key(&[7; 32]).unwrap();
        assert_eq!(marks.visitor("anna@shop.example").to_string(), "506491d8223b8926");
        assert_eq!(hex::encode(mark(r#"{"kind":"fire","value":10.50}"#, None).0), "0201a0f755f200002ba400d29fec375e");
        assert_eq!(hex::encode(mark(r#"{"kind":"fire"}"#, Some("row 1")).0), "03db0e84b20be4e076e34dc8cd31c3d4");
    }

    #[test]
    fn a_lines_mark_is_of_its_content() {
        let line = mark(r#"{"kind":"fire","value":10.50}"#, None);
        for same in
            [r#" { "value" : 10.50 , "kind" : "fire" } "#, r#"{"kind":"fire","value":10.50,"other":null,"visitor":""}"#]
        {
            assert_eq!(mark(same, None), line, "{same}");
        }
        for other in [r#"{"kind":"fire","value":10.5}"#, r#"{"kind":"fire"}"#, r#"{"kind":"fire","value":"10.50"}"#] {
            assert_ne!(mark(other, None), line, "{other}");
        }
        assert_eq!(mark(r#"{"kind":"fire"}"#, Some("1")), mark(r#"{"kind":"click"}"#, Some("1")));
        assert_ne!(mark(r#"{"kind":"fire"}"#, Some("1")), mark(r#"{"kind":"fire"}"#, Some("2")));
    }
}
