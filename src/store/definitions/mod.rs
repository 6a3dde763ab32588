//! Creates, reads, lists, changes and deletes definitions of every kind. It checks first whether the caller may see the
//! object, then the object's own rules, then those between objects. Each change is one transaction.

mod advertisers;
mod audit_log;
pub mod audit_note;
pub mod bin;
mod campaigns;
mod line_items;
mod piggybacks;
pub mod pixels;
mod publishers;
pub mod record;
pub mod rules;
pub mod sample;
mod saved_reports;
mod segments;
mod sources;
pub mod trackers;

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::db::columns;
use super::db::id_list::IdList;
use super::db::list;
use super::db::list::{ListQuery, OWN_ROWS, Page, find, visible};
use super::form_keys::{FormKey, once};
use super::{Store, StoreError, Tx};
use crate::domain::{Caller, Editor, FieldError, Reader, Scope};
use audit_note::RowBefore;
use bin::Going;
use record::Record;

/// A kind of definition: the rules between objects, and the effects of a change. Only this folder implements it.
pub trait Entity: Record {
    /// The tables whose rows are deleted with their advertiser.
    const CASCADE: &'static [&'static str] = &[];
    /// Whether another advertiser may come to own it, or all of them.
    const CHANGES_OWNER: bool = false;

    /// Fills in what it leaves to the other objects.
    ///
    /// # Errors
    /// Database faults.
    fn complete(&mut self, _: &Tx<'_>) -> Result<(), StoreError> {
        Ok(())
    }
    /// The rules that need the other objects. Those that the caller may not see do not exist for it.
    ///
    /// # Errors
    /// The first rule that it breaks.
    fn fits(&self, _: &Tx<'_>, _: Scope) -> Result<(), StoreError> {
        Ok(())
    }
    /// Writes its parts in other tables, its new version for the judge, and its change for the catalog.
    ///
    /// # Errors
    /// Database faults.
    fn saved(&self, _: &mut Tx<'_>, _before: Option<&Self>) -> Result<(), StoreError> {
        Ok(())
    }
    /// Whether a caller that may change it may delete it, too.
    ///
    /// # Errors
    /// [`StoreError::Denied`].
    fn may_delete(&self, _: &Connection, _: &Caller) -> Result<(), StoreError> {
        Ok(())
    }
    /// Deletes its dependent rows, or refuses. Returns messages for the caller.
    ///
    /// # Errors
    /// The objects that still depend on it.
    fn deleting(&self, _: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
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

    /// The best of the objects that have all words of a text, and how many have them.
    ///
    /// # Errors
    /// Database faults.
    pub async fn find<E: Entity>(&self, by: &Reader, text: &str, most: u32) -> Result<Page<E>, StoreError> {
        let query =
            ListQuery { find: Some(text.to_owned()), best_first: true, num_elements: most, ..ListQuery::default() };
        let scope = by.scope();
        self.read(move |conn| list::list(conn, scope, &query)).await
    }

    /// The names of the objects with these ids, among those that the caller sees.
    ///
    /// # Errors
    /// Database faults.
    pub async fn names<E: Entity>(&self, by: &Reader, ids: Vec<i64>) -> Result<HashMap<i64, String>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| {
            let sql = format!(
                "SELECT id, {} FROM {} WHERE id IN (SELECT value FROM json_each(?1)) AND {}",
                E::NAME,
                E::TABLE,
                visible::<E>("?2"),
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let names = statement
                .query_map((IdList::of(ids), scope.advertiser()), |row| Ok((row.get("id")?, row.get(E::NAME)?)))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Creates an object and sets its id and stamps. Returns it as stored.
    ///
    /// # Errors
    /// The rules that it breaks: its own, or those between objects.
    pub async fn create<E: Entity>(&self, by: &Editor, object: E) -> Result<E, StoreError> {
        self.create_once(by, None, object).await
    }

    /// The same, but for a form's key that has created an object already.
    ///
    /// # Errors
    /// [`StoreError::Repeated`], or as [`Store::create`].
    pub async fn create_once<E: Entity>(&self, by: &Editor, key: Option<FormKey>, object: E) -> Result<E, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| once(tx, &who, key.as_ref(), |tx| insert(tx, &who, object), Record::id)).await
    }

    /// Changes an object inside one transaction. Returns it as stored.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], the errors of `change`, or the rules that the changed object breaks.
    pub async fn update<E, F>(&self, by: &Editor, id: i64, change: F) -> Result<E, StoreError>
    where
        E: Entity,
        F: FnOnce(&mut E) -> Result<(), Vec<FieldError>> + Send + 'static,
    {
        let who = by.caller().clone();
        self.write(move |tx| self::change(tx, &who, id, change)).await
    }

    /// Deletes an object, and keeps it in the bin for a while. Returns messages for the caller.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or [`StoreError::Integrity`] with the objects that still depend on it.
    pub async fn delete<E: Entity>(&self, by: &Editor, id: i64) -> Result<Vec<String>, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| remove::<E>(tx, &who, id, true)).await
    }
}

/// Deletes an object inside a transaction. The bin keeps it if it shall come back.
fn remove<E: Entity>(tx: &mut Tx<'_>, who: &Caller, id: i64, keep: bool) -> Result<Vec<String>, StoreError> {
    let object: E = find(tx.conn, who.scope, id)?;
    may_write(who.scope, &object)?;
    object.may_delete(tx.conn, who)?;
    let going = match keep {
        true => Some(Going::read(tx.conn, (E::TABLE, E::NAME), id, object.advertiser(), E::CASCADE)?),
        false => None,
    };
    let mut rows = RowBefore::of_advertiser(tx.conn, E::CASCADE, id)?;
    rows.push(RowBefore::read(tx.conn, E::TABLE, id)?);
    let messages = object.deleting(tx)?;
    tx.conn.execute(&format!("DELETE FROM {} WHERE id = ?", E::TABLE), [id])?;
    rows.into_iter().try_for_each(|row| row.note(tx, who))?;
    going.map_or(Ok(()), |going| going.keep(tx, who))?;
    Ok(messages)
}

/// Creates an object inside a transaction.
pub(in crate::store) fn insert<E: Entity>(tx: &mut Tx<'_>, who: &Caller, mut object: E) -> Result<E, StoreError> {
    object.set_id(0);
    object.complete(tx)?;
    check(&object, None)?;
    may_write(who.scope, &object)?;
    let (created_on, last_modified) = object.stamps();
    (*created_on, *last_modified) = (tx.now, tx.now);
    unique_code(tx.conn, &object)?;
    object.fits(tx, who.scope)?;
    let id = columns::insert(tx.conn, E::TABLE, &object.columns())?;
    object.set_id(id);
    object.saved(tx, None)?;
    audit_note::note(tx, who, E::TABLE, object.id(), None)?;
    Ok(object)
}

/// Changes an object inside a transaction.
pub(in crate::store) fn change<E, F>(tx: &mut Tx<'_>, who: &Caller, id: i64, change: F) -> Result<E, StoreError>
where
    E: Entity,
    F: FnOnce(&mut E) -> Result<(), Vec<FieldError>>,
{
    let before: E = find(tx.conn, who.scope, id)?;
    may_write(who.scope, &before)?;
    let noted = audit_note::snapshot(tx.conn, E::TABLE, id)?;
    let mut object = before.clone();
    change(&mut object)?;
    object.set_id(id);
    if object.advertiser() != before.advertiser() {
        if !E::CHANGES_OWNER {
            return Err(StoreError::invalid("advertiser_id", "cannot change"));
        }
        may_write(who.scope, &object)?;
    }
    object.complete(tx)?;
    check(&object, Some(&before))?;
    *object.stamps().1 = tx.now;
    unique_code(tx.conn, &object)?;
    object.fits(tx, who.scope)?;
    columns::update(tx.conn, E::TABLE, id, &object.columns())?;
    object.saved(tx, Some(&before))?;
    audit_note::note(tx, who, E::TABLE, id, noted)?;
    Ok(object)
}

/// Checks the rules of the object itself. `before` is the object as it was.
fn check<E: Entity>(object: &E, before: Option<&E>) -> Result<(), StoreError> {
    if let Some(list) = object.list_length() {
        list.check(before.and_then(Record::list_length)).map_err(|error| StoreError::Invalid(vec![error]))?;
    }
    Ok(object.check()?)
}

/// Refuses objects of other advertisers to a caller limited to one.
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
    let within = if E::SCOPE == OWN_ROWS { "advertiser_id IS ?3" } else { "?3 IS ?3" };
    let sql = format!(
        "SELECT id FROM {} WHERE code = ?1 AND id <> ?2 AND {within} AND ({})",
        E::TABLE,
        E::CONDITION.unwrap_or("1")
    );
    let other: Option<i64> =
        conn.prepare_cached(&sql)?.query_row((code, object.id(), object.advertiser()), |row| row.get(0)).optional()?;
    match other {
        None => Ok(()),
        // Of all objects of the kind, the caller may not see this one.
        Some(other) => {
            let what = E::WHAT;
            let user = if E::SCOPE == OWN_ROWS { format!("{what} {other}") } else { format!("another {what}") };
            Err(StoreError::Integrity(format!("code {code:?} is already used by {user}; choose another")))
        }
    }
}
