//! Reads a page of events.

use std::ops::ControlFlow;

use rusqlite::Connection;

use super::counts::{self, EventCounts};
use super::lead::Plan;
use super::scan::ScanEnd;
use super::{EventPage, EventPlace, EventQuery, EventStart};
use crate::domain::{Conversion, Reader};
use crate::store::derived::connect;
use crate::store::queries::conversions::find;
use crate::store::{Store, StoreError};

impl Store {
    /// A page of events.
    ///
    /// # Errors
    /// Database faults.
    pub async fn events(&self, by: &Reader, query: EventQuery) -> Result<EventPage, StoreError> {
        let by = *by;
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let plan = Plan::of(&snapshot, &by, &query.filter)?;
            page(&snapshot, &by, &plan, &query)
        })
        .await
    }

    /// A page of events, and how many there are of each outcome.
    ///
    /// # Errors
    /// Database faults.
    pub async fn counted_events(&self, by: &Reader, query: EventQuery) -> Result<(EventPage, EventCounts), StoreError> {
        let by = *by;
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let plan = Plan::of(&snapshot, &by, &query.filter)?;
            if plan.is_of_reasons(&query.filter) {
                let page = page(&snapshot, &by, &plan, &query)?;
                let first = page.items.first().map(EventPlace::of);
                let counts = counts::by_reason(&snapshot, &plan, query.filter.reason, first)?;
                return Ok((page, counts));
            }
            if query.start == EventStart::Newest {
                // The first page comes with the counts, for the price of one.
                let (counts, places, end) = counts::count(&snapshot, &plan, None, most(&query))?;
                return Ok((found(&snapshot, &by, &plan, &query, (places, end))?, counts));
            }
            let page = page(&snapshot, &by, &plan, &query)?;
            let (counts, ..) = counts::count(&snapshot, &plan, page.items.first().map(EventPlace::of), 0)?;
            Ok((page, counts))
        })
        .await
    }
}

fn page(conn: &Connection, by: &Reader, plan: &Plan, query: &EventQuery) -> Result<EventPage, StoreError> {
    let most = most(query);
    let (places, end) = places(conn, plan, query.start, most)?;
    // Few newer ones are left: then it is the first page, and the newest events fill it.
    if matches!(query.start, EventStart::Newer(_)) && end == ScanEnd::All && places.len() <= most {
        let newest = EventQuery { start: EventStart::Newest, ..query.clone() };
        return page(conn, by, plan, &newest);
    }
    found(conn, by, plan, query, (places, end))
}

fn most(query: &EventQuery) -> usize {
    usize::try_from(query.num_elements).unwrap_or(usize::MAX)
}

/// The page of these places, which are one more than it has rows if there are further ones.
fn found(
    conn: &Connection,
    by: &Reader,
    plan: &Plan,
    query: &EventQuery,
    (mut places, end): (Vec<EventPlace>, ScanEnd),
) -> Result<EventPage, StoreError> {
    let (most, is_upwards) = (most(query), matches!(query.start, EventStart::Newer(_)));
    let is_full = places.len() > most;
    places.truncate(most);
    let searched = match end {
        ScanEnd::Bound(place) if !is_full => Some(place),
        ScanEnd::Bound(_) | ScanEnd::All | ScanEnd::Enough => None,
    };
    let goes_on = is_full || searched.is_some();
    if is_upwards {
        places.reverse();
    }
    let (has_newer, has_older) = match query.start {
        EventStart::Newest => (false, goes_on),
        EventStart::Older(_) => (true, goes_on),
        EventStart::Newer(_) => (goes_on, true),
    };
    Ok(EventPage { items: load(conn, by, &places)?, has_newer, has_older, is_cut: plan.is_cut, searched })
}

/// Up to `most` places and one more.
fn places(
    conn: &Connection,
    plan: &Plan,
    start: EventStart,
    most: usize,
) -> rusqlite::Result<(Vec<EventPlace>, ScanEnd)> {
    let mut places = Vec::new();
    let end = plan.scan(conn, start, |candidate| {
        if candidate.fits && plan.outcome.is_none_or(|outcome| outcome == candidate.kind) {
            places.push(candidate.place);
        }
        if places.len() > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok((places, end))
}

fn load(conn: &Connection, by: &Reader, places: &[EventPlace]) -> Result<Vec<Conversion>, StoreError> {
    places.iter().map(|place| find(conn, by, place.seq)).collect()
}
