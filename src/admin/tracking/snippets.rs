//! The third step: the two snippets, and what to type where the ads run.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::advertise::covered;
use super::channels::Channel;
use super::flow;
use super::flow::StepMark;
use crate::admin::export::options::{Site, site_of};
use crate::admin::export::text::{AddressNotice, address_notice};
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::page::{Answer, Page, html, see_other};
use crate::admin::shell::session::Session;
use crate::domain::{AdvertiserId, Pixel, SourceTemplate, TagForm, Tracker, TrackingSetup, host_of, is_same_site};
use crate::store::{ListQuery, Store, StoreError};
use crate::tag::{
    Reach, SetUpSnippets, Snippet, Step, TagRefusal, Target, TrackerTagOptions, set_up_snippets, snippets, tracker_tag,
};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/tracking/snippets.html")]
struct SnippetsPage {
    page: Page,
    steps: Vec<StepMark>,
    id: AdvertiserId,
    /// The host that the snippets load from.
    host: String,
    /// Whether browsers take it as a part of the shop's site.
    is_same_site: bool,
    /// A host of the shop's own that could serve the tags.
    proposed_host: String,
    notice: Option<AddressNotice>,
    /// For every page. None if the other one brings it.
    site: Option<Snippet>,
    sale: Snippet,
    examples: Vec<Snippet>,
    install: Vec<Step>,
    /// The button of a plugin or module that takes the place of both snippets, and its address.
    file: Option<(&'static str, String)>,
    platforms: Vec<Platform>,
    ads: Vec<PlacedAd>,
    mail: String,
}

/// A platform where the ads run.
struct Platform {
    key: &'static str,
    name: &'static str,
    steps: &'static str,
    /// What to add to the ads' links; empty if the platform marks its links itself.
    parameters: &'static str,
}

/// An ad with a link and a tag of its own.
struct PlacedAd {
    id: String,
    label: &'static str,
    text: String,
}

const TITLE: &str = "Paste two snippets";

/// `GET /admin/tracking/{id}/snippets`
pub async fn show(
    state: web::Data<AppState>,
    session: Session,
    Id(id): Id<AdvertiserId>,
    request: HttpRequest,
) -> Answer {
    let store = &state.store;
    let setup = flow::setup(store, &session, id).await?;
    let Some(target) = setup.shop_system.as_deref().and_then(Target::parse) else {
        return Ok(see_other(flow::address(id, "ads")));
    };
    let pixel: Pixel = store.get(session.reader(), setup.pixel_id.0).await?;
    let site = site_of(&request, &state)?;
    let all = set_up_snippets(&pixel, target, site.host.clone(), site.https).map_err(refused)?;
    let examples = snippets(&pixel, false, &all.options).map_err(refused)?.examples;
    let ads = placed_ads(store, &session, &setup, &site).await?;
    Ok(html(&page(&session, &setup, &site, all, examples, ads)))
}

fn refused(refusal: TagRefusal) -> PageError {
    PageError::BadRequest(refusal.to_string())
}

fn page(
    session: &Session,
    setup: &TrackingSetup,
    site: &Site,
    all: SetUpSnippets,
    examples: Vec<Snippet>,
    ads: Vec<PlacedAd>,
) -> SnippetsPage {
    let tag_host = host_of(&site.url());
    let shop = host_of(&setup.site);
    let platforms: Vec<Platform> = covered(setup).filter_map(platform).collect();
    let export = format!("/admin/export/file?id={}&for={}", setup.pixel_id, all.options.target.as_str());
    SnippetsPage {
        page: session.page("overview", TITLE).with_tab("Two snippets · Set up tracking"),
        steps: flow::steps(Some(setup), "snippets"),
        id: setup.advertiser_id,
        is_same_site: is_same_site(&shop, &tag_host),
        proposed_host: format!("px.{}", shop.strip_prefix("www.").unwrap_or(&shop)),
        notice: address_notice(Reach::of(&site.host, site.https)).filter(|_| !is_local(&setup.site)),
        mail: mail(&all, &platforms),
        site: all.site,
        sale: all.pixel,
        install: all.steps,
        file: all.file_label.map(|label| (label, export)),
        examples,
        platforms,
        ads,
        host: tag_host,
    }
}

/// Whether the shop itself runs on this computer or network, as in a trial.
fn is_local(site: &str) -> bool {
    Reach::of_url(site).is_none_or(Reach::is_local)
}

fn platform(channel: &'static Channel) -> Option<Platform> {
    let template = SourceTemplate::of(channel.key)?;
    Some(Platform { key: channel.key, name: channel.name, steps: template.steps, parameters: template.url_parameters })
}

/// A mail with everything that a developer needs.
fn mail(all: &SetUpSnippets, platforms: &[Platform]) -> String {
    let site = all.site.as_ref().map(|site| format!("On every page:\n\n{}\n\n", site.text)).unwrap_or_default();
    let sale = format!("On the thank-you page:\n\n{}\n", all.pixel.text);
    let links: String = platforms.iter().map(|at| format!("\n{}: {}\n", at.name, at.parameters)).collect();
    let body = format!("{site}{sale}{links}");
    let encoded: String = url::form_urlencoded::byte_serialize(body.as_bytes()).collect();
    format!("mailto:?subject=Tags%20for%20our%20shop&body={}", encoded.replace('+', "%20"))
}

/// The links and tags of the ads that the shop places itself.
async fn placed_ads(
    store: &Store,
    session: &Session,
    setup: &TrackingSetup,
    site: &Site,
) -> Result<Vec<PlacedAd>, StoreError> {
    let Some(line_item) =
        covered(setup).find(|channel| channel.is_tracked).and_then(|channel| setup.line_item_of(channel.key))
    else {
        return Ok(Vec::new());
    };
    let query = ListQuery::default().with_id::<Tracker>("line_item_id", line_item.0);
    let trackers = store.list::<Tracker>(session.reader(), query).await?.items;
    let options = TrackerTagOptions {
        kind: TagForm::Image,
        secure: site.https,
        host: site.host.clone(),
        parameters: Vec::new(),
        test: false,
    };
    let ad = |tracker: Tracker| PlacedAd {
        id: format!("ad-{}", tracker.id),
        label: if tracker.click_url.is_some() { "Link of the ad" } else { "Tag beside the ad, to count views" },
        text: tracker_tag(&tracker, &options).html,
    };
    Ok(trackers.into_iter().map(ad).collect())
}
