//! Piggybacks, as pixels and segments carry them: `{pixel_type: "js" or "img", url}`.

use serde_json::{Value, json};

use crate::api::json::array_or_null;
use crate::api::request::input_value::InputValue;
use crate::domain::{FieldError, Piggyback, PiggybackKind};

/// Sets the list, or adds to it.
pub(in crate::api) fn set(piggybacks: &mut Vec<Piggyback>, input: &InputValue<'_>) -> Result<(), FieldError> {
    let mut elements = Vec::new();
    for element in input.elements()? {
        let members = element.object()?;
        let kind = members.get_or_null("pixel_type");
        let kind = match kind.word(PiggybackKind::WORDS, |word| PiggybackKind::parse(word).map(Some), None)? {
            Some(piggyback) => piggyback,
            None => return kind.refuse("one of js, img"),
        };
        elements.push(Piggyback { kind, url: members.get_or_null("url").plain_text()? });
    }
    input.put(piggybacks, elements, |one| (one.kind.as_str(), one.url.clone()));
    Ok(())
}

/// The list as clients see it.
pub(in crate::api) fn to_json(piggybacks: &[Piggyback]) -> Value {
    let each = |piggyback: &Piggyback| json!({ "pixel_type": piggyback.kind.as_str(), "url": piggyback.url });
    array_or_null(piggybacks.iter().map(each).collect())
}
