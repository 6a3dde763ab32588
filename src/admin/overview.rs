//! The first page: what came in, and what needs somebody.

use actix_web::web;
use askama::Template;

use super::page::{Answer, Page, html};
use super::session::Session;
use crate::domain::{Advertiser, LineItem, Pixel, Reader};
use crate::store::{Entity, ListQuery, Store, StoreError};
use crate::web::State;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    page: Page,
    steps: Steps,
}

/// What a newcomer has done of what leads to the first conversion.
struct Steps {
    advertiser: bool,
    pixel: bool,
    line_item: bool,
}

/// `GET /admin`
pub async fn show(state: web::Data<State>, session: Session) -> Answer {
    let steps = Steps::taken(&state.store, session.reader()).await?;
    Ok(html(&OverviewPage { page: session.page("overview", "Overview"), steps }))
}

impl Steps {
    async fn taken(store: &Store, by: &Reader) -> Result<Self, StoreError> {
        Ok(Steps {
            advertiser: any::<Advertiser>(store, by).await?,
            pixel: any::<Pixel>(store, by).await?,
            line_item: any::<LineItem>(store, by).await?,
        })
    }
}

async fn any<E: Entity>(store: &Store, by: &Reader) -> Result<bool, StoreError> {
    Ok(store.list::<E>(by, ListQuery { num_elements: 1, ..ListQuery::default() }).await?.count > 0)
}
