//! The list of segments.

use actix_web::web;
use askama::Template;

use super::fields::lifetime;
use crate::admin::lists::filters::{ListRequest, Listing};
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
    /// How many there are.
    count: String,
    listing: Listing,
    rows: Vec<SegmentRow>,
}

struct SegmentRow {
    id: SegmentId,
    name: String,
    state: Status,
    advertiser: String,
    lifetime: String,
    members: String,
    changed: Moment,
}

/// The first is the usual order.
const SORTS: [&str; 4] = ["short_name", "state", "expire_minutes", "last_modified"];

/// `GET /admin/segments`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &SORTS, &session.odd);
    let mut request = request.by_advertiser(store, by).await?.by_status();
    let segments = request.page(|query| store.list::<Segment>(by, query)).await?;
    let owners = segments.items.iter().filter_map(|segment| segment.advertiser_id).map(|id| id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let sizes = store.segment_sizes(by, segments.items.iter().map(|segment| segment.id).collect()).await?;
    let row = |segment: Segment| {
        let owner = segment.advertiser_id.and_then(|id| advertisers.get(&id.0).cloned());
        SegmentRow {
            id: segment.id,
            name: segment.short_name,
            state: segment.state,
            advertiser: owner.unwrap_or_else(|| "All advertisers".to_owned()),
            lifetime: lifetime(segment.expire_minutes),
            members: grouped(sizes.get(&segment.id).copied().unwrap_or(0)),
            changed: Moment::new(segment.last_modified, session.now),
        }
    };
    let rows: Vec<SegmentRow> = segments.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("short_name", "Segment"),
        ListRequest::plain_column("Advertiser", false).shown_from("wide"),
        request.column("expire_minutes", "Visitors stay").shown_from("wide"),
        ListRequest::plain_column("Members", true),
        request.column("last_modified", "Changed").shown_from("middle").for_figures(),
    ];
    let count = grouped(segments.count);
    Ok(html(&SegmentsPage {
        page: session.page(KIND.section, KIND.plural).with_tab(format!("{} ({count})", KIND.plural)),
        listing: request.listing(columns, rows.len(), segments.count),
        count,
        rows,
    }))
}
