//! The member: the organisation that runs this installation.

use rusqlite::{OptionalExtension, params};

use crate::domain::{Admin, Caller, Checks, Member, MemberId};
use crate::store::definitions::audit_note;
use crate::store::{Store, StoreError, Tx};

/// The id of the one member, which the API shows as `member_id`.
pub const MEMBER: MemberId = MemberId(1);

impl Store {
    /// The member. It has no name until the set-up.
    pub async fn member(&self) -> Result<Member, StoreError> {
        self.look_up(|conn| {
            let sql = "SELECT id, name FROM member ORDER BY id LIMIT 1";
            let member = conn.query_row(sql, [], |row| Ok(Member { id: row.get("id")?, name: row.get("name")? }));
            Ok(member.optional()?.unwrap_or(Member { id: MEMBER, name: String::new() }))
        })
        .await
    }

    /// Names the member.
    ///
    /// # Errors
    /// A name that breaks its rules.
    pub async fn name_member(&self, by: &Admin, name: String) -> Result<Member, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| set(tx, &who, "name", &name)).await
    }
}

/// `field` is the name's field in the caller's form or body.
pub(in crate::store) fn set(tx: &Tx<'_>, who: &Caller, field: &str, name: &str) -> Result<Member, StoreError> {
    let mut checks = Checks::new();
    checks.name(field, name, 255);
    checks.done()?;
    let sql = "INSERT INTO member (id, name) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = excluded.name";
    let before = audit_note::snapshot(tx.conn, "member", MEMBER.0)?;
    tx.conn.execute(sql, params![MEMBER, name])?;
    audit_note::note(tx, who, "member", MEMBER.0, before)?;
    Ok(Member { id: MEMBER, name: name.to_owned() })
}
