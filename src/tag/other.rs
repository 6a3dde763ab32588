//! The tags of trackers and segments, which have fewer choices than a pixel's.

use super::address::Address;
use super::{Parameter, Tag, TagOptions, html};
use crate::domain::{SegmentAction, SegmentOp, TagForm, Tracker, TrackerKind};

/// The tag of an impression tracker, or the URL of a click tracker.
pub fn tracker_tag(tracker: &Tracker, options: &TagOptions) -> Tag {
    let id = tracker.id.to_string();
    match tracker.kind {
        TrackerKind::Impression => loaded(url("imptr", "id", &id, &Parameter::OF_TRACKERS, options), options),
        TrackerKind::Click => {
            let address = Address::new(options.secure, &options.host, "clktr").with_plain("id", &id);
            let url = address
                .with_wanted(&Parameter::OF_TRACKERS, &options.parameters)
                .with_if(options.test, "test", "1")
                // Where a click goes has a name of its own among those who fill it in.
                .with_if(options.parameters.contains(&Parameter::Redir), "redir", "[CLICK_URL]")
                .done();
            Tag { html: url.clone(), url }
        }
    }
}

/// The tag that puts visitors into a segment, or takes them out of it. It takes no parameters but `redir`.
pub fn segment_tag(op: SegmentOp, options: &TagOptions) -> Tag {
    let name = match op.action {
        SegmentAction::Add { .. } => "add",
        SegmentAction::Remove => "remove",
    };
    loaded(url("seg", name, &op.segment_id.to_string(), &[], options), options)
}

fn url(path: &str, name: &str, id: &str, known: &[Parameter], options: &TagOptions) -> String {
    Address::new(options.secure, &options.host, path)
        .with_plain(name, id)
        .with_wanted(known, &options.parameters)
        .with_plain("t", if options.kind == TagForm::Script { "1" } else { "2" })
        .with_if(options.test, "test", "1")
        .with_if(options.parameters.contains(&Parameter::Redir), "redir", Parameter::Redir.placeholder())
        .done()
}

fn loaded(url: String, options: &TagOptions) -> Tag {
    Tag { html: html(options.kind, &url), url }
}
