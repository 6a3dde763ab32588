//! Saves changed settings and puts them in force, for every face at once.

use actix_web::web;

use super::fields::label;
use crate::admin::text::format::and;
use crate::domain::{Admin, set_added_click_ids};
use crate::store::{MemberChange, SettingChange, StoreError};
use crate::web::AppState;

/// The address of the page of settings.
pub const PATH: &str = "/admin/settings";

/// Writes the changes, and the organisation's name if there is one. A task of its own does it, so that a client that
/// goes cannot leave the database and the settings in force apart.
pub async fn save(
    state: web::Data<AppState>,
    by: Admin,
    member: Option<MemberChange>,
    changes: Vec<SettingChange>,
) -> Result<(), StoreError> {
    let task = actix_web::rt::spawn(async move {
        let _saving = state.saving.lock().await;
        let stored = state.store.save_settings(&by, member, changes).await?;
        let (live, _) = state.config.live(&stored).map_err(StoreError::fault)?;
        set_added_click_ids(&live.click_ids);
        state.in_force.replace(live);
        Ok(())
    });
    task.await.unwrap_or_else(|error| Err(StoreError::fault(error)))
}

/// `Saved: organisation and bots.`
pub fn said(renamed: bool, changes: &[SettingChange]) -> String {
    let labels = changes.iter().filter_map(|change| label(change.name));
    let labels: Vec<_> = renamed.then_some("organisation").into_iter().chain(labels).collect();
    let names: Vec<String> = labels.into_iter().map(in_a_sentence).collect();
    match names.is_empty() {
        true => "Nothing was changed.".to_owned(),
        false => format!("Saved: {}.", and(&names)),
    }
}

/// A label within a sentence: `Cookie lifetime` becomes `cookie lifetime`, and `IP addresses` stays.
fn in_a_sentence(label: &str) -> String {
    let is_name = label.chars().nth(1).is_some_and(char::is_uppercase)
        || label.split(' ').skip(1).any(|word| word.starts_with(char::is_uppercase));
    match is_name {
        true => label.to_owned(),
        false => label.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_what_changed() {
        let change = |name| SettingChange { name, value: String::new(), was: None, default: "" };
        assert_eq!(said(false, &[]), "Nothing was changed.");
        assert_eq!(said(true, &[]), "Saved: organisation.");
        let changes = ["cookie_days", "ip_storage", "honour_dnt"].map(change);
        assert_eq!(said(false, &changes), "Saved: cookie lifetime, IP addresses of visitors and Do Not Track.");
    }
}
