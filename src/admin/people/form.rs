//! The form of a user, and the one that sets a new password. For admins.

use actix_web::web;
use askama::Template;

use super::roles::{self, RoleChoice};
use crate::admin::choices::Choice;
use crate::admin::forms::conflict::{name_of, word_of};
use crate::admin::forms::form_key;
use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::parse::{Controls, FormData, FormField, form_data, merge_errors, word};
use crate::admin::forms::save::{FormObject, Write};
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::{Id, ObjectId};
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Form, Labels};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::{Answer, Page, html_again};
use crate::admin::shell::session::{Posted, Session};
use crate::domain::{Admin, Advertiser, Checks, FieldError, Millis, Role, Status, User, UserId};
use crate::store::{Store, StoreError};
use crate::web::AppState;

pub struct UserForm {
    /// Whether the form belongs to the signed-in user.
    is_own: bool,
    /// Whether the form sets the first password.
    is_new: bool,
    advertisers: Vec<Advertiser>,
}

#[derive(Template)]
#[template(path = "admin/people/form.html")]
struct UserFormPage {
    page: Page,
    id: Option<UserId>,
    is_own: bool,
    roles: Vec<RoleChoice>,
    advertisers: Vec<Choice>,
    data: UserFormData,
    errors: Errors,
    /// The error of the form that sets a new password.
    password_error: String,
}

form_data! {
    /// Every field as text.
    UserFormData {
        username: String,
        password: Password,
        role: String,
        advertiser_id: String,
        state: String,
    }
}

/// A first password. No page shows it again.
#[derive(Clone, Default, PartialEq)]
pub struct Password(String);

impl FormField for Password {
    fn read(form: &Form, name: &str) -> Self {
        Password(form.raw(name).to_owned())
    }

    /// No page carries a password.
    fn put(&self, _: &str, _: &mut Controls) {}

    fn words(&self) -> String {
        String::new()
    }
}

impl FormObject for User {
    type Right = Admin;

    fn id(&self) -> i64 {
        self.id.0
    }

    fn modified(&self) -> Millis {
        self.last_modified
    }

    fn right(session: &Session) -> Result<Admin, PageError> {
        session.admin()
    }

    async fn load(store: &Store, session: &Session, id: i64) -> Result<Self, PageError> {
        Ok(store.user(&session.admin()?, UserId(id)).await?)
    }

    async fn create(self, state: &AppState, by: &Admin, posted: &Form) -> Result<Self, StoreError> {
        state.auth.create_user_once(by, form_key::of(posted), self, posted.raw("password")).await
    }

    async fn update(&self, state: &AppState, by: &Admin, write: impl Write<Self>) -> Result<Self, StoreError> {
        state.store.update_user(by, self.id, write).await
    }
}

impl ObjectForm for UserForm {
    type Object = User;
    type Data = UserFormData;

    const KIND: ObjectKind = object_kind::USER;
    const FIELDS: Labels = &[
        ("username", "Username"),
        ("password", "Password"),
        ("role", "Role"),
        ("advertiser_id", "Access"),
        ("state", "Status"),
    ];

    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, User>) -> Result<Self, PageError> {
        let (user, limit) = match occasion {
            Occasion::New(_) => (None, String::new()),
            Occasion::Create(form) => (None, form.text("advertiser_id").to_owned()),
            Occasion::Change(user) => (Some(user.id), limit_of(user)),
        };
        Ok(UserForm {
            is_own: user.is_some() && session.caller().user_id == user,
            is_new: user.is_none(),
            advertisers: roles::advertisers(store, session.reader(), &limit).await?,
        })
    }

    fn data(user: &User) -> UserFormData {
        UserFormData {
            username: user.username.clone(),
            password: Password::default(),
            role: user.role.to_string(),
            advertiser_id: limit_of(user),
            state: user.state.to_string(),
        }
    }

    fn blank(&self, _: &Form) -> UserFormData {
        Self::data(&User::new("", Role::Editor))
    }

    fn new_object(&self, _: &UserFormData) -> User {
        User::new("", Role::Viewer)
    }

    fn write(&self, data: &UserFormData, user: &mut User) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        user.username = data.username.clone();
        user.role = roles::role(&mut checks, &data.role, user.role);
        user.advertiser_id = roles::limit(&mut checks, &data.advertiser_id);
        user.state = word(&mut checks, "state", Status::parse(&data.state), user.state);
        let mut broken = user.check().err().unwrap_or_default();
        if self.is_new {
            broken.extend(user.check_password(&data.password.0).err().unwrap_or_default());
        }
        merge_errors(Self::FIELDS, checks, Err(broken))
    }

    fn page(&self, page: Page, user: Option<&User>, data: UserFormData, errors: Errors) -> impl Template {
        self.user_page(page, user, data, errors)
    }

    fn words(&self, data: &UserFormData, field: &str) -> String {
        match (field, data.advertiser_id.as_str()) {
            ("advertiser_id", "") => "All advertisers".to_owned(),
            ("advertiser_id", id) => name_of(&self.advertisers, id, |one| (one.id.0, one.name.clone())),
            ("role", _) => word_of(&[], &data.role),
            ("state", _) => word_of(&[], &data.state),
            _ => data.words(field),
        }
    }

    fn name(user: &User) -> &str {
        &user.username
    }

    fn created(user: &User) -> String {
        format!("“{}” can sign in now. Send the password in a safe way.", user.username)
    }

    fn changed(user: &User) -> String {
        format!("Saved. “{}” has these rights from now on.", user.username)
    }

    /// Users that have just given up their own admin role cannot see the list any more.
    fn destination(session: &Session, user: &User) -> String {
        let is_own = session.caller().user_id == Some(user.id);
        let to = if is_own && user.role != Role::Admin { "/admin" } else { Self::KIND.path };
        to.to_owned()
    }
}

impl UserForm {
    fn user_page(&self, frame: Page, user: Option<&User>, data: UserFormData, errors: Errors) -> UserFormPage {
        UserFormPage {
            page: match user {
                Some(user) => titled(frame, &user.username),
                None => frame,
            },
            id: user.map(|user| user.id),
            is_own: self.is_own,
            roles: roles::choices(&data.role),
            advertisers: roles::advertiser_options(&self.advertisers, &data.advertiser_id),
            data,
            errors,
            password_error: String::new(),
        }
    }
}

/// With the user's name as the title.
fn titled(frame: Page, name: &str) -> Page {
    Page { title: name.to_owned(), ..frame }.with_tab(format!("{name}, user"))
}

fn limit_of(user: &User) -> String {
    user.advertiser_id.map(|id| id.to_string()).unwrap_or_default()
}

/// `POST /admin/users/{id}/password`
pub async fn set_password(state: web::Data<AppState>, posted: Posted, Id(id): Id<ObjectId>) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let user = User::load(&state.store, &session, id.0).await?;
    let (kind, username) = (UserForm::KIND, &user.username);
    match state.auth.set_password(&by, user.id, form.raw("password")).await {
        Ok(()) => {
            let text = format!("“{username}” has a new password and is signed out everywhere.");
            Ok(session.go_with(kind.path, &Flash::new(FlashKind::Good, text)))
        }
        Err(error) => {
            let password_error = Errors::of_store(error, UserForm::control)?.of("password");
            let form = UserForm::load(&state.store, &session, Occasion::Change(&user)).await?;
            let frame = session.page(kind.section, username);
            let page = form.user_page(frame, Some(&user), UserForm::data(&user), Errors::default());
            Ok(html_again(&UserFormPage { password_error, ..page }))
        }
    }
}
