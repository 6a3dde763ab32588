//! What all definitions have in common: one way to create, read, list, change and delete them, with the checks in
//! one order (may the caller see it, is it valid by itself, does it fit the others) and one transaction for each.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};

use super::list::{self, ListQuery, Page};
use super::{Store, StoreError, Tx, audit};
use crate::domain::{AdvertiserId, Caller, Editor, Field, FieldError, Millis, Reader, Scope};

/// What is kept one row an object, and listed by its table of fields. Implemented in this module's neighbours only.
pub trait Listed: Send + Sized + 'static {
    /// Its name in messages: `line item`.
    const WHAT: &'static str;
    /// Its table.
    const TABLE: &'static str;
    /// The column with its name.
    const NAME: &'static str = "name";
    /// Whether it has a column `code`.
    const HAS_CODE: bool = true;
    /// A condition that all its rows meet, where a table holds more than one kind.
    const CONDITION: Option<&'static str> = None;
    /// The condition under which a caller limited to advertiser `?` sees a row.
    const SCOPE: &'static str = "advertiser_id = ?";
    /// The fields of its service.
    const FIELDS: &'static [Field];

    /// Reads a row of its table.
    ///
    /// # Errors
    /// A row that cannot be read.
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self>;
    /// Reads what stands in other tables.
    ///
    /// # Errors
    /// Database faults.
    fn fill(_: &Connection, _: &mut [Self]) -> rusqlite::Result<()> {
        Ok(())
    }
}

/// A kind of definition: listed, created, changed and deleted in one way. Implemented in this module's neighbours only.
pub trait Entity: Listed + Clone {
    /// The tables whose rows of this advertiser go with it when it is deleted.
    const TAKES_ALONG: &'static [&'static str] = &[];

    /// Its number.
    fn id(&self) -> i64;
    /// Sets its number.
    fn set_id(&mut self, id: i64);
    /// When it was made, and when last changed.
    fn stamps(&mut self) -> (&mut Millis, &mut Millis);
    /// The advertiser it belongs to; none if it belongs to all.
    fn advertiser(&self) -> Option<AdvertiserId>;
    /// Its code.
    fn code(&self) -> Option<&str>;
    /// The rules that need nothing but the object itself.
    ///
    /// # Errors
    /// All that it breaks.
    fn check(&self) -> Result<(), Vec<FieldError>>;
    /// Its columns but `id`.
    fn columns(&self) -> Vec<(&'static str, &dyn ToSql)>;
    /// The rules that need the other objects.
    ///
    /// # Errors
    /// The first that it breaks.
    fn fits(&self, _: &Tx<'_>) -> Result<(), StoreError> {
        Ok(())
    }
    /// Writes what stands in other tables, and says what tags and the judge must know.
    ///
    /// # Errors
    /// Database faults.
    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError>;
    /// Whether a caller that may change it may delete it, too.
    ///
    /// # Errors
    /// [`StoreError::Denied`].
    fn may_delete(&self, _: &Connection, _: &Caller) -> Result<(), StoreError> {
        Ok(())
    }
    /// Refuses, or deletes what goes with it; returns what the caller should be told.
    ///
    /// # Errors
    /// What still depends on it.
    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError>;
}

impl Store {
    /// One object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it.
    pub async fn get<E: Entity>(&self, by: &Reader, id: i64) -> Result<E, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| find::<E>(conn, scope, id)).await
    }

    /// A page of objects.
    ///
    /// # Errors
    /// Database faults.
    pub async fn list<E: Entity>(&self, by: &Reader, query: ListQuery) -> Result<Page<E>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| list::list(conn, scope, &query)).await
    }

    /// The names of the objects with these ids, among those the caller sees.
    ///
    /// # Errors
    /// Database faults.
    pub async fn names<E: Entity>(&self, by: &Reader, ids: Vec<i64>) -> Result<HashMap<i64, String>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| {
            let mut names = HashMap::new();
            let mut statement = conn.prepare_cached(&format!(
                "SELECT {} FROM {} WHERE (?2 IS NULL OR {}) AND id = ?1",
                E::NAME,
                E::TABLE,
                E::SCOPE.replace('?', "?2"),
            ))?;
            for id in ids {
                let name = statement.query_row((id, scope.advertiser()), |row| row.get(0)).optional()?;
                if let Some(name) = name {
                    names.insert(id, name);
                }
            }
            Ok(names)
        })
        .await
    }

    /// Creates an object; its id and stamps are set here. Returns it as stored.
    ///
    /// # Errors
    /// What it breaks: its own rules, or those between objects.
    pub async fn create<E: Entity>(&self, by: &Editor, object: E) -> Result<E, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| insert(tx, &who, object)).await
    }

    /// Changes an object: `change` gets it as it stands, inside the transaction. Returns it as stored.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], what `change` refuses, or what the changed object breaks.
    pub async fn update<E, F>(&self, by: &Editor, id: i64, change: F) -> Result<E, StoreError>
    where
        E: Entity,
        F: FnOnce(&mut E) -> Result<(), Vec<FieldError>> + Send + 'static,
    {
        let who = by.caller().clone();
        self.write(move |tx| self::change(tx, &who, id, change)).await
    }

    /// Deletes an object; returns what the caller should be told.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or [`StoreError::Integrity`] naming what still depends on it.
    pub async fn delete<E: Entity>(&self, by: &Editor, id: i64) -> Result<Vec<String>, StoreError> {
        let (scope, who) = (by.scope(), by.caller().clone());
        self.write(move |tx| {
            let object: E = find(tx.conn, scope, id)?;
            may_write(scope, &object)?;
            object.may_delete(tx.conn, &who)?;
            let mut going = audit::going_with(tx.conn, E::TAKES_ALONG, id)?;
            going.push((E::TABLE, id, audit::snapshot(tx.conn, E::TABLE, id)?));
            let told = object.deleting(tx)?;
            tx.conn.execute(&format!("DELETE FROM {} WHERE id = ?", E::TABLE), [id])?;
            for (table, id, before) in going {
                audit::note(tx, &who, table, id, before)?;
            }
            Ok(told)
        })
        .await
    }
}

/// Creates an object inside a transaction.
pub(super) fn insert<E: Entity>(tx: &mut Tx<'_>, who: &Caller, mut object: E) -> Result<E, StoreError> {
    object.set_id(0);
    object.check()?;
    may_write(who.scope, &object)?;
    let (created_on, last_modified) = object.stamps();
    (*created_on, *last_modified) = (tx.now, tx.now);
    unique_code(tx.conn, &object)?;
    object.fits(tx)?;
    let columns = object.columns();
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", E::TABLE, names.join(", "));
    tx.conn.prepare_cached(&sql)?.execute(params_from_iter(columns.iter().map(|(_, value)| value)))?;
    object.set_id(tx.conn.last_insert_rowid());
    object.saved(tx, None)?;
    audit::note(tx, who, E::TABLE, object.id(), None)?;
    Ok(object)
}

/// Changes an object inside a transaction.
pub(super) fn change<E, F>(tx: &mut Tx<'_>, who: &Caller, id: i64, change: F) -> Result<E, StoreError>
where
    E: Entity,
    F: FnOnce(&mut E) -> Result<(), Vec<FieldError>>,
{
    let before: E = find(tx.conn, who.scope, id)?;
    may_write(who.scope, &before)?;
    let noted = audit::snapshot(tx.conn, E::TABLE, id)?;
    let mut object = before.clone();
    change(&mut object)?;
    object.set_id(id);
    if object.advertiser() != before.advertiser() {
        return Err(StoreError::invalid("advertiser_id", "cannot change"));
    }
    object.check()?;
    *object.stamps().1 = tx.now;
    unique_code(tx.conn, &object)?;
    object.fits(tx)?;
    let mut columns = object.columns();
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("{name} = ?")).collect();
    let sql = format!("UPDATE {} SET {} WHERE id = ?", E::TABLE, names.join(", "));
    columns.push(("id", &id));
    tx.conn.prepare_cached(&sql)?.execute(params_from_iter(columns.iter().map(|(_, value)| value)))?;
    object.saved(tx, Some(&before))?;
    audit::note(tx, who, E::TABLE, id, noted)?;
    Ok(object)
}

/// One object that the scope includes.
pub(super) fn find<E: Entity>(conn: &Connection, scope: Scope, id: i64) -> Result<E, StoreError> {
    let condition = E::CONDITION.unwrap_or("1");
    let sql = format!(
        "SELECT * FROM {} WHERE id = ?1 AND ({condition}) AND (?2 IS NULL OR {})",
        E::TABLE,
        E::SCOPE.replace('?', "?2")
    );
    let found = conn.prepare_cached(&sql)?.query_row((id, scope.advertiser()), E::from_row).optional()?;
    let mut object = found.ok_or_else(|| StoreError::not_found(E::WHAT, id))?;
    E::fill(conn, std::slice::from_mut(&mut object))?;
    Ok(object)
}

/// All objects that meet a condition, for the store's own use.
pub(super) fn all<E: Entity>(
    conn: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<E>> {
    let sql = format!("SELECT * FROM {} WHERE {condition} ORDER BY id", E::TABLE);
    let mut objects = conn.prepare_cached(&sql)?.query_map(values, E::from_row)?.collect::<Result<Vec<E>, _>>()?;
    E::fill(conn, &mut objects)?;
    Ok(objects)
}

/// A caller limited to one advertiser changes only what is that advertiser's own.
fn may_write<E: Entity>(scope: Scope, object: &E) -> Result<(), StoreError> {
    let Scope::Advertiser(own) = scope else { return Ok(()) };
    match object.advertiser() {
        Some(advertiser) if advertiser == own => Ok(()),
        Some(advertiser) => Err(StoreError::not_found("advertiser", advertiser)),
        None => Err(StoreError::Denied(format!(
            "you are limited to advertiser {own}, and may not change a {} that belongs to all",
            E::WHAT
        ))),
    }
}

fn unique_code<E: Entity>(conn: &Connection, object: &E) -> Result<(), StoreError> {
    let Some(code) = object.code() else { return Ok(()) };
    let within = if E::SCOPE == "advertiser_id = ?" { "advertiser_id IS ?3" } else { "?3 IS ?3" };
    let sql = format!(
        "SELECT id FROM {} WHERE code = ?1 AND id <> ?2 AND {within} AND ({})",
        E::TABLE,
        E::CONDITION.unwrap_or("1")
    );
    let other: Option<i64> =
        conn.prepare_cached(&sql)?.query_row((code, object.id(), object.advertiser()), |row| row.get(0)).optional()?;
    match other {
        None => Ok(()),
        Some(other) => {
            Err(StoreError::Integrity(format!("code {code:?} is already used by {} {other}; choose another", E::WHAT)))
        }
    }
}

/// Says "a, b and 3 more" for messages that name what depends on an object.
pub(super) fn name_some(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
