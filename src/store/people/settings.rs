//! The settings that admins change in the page. The store keeps their texts; `config` knows what they mean.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::member;
use crate::config::StoredSettings;
use crate::domain::{Admin, AuditObject, Checks};
use crate::store::data_directory::SharedUse;
use crate::store::db::migrate;
use crate::store::definitions::audit_note;
use crate::store::definitions::audit_note::Snapshot;
use crate::store::error::OpenError;
use crate::store::{FILE_NAME, Store, StoreError, Tx, missing_log};

/// A setting's new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    pub name: &'static str,
    pub value: String,
    /// The text that the page showed when it was opened; none if it said nothing.
    pub was: Option<String>,
    /// The text without a change of any admin.
    pub default: &'static str,
}

/// The organisation's new name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    pub name: String,
    /// As for settings.
    pub was: Option<String>,
}

impl Store {
    /// Every setting that an admin changed.
    pub async fn stored_settings(&self) -> Result<StoredSettings, StoreError> {
        self.look_up(read).await
    }

    /// The same. It blocks, for the start of the program.
    pub fn stored_settings_now(&self) -> Result<StoredSettings, StoreError> {
        read(&*self.0.readers.take_now()?)
    }

    /// The settings in a directory's database, which may be in use. It creates and changes nothing.
    ///
    /// # Errors
    /// The file cannot be read, or another version wrote it.
    pub fn settings_in(directory: &Path) -> Result<StoredSettings, OpenError> {
        if !missing_log::exists(directory) {
            return Ok(BTreeMap::new());
        }
        let _used = SharedUse::begin(directory)?;
        // A connection that only reads would leave a WAL behind.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let conn = Connection::open_with_flags(directory.join(FILE_NAME), flags).map_err(StoreError::from)?;
        migrate::check(&conn)?;
        let sql = "SELECT 1 FROM sqlite_schema WHERE name = 'settings'";
        let has_table = conn.prepare(sql).and_then(|mut found| found.exists([])).map_err(StoreError::from)?;
        Ok(if has_table { read(&conn)? } else { BTreeMap::new() })
    }

    /// Changes settings, and the organisation's name if there is one, in one transaction with one entry of the audit log
    /// for each. Returns every setting that is changed now.
    ///
    /// # Errors
    /// A name that breaks its rules, or what somebody else changed since the page was opened. Then nothing changes.
    pub async fn save_settings(
        &self,
        by: &Admin,
        member: Option<MemberChange>,
        changes: Vec<SettingChange>,
    ) -> Result<StoredSettings, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            let stored = read(tx.conn)?;
            are_as_opened(tx.conn, member.as_ref(), &changes, &stored)?;
            if let Some(MemberChange { name, .. }) = member {
                member::set(tx, &who, "name", &name)?;
            }
            let (mut before, mut after) = (Snapshot::new(), Snapshot::new());
            for SettingChange { name, value, default, .. } in changes {
                let old = stored.get(name).map_or(default, String::as_str);
                if old == value {
                    continue;
                }
                before.insert(name.to_owned(), old.into());
                after.insert(name.to_owned(), value.as_str().into());
                write(tx, name, Some(value.as_str()).filter(|value| *value != default))?;
            }
            audit_note::note_settings(tx, &who, before, after)?;
            read(tx.conn)
        })
        .await
    }
}

/// Refuses the settings that somebody else changed since the page was opened, each with its value now and who did it.
fn are_as_opened(
    conn: &Connection,
    member: Option<&MemberChange>,
    changes: &[SettingChange],
    stored: &StoredSettings,
) -> Result<(), StoreError> {
    let mut checks = Checks::new();
    if let Some(MemberChange { name, was: Some(was) }) = member {
        let now: Option<String> = conn.query_row("SELECT name FROM member", [], |row| row.get(0)).optional()?;
        let now = now.unwrap_or_default();
        let by = last_change(conn, AuditObject::Member, "name")?;
        checks.require(now == *was || now == *name, "name", || meanwhile(&by, &now));
    }
    for SettingChange { name, value, was, default } in changes {
        let now = stored.get(*name).map_or(*default, String::as_str);
        if was.as_deref().is_some_and(|was| was != now) && value != now {
            checks.fail(*name, meanwhile(&last_change(conn, AuditObject::Settings, name)?, now));
        }
    }
    Ok(checks.done()?)
}

fn meanwhile(by: &str, now: &str) -> String {
    let now = if now.is_empty() { "nothing".to_owned() } else { format!("{now:?}") };
    format!("was changed to {now} by {by} while this page was open. Save again to keep yours")
}

/// Who changed this value last.
fn last_change(conn: &Connection, object: AuditObject, name: &str) -> Result<String, StoreError> {
    let sql = "SELECT user_name FROM audit WHERE object_type = ?1 AND json_type(after, '$.' || ?2) IS NOT NULL
        ORDER BY id DESC LIMIT 1";
    let by: Option<String> = conn.prepare_cached(sql)?.query_row(params![object, name], |row| row.get(0)).optional()?;
    Ok(by.unwrap_or_else(|| "somebody".to_owned()))
}

fn read(conn: &Connection) -> Result<StoredSettings, StoreError> {
    let mut statement = conn.prepare_cached("SELECT name, value FROM settings")?;
    Ok(statement.query_map([], |row| Ok((row.get("name")?, row.get("value")?)))?.collect::<Result<_, _>>()?)
}

fn write(tx: &Tx<'_>, name: &str, value: Option<&str>) -> Result<(), StoreError> {
    match value {
        Some(value) => {
            let sql = "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            tx.conn.execute(sql, params![name, value])?
        }
        None => tx.conn.execute("DELETE FROM settings WHERE name = ?1", [name])?,
    };
    Ok(())
}
