//! Sample data: which objects and log rows they are, so that exactly these can be removed again.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::{Entity, remove};
use crate::domain::{
    Admin, Advertiser, Caller, Campaign, CostRun, Editor, LineItem, Pixel, Publisher, Segment, Seq, Source, Tracker,
};
use crate::store::db::id_list::IdList;
use crate::store::db::list::Listed;
use crate::store::log::end;
use crate::store::{Store, StoreError, Tx};

/// The row of `settings` that keeps them: no setting has this name.
const ROW: &str = "sample_data";

/// The tables of the log with rows of sample data.
const LOG_TABLES: [&str; 4] = ["fires", "exposures", "segment_loads", "adjustments"];

/// The most rows that one transaction deletes, so that requests wait for a moment only.
const ROWS_AT_ONCE: i64 = 4_096;

/// The objects of sample data, and the end of their log rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleObjects {
    /// The ids by the table of the object.
    ids: BTreeMap<String, Vec<i64>>,
    /// The log's rows up to this one are sample data.
    pub upto: Seq,
    /// Whether their removal has begun.
    pub is_leaving: bool,
}

impl Default for SampleObjects {
    fn default() -> Self {
        SampleObjects { ids: BTreeMap::new(), upto: Seq::START, is_leaving: false }
    }
}

impl SampleObjects {
    /// Notes an object.
    pub fn add<E: Listed>(&mut self, id: i64) {
        self.ids.entry(E::TABLE.to_owned()).or_default().push(id);
    }

    pub fn of<E: Listed>(&self) -> &[i64] {
        self.ids.get(E::TABLE).map_or(&[], Vec::as_slice)
    }

    pub fn len(&self) -> usize {
        self.ids.values().map(Vec::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    fn to_json(&self) -> String {
        json!({ "ids": self.ids, "upto": self.upto.0, "is_leaving": self.is_leaving }).to_string()
    }

    fn of_json(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let ids = |ids: &Value| ids.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        let tables = value.get("ids")?.as_object()?.iter();
        let upto = Seq(value.get("upto")?.as_i64()?);
        let is_leaving = value.get("is_leaving").and_then(Value::as_bool).unwrap_or_default();
        Some(SampleObjects { ids: tables.map(|(table, of)| (table.clone(), ids(of))).collect(), upto, is_leaving })
    }
}

impl Store {
    /// The sample data that are there.
    pub async fn sample_objects(&self, _: &Admin) -> Result<Option<SampleObjects>, StoreError> {
        self.look_up(noted).await
    }

    /// Whether a removal of sample data was cut off. It blocks.
    pub fn has_leaving_sample(&self) -> Result<bool, StoreError> {
        Ok(noted(&*self.0.readers.take_now()?)?.is_some_and(|sample| sample.is_leaving))
    }

    /// Notes which objects and rows are sample data; an empty note ends it.
    pub async fn note_sample(&self, _: &Editor, sample: SampleObjects) -> Result<(), StoreError> {
        self.write(move |tx| {
            if sample.is_empty() {
                tx.conn.execute("DELETE FROM settings WHERE name = ?1", [ROW])?;
                return Ok(());
            }
            note(tx, &sample)
        })
        .await
    }

    /// Begins the removal: deletes these objects, except those that other objects need. Returns the ones that stay.
    pub async fn remove_sample_objects(&self, by: &Editor, sample: SampleObjects) -> Result<SampleObjects, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            let mut kept = SampleObjects { upto: sample.upto, ..SampleObjects::default() };
            note(tx, &SampleObjects { is_leaving: true, ..sample.clone() })?;
            remove_costs(tx, sample.of::<CostRun>())?;
            free::<Tracker>(tx, &who, &sample, &mut kept)?;
            free::<Source>(tx, &who, &sample, &mut kept)?;
            free::<Campaign>(tx, &who, &sample, &mut kept)?;
            free::<LineItem>(tx, &who, &sample, &mut kept)?;
            free::<Pixel>(tx, &who, &sample, &mut kept)?;
            free::<Segment>(tx, &who, &sample, &mut kept)?;
            free::<Advertiser>(tx, &who, &sample, &mut kept)?;
            free::<Publisher>(tx, &who, &sample, &mut kept)?;
            Ok(kept)
        })
        .await
    }

    /// Deletes some of the log's rows up to this one. Returns whether more are left. Figures have them until a rebuild.
    pub async fn remove_sample_rows(&self, _: &Editor, upto: Seq) -> Result<bool, StoreError> {
        self.write(move |tx| {
            // The log must not end before the rows that were acknowledged.
            let upto = upto.0.min(end::last_seq(tx.conn)?.0 - 1);
            let mut left = ROWS_AT_ONCE;
            for table in LOG_TABLES {
                let sql = format!(
                    "DELETE FROM {table} WHERE seq IN (SELECT seq FROM {table} WHERE seq <= ?1 ORDER BY seq LIMIT ?2)"
                );
                let deleted = tx.conn.prepare_cached(&sql)?.execute([upto, left])?;
                left -= i64::try_from(deleted).unwrap_or(left);
            }
            Ok(left == 0)
        })
        .await
    }
}

/// Deletes these runs of costs, the first of a database. A later run may have replaced some of theirs, and none of them
/// replaced others.
fn remove_costs(tx: &Tx<'_>, runs: &[i64]) -> Result<(), StoreError> {
    let runs = IdList::of(runs.iter().copied());
    for (table, column) in [("costs", "run_id"), ("cost_runs", "id")] {
        let sql = format!("DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?1))");
        tx.conn.prepare_cached(&sql)?.execute([&runs])?;
    }
    Ok(())
}

fn noted(conn: &Connection) -> Result<Option<SampleObjects>, StoreError> {
    let sql = "SELECT value FROM settings WHERE name = ?1";
    let text: Option<String> = conn.prepare_cached(sql)?.query_row([ROW], |row| row.get(0)).optional()?;
    Ok(text.as_deref().and_then(SampleObjects::of_json))
}

fn note(tx: &Tx<'_>, sample: &SampleObjects) -> Result<(), StoreError> {
    let sql = "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.conn.execute(sql, params![ROW, sample.to_json()])?;
    Ok(())
}

/// Deletes the objects of a kind that no other object needs.
fn free<E: Entity>(
    tx: &mut Tx<'_>,
    who: &Caller,
    sample: &SampleObjects,
    kept: &mut SampleObjects,
) -> Result<(), StoreError> {
    for id in sample.of::<E>() {
        if has_belongings::<E>(tx, *id)? {
            kept.add::<E>(*id);
            continue;
        }
        match remove::<E>(tx, who, *id, false) {
            Ok(_) | Err(StoreError::NotFound { .. }) => {}
            Err(StoreError::Integrity(_)) => kept.add::<E>(*id),
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// Whether other objects would go with it.
fn has_belongings<E: Entity>(tx: &Tx<'_>, id: i64) -> Result<bool, StoreError> {
    for table in E::CASCADE {
        let sql = format!("SELECT 1 FROM {table} WHERE advertiser_id = ?1");
        if tx.conn.prepare_cached(&sql)?.exists([id])? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let mut sample = SampleObjects { upto: Seq(812), is_leaving: true, ..SampleObjects::default() };
        sample.add::<Pixel>(3);
        sample.add::<Pixel>(4);
        sample.add::<Advertiser>(1);
        assert_eq!(SampleObjects::of_json(&sample.to_json()), Some(sample.clone()));
        assert_eq!((sample.of::<Pixel>(), sample.of::<Segment>(), sample.len()), (&[3, 4][..], &[][..], 3));
        for other in ["", "{}", "[]", r#"{"ids": {}, "upto": "x"}"#] {
            assert_eq!(SampleObjects::of_json(other), None, "{other}");
        }
    }
}
