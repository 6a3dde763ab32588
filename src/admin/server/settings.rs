//! The settings page: the organisation's name, the server's health, the data that the server keeps of visitors, and
//! every setting with its source. For admins. Only the name can change here.

use actix_web::web;
use askama::Template;

use super::status::{self, Finding, Tile};
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, control_in};
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::{and, plural};
use crate::config::{Config, IpStorage, SETTINGS};
use crate::web::AppState;
use crate::web::health::Health;

const PATH: &str = "/admin/settings";

#[derive(Template)]
#[template(path = "admin/server/settings.html")]
struct SettingsPage {
    page: Page,
    member: String,
    errors: Errors,
    tiles: Vec<Tile>,
    troubles: Vec<Finding>,
    privacy: Vec<PrivacyLine>,
    settings: Vec<SettingRow>,
}

/// A rule about the data of visitors.
struct PrivacyLine {
    text: String,
    /// The settings that decide it.
    settings: &'static [&'static str],
}

struct SettingRow {
    help: &'static str,
    flag: &'static str,
    env: &'static str,
    value: String,
    /// "default", "file", "environment", "flag".
    source: String,
}

/// `GET /admin/settings`
pub async fn show(state: web::Data<AppState>, session: Session) -> Answer {
    session.admin()?;
    let name = state.store.member().await?.name;
    Ok(html(&page(&state, &session, name, Errors::default()).await))
}

/// `POST /admin/settings`: another name for the organisation.
pub async fn rename(state: web::Data<AppState>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let name = form.text("name").to_owned();
    let control = |field: &str| control_in(&[("name", "Name")], field);
    match state.store.name_member(&by, name.clone()).await {
        Ok(_) => {
            Ok(session.go_with(PATH, &Flash::new(FlashKind::Good, format!("The organisation is now called “{name}”."))))
        }
        Err(error) => {
            let errors = Errors::of_store(error, control)?;
            Ok(html_again(&page(&state, &session, name, errors).await))
        }
    }
}

async fn page(state: &AppState, session: &Session, member: String, errors: Errors) -> SettingsPage {
    let config = &state.config;
    let row = |setting: &crate::config::Setting| {
        let (_, value, source) = config.listing.iter().find(|(name, ..)| *name == setting.name)?;
        Some(SettingRow {
            help: setting.help.split(" [default").next().unwrap_or(setting.help),
            flag: setting.flag,
            env: setting.env,
            value: value.clone(),
            source: source.to_string(),
        })
    };
    let health = Health::of(&state.store).await;
    SettingsPage {
        page: session.page("settings", "Settings"),
        member,
        errors,
        tiles: status::tiles(&health, session.now.since(state.started)),
        troubles: status::findings(&health, session.now),
        privacy: privacy(config),
        settings: SETTINGS.iter().filter_map(row).collect(),
    }
}

fn privacy(config: &Config) -> Vec<PrivacyLine> {
    let line = |text: String, settings| PrivacyLine { text, settings };
    let addresses = match config.ip_storage {
        IpStorage::None => "IP addresses of visitors are not kept.",
        IpStorage::Truncated => "IP addresses of visitors are kept without their last part (203.0.113.0).",
        IpStorage::Full => "IP addresses of visitors are kept in full.",
    };
    let days = plural(u64::from(config.cookie_days), "day");
    let signal = |honoured: bool, name: &str| match honoured {
        true => format!("Visitors with {name} are recorded anonymously."),
        false => format!("{name} is ignored. Visitors who send it are recorded like others."),
    };
    let unknown = match config.keep_unknown_parameters {
        true => "Of unknown parameters, the name and the beginning of the value are kept.",
        false => "Of unknown parameters, only the name is kept.",
    };
    let pages = match config.keep_page_query {
        true => "Addresses of pages are kept with the part after the question mark.",
        false => "Addresses of pages are kept without the part after the question mark, which may name a person.",
    };
    vec![
        line(
            format!("Visitors get a random ID in the cookie “pxid”, kept for {days} after the last visit."),
            &["cookie-days"],
        ),
        line(addresses.to_owned(), &["ip-storage"]),
        line(signal(config.honour_gpc, "Global Privacy Control"), &["honour-gpc"]),
        line(signal(config.honour_dnt, "Do Not Track"), &["honour-dnt"]),
        line(consent(config), &["tcf-purposes", "tcf-vendor-id"]),
        line(unknown.to_owned(), &["keep-unknown-parameters"]),
        line(pages.to_owned(), &["keep-page-query"]),
        line("Visitors can opt out at /optout and back in at /optin.".to_owned(), &[]),
    ]
}

fn consent(config: &Config) -> String {
    let numbers: Vec<String> = config.tcf_purposes.iter().map(u8::to_string).collect();
    let purposes = if numbers.len() == 1 { "purpose" } else { "purposes" };
    let vendor = config.tcf_vendor_id.map(|id| format!(" and vendor {id}")).unwrap_or_default();
    format!(
        "If a tag sends gdpr=1, visitors without consent for {purposes} {}{vendor} are recorded anonymously.",
        and(&numbers)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawSettings;

    #[test]
    fn privacy_follows_the_settings() {
        let settings = RawSettings {
            ip_storage: Some("full".into()),
            honour_gpc: Some("off".into()),
            cookie_days: Some("1".into()),
            tcf_purposes: Some("1,7".into()),
            tcf_vendor_id: Some("42".into()),
            ..RawSettings::default()
        };
        let texts: Vec<_> = privacy(&Config::resolve(&settings).unwrap()).into_iter().map(|line| line.text).collect();
        assert!(texts[0].ends_with("kept for 1 day after the last visit."));
        assert_eq!(texts[1], "IP addresses of visitors are kept in full.");
        assert!(texts[2].contains("is ignored") && texts[3] == "Visitors with Do Not Track are recorded anonymously.");
        assert!(texts[4].contains("without consent for purposes 1 and 7 and vendor 42 are"), "{}", texts[4]);
    }
}
