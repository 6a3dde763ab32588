//! Finds events by order ID, event ID, reference and number, and visitors by click ID and visitor ID.

use super::hits::{Group, Hit, detail};
use super::objects::Search;
use crate::admin::rows::conversion::{ConversionRow, rows};
use crate::admin::shell::error::PageError;
use crate::admin::visitors::find::read as visitor_id;
use crate::admin::visitors::page::address as visitor_address;
use crate::domain::{Advertiser, VisitorId};
use crate::store::{EventHits, EventsBy};

/// The rows that one look-up of events reads at most, so counting stops there.
const COUNTED: u64 = 1_000;

/// The fewest digits of a visitor ID that no other number is likely to have.
const DIGITS_OF_A_VISITOR: usize = 12;

/// The longest order ID whose beginning is not looked up: a single letter begins too many.
const TOO_SHORT: usize = 1;

impl Search<'_> {
    /// The groups of events, those whose whole ID was typed first.
    pub async fn events(&self) -> Result<Vec<Group>, PageError> {
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        let mut groups = Vec::new();
        for hits in self.store.find_events(self.session.reader(), self.text, most).await? {
            if hits.by != EventsBy::OrderStart || self.text.trim().chars().count() > TOO_SHORT {
                groups.push(self.event_group(hits).await?);
            }
        }
        Ok(groups)
    }

    async fn event_group(&self, EventHits { by, seqs, count }: EventHits) -> Result<Group, PageError> {
        let reader = self.session.reader();
        let conversions = self.store.conversions_at(reader, seqs).await?;
        let rows = rows(self.store, reader, &conversions, self.session.now).await?;
        let title = match by {
            EventsBy::Order => "Events with this order ID",
            EventsBy::OrderStart => "Order IDs that begin like this",
            EventsBy::EventId => "Events with this event ID",
            EventsBy::Reference => "Events with this reference",
            EventsBy::Number => "Event with this number",
        };
        let all = match by {
            EventsBy::Order => {
                let order =
                    url::form_urlencoded::Serializer::new(String::new()).append_pair("order", self.text).finish();
                format!("/admin/conversions?{order}")
            }
            _ => String::new(),
        };
        let hits = rows.into_iter().map(hit).collect();
        let group = Group::new(title, hits, count.into(), COUNTED, all);
        let names_things = matches!(by, EventsBy::Order | EventsBy::EventId | EventsBy::Reference);
        Ok(Group { is_exact: names_things, names_things, ..group })
    }

    /// The visitors who came with a click ID, and the visitor with this ID.
    pub async fn visitors(&self) -> Result<Vec<Group>, PageError> {
        let reader = self.session.reader();
        let mut groups = Vec::new();
        let found = self.store.find_click_ids(reader, self.text, self.most).await?;
        if !found.is_empty() {
            let owners = found.iter().map(|hit| hit.advertiser.0).collect();
            let owners = self.store.names::<Advertiser>(reader, owners).await?;
            let hits = found.into_iter().map(|found| Hit {
                mark: None,
                name: format!("Visitor {}", found.visitor),
                detail: detail(&[
                    owners.get(&found.advertiser.0).cloned().unwrap_or_default(),
                    format!("{}={}", found.name, found.value),
                ]),
                address: visitor_address(found.visitor),
            });
            groups.push(named("Visitors with this click ID", hits.collect()));
        }
        if let Some(visitor) = visitor_id(self.text.trim())
            && (self.text.trim().len() >= DIGITS_OF_A_VISITOR || self.is_known(visitor).await?)
        {
            let hit = Hit {
                mark: None,
                name: format!("Visitor {visitor}"),
                detail: visitor.0.to_string(),
                address: visitor_address(visitor),
            };
            groups.push(named("Visitors", vec![hit]));
        }
        Ok(groups)
    }

    /// Whether the visitor did anything that the user may see and that an index finds.
    async fn is_known(&self, visitor: VisitorId) -> Result<bool, PageError> {
        let reader = self.session.reader();
        Ok(!self.store.exposures_of(reader, visitor, 1).await?.is_empty()
            || !self.store.segments_of(reader, visitor).await?.is_empty()
            || !self.store.credited_of(reader, visitor, 1).await?.is_empty())
    }
}

/// A group whose things the text names.
fn named(title: &str, hits: Vec<Hit>) -> Group {
    let count = u64::try_from(hits.len()).unwrap_or(u64::MAX);
    Group { is_exact: true, names_things: true, ..Group::new(title, hits, count, u64::MAX, String::new()) }
}

fn hit(row: ConversionRow) -> Hit {
    let value = match (row.value.as_str(), row.currency.as_str()) {
        ("", _) => String::new(),
        (value, "") => value.to_owned(),
        (value, currency) => format!("{value} {currency}"),
    };
    Hit {
        name: if row.order.is_empty() { format!("Event {}", row.seq) } else { format!("Order {}", row.order) },
        detail: detail(&[row.outcome.label.clone(), row.reason, row.pixel, value]),
        mark: Some(row.outcome),
        address: format!("/admin/conversions/{}", row.seq),
    }
}
