//! The list of segments.

use actix_web::web;
use askama::Template;

use super::fields::lifetime;
use crate::admin::lists::filters::{ListRequest, Listing, STATES};
use crate::admin::shell::object_kind::SEGMENT as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, grouped};
use crate::domain::{Advertiser, Segment, SegmentId, Status};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/segments/list.html")]
struct SegmentsPage {
    page: Page,
    listing: Listing,
    rows: Vec<SegmentRow>,
}

struct SegmentRow {
    id: SegmentId,
    name: String,
    sub: String,
    state: Status,
    lifetime: String,
    members: String,
    changed: Moment,
}

/// `GET /admin/segments`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &["short_name", "state", "expire_minutes", "last_modified"]);
    let request = request.by_advertiser(store, by).await?.select("state", "State", &STATES);
    let segments = store.list::<Segment>(by, request.query::<Segment>()).await?;
    let owners = segments.items.iter().filter_map(|segment| segment.advertiser_id).map(|id| id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let sizes = store.segment_sizes(by, segments.items.iter().map(|segment| segment.id).collect()).await?;
    let row = |segment: Segment| {
        let owner = segment.advertiser_id.and_then(|id| advertisers.get(&id.0).cloned());
        let mut sub = vec![segment.id.to_string(), owner.unwrap_or_else(|| "all advertisers".to_owned())];
        sub.extend(segment.code);
        SegmentRow {
            id: segment.id,
            name: segment.short_name,
            sub: sub.join(" · "),
            state: segment.state,
            lifetime: lifetime(segment.expire_minutes),
            members: grouped(sizes.get(&segment.id).copied().unwrap_or(0)),
            changed: Moment::new(segment.last_modified, session.now),
        }
    };
    let rows: Vec<SegmentRow> = segments.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("short_name", "Name"),
        request.column("state", "State"),
        request.column("expire_minutes", "Kept for"),
        request.column("last_modified", "Last change"),
        ListRequest::plain_column("Members", true),
    ];
    Ok(html(&SegmentsPage {
        page: session.page(KIND.section, KIND.plural),
        listing: request.listing(columns, rows.len(), segments.count),
        rows,
    }))
}
