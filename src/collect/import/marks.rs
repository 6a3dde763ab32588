//! Keyed names for what is imported: a visitor's text becomes a visitor's number, and a line becomes the mark by which
//! it is known again. The key is the database's own, so that neither can be turned back, or guessed elsewhere.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::collect::server::fields::Fields;
use crate::domain::{Millis, VisitorId};
use crate::store::{ImportMark, StoreError};

/// What a keyed hash is of: no two kinds ever meet.
#[derive(Clone, Copy)]
enum Of {
    Visitor = 1,
    Content = 2,
    GivenId = 3,
}

/// Makes them.
pub struct Marks(Hmac<Sha256>);

impl Marks {
    /// With the database's key.
    ///
    /// # Errors
    /// An empty key.
    pub fn with_key(key: &[u8]) -> Result<Self, StoreError> {
        Ok(Marks(Hmac::new_from_slice(key).map_err(StoreError::fault)?))
    }

    /// The visitor of this text: the same for the same text, in every run.
    pub fn visitor(&self, text: &str) -> VisitorId {
        let [a, b, c, d, e, f, g, h, ..] = self.hash(Of::Visitor, text.as_bytes());
        VisitorId::from_random(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// The mark of a line: of the `id` it gives, else of its time and all that it says, in whatever order and spacing.
    /// Those without an id begin with their time, so that lines of one time stand together in the database.
    pub fn line(&self, fields: &Fields<'_>, id: Option<&str>, at: Millis) -> ImportMark {
        if let Some(id) = id {
            return self.given(id);
        }
        let mut mark = [0; 16];
        let said: BTreeMap<&str, &Value> = fields.given().collect();
        // A map of JSON values is always written.
        let said = serde_json::to_vec(&said).unwrap_or_default();
        mark[0] = Of::Content as u8;
        mark[1..7].copy_from_slice(&at.0.to_be_bytes()[2..]);
        mark[7..].copy_from_slice(&self.hash(Of::Content, &said)[..9]);
        ImportMark(mark)
    }

    /// The mark of the line that gives this `id`.
    pub fn given(&self, id: &str) -> ImportMark {
        let mut mark = [0; 16];
        mark.copy_from_slice(&self.hash(Of::GivenId, id.as_bytes())[..16]);
        mark[0] = Of::GivenId as u8;
        ImportMark(mark)
    }

    fn hash(&self, of: Of, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(&[of as u8]);
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
    fn marks_and_visitors_stay_what_they_are() {
        // They live as long as the database: another release must still know the lines, and the visitors.
        let marks = Marks::with_key(&[7; 32]).unwrap();
        assert_eq!(marks.visitor("anna@shop.example").to_string(), "506491d8223b8926");
        assert_eq!(hex::encode(mark(r#"{"kind":"fire","value":10.50}"#, None).0), "0201a0f755f200002ba400d29fec375e");
        assert_eq!(hex::encode(mark(r#"{"kind":"fire"}"#, Some("row 1")).0), "03db0e84b20be4e076e34dc8cd31c3d4");
    }

    #[test]
    fn a_line_is_what_it_says() {
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
