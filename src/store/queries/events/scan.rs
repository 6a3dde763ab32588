//! Goes through the events of a plan by time, up to a bound.

use std::ops::ControlFlow;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::lead::{Condition, Plan};
use super::{EVENTS_SCANNED, EventPlace, EventStart};
use crate::domain::{OutcomeKind, Reason};
use crate::store::db::sql_types::get;

/// An event that the index finds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub place: EventPlace,
    pub kind: OutcomeKind,
    /// Whether it fits all conditions but the outcome.
    pub fits: bool,
}

/// Where a scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScanEnd {
    /// There are no further events.
    All,
    /// `work` had enough.
    Enough,
    /// It looked at as many events as it may. This is the last of them.
    Bound(EventPlace),
}

impl Plan {
    /// Calls `work` with the events from `start` on: the newest first, or with [`EventStart::Newer`] the nearest first.
    pub(super) fn scan(
        &self,
        conn: &Connection,
        start: EventStart,
        mut work: impl FnMut(Candidate) -> ControlFlow<()>,
    ) -> rusqlite::Result<ScanEnd> {
        let (sql, values) = self.statement(start);
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut scanned = 0;
        while let Some(row) = rows.next()? {
            let candidate = candidate(row)?;
            scanned += 1;
            if work(candidate).is_break() {
                return Ok(ScanEnd::Enough);
            }
            if scanned >= EVENTS_SCANNED && !self.is_unordered {
                return Ok(ScanEnd::Bound(candidate.place));
            }
        }
        Ok(ScanEnd::All)
    }

    /// The conditions of `rest` are a column, so that the lead's index alone decides what is read.
    pub(super) fn statement(&self, start: EventStart) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = Vec::new();
        let fits = self.rest.iter().map(|condition| condition.take(&mut values)).collect::<Vec<_>>().join(" AND ");
        // A credit that an event does not have is null.
        let fits = if fits.is_empty() { "1".to_owned() } else { format!("coalesce({fits}, 0)") };
        let mut found = self.lead.as_ref().map_or_else(|| "1".to_owned(), |lead| lead.take(&mut values));
        // Without `+`, an index by time would read the whole range where few events have the name.
        let at = if self.is_unordered { "+c.at" } else { "c.at" };
        let (sign, place, order) = match start {
            EventStart::Newest => ("", None, "DESC"),
            EventStart::Older(place) => ("<", Some(place), "DESC"),
            EventStart::Newer(place) => (">", Some(place), "ASC"),
        };
        // One bound at each end: of two, the index would take either, and read what the other leaves out.
        let (mut from, mut to) = (self.from.map_or(i64::MIN, |at| at.0), self.to.map_or(i64::MAX, |at| at.0));
        match start {
            EventStart::Newest => {}
            EventStart::Older(EventPlace { at, .. }) => to = to.min(at.0.saturating_add(1)),
            EventStart::Newer(EventPlace { at, .. }) => from = from.max(at.0),
        }
        found.push_str(&format!(" AND {at} >= ? AND {at} < ?"));
        values.extend([from.into(), to.into()]);
        if let Some(EventPlace { at, seq }) = place {
            found.push_str(&format!(" AND (+c.at {sign} ? OR +c.seq {sign} ?)"));
            values.extend([at.0.into(), seq.0.into()]);
        }
        let sql = format!(
            "SELECT c.seq, c.at, c.reason, {fits} AS fits FROM conversions c WHERE {found} ORDER BY c.at {order}, c.seq {order}"
        );
        (sql, values)
    }
}

impl Condition {
    /// Its text; it adds its values to those of the statement.
    fn take(&self, values: &mut Vec<Value>) -> String {
        values.extend(self.values.iter().cloned());
        format!("({})", self.sql)
    }
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    let reason: Reason = get(row, "reason")?;
    let place = EventPlace { at: get(row, "at")?, seq: get(row, "seq")? };
    Ok(Candidate { place, kind: reason.outcome().kind(), fits: get(row, "fits")? })
}

#[cfg(test)]
mod tests {
    use super::super::EventFilter;
    use super::*;
    use crate::domain::{
        AdvertiserId, Caller, LineItemId, Micros, Millis, PixelId, PublisherId, Reader, Role, Scope, Seq, SourceId,
        VisitorId,
    };
    use crate::store::derived::connect;

    fn reader(scope: Scope) -> Reader {
        let caller = Caller { user_id: None, token_id: None, name: "guest".into(), role: Role::Viewer, scope };
        caller.reader().unwrap()
    }

    /// How the events themselves are found.
    fn index(conn: &Connection, scope: Scope, filter: EventFilter, start: EventStart) -> String {
        let (sql, values) = Plan::of(conn, &reader(scope), &filter).unwrap().statement(start);
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<_> = steps.map(Result::unwrap).collect();
        assert!(steps.iter().all(|step| !step.starts_with("SCAN c") || step.contains("INDEX")), "{steps:?}");
        steps.into_iter().find(|step| step.contains(" c ") || step.ends_with(" c")).unwrap()
    }

    #[test]
    fn each_filter_reads_an_index() {
        let conn = connect::in_memory();
        let (all, own) = (Scope::All, Scope::Advertiser(AdvertiserId(1)));
        let none = EventFilter::default;
        let ranged = || EventFilter { from: Some(Millis(1)), to: Some(Millis(2)), ..none() };
        let place = EventPlace { at: Millis(1), seq: Seq(1) };
        for (scope, filter, wanted) in [
            (all, ranged(), "conversions_at (at>? AND at<?)"),
            (own, ranged(), "conversions_advertiser (advertiser_id=? AND at>? AND at<?)"),
            (
                all,
                EventFilter { pixel: Some(PixelId(1)), ..ranged() },
                "conversions_pixel (pixel_id=? AND at>? AND at<?)",
            ),
            (
                all,
                EventFilter { reason: Some(Reason::Bot), ..ranged() },
                "conversions_reason (reason=? AND at>? AND at<?)",
            ),
            (
                all,
                EventFilter { line_item: Some(LineItemId(1)), ..ranged() },
                "conversions_line_item (line_item_id=? AND at",
            ),
            (
                all,
                EventFilter { publisher: Some(PublisherId(1)), ..ranged() },
                "conversions_publisher (publisher_id=? AND at",
            ),
            (all, EventFilter { source: Some(SourceId(1)), ..ranged() }, "conversions_source (source_id=? AND at"),
            (all, EventFilter { warned: Some(true), ..ranged() }, "conversions_warned (at>? AND at<?)"),
            (own, EventFilter { orders: vec!["A".into()], ..ranged() }, "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"),
            (
                own,
                EventFilter { visitor: Some(VisitorId(1)), ..ranged() },
                "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)",
            ),
            (own, EventFilter { retracted: Some(true), ..ranged() }, "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"),
            (all, EventFilter { least: Some(Micros(1)), ..ranged() }, "conversions_at (at>? AND at<?)"),
        ] {
            for start in [EventStart::Newest, EventStart::Older(place), EventStart::Newer(place)] {
                let used = index(&conn, scope, filter.clone(), start);
                assert!(used.contains(wanted), "{filter:?} {start:?}: {used}");
            }
        }
    }
}
