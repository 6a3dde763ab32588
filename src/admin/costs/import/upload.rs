//! The choice of a file: takes it if it is a table, and leads to its columns.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use sha2::{Digest, Sha256};

use super::choices::ImportChoices;
use super::reading::{gone, layout};
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::costs::{PATH, SECTION};
use crate::admin::shell::csrf;
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, capital};
use crate::admin::shell::page::{Answer, Page, html, html_again, see_other};
use crate::admin::shell::session::{Asked, Posted, Session};
use crate::admin::text::format::bytes;
use crate::domain::{Advertiser, trim};
use crate::tables::text::Layout;
use crate::web::AppState;
use crate::web::uploads::{FileForm, UploadError, UploadedFile, receive};

/// The longest file of costs, in bytes. Each step reads it whole, and its page waits for that.
const MAX_FILE: u64 = 50 * 1024 * 1024;

/// The kind of table, for what is remembered.
pub const KIND: &str = "costs";

#[derive(Template)]
#[template(path = "admin/costs/upload.html")]
struct UploadPage {
    page: Page,
    advertisers: Vec<Choice>,
    /// The longest file, in words.
    longest: String,
    errors: Errors,
}

impl UploadPage {
    async fn load(state: &AppState, session: &Session, advertiser: &str, errors: Errors) -> Result<Self, PageError> {
        session.editor()?;
        let chosen = advertiser.parse().ok();
        let advertisers = choices::all::<Advertiser>(&state.store, session.reader(), chosen.as_slice()).await?;
        let option = |advertiser: &Advertiser| (advertiser.id.0, advertiser.name.clone());
        Ok(UploadPage {
            page: session.page(SECTION, "Import costs"),
            advertisers: choices::options(&advertisers, advertiser, option),
            longest: bytes(MAX_FILE),
            errors,
        })
    }
}

/// `GET /admin/costs/import`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    Ok(html(&UploadPage::load(&state, &session, query.text("advertiser_id"), Errors::default()).await?))
}

/// `POST /admin/costs/import`
pub async fn take(state: web::Data<AppState>, session: Session, request: HttpRequest, payload: web::Payload) -> Answer {
    session.editor()?;
    let is_genuine = |fields: &[(String, String)]| {
        let token = fields.iter().find(|(name, _)| name == csrf::FIELD).map_or("", |(_, token)| token);
        csrf::is_genuine(session.secret(), token)
    };
    let form = match receive(&request, payload, &state.uploads, MAX_FILE, is_genuine).await {
        Ok(form) => form,
        Err(UploadError::Refused | UploadError::NoForm) => return Err(PageError::StaleForm),
        Err(error @ UploadError::TooLong(_)) => return again(&state, &session, "", &capital(&error.to_string())).await,
        Err(error @ UploadError::Disk(_)) => return Err(PageError::Fault(error.to_string())),
        Err(error) => return Err(PageError::BadRequest(format!("the form cannot be read: {error}"))),
    };
    accept(&state, &session, form).await
}

async fn accept(state: &AppState, session: &Session, form: FileForm) -> Answer {
    let FileForm { fields, file } = form;
    let advertiser = fields.iter().find(|(name, _)| name == "advertiser_id").map_or("", |(_, id)| trim(id));
    let Some(file) = file else { return again(state, session, advertiser, "Choose a file").await };
    let Ok(id) = advertiser.parse() else { return again(state, session, "", "Choose an advertiser").await };
    let owner: Advertiser = state.store.get(session.reader(), id).await?;
    let layout = match layout(&file).await? {
        Ok(layout) => layout,
        Err(refusal) => return again(state, session, advertiser, &refusal.to_string()).await,
    };
    let remembered = state.store.table_choices(session.reader(), owner.id, KIND, header_key(&layout)).await?;
    let remembered = remembered.map(|text| ImportChoices::read(&text)).unwrap_or_default();
    let choices = ImportChoices { advertiser_id: owner.id.0, ..remembered };
    keep(state, session, file, &choices)
}

fn keep(state: &AppState, session: &Session, file: UploadedFile, choices: &ImportChoices) -> Answer {
    match state.uploads.keep(session.secret(), file, choices.to_text(), session.now) {
        Some(key) => Ok(see_other(format!("/admin/costs/import/{key}"))),
        None => Err(PageError::Busy("other users import many files now; try again in some minutes".to_owned())),
    }
}

async fn again(state: &AppState, session: &Session, advertiser: &str, text: &str) -> Answer {
    let mut errors = Errors::default();
    let stop = if text.ends_with('.') { "" } else { "." };
    errors.add("file", format!("{text}{stop}"));
    Ok(html_again(&UploadPage::load(state, session, advertiser, errors).await?))
}

/// Names a header in what is remembered.
pub fn header_key(layout: &Layout) -> String {
    hex::encode(Sha256::digest(layout.key()))
}

/// `POST /admin/costs/import/{key}/discard`
pub async fn discard(state: web::Data<AppState>, posted: Posted, key: web::Path<String>) -> Answer {
    let session = posted.session;
    session.editor()?;
    Ok(discarded(&state, &session, &key))
}

fn discarded(state: &AppState, session: &Session, key: &str) -> HttpResponse {
    if state.uploads.remove(session.secret(), key, session.now) {
        return session.go_with(PATH, &Flash::new(FlashKind::Good, "The file was removed. Nothing was imported."));
    }
    gone(session)
}
