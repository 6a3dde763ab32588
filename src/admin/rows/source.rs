//! A row of a table of sources, for the page of a line item, and links to sources.

use crate::admin::shell::object_kind::SOURCE;
use crate::admin::shell::parts::Link;
use crate::admin::text::conditions;
use crate::admin::text::conditions::PartWords;
use crate::domain::{Reader, Source, SourceId, Status};
use crate::store::{ListQuery, Store, StoreError};

pub struct SourceRow {
    pub id: SourceId,
    pub name: String,
    pub state: Status,
    pub parts: Vec<PartWords>,
}

/// The sources whose column of this name has this id. An advertiser has at most 200, and so few.
pub async fn naming(store: &Store, by: &Reader, column: &str, id: i64) -> Result<Vec<Source>, StoreError> {
    Ok(store.list::<Source>(by, ListQuery::default().with_id::<Source>(column, id)).await?.items)
}

pub fn rows(sources: Vec<Source>) -> Vec<SourceRow> {
    let row = |source: Source| SourceRow {
        id: source.id,
        state: source.state,
        parts: conditions::condition(&source.condition, false),
        name: source.name,
    };
    sources.into_iter().map(row).collect()
}

/// Links to the sources' pages.
pub fn links(sources: Vec<Source>) -> impl Iterator<Item = Link> {
    sources.into_iter().map(|source| Link {
        address: SOURCE.address(source.id),
        name: format!("{}, source {}", source.name, source.id),
    })
}
