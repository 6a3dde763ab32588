//! What is wrong with the address of the page of tags, as a stale link has it.

use super::options;
use super::pick::PixelPick;
use crate::admin::shell::form::Form;
use crate::admin::shell::odd::Odd;
use crate::domain::PixelId;
use crate::tag::{Carrier, Parameter, TagOptions, Target};

/// Says which pixels are gone, and which target, kind or parameter does not exist. Of valid `options` also which segments
/// are gone.
pub fn say(odd: &Odd, query: &Form, pick: &PixelPick, options: Option<&TagOptions>) {
    for id in query.all("id").flat_map(|ids| ids.split(',')).map(str::trim).filter(|id| !id.is_empty()) {
        let is_there = id.parse::<PixelId>().is_ok_and(|id| pick.chosen.iter().any(|pixel| pixel.id == id));
        if !is_there {
            odd.gone("pixel", id, "Perhaps someone deleted it.");
        }
    }
    if let Some(target) = query.some("for").filter(|target| Target::parse(target).is_none()) {
        odd.gone("target", target, "The page shows the usual one.");
    }
    if let Some(kind) = query.some("kind").filter(|kind| Carrier::parse(kind).is_none()) {
        odd.gone("kind of tag", kind, "The page shows the usual one.");
    }
    if let Some(options) = options.filter(|options| options.target.has_segments()) {
        let has = |id: &str| options.segments.iter().any(|part| part.id.to_string() == id);
        for row in options::rows(query).iter().filter(|row| !has(&row.segment)) {
            odd.gone("segment", &row.segment, "The tags leave it out.");
        }
    }
    for name in query.all("param").filter(|name| !name.is_empty() && Parameter::parse(name).is_none()) {
        odd.gone("parameter", name, "The tags leave it out.");
    }
}
