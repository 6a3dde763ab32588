//! The actions on several pixels at once: export their tags, run a report, activate, deactivate.

use actix_web::web;
use askama::Template;

use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::local::local;
use crate::admin::shell::object_kind::PIXEL as KIND;
use crate::admin::shell::page::{Answer, Page, html, see_other};
use crate::admin::shell::parts::ObjectName;
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::plural;
use crate::domain::{Pixel, PixelId, Status};
use crate::store::{Store, StoreError};
use crate::web::AppState;

/// The most pixels of one action. A page of the list has 50.
const MOST: usize = 1_000;

#[derive(Template)]
#[template(path = "admin/pixels/bulk.html")]
struct ConfirmPage {
    page: Page,
    question: String,
    pixels: Vec<ObjectName<PixelId>>,
    back: String,
}

/// `POST /admin/pixels/selected`
pub async fn act(state: web::Data<AppState>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let ids: Vec<PixelId> = form.ids("id");
    if ids.len() > MOST {
        let text = format!("at most {MOST} pixels are taken at once, and these are {}", ids.len());
        return Err(PageError::BadRequest(text));
    }
    let back = local(form.text("back"));
    if ids.is_empty() {
        return Ok(session.go_with(back, &Flash::new(FlashKind::Warning, "Tick at least one pixel first.")));
    }
    match form.text("do") {
        "export" => {
            let ids = ids.iter().map(PixelId::to_string).collect::<Vec<_>>().join(",");
            Ok(see_other(format!("/admin/export?id={ids}")))
        }
        "report" => {
            let ids = ids.iter().map(PixelId::to_string).collect::<Vec<_>>().join(",");
            Ok(see_other(format!("/admin/reports?type=pixel_outcomes&pixel_id={ids}")))
        }
        "activate" => set(&state.store, &session, ids, Status::Active, back).await,
        "deactivate" if form.text("confirmed") != "yes" => ask(&state.store, &session, ids, back).await,
        "deactivate" => set(&state.store, &session, ids, Status::Inactive, back).await,
        _ => Ok(see_other(back)),
    }
}

async fn set(store: &Store, session: &Session, ids: Vec<PixelId>, to: Status, back: &str) -> Answer {
    let editor = session.editor()?;
    let (mut done, mut missing) = (0, 0);
    for id in ids {
        let change = move |pixel: &mut Pixel| {
            pixel.state = to;
            Ok(())
        };
        match store.update(&editor, id.0, change).await {
            Ok(_) => done += 1,
            // Another user deleted this pixel meanwhile. The others still change.
            Err(StoreError::NotFound { .. }) => missing += 1,
            Err(other) => return Err(other.into()),
        }
    }
    let mut text = format!("{} now {to}.", plural(done, "pixel"));
    if missing > 0 {
        text.push_str(&format!(" {} not there any more.", plural(missing, "pixel")));
    }
    let kind = if missing > 0 { FlashKind::Warning } else { FlashKind::Good };
    Ok(session.go_with(back, &Flash::new(kind, text)))
}

/// The page that asks for confirmation, for browsers without scripts.
async fn ask(store: &Store, session: &Session, ids: Vec<PixelId>, back: &str) -> Answer {
    session.editor()?;
    let names = store.names::<Pixel>(session.reader(), ids.iter().map(|id| id.0).collect()).await?;
    let pixels: Vec<_> =
        ids.into_iter().filter_map(|id| Some(ObjectName { id, name: names.get(&id.0)?.clone() })).collect();
    Ok(html(&ConfirmPage {
        page: session.page(KIND.section, "Deactivate pixels"),
        question: format!("Deactivate {}?", plural(u64::try_from(pixels.len()).unwrap_or(0), "pixel")),
        pixels,
        back: back.to_owned(),
    }))
}
