//! The segments that an event changed: each in words, with its page.

use std::collections::HashMap;

use crate::admin::shell::parts::Link;
use crate::domain::{Fire, SegmentAction, SegmentOp};

/// One change, such as "added to Cart".
pub struct SegmentChange {
    /// "added to", "removed from", or that the event changed nothing.
    pub word: &'static str,
    /// Without an address for a segment that was deleted, or that the caller does not see.
    pub segment: Link,
    /// The value that the visitor got there; empty for none.
    pub value: String,
}

/// The changes of an event. `names` are those of its segments that the caller sees.
pub fn of_fire(fire: &Fire, names: &HashMap<i64, String>) -> Vec<SegmentChange> {
    let flags = fire.flags;
    let counts = fire.visitor_id.is_some() && !flags.test && !flags.bot && !flags.prefetch;
    fire.details.segments.iter().map(|op| change(op, counts, names)).collect()
}

fn change(op: &SegmentOp, counts: bool, names: &HashMap<i64, String>) -> SegmentChange {
    let (word, value) = match (op.action, counts) {
        (SegmentAction::Add { value }, true) => ("added to", value),
        (SegmentAction::Add { .. }, false) => ("not added to", None),
        (SegmentAction::Remove, true) => ("removed from", None),
        (SegmentAction::Remove, false) => ("not removed from", None),
    };
    let id = op.segment_id;
    let segment = match names.get(&id.0) {
        Some(name) => Link { address: format!("/admin/segments/{id}"), name: name.clone() },
        None => Link { address: String::new(), name: format!("segment {id}") },
    };
    SegmentChange { word, segment, value: value.map(|value| value.to_string()).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SegmentId;

    #[test]
    fn a_change_names_its_segment_and_says_what_became_of_it() {
        let names = HashMap::from([(1, "Cart".to_owned())]);
        let said = |id, action, counts| {
            let SegmentChange { word, segment, value } =
                change(&SegmentOp { segment_id: SegmentId(id), action }, counts, &names);
            format!("{word} {} {} {value}", segment.name, segment.address)
        };
        let add = SegmentAction::Add { value: Some(5) };
        assert_eq!(said(1, add, true), "added to Cart /admin/segments/1 5");
        assert_eq!(said(1, add, false), "not added to Cart /admin/segments/1 ");
        assert_eq!(said(2, SegmentAction::Remove, true), "removed from segment 2  ");
        assert_eq!(said(1, SegmentAction::Remove, false), "not removed from Cart /admin/segments/1 ");
    }
}
