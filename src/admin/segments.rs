//! The list of segments.

use actix_web::web;
use askama::Template;

use super::extract::Asked;
use super::listing::{Asking, Listing, STATES};
use super::page::{Answer, Page, html};
use super::segment_typed::kept;
use super::session::Session;
use super::wording::{Moment, grouped};
use crate::domain::{Advertiser, Segment, SegmentId, Status};
use crate::web::State;

/// Where the list is.
pub const PATH: &str = "/admin/segments";

#[derive(Template)]
#[template(path = "segments.html")]
struct SegmentsPage {
    page: Page,
    listing: Listing,
    rows: Vec<Row>,
}

struct Row {
    id: SegmentId,
    name: String,
    sub: String,
    state: Status,
    kept: String,
    members: String,
    changed: Moment,
}

/// `GET /admin/segments`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let asking = Asking::new(PATH, &asked, &["short_name", "state", "expire_minutes", "last_modified"]);
    let asking = asking.by_advertiser(store, by).await?.select("state", "State", &STATES);
    let found = store.list::<Segment>(by, asking.query::<Segment>()).await?;
    let owners = found.items.iter().filter_map(|segment| segment.advertiser_id).map(|id| id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let sizes = store.segment_sizes(by, found.items.iter().map(|segment| segment.id).collect()).await?;
    let row = |segment: Segment| {
        let owner = segment.advertiser_id.and_then(|id| advertisers.get(&id.0).cloned());
        let mut sub = vec![segment.id.to_string(), owner.unwrap_or_else(|| "all advertisers".to_owned())];
        sub.extend(segment.code);
        Row {
            id: segment.id,
            name: segment.short_name,
            sub: sub.join(" · "),
            state: segment.state,
            kept: kept(segment.expire_minutes),
            members: grouped(sizes.get(&segment.id).copied().unwrap_or(0)),
            changed: Moment::new(segment.last_modified, session.now),
        }
    };
    let rows: Vec<Row> = found.items.into_iter().map(row).collect();
    let columns = vec![
        asking.column("short_name", "Name"),
        asking.column("state", "State"),
        asking.column("expire_minutes", "Kept for"),
        asking.column("last_modified", "Last change"),
        Asking::plain("Members", true),
    ];
    Ok(html(&SegmentsPage {
        page: session.page("segments", "Segments"),
        listing: asking.around(columns, rows.len(), found.count),
        rows,
    }))
}
