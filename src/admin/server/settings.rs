//! The settings page: the organisation's name, the server's health, the data that the server keeps of visitors, and
//! every setting with its source. For admins. Only the name can change here.

use actix_web::web;
use askama::Template;

use crate::admin::shell::alarms;
use crate::admin::shell::alarms::MANY_WAITING;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, control_in, sentence};
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::{bytes, grouped, plural};
use crate::config::{Config, IpStorage, SETTINGS};
use crate::domain::Millis;
use crate::web::AppState;
use crate::web::health::{Health, Room};

const PATH: &str = "/admin/settings";

#[derive(Template)]
#[template(path = "admin/server/settings.html")]
struct SettingsPage {
    page: Page,
    member: String,
    errors: Errors,
    health: Vec<HealthLine>,
    privacy: Vec<PrivacyLine>,
    settings: Vec<SettingRow>,
}

/// The health of one part of the server.
struct HealthLine {
    name: &'static str,
    text: String,
    /// The trouble and its remedy; empty if all is well.
    trouble: String,
    /// Whether the server refuses requests because of it.
    danger: bool,
}

/// A rule about the data of visitors.
struct PrivacyLine {
    text: String,
    /// The settings that decide it.
    settings: &'static str,
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
    let control = |field: &str| control_in(&[("name", "The name of your organisation")], field);
    match state.store.name_member(&by, name.clone()).await {
        Ok(_) => {
            Ok(session.go_with(PATH, &Flash::new(FlashKind::Good, format!("The organisation is called “{name}” now."))))
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
    SettingsPage {
        page: session.page("settings", "Settings"),
        member,
        errors,
        health: health(&Health::of(&state.store).await, session.now),
        privacy: privacy(config),
        settings: SETTINGS.iter().filter_map(row).collect(),
    }
}

/// The most unjudged rows that are normal.
const FAR_BEHIND: u64 = 10_000;

fn health(health: &Health, now: Millis) -> Vec<HealthLine> {
    let line = |name, text, trouble: &str| HealthLine { name, text, trouble: trouble.to_owned(), danger: false };
    let if_so = |condition: bool, trouble| if condition { trouble } else { "" };
    let room = |room: Room| format!("{} of {}", bytes(room.left), bytes(room.all));
    let lost = health.losses.map(|losses| line("Not recorded", losses.to_string(), ""));
    let lines = vec![
        line("Version", env!("CARGO_PKG_VERSION").to_owned(), ""),
        line("Database", bytes(health.database), ""),
        line(
            "Room on its disk",
            health.disk.map_or_else(|| "not known".to_owned(), room),
            if_so(health.disk.as_ref().is_some_and(alarms::has_little_room), alarms::MAKE_ROOM),
        ),
        writer(health),
        judge(health, now),
    ];
    lines.into_iter().chain(lost).collect()
}

fn judge(health: &Health, now: Millis) -> HealthLine {
    let text = match health.behind() {
        0 => format!("has judged all {} rows of the log", grouped(u64::try_from(health.logged.0).unwrap_or(0))),
        behind => format!("is {} behind", plural(behind, "row")),
    };
    let trouble = match &health.judge_trouble {
        Some(trouble) => alarms::judge_stopped(trouble, now),
        None if health.behind() > FAR_BEHIND => "Figures lag behind what came in until it has caught up.".to_owned(),
        None => String::new(),
    };
    HealthLine { name: "Judge", text, trouble, danger: false }
}

fn writer(health: &Health) -> HealthLine {
    let waiting = u64::try_from(health.waiting).unwrap_or(u64::MAX);
    let (text, trouble) = match (health.writes, &health.trouble) {
        (false, _) => ("has stopped".to_owned(), alarms::STOPPED.to_owned()),
        // The alarm on top of the page has the consequence and the remedy.
        (true, Some(trouble)) => ("cannot write".to_owned(), sentence(&trouble.cause)),
        (true, None) if waiting == 0 => ("writes; nothing waits".to_owned(), String::new()),
        (true, None) => {
            let slow = if health.waiting > MANY_WAITING { "The disk is too slow for what comes in." } else { "" };
            (format!("writes; {} wait", plural(waiting, "row")), slow.to_owned())
        }
    };
    HealthLine { name: "Writer", text, trouble, danger: !health.writes || health.trouble.is_some() }
}

fn privacy(config: &Config) -> Vec<PrivacyLine> {
    let line = |text: String, settings| PrivacyLine { text, settings };
    let addresses = match config.ip_storage {
        IpStorage::None => "Visitors' addresses are not kept.",
        IpStorage::Truncated => {
            "Visitors' addresses are kept without their last part (203.0.113.0), so that they name no household."
        }
        IpStorage::Full => "Visitors' addresses are kept in full.",
    };
    let days = plural(u64::from(config.cookie_days), "day");
    let signal = |honoured: bool, name: &str| match honoured {
        true => format!("Who sends {name} is logged without visitor and address, and cannot be recognised."),
        false => format!("{name} is not honoured: who sends it is logged like everybody."),
    };
    let purposes: Vec<String> = config.tcf_purposes.iter().map(u8::to_string).collect();
    let vendor = config.tcf_vendor_id.map(|id| format!(" and to vendor {id}")).unwrap_or_default();
    vec![
        line(
            format!("A visitor is a random number in the cookie pxid, which lives {days} after the last request."),
            "cookie_days",
        ),
        line(addresses.to_owned(), "ip_storage"),
        line(signal(config.honour_gpc, "Global Privacy Control (Sec-GPC: 1)"), "honour_gpc"),
        line(signal(config.honour_dnt, "Do Not Track (DNT: 1)"), "honour_dnt"),
        line(
            format!(
                "Where a tag says gdpr=1, its consent string must agree to purpose {}{vendor}, else the visitor is \
                 logged as nobody.",
                purposes.join(", ")
            ),
            "tcf_purposes, tcf_vendor_id",
        ),
        line(
            match config.keep_unknown_parameters {
                true => "Of parameters that pixeld does not know, the beginning of the value is kept.",
                false => "Of parameters that pixeld does not know, only the name is kept.",
            }
            .to_owned(),
            "keep_unknown_parameters",
        ),
        line(
            match config.keep_page_query {
                true => "Pages' addresses are kept with what follows a ?.",
                false => "Pages' addresses are kept without what follows a ?, which may name a person.",
            }
            .to_owned(),
            "keep_page_query",
        ),
        line("Everybody can opt out at /optout, and in again at /optin.".to_owned(), ""),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawSettings;
    use crate::domain::Seq;
    use crate::store::{StoreError, Trouble};

    fn lines(change: impl FnOnce(&mut Health)) -> Vec<String> {
        let mut state = Health {
            database: 3 << 20,
            disk: Some(Room { left: 50 << 30, all: 64 << 30 }),
            waiting: 0,
            writes: true,
            trouble: None,
            losses: None,
            checkpoint_trouble: None,
            judge_trouble: None,
            full_in: None,
            lost_rows: None,
            logged: Seq(1_204),
            judged: Seq(1_204),
        };
        change(&mut state);
        health(&state, Millis(0)).into_iter().skip(1).map(|line| format!("{} {}", line.text, line.trouble)).collect()
    }

    #[test]
    fn refused_requests_are_a_danger() {
        let health = |trouble, left, writes| Health {
            database: 0,
            disk: Some(Room { left, all: 64 << 30 }),
            waiting: 0,
            writes,
            trouble,
            losses: None,
            checkpoint_trouble: None,
            judge_trouble: None,
            full_in: None,
            lost_rows: None,
            logged: Seq(1),
            judged: Seq(1),
        };
        let dangers = |health: &Health| {
            let lines = super::health(health, Millis(0)).into_iter().filter(|line| line.danger);
            lines.map(|line| line.name).collect::<Vec<_>>()
        };
        assert_eq!(dangers(&health(None, 1, true)), [""; 0], "little room is no danger yet");
        let full = Trouble { since: Millis(0), cause: "the disk is full".to_owned(), is_fault: false };
        assert_eq!(dangers(&health(Some(full), 1, true)), ["Writer"]);
        assert_eq!(dangers(&health(None, 1 << 40, false)), ["Writer"]);
    }

    #[test]
    fn health_comes_with_advice() {
        let well = ["3 MiB ", "50 GiB of 64 GiB ", "writes; nothing waits ", "has judged all 1,204 rows of the log "];
        assert_eq!(lines(|_| ()), well);
        let ill = lines(|health| {
            (health.disk, health.writes, health.judged) = (Some(Room { left: 1, all: 64 << 30 }), false, Seq(1_203));
        });
        assert!(ill[1].starts_with("0 KiB of 64 GiB That is less than 2 GiB and less than a tenth"), "{ill:?}");
        assert!(ill[2].starts_with("has stopped Restart"), "{ill:?}");
        assert_eq!(ill[3], "is 1 row behind ");
        let full = lines(|health| {
            let cause = StoreError::from(std::io::Error::from(std::io::ErrorKind::StorageFull)).cause();
            health.trouble = Some(Trouble { since: Millis(-90_000), cause, is_fault: false });
        });
        assert_eq!(full[2], "cannot write The disk is full.");
        let stuck = lines(|health| {
            let cause = "database disk image is malformed".to_owned();
            health.judge_trouble = Some(Trouble { since: Millis(-5_000), cause, is_fault: true });
        });
        assert!(stuck[3].contains("log Nothing has been judged for 5 seconds: database disk"), "{stuck:?}");
        let slow = lines(|health| (health.waiting, health.logged) = (5_000, Seq(20_000)));
        assert!(slow[2].starts_with("writes; 5,000 rows wait The disk is too slow"), "{slow:?}");
        assert!(slow[3].starts_with("is 18,796 rows behind Figures lag"), "{slow:?}");
    }

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
        assert!(texts[0].ends_with("lives 1 day after the last request."));
        assert_eq!(texts[1], "Visitors' addresses are kept in full.");
        assert!(texts[2].contains("is not honoured") && texts[3].contains("without visitor and address"));
        assert!(texts[4].contains("agree to purpose 1, 7 and to vendor 42, else"), "{}", texts[4]);
    }
}
