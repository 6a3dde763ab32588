//! A segment's page: what it does, and the tags that put visitors in and take them out; and its deletion.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::delete::{self, Wanted};
use super::export_wish::place_of;
use super::extract::{Asked, Id};
use super::page::{Answer, Page, html};
use super::segment_size::Size;
use super::segment_typed::kept;
use super::segments::PATH;
use super::session::{Posted, Session};
use super::wording::{Moment, plural};
use crate::domain::{Advertiser, Segment, SegmentAction, SegmentId, SegmentOp, TagForm};
use crate::tag::{TagOptions, segment_tag};
use crate::web::State;

#[derive(Template)]
#[template(path = "segment.html")]
struct SegmentPage {
    page: Page,
    /// Whether this user may change it: not who is limited to one advertiser, if it belongs to all.
    may_edit: bool,
    segment: Segment,
    advertiser: String,
    kept: String,
    size: Size,
    /// Whether an image tag would leave piggybacks out.
    needs_script: bool,
    tags: Vec<Tag>,
    secure: bool,
    /// Whether this server was reached by https, as secure tags need.
    https: bool,
    test: bool,
    changed: Moment,
}

/// A tag in one of its forms.
struct Tag {
    id: &'static str,
    label: &'static str,
    text: String,
}

/// `GET /admin/segments/{id}`
pub async fn show(
    state: web::Data<State>,
    session: Session,
    Id(id): Id<SegmentId>,
    Asked(asked): Asked,
    request: HttpRequest,
) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let segment: Segment = store.get(by, id.0).await?;
    let advertiser = match segment.advertiser_id {
        None => "all advertisers".to_owned(),
        Some(id) => store.names::<Advertiser>(by, vec![id.0]).await?.remove(&id.0).unwrap_or_default(),
    };
    let place = place_of(&request, &state)?;
    let https = place.https;
    let secure = if asked.has("chosen") { asked.has("secure") } else { https };
    let test = asked.has("test");
    let options = TagOptions { kind: TagForm::Image, secure, host: place.host, parameters: Vec::new(), test };
    Ok(html(&SegmentPage {
        page: session.page("segments", segment.short_name.clone()),
        may_edit: if segment.advertiser_id.is_some() { session.editor() } else { session.editor_of_all() }.is_ok(),
        kept: kept(segment.expire_minutes),
        size: Size::load(store, by, id, session.now).await?,
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

fn tags(segment: &Segment, options: &TagOptions) -> Vec<Tag> {
    let tag = |id, label, action, kind| {
        let op = SegmentOp { segment_id: segment.id, action };
        Tag { id, label, text: segment_tag(op, &TagOptions { kind, ..options.clone() }).html }
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
pub async fn delete(state: web::Data<State>, posted: Posted, Id(id): Id<SegmentId>) -> Answer {
    posted.session.editor()?;
    let segment: Segment = state.store.get(posted.session.reader(), id.0).await?;
    if segment.advertiser_id.is_none() {
        posted.session.editor_of_all()?;
    }
    let sizes = state.store.segment_sizes(posted.session.reader(), vec![id]).await?;
    let left = match sizes.get(&id).copied().unwrap_or(0) {
        0 => "It has no members".to_owned(),
        members => format!("{} of it: who is in it is forgotten", plural(members, "member")),
    };
    let wanted = Wanted {
        section: "segments",
        list_name: "Segments",
        list: PATH,
        address: format!("{PATH}/{id}"),
        what: "segment",
        name: segment.short_name,
        goes: vec![left, "Tags that still name it put nobody into it any more".to_owned()],
        stays: "What its tags loaded stays in the log.".to_owned(),
        blockers: Vec::new(),
        first: "",
    };
    delete::answer::<Segment>(&state.store, posted, id.0, wanted).await
}
