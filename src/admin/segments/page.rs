//! A segment's page, with its size and the tags that add and remove visitors, and its deletion.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::fields::lifetime;
use super::size_chart::SegmentSize;
use crate::admin::export::options::site_of;
use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind::SEGMENT as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::CodeBlock;
use crate::admin::shell::session::{Asked, Posted};
use crate::admin::text::format::{Moment, plural};
use crate::domain::{Advertiser, Segment, SegmentAction, SegmentId, SegmentOp, TagForm};
use crate::tag::{TrackerTagOptions, segment_tag};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/segments/page.html")]
struct SegmentPage {
    page: Page,
    /// Users limited to one advertiser cannot change segments that all advertisers share.
    may_edit: bool,
    segment: Segment,
    advertiser: String,
    lifetime: String,
    size: SegmentSize,
    /// Whether an image tag cannot fire all its piggybacks.
    needs_script: bool,
    tags: Vec<CodeBlock>,
    secure: bool,
    /// Whether the user's browser reached this server by https, as secure tags must.
    https: bool,
    test: bool,
    changed: Moment,
}

/// `GET /admin/segments/{id}`
pub async fn show(
    state: web::Data<AppState>,
    Asked { session, query }: Asked,
    Id(id): Id<SegmentId>,
    request: HttpRequest,
) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let segment: Segment = store.get(by, id.0).await?;
    let advertiser = match segment.advertiser_id {
        None => "all advertisers".to_owned(),
        Some(id) => store.names::<Advertiser>(by, vec![id.0]).await?.remove(&id.0).unwrap_or_default(),
    };
    let site = site_of(&request, &state)?;
    let https = site.https;
    let secure = if query.has("chosen") { query.has("secure") } else { https };
    let test = query.has("test");
    let options = TrackerTagOptions { kind: TagForm::Image, secure, host: site.host, parameters: Vec::new(), test };
    Ok(html(&SegmentPage {
        page: session.page(KIND.section, segment.short_name.clone()),
        may_edit: if segment.advertiser_id.is_some() { session.editor() } else { session.editor_of_all() }.is_ok(),
        lifetime: lifetime(segment.expire_minutes),
        size: SegmentSize::load(store, by, id, session.now).await?,
        needs_script: segment.needs_script_tag(),
        tags: tags(&segment, &options),
        secure,
        https,
        test,
        changed: Moment::new(segment.last_modified, session.now),
        advertiser,
        segment,
    }))
}

fn tags(segment: &Segment, options: &TrackerTagOptions) -> Vec<CodeBlock> {
    let tag = |id, label, action, kind| {
        let op = SegmentOp { segment_id: segment.id, action };
        CodeBlock { id, label, text: segment_tag(op, &TrackerTagOptions { kind, ..options.clone() }).html }
    };
    let add = SegmentAction::Add { value: None };
    let script = tag("add-script", "Add visitors, as script", add, TagForm::Script);
    let remove = tag("remove-image", "Remove visitors, as image", SegmentAction::Remove, TagForm::Image);
    match segment.needs_script_tag() {
        true => vec![script, remove],
        false => vec![tag("add-image", "Add visitors, as image", add, TagForm::Image), script, remove],
    }
}

/// `POST /admin/segments/{id}/delete`: asks first.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<SegmentId>) -> Answer {
    posted.session.editor()?;
    let segment: Segment = state.store.get(posted.session.reader(), id.0).await?;
    if segment.advertiser_id.is_none() {
        posted.session.editor_of_all()?;
    }
    let sizes = state.store.segment_sizes(posted.session.reader(), vec![id]).await?;
    let members = match sizes.get(&id).copied().unwrap_or(0) {
        0 => "It has no members".to_owned(),
        members => format!("{} of it: who is in it is forgotten", plural(members, "member")),
    };
    let request = DeleteRequest {
        cascade: vec![members, "Tags that still name it put nobody into it any more".to_owned()],
        stays: "What its tags loaded stays in the log.".to_owned(),
        ..DeleteRequest::new(KIND, id, segment.short_name)
    };
    confirm_delete::answer::<Segment>(&state.store, posted, id.0, request).await
}
