//! The line item, placement and source that an overview is filtered by, with a chip for each.

use super::breakdown::TRACKERS;
use crate::admin::scope::PageScope;
use crate::admin::shell::form::{Form, capital};
use crate::admin::shell::session::Session;
use crate::domain::{LineItem, LineItemId, Publisher, PublisherId, Source, SourceId};
use crate::store::{Entity, FiguresOf, Store, StoreError};

/// A filter that is set.
pub struct FilterChip {
    pub text: String,
    /// The address without it.
    pub without: String,
}

#[derive(Default)]
pub struct Filters {
    pub line_item: Option<LineItemId>,
    pub publisher: Option<PublisherId>,
    /// 0 for what no source brought.
    pub source: Option<SourceId>,
    pub chips: Vec<FilterChip>,
}

impl Filters {
    /// Reads the filters of an address. One that names nothing gives a sentence.
    pub async fn load(store: &Store, session: &Session, scope: &PageScope, query: &Form) -> Result<Self, StoreError> {
        let mut filters = Filters::default();
        let mut add = |found: Option<(i64, FilterChip)>| {
            found.map(|(id, chip)| {
                filters.chips.push(chip);
                id
            })
        };
        let line_item = add(find::<LineItem>(store, session, scope, query, ("line_item_id", "line item")).await?);
        let publisher = add(find::<Publisher>(store, session, scope, query, ("publisher_id", "placement")).await?);
        let source = match query.text("source_id") {
            "0" => add(Some((0, chip(scope, "source_id", format!("Source: {TRACKERS}"))))),
            _ => add(find::<Source>(store, session, scope, query, ("source_id", "source")).await?),
        };
        Ok(Filters {
            line_item: line_item.map(LineItemId),
            publisher: publisher.map(PublisherId),
            source: source.map(SourceId),
            ..filters
        })
    }

    /// The filters as objects that all figures belong to.
    pub fn only(&self) -> Vec<(FiguresOf, i64)> {
        let ids = [
            (FiguresOf::LineItem, self.line_item.map(|id| id.0)),
            (FiguresOf::Publisher, self.publisher.map(|id| id.0)),
            (FiguresOf::Source, self.source.map(|id| id.0)),
        ];
        ids.into_iter().filter_map(|(of, id)| Some((of, id?))).collect()
    }

    /// The filters as parameters of the list of events.
    pub fn pairs_of_events(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("line_item", self.line_item.map(|id| id.0)),
            ("placement", self.publisher.map(|id| id.0)),
            ("source", self.source.map(|id| id.0).filter(|id| *id != 0)),
        ];
        pairs.into_iter().filter_map(|(name, id)| Some((name, id?.to_string()))).collect()
    }
}

fn chip(scope: &PageScope, name: &str, text: String) -> FilterChip {
    FilterChip { text, without: scope.address(&[(name, "")]) }
}

/// The object that a parameter names, if the user sees it.
async fn find<E: Entity>(
    store: &Store,
    session: &Session,
    scope: &PageScope,
    query: &Form,
    (name, noun): (&str, &str),
) -> Result<Option<(i64, FilterChip)>, StoreError> {
    let Some(text) = query.some(name) else { return Ok(None) };
    let id = text.parse::<i64>().ok().filter(|id| *id > 0);
    if let Some(id) = id
        && let Some(object) = store.names::<E>(session.reader(), vec![id]).await?.remove(&id)
    {
        return Ok(Some((id, chip(scope, name, format!("{}: {object}", capital(noun))))));
    }
    session.odd.gone(noun, text, "The figures are not filtered by it.");
    Ok(None)
}
