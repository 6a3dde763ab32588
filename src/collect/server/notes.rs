//! What an answer names beside its errors: fields that pixeld does not know, and warnings of events that it took. An event
//! in another platform's shape shows there, since it would lose its value in silence.

use serde_json::{Map, Value};

use super::answer::{EventWarning, IgnoredFields};
use super::fields::Fields;
use crate::collect::kept::event::{self, KnownFields};
use crate::collect::problems::warnings::cut;
use crate::domain::Warning;
use crate::store::LogRow;

/// The most ignored fields of one event that an answer names.
const MAX_NAMES: usize = 20;
/// How much of a name it repeats, in characters.
const MAX_NAME: usize = 100;
/// The most events whose ignored fields, and the most warnings, that an answer names.
const MAX_NOTES: usize = 100;

/// The fields that are not `known`: of the request beside its list, and of each event.
pub fn ignored(beside: &Map<String, Value>, events: &[Value], known: KnownFields<'_>) -> Vec<IgnoredFields> {
    let of_event = |(index, sent)| {
        let fields = Fields::of(sent).ok()?;
        let names = fields.present().map(|(name, _)| name).filter(|name| !event::is_known(name, known));
        ignored_fields(Some(index), names)
    };
    let of_request = ignored_fields(None, beside.keys().map(String::as_str));
    of_request.into_iter().chain(events.iter().enumerate().filter_map(of_event).take(MAX_NOTES)).collect()
}

/// None if there are no names.
fn ignored_fields<'n>(index: Option<usize>, names: impl Iterator<Item = &'n str>) -> Option<IgnoredFields> {
    let fields: Vec<_> = names.take(MAX_NAMES).map(|name| cut(name, MAX_NAME).to_owned()).collect();
    (!fields.is_empty()).then_some(IgnoredFields { index, fields })
}

/// The warnings of the rows that events became, by the index of the event.
pub fn warnings<'r>(rows: impl Iterator<Item = (usize, &'r LogRow)>) -> Vec<EventWarning> {
    let of_row = |(index, row): (usize, &'r LogRow)| {
        let warnings = if let LogRow::Fire(fire) = row { fire.warnings.as_slice() } else { &[] };
        warnings.iter().map(move |Warning { parameter, rule, .. }| EventWarning {
            index,
            field: parameter.clone(),
            rule: rule.clone(),
        })
    };
    rows.flat_map(of_row).take(MAX_NOTES).collect()
}
