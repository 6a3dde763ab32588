//! Reads a request's changes of segments: `seg` or `add`, `seg_code` or `add_code`, `remove`, `remove_code`. All adds
//! come first, then all removes, each in its order. So a visitor whom one request adds and removes is out.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::collect::problems::warnings::{Rule, Warnings};
use crate::collect::query::Raw;
use crate::domain::{Segment, SegmentAction, SegmentId, SegmentOp, trim};
use crate::store::{Catalog, MEMBER};

/// The most operations of one request.
pub const MAX_OPS: usize = 100;

#[derive(Debug, Default)]
pub struct SegmentOps {
    /// In order.
    pub ops: Vec<SegmentOp>,
    /// The segments that the visitor joins, in order, each once. Their piggybacks fire.
    pub added: Vec<Arc<Segment>>,
    /// Whether the request names segments, even if there are no such segments.
    pub names_some: bool,
}

/// How a list names segments.
#[derive(Clone, Copy)]
enum By {
    Id,
    Code,
}

/// Reads them. An operation that breaks its rule is left out with a warning. `value` is for adds without a value of
/// their own.
pub fn read(raw: &mut Raw<'_>, value: Option<i32>, catalog: &Catalog, warnings: &mut Warnings) -> SegmentOps {
    let mut segments = SegmentOps::default();
    let lists = [
        ("seg", raw.seg.take(), By::Id, true),
        ("add", raw.add.take(), By::Id, true),
        ("seg_code", raw.seg_code.take(), By::Code, true),
        ("add_code", raw.add_code.take(), By::Code, true),
        ("remove", raw.remove.take(), By::Id, false),
        ("remove_code", raw.remove_code.take(), By::Code, false),
    ];
    for (name, list, by, adds) in lists {
        let Some(list) = list.filter(|list| !list.is_empty()) else { continue };
        segments.names_some = true;
        if matches!(by, By::Code) && !member_is_ours(name, raw.member.as_deref(), warnings) {
            continue;
        }
        let mut reader = ListReader { name, by, value, adds, catalog, warnings, segments: &mut segments };
        reader.list(&list);
    }
    segments
}

/// Whether `member` names this installation: the codes of another one mean other segments.
fn member_is_ours(name: &'static str, member: Option<&str>, warnings: &mut Warnings) -> bool {
    match member.unwrap_or("") {
        "" => warnings.add(name, "", Rule::NeedsMember),
        member if member.parse() == Ok(MEMBER) => return true,
        other => warnings.add_once("member", other, Rule::UnknownMember),
    }
    false
}

/// A segment's value: a whole number from 0 to 2147483647.
pub fn segment_value(name: &'static str, raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> Option<i32> {
    let text = raw.filter(|text| !text.is_empty())?;
    let value = Some(&text).filter(|text| text.bytes().all(|b| b.is_ascii_digit())).and_then(|text| text.parse().ok());
    if value.is_none() {
        warnings.add_once(name, &text, Rule::NotASegmentValue);
    }
    value
}

/// A JSON list of texts and numbers, separated by commas; none if the text is no such list.
fn separated(list: &str) -> Option<String> {
    let parts: Vec<Value> = serde_json::from_str(list).ok()?;
    let part = |part: &Value| match part {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some(parts.iter().map(part).collect::<Option<Vec<_>>>()?.join(","))
}

struct ListReader<'a> {
    name: &'static str,
    by: By,
    value: Option<i32>,
    adds: bool,
    catalog: &'a Catalog,
    warnings: &'a mut Warnings,
    segments: &'a mut SegmentOps,
}

impl ListReader<'_> {
    fn list(&mut self, list: &str) {
        let separated = if list.starts_with('[') { separated(list) } else { None };
        let list = separated.as_deref().unwrap_or(list);
        for part in list.split(',').map(trim).filter(|part| !part.is_empty()) {
            if self.segments.ops.len() >= MAX_OPS {
                self.warnings.add_once(self.name, list, Rule::TooMany);
                return;
            }
            let (named, value) = match part.split_once(':') {
                Some((named, value)) if self.adds => (trim(named), Some(trim(value))),
                _ => (part, None),
            };
            let Some(segment) = self.segment(named) else { continue };
            let action = if self.adds {
                let own = segment_value(self.name, value.map(Cow::Borrowed), self.warnings);
                SegmentAction::Add { value: if value.is_some() { own } else { self.value } }
            } else {
                SegmentAction::Remove
            };
            self.segments.ops.push(SegmentOp { segment_id: segment.id, action });
            // There are at most `MAX_OPS`.
            if self.adds && self.segments.added.iter().all(|added| added.id != segment.id) {
                self.segments.added.push(segment);
            }
        }
    }

    fn segment(&mut self, named: &str) -> Option<Arc<Segment>> {
        let segment = match self.by {
            By::Code => self.catalog.segment_by_code(named),
            By::Id => {
                let Ok(id) = named.parse::<SegmentId>() else {
                    self.warnings.add_once(self.name, named, Rule::NotAnId);
                    return None;
                };
                self.catalog.segment(id)
            }
        };
        if segment.is_none() {
            self.warnings.add_once(self.name, named, Rule::UnknownSegment);
        }
        segment
    }
}
