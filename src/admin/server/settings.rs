//! The settings page: the server's health, the settings that change here, and every setting with its source. For
//! admins.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::fields::{ADDRESS, SettingField, changes, control, fields, opened_now};
use super::public_address::AddressNote;
use super::sample_removal;
use super::save;
use super::status::{self, Finding, Tile};
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Form};
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Posted, Session};
use crate::config::{IN_PAGE, LiveSettings, SETTINGS, Setting};
use crate::store::MemberChange;
use crate::web::AppState;
use crate::web::health::Health;

/// The settings about the data of visitors.
const PRIVACY: &[&str] = &[
    "cookie_days",
    "ip_storage",
    "honour_gpc",
    "honour_dnt",
    "tcf_purposes",
    "tcf_vendor_id",
    "keep_page_query",
    "keep_unknown_parameters",
];

/// The settings about what is counted.
const COUNTING: &[&str] = &["bots", "events_per_minute", "click_ids"];

#[derive(Template)]
#[template(path = "admin/server/settings.html")]
struct SettingsPage {
    page: Page,
    tiles: Vec<Tile>,
    troubles: Vec<Finding>,
    errors: Errors,
    member: String,
    was_member: String,
    address: Vec<SettingField>,
    note: AddressNote,
    privacy: Vec<SettingField>,
    counting: Vec<SettingField>,
    /// Empty if there are none.
    sample: String,
    settings: Vec<SettingRow>,
}

struct SettingRow {
    help: &'static str,
    flag: &'static str,
    env: &'static str,
    value: String,
    /// "default", "settings page", "file", "environment", "flag".
    source: String,
    in_page: bool,
}

/// `GET /admin/settings`
pub async fn show(state: web::Data<AppState>, request: HttpRequest, session: Session) -> Answer {
    session.admin()?;
    let form = Form::default();
    Ok(html(&page(&state, &request, &session, &form, Errors::default()).await?))
}

/// `POST /admin/settings`: changes the settings that the form has, and the organisation's name.
pub async fn change(state: web::Data<AppState>, request: HttpRequest, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let (changes, errors) = changes(&state.config, &state.live(), &form);
    if !errors.is_empty() {
        return Ok(html_again(&page(&state, &request, &session, &form, errors).await?));
    }
    let name = Some(form.text("name"))
        .filter(|name| form.has("name") && !(form.has("was_name") && *name == form.text("was_name")));
    let said = save::said(name.is_some(), &changes);
    let was = form.has("was_name").then(|| form.text("was_name").to_owned());
    let member = name.map(|name| MemberChange { name: name.to_owned(), was });
    match save::save(state.clone(), by, member, changes).await {
        Ok(()) => Ok(session.go_with(save::PATH, &Flash::new(FlashKind::Good, said))),
        Err(error) => {
            let errors = Errors::of_store(error, control)?;
            Ok(html_again(&page(&state, &request, &session, &opened_now(&form), errors).await?))
        }
    }
}

async fn page(
    state: &AppState,
    request: &HttpRequest,
    session: &Session,
    form: &Form,
    errors: Errors,
) -> Result<SettingsPage, PageError> {
    let health = Health::of(&state.store).await;
    let member = state.store.member().await?.name;
    let sample = sample_removal::summary(state, session).await?;
    let live = state.live();
    let of = |names: &[&str]| fields(&state.config, &live, form, &errors, names);
    Ok(SettingsPage {
        page: session.page("settings", "Settings"),
        tiles: status::tiles(&health, session.now.since(state.started)),
        troubles: status::findings(&health, session.now),
        member: if form.has("name") { form.text("name").to_owned() } else { member.clone() },
        was_member: form.some("was_name").map_or(member, str::to_owned),
        address: of(&[ADDRESS]),
        note: AddressNote::of(request, state),
        privacy: of(PRIVACY),
        counting: of(COUNTING),
        sample,
        settings: SETTINGS.iter().filter_map(|setting| row(&live, setting)).collect(),
        errors,
    })
}

fn row(live: &LiveSettings, setting: &Setting) -> Option<SettingRow> {
    let now = live.setting(setting.name)?;
    Some(SettingRow {
        help: setting.help.split(" [default").next().unwrap_or(setting.help),
        flag: setting.flag,
        env: setting.env,
        value: now.value.clone(),
        source: now.source.to_string(),
        in_page: IN_PAGE.contains(&setting.name),
    })
}
