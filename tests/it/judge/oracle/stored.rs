//! The derived tables as the judge stored them, and how a test empties them.

use std::collections::BTreeMap;

use rusqlite::Connection;

/// Every derived table, each row as one text, in the order of its key.
pub type Tables = BTreeMap<&'static str, Vec<String>>;

pub const DERIVED: [&str; 25] = [
    "touches",
    "arrivals",
    "adoptions",
    "click_ids",
    "unmatched_arrivals",
    "names_seen",
    "name_bearers",
    "names_shared",
    "conversions",
    "counted",
    "taken",
    "conversions_quarters",
    "credited_days",
    "pixels_quarters",
    "exposures_quarters",
    "exposures_days",
    "pixel_last_fired",
    "tracker_seen",
    "references_seen",
    "adjustment_effects",
    "adjusted",
    "memberships",
    "segment_sizes",
    "segment_loads_daily",
    "segment_visitors",
];

/// The tables as they stand; of rows that are swept sooner or later, those that mean something.
pub fn stored(conn: &Connection) -> Tables {
    let rows = |table: &&'static str| {
        let lasting = match *table {
            "memberships" => {
                "WHERE expires_at > (SELECT day FROM judge_cursor)
                    AND segment_id NOT IN (SELECT segment_id FROM segment_versions WHERE deleted)"
            }
            "segment_visitors" => "WHERE day >= (SELECT day FROM judge_cursor) - 9 * 86400000",
            _ => "",
        };
        let columns = match *table {
            // The last is a hash.
            "arrivals" => {
                "coalesce(visitor_id, 0), seq, at, advertiser_id, fate, source_id, line_item_id, campaign_id, publisher_id,
                    line_item_version, named_seq, adopts, alike IS NOT NULL"
            }
            _ => "*",
        };
        let mut statement = conn.prepare(&format!("SELECT {columns} FROM {table} {lasting}")).unwrap();
        let columns = statement.column_count();
        let mut rows: Vec<String> = statement
            .query_map([], |row| {
                let cell = |column| match row.get_ref(column).unwrap() {
                    rusqlite::types::ValueRef::Null => "-".to_owned(),
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
                    other => format!("{other:?}"),
                };
                Ok((0..columns).map(cell).collect::<Vec<_>>().join(" "))
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        rows.sort();
        (*table, rows)
    };
    DERIVED.iter().map(rows).collect()
}

/// Empties them, as if nothing had been judged yet.
pub fn forget(conn: &Connection) {
    for table in DERIVED {
        conn.execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    conn.execute("UPDATE judge_cursor SET seq = 0, day = 0, touched = 0", []).unwrap();
}
