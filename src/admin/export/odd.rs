//! What is wrong with the address of the page of tags, as a stale link has it.

use super::pick::PixelPick;
use crate::admin::lists::odd::quoted;
use crate::admin::shell::form::Form;
use crate::domain::PixelId;
use crate::tag::{Carrier, Parameter, Target};

/// The sentences about pixels that are gone, and about a target, kind or parameter that does not exist.
pub fn of(query: &Form, pick: &PixelPick) -> Vec<String> {
    let mut odd = Vec::new();
    for id in query.all("id").flat_map(|ids| ids.split(',')).map(str::trim).filter(|id| !id.is_empty()).take(5) {
        let is_there = id.parse::<PixelId>().is_ok_and(|id| pick.chosen.iter().any(|pixel| pixel.id == id));
        if !is_there {
            odd.push(format!("There is no pixel {}. It may have been deleted.", quoted(id)));
        }
    }
    if let Some(target) = query.some("for").filter(|target| Target::parse(target).is_none()) {
        odd.push(format!("There is no target {}. The page shows the usual one.", quoted(target)));
    }
    if let Some(kind) = query.some("kind").filter(|kind| Carrier::parse(kind).is_none()) {
        odd.push(format!("There is no kind of tag {}. The page shows the usual one.", quoted(kind)));
    }
    for name in query.all("param").filter(|name| !name.is_empty() && Parameter::parse(name).is_none()).take(5) {
        odd.push(format!("There is no parameter {}. The tags leave it out.", quoted(name)));
    }
    odd
}
