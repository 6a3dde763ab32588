//! Users. Only admins manage them. The functions for sign-in are for `auth` alone. Passwords arrive here hashed.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::member;
use crate::domain::{Admin, Caller, FieldError, Millis, Role, Scope, Status, User, UserId, fields};
use crate::store::db::columns;
use crate::store::db::id_list::IdList;
use crate::store::db::list;
use crate::store::db::list::{ListQuery, Listed, Page, find};
use crate::store::db::sql_types::get;
use crate::store::definitions::record::{Record, entity};
use crate::store::definitions::{audit_note, rules};
use crate::store::form_keys::{FormKey, once};
use crate::store::{Store, StoreError, Tx};

impl Store {
    /// All users, by name.
    pub async fn users(&self, _: &Admin) -> Result<Vec<User>, StoreError> {
        self.look_up(|conn| {
            let mut statement = conn.prepare_cached("SELECT * FROM users ORDER BY username")?;
            Ok(statement.query_map([], User::from_row)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    pub async fn list_users(&self, _: &Admin, query: ListQuery) -> Result<Page<User>, StoreError> {
        self.look_up(move |conn| list::list(conn, Scope::All, &query)).await
    }

    /// When these users last signed in. It leaves out those who never did.
    pub async fn last_sign_ins(&self, _: &Admin, ids: Vec<i64>) -> Result<HashMap<UserId, Millis>, StoreError> {
        self.look_up(move |conn| {
            let sql = "SELECT id, last_sign_in FROM users
                WHERE id IN (SELECT value FROM json_each(?1)) AND last_sign_in IS NOT NULL";
            let mut statement = conn.prepare_cached(sql)?;
            let times = statement.query_map([IdList::of(ids)], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(times.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// A user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn user(&self, _: &Admin, id: UserId) -> Result<User, StoreError> {
        self.look_up(move |conn| find(conn, Scope::All, id.0)).await
    }

    /// The caller itself.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a long-lived token, which has no user.
    pub async fn own_user(&self, caller: &Caller) -> Result<User, StoreError> {
        let Some(id) = caller.user_id else { return Err(StoreError::not_found("user", "of a token")) };
        self.look_up(move |conn| find(conn, Scope::All, id.0)).await
    }

    /// The user with this name, in either case.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn user_named(&self, _: &Admin, username: &str) -> Result<User, StoreError> {
        let credentials = self.credentials(username.to_owned()).await?;
        credentials.map(|(user, _)| user).ok_or_else(|| StoreError::not_found("user", username))
    }

    /// Creates a user and sets its id and stamps.
    ///
    /// # Errors
    /// The rules that it breaks, [`StoreError::Integrity`] for a name that another user has, or [`StoreError::Repeated`].
    pub async fn create_user(
        &self,
        by: &Admin,
        key: Option<FormKey>,
        user: User,
        password_hash: String,
    ) -> Result<User, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            let create = |tx: &mut Tx<'_>| insert_user(tx, Some(&who), user, &password_hash);
            once(tx, &who, key.as_ref(), create, |user| user.id.0)
        })
        .await
    }

    /// Changes a user inside one transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], the rules that the changed user breaks, or [`StoreError::Integrity`] if no active admin
    /// would be left.
    pub async fn update_user<F>(&self, by: &Admin, id: UserId, change: F) -> Result<User, StoreError>
    where
        F: FnOnce(&mut User) -> Result<(), Vec<FieldError>> + Send + 'static,
    {
        let who = by.caller().clone();
        self.write(move |tx| {
            let mut user: User = find(tx.conn, Scope::All, id.0)?;
            let before = audit_note::snapshot(tx.conn, "users", id.0)?;
            change(&mut user)?;
            user.id = id;
            user.last_modified = tx.now;
            fits(tx.conn, &user)?;
            columns::update(tx.conn, User::TABLE, id.0, &user.columns())?;
            let sql = "SELECT 1 FROM users WHERE role = ?1 AND state = ?2";
            if !tx.conn.prepare_cached(sql)?.exists(params![Role::Admin, Status::Active])? {
                let name = &user.username;
                return Err(StoreError::Integrity(format!(
                    "{name:?} is the last active admin; make somebody else an admin first"
                )));
            }
            audit_note::note(tx, &who, "users", id.0, before)?;
            Ok(user)
        })
        .await
    }

    /// Names the member and creates the first admin.
    ///
    /// # Errors
    /// [`StoreError::Integrity`] if there is a user already.
    pub(crate) async fn first_admin(
        &self,
        member_name: String,
        user: User,
        password_hash: String,
    ) -> Result<User, StoreError> {
        self.write(move |tx| {
            if has_users(tx.conn)? {
                return Err(StoreError::Integrity("this server is already set up; sign in instead".to_owned()));
            }
            let user = insert_user(tx, None, user, &password_hash)?;
            member::set(tx, &caller_of(&user), "member_name", &member_name)?;
            Ok(user)
        })
        .await
    }

    /// Whether there is a user. It blocks, for the start of the program.
    pub(crate) fn has_users_now(&self) -> Result<bool, StoreError> {
        Ok(has_users(&*self.0.readers.take_now()?)?)
    }

    /// Whether there is a user.
    pub(crate) async fn has_users(&self) -> Result<bool, StoreError> {
        self.look_up(|conn| Ok(has_users(conn)?)).await
    }

    /// The user with this name, in either case, and the hash of its password.
    pub(crate) async fn credentials(&self, username: String) -> Result<Option<(User, String)>, StoreError> {
        self.look_up(move |conn| {
            let read = |row: &Row<'_>| Ok((User::from_row(row)?, get(row, "password_hash")?));
            let sql = "SELECT * FROM users WHERE username = ?1";
            Ok(conn.prepare_cached(sql)?.query_row([username], read).optional()?)
        })
        .await
    }

    /// The hash of the password of the user with this id.
    pub(crate) async fn password_hash(&self, id: UserId) -> Result<String, StoreError> {
        self.look_up(move |conn| {
            let sql = "SELECT password_hash FROM users WHERE id = ?1";
            let hash = conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
            hash.ok_or_else(|| StoreError::not_found("user", id))
        })
        .await
    }

    /// Sets a password and ends all sessions of the user except `keep`.
    pub(crate) async fn set_password_hash(
        &self,
        who: Caller,
        id: UserId,
        password_hash: String,
        keep: Option<crate::domain::SecretHash>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE users SET password_hash = ?2, last_modified = ?3 WHERE id = ?1";
            if tx.conn.execute(sql, params![id, password_hash, tx.now])? == 0 {
                return Err(StoreError::not_found("user", id));
            }
            let sql = "DELETE FROM sessions WHERE user_id = ?1 AND secret_hash IS NOT ?2";
            tx.conn.execute(sql, params![id, keep.map(|hash| hash.0)])?;
            audit_note::note_password(tx, &who, id.0)
        })
        .await
    }
}

fn has_users(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM users LIMIT 1")?.exists([])
}

/// `who` is none for the first admin, who creates itself.
fn insert_user(tx: &Tx<'_>, who: Option<&Caller>, mut user: User, password_hash: &str) -> Result<User, StoreError> {
    user.id = UserId(0);
    (user.created_on, user.last_modified) = (tx.now, tx.now);
    fits(tx.conn, &user)?;
    let mut row = user.columns();
    row.push(("password_hash", &password_hash));
    let id = columns::insert(tx.conn, User::TABLE, &row)?;
    user.id = UserId(id);
    audit_note::note(tx, who.unwrap_or(&caller_of(&user)), "users", user.id.0, None)?;
    Ok(user)
}

fn caller_of(user: &User) -> Caller {
    Caller { user_id: Some(user.id), token_id: None, name: user.username.clone(), role: user.role, scope: user.scope() }
}

/// Checks a user's own rules, and those between users and other objects.
fn fits(conn: &Connection, user: &User) -> Result<(), StoreError> {
    user.check()?;
    let sql = "SELECT 1 FROM users WHERE username = ?1 AND id <> ?2";
    if conn.prepare_cached(sql)?.exists(params![user.username, user.id])? {
        let name = &user.username;
        return Err(StoreError::Integrity(format!("username {name:?} is already used; choose another")));
    }
    rules::advertiser_exists(conn, user.advertiser_id)
}

entity! {
    User {
        id: UserId,
        what: "user",
        table: "users",
        fields: fields::USER,
        name: "username",
        advertiser: |user| user.advertiser_id,
        code: |_| None,
        columns: [username, role, advertiser_id, state],
    }
}
