//! Reads `gdpr`, with care: where it is there and does not say no, the GDPR applies.

use std::fmt::Write;

use super::values;
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::collect::query;
use crate::collect::query::Raw;
use crate::collect::visitor::consent;
use crate::collect::visitor::consent::{Consent, Gdpr, Needed};

/// The longest text of `gdpr` that is kept, in bytes.
const LONGEST: usize = 20;

/// The consent signals of a request.
pub fn consent(raw: &mut Raw<'_>, needed: Needed<'_>, warnings: &mut Warnings) -> Consent {
    let gdpr = read(raw, warnings);
    consent::read(raw, gdpr, needed, warnings)
}

/// Any value that does not say no decides. A word that is not known counts as yes, and a placeholder as absent.
fn read(raw: &mut Raw<'_>, warnings: &mut Warnings) -> Gdpr {
    let first = raw.gdpr.take();
    let again = raw.repeated.iter().filter(|(name, _)| *name == "gdpr").map(|(_, value)| value);
    let mut gdpr = Gdpr::default();
    for text in first.iter().chain(again).filter(|text| !text.trim().is_empty()) {
        let says = values::yes_or_no(text);
        match says {
            None if values::is_placeholder(text) => {
                warnings.add_once("gdpr", text, Rule::Placeholder);
                continue;
            }
            None => warnings.add_once("gdpr", text, Rule::TakenAsOne),
            Some(_) => {}
        }
        let applies = says != Some(false);
        // Beside the first value only the one that decides otherwise is a signal.
        if gdpr.signals.is_empty() || applies && !gdpr.applies {
            let and = if gdpr.signals.is_empty() { "" } else { "&" };
            let kept = if text.len() <= LONGEST && text.bytes().all(consent::is_plain) { text } else { "1" };
            // Writing to a text cannot fail.
            let _ = write!(gdpr.signals, "{and}gdpr={kept}");
        }
        gdpr.applies |= applies;
    }
    gdpr
}

/// Whether the parameters of a request that is not read may say that the GDPR applies.
pub fn may_apply(parameters: &str) -> bool {
    query::pairs(parameters).any(|(name, value)| name == "gdpr" && values::yes_or_no(&value) != Some(false))
}
