//! The forms that make a user, change one, and set a new password. For admins.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::choices::Choice;
use super::extract::Id;
use super::flash::{Flash, Kind};
use super::form::{Errors, Form, in_table};
use super::page::{Answer, Page, html, html_again};
use super::roles::{self, RoleChoice};
use super::session::{Posted, Session};
use super::typed::{all_in, word};
use super::users::PATH;
use crate::domain::{Checks, FieldError, Role, Status, User, UserId};
use crate::store::{Store, StoreError};
use crate::web::State;

/// The published fields with their labels, down the page.
const FIELDS: [(&str, &str); 5] = [
    ("username", "User"),
    ("password", "Password"),
    ("role", "Role"),
    ("advertiser_id", "The limit to an advertiser"),
    ("state", "State"),
];

#[derive(Template)]
#[template(path = "user_form.html")]
struct FormPage {
    page: Page,
    /// None for a new one.
    id: Option<UserId>,
    /// Whether it is who looks at it.
    own: bool,
    roles: Vec<RoleChoice>,
    advertisers: Vec<Choice>,
    typed: Typed,
    errors: Errors,
    /// Of the form for a new password, which stands by itself.
    password_error: String,
}

/// Every field as text, but for the password, which is never shown again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    username: String,
    role: String,
    advertiser_id: String,
    state: String,
}

/// `GET /admin/users/new`
pub async fn new(state: web::Data<State>, session: Session) -> Answer {
    session.admin()?;
    let typed = Typed::of(&User::new("", Role::Editor));
    Ok(html(&form_page(&state.store, &session, None, typed, Errors::default()).await?))
}

/// `POST /admin/users/new`
pub async fn create(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let typed = Typed::read(&form);
    let mut user = User::new("", Role::Viewer);
    let password = form.raw("password");
    let mut broken = typed.write_into(&mut user).err().unwrap_or_default();
    broken.extend(User::check_password(password).err().unwrap_or_default());
    let errors = match all_in(&FIELDS, Checks::new(), if broken.is_empty() { Ok(()) } else { Err(broken) }) {
        Err(fields) => Errors::of_fields(fields, place),
        Ok(()) => match state.auth.create_user(&by, user, password).await {
            Ok(user) => {
                let text = format!("“{}” may sign in now. Hand the password over in a safe way.", user.username);
                return Ok(session.go_with(PATH, &Flash::new(Kind::Good, text)));
            }
            Err(error) => Errors::of_store(error, place)?,
        },
    };
    Ok(html_again(&form_page(&state.store, &session, None, typed, errors).await?))
}

/// `GET /admin/users/{id}/edit`
pub async fn edit(state: web::Data<State>, session: Session, Id(id): Id<UserId>) -> Answer {
    let user = state.store.user(&session.admin()?, id).await?;
    Ok(html(&form_page(&state.store, &session, Some(id), Typed::of(&user), Errors::default()).await?))
}

/// `POST /admin/users/{id}/edit`
pub async fn change(state: web::Data<State>, posted: Posted, Id(id): Id<UserId>) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let before = state.store.user(&by, id).await?;
    let typed = Typed::read(&form);
    let errors = match typed.write_into(&mut before.clone()) {
        Err(fields) => Errors::of_fields(fields, place),
        Ok(()) => {
            let wanted = typed.clone();
            match state.store.update_user(&by, id, move |user| wanted.write_into(user)).await {
                Ok(user) => return Ok(saved(&session, &user)),
                Err(error) => Errors::of_store(error, place)?,
            }
        }
    };
    Ok(html_again(&form_page(&state.store, &session, Some(id), typed, errors).await?))
}

/// Who has just given up being an admin sees the list no more.
fn saved(session: &Session, user: &User) -> HttpResponse {
    let own = session.caller().user_id == Some(user.id);
    let to = if own && user.role != Role::Admin { "/admin" } else { PATH };
    let text = format!("Saved. It applies to “{}” from the next page on.", user.username);
    session.go_with(to, &Flash::new(Kind::Good, text))
}

/// `POST /admin/users/{id}/password`
pub async fn set_password(state: web::Data<State>, posted: Posted, Id(id): Id<UserId>) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let user = state.store.user(&by, id).await?;
    match state.auth.set_password(&by, id, form.raw("password")).await {
        Ok(()) => {
            let text = format!("“{}” has a new password, and is signed out everywhere.", user.username);
            Ok(session.go_with(PATH, &Flash::new(Kind::Good, text)))
        }
        Err(error) => {
            let error = Errors::of_store(error, place)?.of("password");
            let page = form_page(&state.store, &session, Some(id), Typed::of(&user), Errors::default()).await?;
            Ok(html_again(&FormPage { password_error: error, ..page }))
        }
    }
}

async fn form_page(
    store: &Store,
    session: &Session,
    id: Option<UserId>,
    typed: Typed,
    errors: Errors,
) -> Result<FormPage, StoreError> {
    let title = if id.is_some() { format!("Edit {}", typed.username) } else { "New user".to_owned() };
    Ok(FormPage {
        page: session.page("users", title),
        id,
        own: id.is_some() && session.caller().user_id == id,
        roles: roles::choices(&typed.role),
        advertisers: roles::advertisers(store, session.reader(), &typed.advertiser_id).await?,
        typed,
        errors,
        password_error: String::new(),
    })
}

impl Typed {
    fn of(user: &User) -> Self {
        Typed {
            username: user.username.clone(),
            role: user.role.to_string(),
            advertiser_id: user.advertiser_id.map(|id| id.to_string()).unwrap_or_default(),
            state: user.state.to_string(),
        }
    }

    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Typed {
            username: text("username"),
            role: text("role"),
            advertiser_id: text("advertiser_id"),
            state: text("state"),
        }
    }

    fn write_into(&self, user: &mut User) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        user.username = self.username.clone();
        (user.role, user.advertiser_id) = roles::read(&mut checks, &self.role, &self.advertiser_id, user.role);
        user.state = word(&mut checks, "state", Status::parse(&self.state), user.state);
        all_in(&FIELDS, checks, user.check())
    }
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    in_table(&FIELDS, field)
}
