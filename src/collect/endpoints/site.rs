//! `/site.js`, the site tag: a script for every page of a shop. It reports arrivals from ads to `/landing`, and does
//! nothing on any other visit. Browsers keep it for an hour.

use std::sync::{Arc, LazyLock};

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::visit::Visit;
use crate::collect::answer::Body;
use crate::collect::answer::script::json_in_script;
use crate::collect::params::find;
use crate::collect::params::landing::host_of;
use crate::collect::params::values;
use crate::collect::params::wanted::Wanted;
use crate::collect::problems::rejection::Rejection;
use crate::collect::problems::warnings::Warnings;
use crate::collect::query;
use crate::collect::visitor::consent::Consent;
use crate::domain::{Advertiser, AdvertiserId, CAMPAIGN_PARAMETERS, ClickId};
use crate::web::AppState;
use crate::web::assets::cached;

/// How long browsers keep it.
const AN_HOUR: &str = "public, max-age=3600";

/// The script without its comments and indents.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("site.js").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).collect::<Vec<_>>().join("\n")
});

/// `GET` and `HEAD`.
pub async fn get(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    match advertiser(&visit) {
        Err(rejection) => visit.reject(rejection, Body::Script(String::new())).await.send(None),
        Ok((advertiser, test)) => {
            if !test {
                note_load(&visit, advertiser.id);
            }
            let wanted = Wanted::of(&state.store.catalog().sources(advertiser.id));
            let program = program(&advertiser, &wanted, test).into_bytes();
            let mut answer = cached::answer(&request, AN_HOUR, "application/javascript", program.into());
            let headers = answer.headers_mut();
            // Lets pages that isolate themselves (COEP) carry the tag too.
            headers.insert(crate::collect::answer::CORP.clone(), HeaderValue::from_static("cross-origin"));
            answer
        }
    }
}

/// Notes on which host a person's browser loads it, while the answer goes out.
fn note_load(visit: &Visit<'_>, advertiser: AdvertiserId) {
    let visitor = visit.visitor(&Consent::default());
    let flags = visit.flags(false, visitor);
    if visit.is_head() || flags.bot || flags.prefetch {
        return;
    }
    let host = visit.page(visitor, None).as_deref().and_then(host_of).unwrap_or_default();
    let (store, agent, at) = (visit.state.store.clone(), visit.user_agent(visitor), visit.at);
    actix_web::rt::spawn(async move {
        if let Err(error) = store.note_site_tag_load(advertiser, host, agent, at).await {
            tracing::warn!(%error, "a load of the site tag was not noted");
        }
    });
}

/// Whose tag it is, and whether it is one for tests.
fn advertiser(visit: &Visit<'_>) -> Result<(Arc<Advertiser>, bool), Rejection> {
    let mut raw = query::parse(visit.query()?);
    let test = values::switch("test", raw.test.take(), &mut Warnings::default());
    Ok((find::advertiser(&raw, visit.state.store.catalog())?, test))
}

fn program(advertiser: &Advertiser, wanted: &Wanted, test: bool) -> String {
    let common = CAMPAIGN_PARAMETERS.iter().copied().chain(ClickId::all().into_iter().map(|id| id.name));
    let names: Vec<String> = common.map(str::to_lowercase).chain(wanted.parameters.iter().cloned()).collect();
    let mut site = json!({ "id": advertiser.id.0, "names": names, "hosts": wanted.hosts });
    if test {
        site["test"] = 1.into();
    }
    SCRIPT.replace("(SITE)", &format!("({})", json_in_script(&site)))
}
