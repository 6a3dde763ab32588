//! How the events of a filter are found: by the narrowest index that one of its conditions has. The other conditions are
//! looked at event by event.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{EVENTS_OF_A_NAME, EVENTS_SCANNED, EventFilter, EventSearch};
use crate::domain::{Millis, OutcomeKind, Reader};
use crate::store::queries::search::TypedClickId;

/// A condition on `conversions c`, with its values.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub sql: String,
    pub values: Vec<Value>,
    lead: Lead,
}

/// The events that have a name, as a condition.
fn among(inner: &str) -> String {
    format!("c.seq IN ({inner})")
}

/// Which index a condition has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    None,
    /// An index that has the events in the order of their times.
    ByTime,
    /// One that does not: all its events are read and put in order.
    Unordered,
}

/// How to read a filter's events.
pub(super) struct Plan {
    /// The condition whose index finds the events; none: the index of all by time.
    pub lead: Option<Condition>,
    /// Whether that index has no order of time.
    pub is_unordered: bool,
    /// Whether it has more events than are read.
    pub is_cut: bool,
    /// The other conditions.
    pub rest: Vec<Condition>,
    pub from: Option<Millis>,
    pub to: Option<Millis>,
    pub outcome: Option<OutcomeKind>,
}

impl Plan {
    pub(super) fn of(conn: &Connection, by: &Reader, filter: &EventFilter) -> rusqlite::Result<Self> {
        let mut rest = conditions(by, filter);
        let place = match rest.iter().position(|condition| condition.lead == Lead::Unordered) {
            Some(place) => Some(place),
            None => narrowest(conn, filter, &rest)?,
        };
        let lead = place.map(|place| rest.remove(place));
        let unordered = lead.as_ref().filter(|lead| lead.lead == Lead::Unordered);
        let (is_unordered, is_cut) = (unordered.is_some(), unordered.map_or(Ok(false), |lead| is_cut(conn, lead))?);
        let EventFilter { from, to, outcome, .. } = *filter;
        Ok(Plan { lead, is_unordered, is_cut, rest, from, to, outcome })
    }

    /// Whether the filter asks for a range, an outcome and a reason alone, so that the index of reasons counts.
    pub(super) fn is_of_reasons(&self, filter: &EventFilter) -> bool {
        self.rest.is_empty() && (self.lead.is_none() || filter.reason.is_some() && self.is_led_by("c.reason = ?"))
    }

    fn is_led_by(&self, condition: &str) -> bool {
        self.lead.as_ref().is_some_and(|lead| lead.sql == condition)
    }
}

fn is_cut(conn: &Connection, lead: &Condition) -> rusqlite::Result<bool> {
    let sql = format!("SELECT count(*) >= {EVENTS_OF_A_NAME} FROM conversions c WHERE {}", lead.sql);
    conn.prepare_cached(&sql)?.query_row(params_from_iter(&lead.values), |row| row.get(0))
}

/// The place of the condition by time with the fewest events in the range. Beyond the events that a page looks at, the
/// first of them will do.
fn narrowest(conn: &Connection, filter: &EventFilter, conditions: &[Condition]) -> rusqlite::Result<Option<usize>> {
    let leads: Vec<_> = conditions.iter().enumerate().filter(|(_, condition)| condition.lead == Lead::ByTime).collect();
    if leads.len() < 2 {
        return Ok(leads.first().map(|(place, _)| *place));
    }
    let mut best = None;
    for (place, condition) in leads {
        let count = count(conn, filter, condition)?;
        if best.is_none_or(|(_, fewest)| count < fewest) {
            best = Some((place, count));
        }
    }
    Ok(best.map(|(place, _)| place))
}

fn count(conn: &Connection, filter: &EventFilter, condition: &Condition) -> rusqlite::Result<u32> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM conversions c WHERE {} AND c.at >= ? AND c.at < ? LIMIT {EVENTS_SCANNED})",
        condition.sql
    );
    let (from, to) = (filter.from.map_or(i64::MIN, |at| at.0), filter.to.map_or(i64::MAX, |at| at.0));
    let values = condition.values.iter().cloned().chain([from.into(), to.into()]);
    conn.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))
}

/// The filter's conditions but for the range and the outcome, those with the narrowest indexes first.
fn conditions(by: &Reader, filter: &EventFilter) -> Vec<Condition> {
    let mut all = Vec::new();
    let mut add = |lead: Lead, sql: &str, values: Vec<Value>| {
        all.push(Condition { sql: sql.to_owned(), values, lead });
    };
    let orders = EventSearch { orders: filter.orders.clone(), ..EventSearch::default() };
    let visitor = filter.visitor.map(|_| EventSearch { visitor: filter.visitor, ..EventSearch::default() });
    let orders = Some(&orders).filter(|named| !named.orders.is_empty());
    for named in [filter.search.as_ref(), orders, visitor.as_ref()].into_iter().flatten() {
        let (sql, values) = search(named);
        add(Lead::Unordered, &sql, values);
    }
    if filter.retracted == Some(true) {
        let latest =
            format!("SELECT a.seq FROM adjusted a WHERE a.retracted ORDER BY a.seq DESC LIMIT {EVENTS_OF_A_NAME}");
        add(Lead::Unordered, &among(&latest), Vec::new());
    }
    if filter.warned == Some(true) {
        add(Lead::ByTime, "c.warned", Vec::new());
    }
    for (column, id) in [
        ("source_id", filter.source.map(|id| id.0)),
        ("publisher_id", filter.publisher.map(|id| id.0)),
        ("line_item_id", filter.line_item.map(|id| id.0)),
        ("pixel_id", filter.pixel.map(|id| id.0)),
    ] {
        if let Some(id) = id {
            add(Lead::ByTime, &format!("c.{column} = ?"), vec![id.into()]);
        }
    }
    if let Some(reason) = filter.reason {
        add(Lead::ByTime, "c.reason = ?", vec![reason.as_str().to_owned().into()]);
    }
    for advertiser in by.scope().advertiser().into_iter().chain(filter.advertiser) {
        add(Lead::ByTime, "c.advertiser_id = ?", vec![advertiser.0.into()]);
    }
    if filter.warned == Some(false) {
        add(Lead::None, "NOT c.warned", Vec::new());
    }
    if filter.retracted == Some(false) {
        add(Lead::None, "NOT EXISTS (SELECT 1 FROM adjusted a WHERE a.seq = c.seq AND a.retracted)", Vec::new());
    }
    // A correction gives another value, and never takes one away.
    const VALUE: &str = "coalesce((SELECT a.value FROM adjusted a WHERE a.seq = c.seq), c.value)";
    for (sign, bound) in [(">=", filter.least), ("<=", filter.most)] {
        if let Some(bound) = bound {
            add(Lead::None, &format!("coalesce({VALUE} {sign} ?, 0)"), vec![bound.0.into()]);
        }
    }
    all
}

/// The events at the shops to which their visitors came with a click ID that has so many possible names. Of each name the
/// latest visitors are looked at.
fn came_with(names: usize) -> String {
    let latest = "SELECT seq FROM (SELECT seq FROM click_ids WHERE hash = ? ORDER BY seq DESC LIMIT 1000)";
    format!(
        "(SELECT DISTINCT e.visitor_id, e.advertiser_id
            FROM ({}) k CROSS JOIN exposures e ON e.seq = k.seq CROSS JOIN json_each(e.arrival, '$.click_ids') j
            WHERE json_extract(j.value, '$[1]') = ?) v
        CROSS JOIN conversions o ON o.visitor_id = v.visitor_id AND o.advertiser_id = v.advertiser_id",
        vec![latest; names].join(" UNION ALL ")
    )
}

/// The latest events that a text names.
fn search(EventSearch { orders, visitor, click_id }: &EventSearch) -> (String, Vec<Value>) {
    let mut parts = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    if !orders.is_empty() {
        let marks = vec!["?"; orders.len()].join(", ");
        parts.push(format!("conversions o WHERE o.order_id COLLATE NOCASE IN ({marks})"));
        values.extend(orders.iter().cloned().map(Value::from));
    }
    if let Some(visitor) = visitor {
        parts.push("conversions o WHERE o.visitor_id = ?".to_owned());
        values.push(visitor.0.into());
    }
    if let Some(text) = click_id {
        let typed = TypedClickId::of(text);
        parts.push(came_with(typed.names.len()));
        values.extend(typed.names.iter().map(|(_, hash)| Value::from(*hash)));
        values.push(typed.value.into());
    }
    if parts.is_empty() {
        return ("0".to_owned(), values);
    }
    let latest = |part: &String| {
        format!("SELECT seq FROM (SELECT o.seq FROM {part} ORDER BY o.seq DESC LIMIT {EVENTS_OF_A_NAME})")
    };
    let union = parts.iter().map(latest).collect::<Vec<_>>().join(" UNION ");
    (among(&union), values)
}
