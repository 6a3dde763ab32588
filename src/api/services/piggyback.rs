//! Piggybacks, as pixels and segments carry them: `{pixel_type: "js" or "img", url}`.

use serde_json::{Value, json};

use crate::api::given::Given;
use crate::api::json::array_or_null;
use crate::domain::{FieldError, Piggyback, PiggybackKind};

/// Sets the list, or adds to it.
pub(super) fn set(piggybacks: &mut Vec<Piggyback>, given: &Given<'_>) -> Result<(), FieldError> {
    let mut sent = Vec::new();
    for element in given.elements()? {
        let members = element.object()?;
        let kind = members.get_or_null("pixel_type");
        let kind = match kind.word(PiggybackKind::WORDS, |word| PiggybackKind::parse(word).map(Some), None)? {
            Some(piggyback) => piggyback,
            None => return kind.refuse("one of js, img"),
        };
        sent.push(Piggyback { kind, url: members.get_or_null("url").plain_text()? });
    }
    given.put(piggybacks, sent, |one, other| one == other);
    Ok(())
}

/// The list as clients see it.
pub(super) fn to_json(piggybacks: &[Piggyback]) -> Value {
    let each = |piggyback: &Piggyback| json!({ "pixel_type": piggyback.kind.as_str(), "url": piggyback.url });
    array_or_null(piggybacks.iter().map(each).collect())
}
