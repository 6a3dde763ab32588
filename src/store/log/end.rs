//! The end of the log: the highest number in any of its tables.

use rusqlite::Connection;

use crate::domain::Seq;

/// The number of the log's last row; [`Seq::START`] if it is empty.
pub(in crate::store) fn last_seq(conn: &Connection) -> rusqlite::Result<Seq> {
    let sql = "SELECT max(
        (SELECT coalesce(max(seq), 0) FROM fires), (SELECT coalesce(max(seq), 0) FROM exposures),
        (SELECT coalesce(max(seq), 0) FROM segment_loads), (SELECT coalesce(max(seq), 0) FROM adjustments),
        (SELECT coalesce(max(seq), 0) FROM pixel_versions), (SELECT coalesce(max(seq), 0) FROM line_item_versions),
        (SELECT coalesce(max(seq), 0) FROM segment_versions), (SELECT coalesce(max(seq), 0) FROM rejudgements),
        (SELECT coalesce(max(seq), 0) FROM source_versions), (SELECT coalesce(max(seq), 0) FROM campaign_versions))";
    conn.query_row(sql, [], |row| row.get(0))
}
