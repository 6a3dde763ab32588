//! The tags of trackers and segments, which have fewer options than a pixel's.

use super::address::Address;
use super::{Parameter, Tag, TrackerTagOptions, html};
use crate::domain::{SegmentAction, SegmentOp, TagForm, Tracker, TrackerKind};

/// The tag of an impression tracker, or the URL of a click tracker.
pub fn tracker_tag(tracker: &Tracker, options: &TrackerTagOptions) -> Tag {
    let id = tracker.id.to_string();
    match tracker.kind {
        TrackerKind::Impression => tag(url("imptr", "id", &id, &Parameter::OF_TRACKERS, options), options),
        TrackerKind::Click => {
            let address = Address::new(options.secure, &options.host, "clktr").with_plain("id", &id);
            let url = address
                .with_parameters(&Parameter::OF_TRACKERS, &options.parameters)
                .with_if(options.test, "test", "1")
                // Ad servers have a placeholder of their own for the target of a click.
                .with_if(options.parameters.contains(&Parameter::Redir), "redir", "[CLICK_URL]")
                .into_url();
            Tag { html: url.clone(), url }
        }
    }
}

/// The tag that adds visitors to a segment or removes them. Its only parameter is `redir`.
pub fn segment_tag(op: SegmentOp, options: &TrackerTagOptions) -> Tag {
    let name = match op.action {
        SegmentAction::Add { .. } => "add",
        SegmentAction::Remove => "remove",
    };
    tag(url("seg", name, &op.segment_id.to_string(), &[], options), options)
}

fn url(path: &str, name: &str, id: &str, allowed: &[Parameter], options: &TrackerTagOptions) -> String {
    Address::new(options.secure, &options.host, path)
        .with_plain(name, id)
        .with_parameters(allowed, &options.parameters)
        .with_plain("t", if options.kind == TagForm::Script { "1" } else { "2" })
        .with_if(options.test, "test", "1")
        .with_if(options.parameters.contains(&Parameter::Redir), "redir", Parameter::Redir.placeholder())
        .into_url()
}

fn tag(url: String, options: &TrackerTagOptions) -> Tag {
    Tag { html: html(options.kind, &url), url }
}
