//! The tag of test mode: a pixel's tag with `test=1` and example values. Users open it as a link, put it on their
//! own page, or load it on the live page. No count includes its fires.

use crate::admin::export::options;
use crate::admin::export::options::{ExportQuery, Site, shares_code};
use crate::admin::lists::paging;
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::Form;
use crate::domain::{Millis, Pixel, Reader, TagForm, Tracker, TrackerKind};
use crate::store::Store;
use crate::tag::{Carrier, Parameter, Tag, TagOptions, Target, TrackerTagOptions, export, site_tag, tracker_tag};
use crate::web::headers;

/// The test tag of one pixel.
pub struct TestTag {
    /// The pixel's name.
    pub name: String,
    /// The address that fires the pixel.
    pub url: String,
    /// The tag for a page.
    pub html: String,
    /// The site tag, which reports an arrival from the page's own address; empty unless the export page asks for it.
    pub site_tag: String,
    /// Whether the live page itself loads the tag.
    pub load: bool,
    /// The address of the live page that loads the tag; empty for a link.
    pub load_address: String,
    /// Whether the pixel has piggybacks, which tests do not fire.
    pub has_piggybacks: bool,
    is_script: bool,
    /// The server that the tag loads from, such as `https://px.shop.example`.
    origin: String,
}

impl TestTag {
    /// Builds the tag from the options that the export page passes on.
    ///
    /// # Errors
    /// Options that do not fit the pixel; database faults.
    pub async fn of(
        store: &Store,
        by: &Reader,
        pixel: &Pixel,
        query: &Form,
        site: Site,
        now: Millis,
    ) -> Result<Self, PageError> {
        let (secure, origin) = (site.https, site.url());
        let ExportQuery { options, .. } = options::read(store, by, query, site, std::slice::from_ref(pixel)).await?;
        let is_script = query.text("tag") == "script" || pixel.needs_script_tag();
        let carrier = if is_script { Carrier::Script } else { Carrier::Image };
        let options = TagOptions {
            carrier,
            target: Target::PAGE,
            secure,
            test: true,
            noscript: false,
            consent: false,
            ..options
        };
        let site_tag = match query.text("site") {
            "on" => site_tag(pixel, &options),
            _ => String::new(),
        };
        let Tag { url, html } = export(pixel, shares_code(store, pixel), &options)
            .map_err(|refusal| PageError::BadRequest(refusal.to_string()))?;
        Ok(TestTag {
            name: pixel.name.clone(),
            url: fill_in(&url, now),
            html: fill_in(&html, now),
            site_tag,
            load: query.has("load"),
            load_address: paging::address("/admin/live", query, &[("load", "on")]),
            has_piggybacks: !pixel.piggyback_pixels.is_empty(),
            is_script,
            origin,
        })
    }

    /// The tag or the link of a tracker.
    pub fn of_tracker(tracker: &Tracker, query: &Form, site: Site) -> Self {
        let options = TrackerTagOptions {
            kind: TagForm::Image,
            secure: site.https,
            host: site.host.clone(),
            parameters: Vec::new(),
            test: true,
        };
        let Tag { url, html } = tracker_tag(tracker, &options);
        let is_tag = tracker.kind == TrackerKind::Impression;
        TestTag {
            name: tracker.name.clone(),
            url,
            html,
            site_tag: String::new(),
            load: is_tag && query.has("load"),
            load_address: if is_tag { paging::address("/admin/live", query, &[("load", "on")]) } else { String::new() },
            has_piggybacks: false,
            is_script: false,
            origin: site.url(),
        }
    }

    /// The content security policy of a page that loads the tag.
    pub fn policy(&self) -> Option<String> {
        let has_site_tag = !self.site_tag.is_empty();
        let policy = self.load.then(|| headers::policy_with(&self.origin, self.is_script || has_site_tag))?;
        // The site tag reports by fetch.
        Some(match has_site_tag {
            true => policy.replace("connect-src 'self'", &format!("connect-src 'self' {}", self.origin)),
            false => policy,
        })
    }
}

/// Fills in example values, as a shop would. The order's number differs each second, so that users can tell tests apart.
fn fill_in(tag: &str, now: Millis) -> String {
    let number = now.timestamp().strftime("TEST-%H%M%S").to_string();
    let value = |name: &str| match name {
        "order_id" | "event_id" => number.clone(),
        "value" => "49.90".to_owned(),
        "currency" => "EUR".to_owned(),
        "other" => "test".to_owned(),
        "content_ids" => "101,102".to_owned(),
        "num_items" => "2".to_owned(),
        "gdpr" => "0".to_owned(),
        _ => String::new(),
    };
    let pairs = Parameter::OF_PIXELS.iter().flat_map(|parameter| parameter.pairs());
    pairs.fold(tag.to_owned(), |tag, (name, placeholder)| tag.replace(placeholder, &value(name)))
}
