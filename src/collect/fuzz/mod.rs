//! Properties of the parsers of public input that hold for any bytes. The fuzz targets in `fuzz/` check them
//! (feature `testing`), and so do the property tests of this module; `PROPTEST_CASES` sets how many cases those try.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::Path;

use url::Url;

use super::answer::redirects;
use super::answer::redirects::Redirects;
use super::answer::{macros, script};
use super::import::Lines;
use super::kept::parameters::Keep;
use super::kept::{self, addresses, names};
use super::params::{self, values};
use super::params::{body, multipart};
use super::problems::warnings::Warnings;
use super::query::{self, Raw};
use super::visitor::consent::Needed;
use super::visitor::tcf;
use crate::auth::{Auth, ExposureTokens};
use crate::clock::Clock;
use crate::config::{Config, LiveSettings, RawSettings, StoredSettings};
use crate::domain::{
    Advertiser, Caller, LineItem, LineItemId, Micros, Millis, Pixel, PixelId, Publisher, RedirectHosts, Tracker,
    TrackerId, TrackerKind,
};
use crate::store::{ClickTracker, LogRow, Store};

const NEEDED: Needed<'static> = Needed { purposes: &[1, 24], vendor: Some(8) };

/// A query string, and everything read from it.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    parameters(query::parse(&text), text.len());
    for (private, unknown_values) in [(false, false), (false, true), (true, false)] {
        let keep = Keep { private, unknown_values, page_query: unknown_values };
        let kept = kept::parameters::kept(&text, names::of_tag, keep);
        assert!(kept.len() <= text.len());
        assert_eq!(kept::parameters::kept(&kept, names::of_tag, keep), kept, "what is kept stays so");
        assert!(!private || !addresses::may_hold_email(&kept), "{kept}");
    }
    assert!(query::pairs(&text).count() <= text.len());
}

/// A body as a page's script sends it, under the content type before the first zero byte.
pub fn body(bytes: &[u8]) {
    use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
    let (kind, sent) = split(bytes);
    let mut headers = HeaderMap::new();
    if let Ok(kind) = HeaderValue::from_bytes(kind) {
        headers.insert(CONTENT_TYPE, kind);
    }
    if let Ok(text) = body::parameters(&headers, sent) {
        let mut raw = query::parse("id=1");
        query::add(&mut raw, &text);
        parameters(raw, text.len() + 4);
    }
}

/// A form with files, under the boundary before the first zero byte: its fields are parts of it, and none runs over.
pub fn form(bytes: &[u8]) {
    let (boundary, sent) = split(bytes);
    let kind = [b"multipart/form-data; boundary=", boundary].concat();
    let Some(fields) = multipart::fields(&kind, sent) else { return };
    if !boundary.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
        return;
    }
    let length: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(length + fields.len() * boundary.len() <= sent.len());
    let delimiter = [b"\r\n--", boundary].concat();
    assert!(fields.iter().all(|(_, value)| !value.windows(delimiter.len()).any(|part| part == delimiter)));
    // Browsers escape quotes in names, and never write a backslash there.
    if fields.iter().any(|(name, _)| name.contains(['"', '\\'])) {
        return;
    }
    let mut again = Vec::new();
    for (name, value) in &fields {
        again.extend(
            [b"--", boundary, b"\r\nContent-Disposition: form-data; name=\"", name.as_bytes(), b"\"\r\n\r\n"].concat(),
        );
        again.extend([&**value, &b"\r\n"[..]].concat());
    }
    again.extend([b"--", boundary, b"--\r\n"].concat());
    assert_eq!(multipart::fields(&kind, &again), Some(fields));
}

fn parameters(mut raw: Raw<'_>, length: usize) {
    // A byte that is no UTF-8 becomes a sign of three.
    for value in [&raw.id, &raw.order_id, &raw.redir, &raw.seg, &raw.sspdata].into_iter().flatten() {
        assert!(value.len() <= 3 * length);
    }
    let fire = params::fire(&mut raw, NEEDED);
    let within = |text: &Option<Cow<'_, str>>, most: usize| {
        text.as_ref().is_none_or(|text| (1..=most).contains(&text.chars().count()) && !text.contains(char::is_control))
    };
    assert!(within(&fire.order_id, params::MAX_ORDER_ID));
    assert!(within(&fire.other, params::MAX_OTHER));
    assert!(within(&fire.event_id, params::MAX_EVENT_ID));
    assert!(fire.value.is_none_or(|(value, _)| (Micros(0)..=Micros::MAX).contains(&value)));
    assert!(fire.content_ids.len() <= values::MAX_LIST);
    assert!(fire.content_ids.iter().all(|id| (1..=values::MAX_LISTED).contains(&id.chars().count())));
    let warnings = fire.warnings.into_vec();
    assert!(warnings.len() <= 40 && warnings.iter().all(|warning| warning.raw.chars().count() <= 200));
}

/// A `redir`: wherever it leads, the advertiser allows it.
pub fn redirect(bytes: &[u8]) {
    let (value, redir) = split(bytes);
    let (value, redir) = (String::from_utf8_lossy(value), String::from_utf8_lossy(redir));
    let mut advertiser = Advertiser::new("Shop");
    advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".to_owned(), "*.cdn.example".to_owned()]);
    let filled = |name: &str| (name == "ORDER_ID").then(|| value.clone());
    if let Some(url) = redirects::allowed(&redir, Some(&advertiser), &[], filled) {
        let host = url.host_str().unwrap_or("");
        assert!(host == "shop.example" || host.ends_with(".cdn.example"), "{url} from {redir:?}");
        assert!(matches!(url.scheme(), "http" | "https"));
        header_safe(url.as_str());
    }
    assert_eq!(
        redirects::allowed(&redir, Some(&Advertiser::new("Shop")), &[], filled),
        None,
        "an empty list means none"
    );
}

/// A URL with macros: a value decides neither host nor port, and stays in its place.
pub fn macros(bytes: &[u8]) {
    let (value, template) = split(bytes);
    let (value, template) = (String::from_utf8_lossy(value), String::from_utf8_lossy(template));
    let filled = macros::url(&template, |name| (name == "ORDER_ID").then(|| value.clone()));
    if let (Some(filled), Ok(plain)) = (filled, Url::parse(&template)) {
        assert_eq!(filled.authority(), plain.authority());
        assert_eq!(filled.scheme(), plain.scheme());
        header_safe(filled.as_str());
    }
}

/// A URL stays a string in the program that loads it.
pub fn script(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let urls: Vec<Url> = text.split('\0').filter_map(|url| Url::parse(url).ok()).collect();
    let redirects = Redirects { scripts: urls.clone(), images: urls, refused: false };
    let program = script::program(&redirects) + &script::impression(TrackerId(1), &text);
    assert!(program.bytes().all(|b| b.is_ascii_graphic() || b == b' ' || b == b'\n'), "{program}");
    assert!(!program.contains(['<', '>', '\'']), "{program}");
    // Every quote of ours is paired, so that none came from a URL.
    assert_eq!(program.matches('"').count() % 2, 0, "{program}");
}

/// A token: none but ours is one.
pub fn token(bytes: &[u8]) {
    let Ok(tokens) = ExposureTokens::with_key(&[7; 32]) else { return };
    let text = String::from_utf8_lossy(bytes);
    if let Some(exposure) = tokens.read(&text) {
        assert_eq!(tokens.token(exposure), text, "only the fuzzer's own luck against 2^128 gets here");
    }
}

/// Consent signals and the TCF string among them.
pub fn consent(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = tcf::grants(&text, NEEDED.purposes, NEEDED.vendor);
    let mut raw = Raw { gdpr_consent: Some(Cow::Borrowed(&text)), gdpr: Some("1".into()), ..query::parse(&text) };
    let consent = params::gdpr::consent(&mut raw, NEEDED, &mut Warnings::default());
    let signals = consent.signals.unwrap_or_default();
    assert!(signals.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~=&".contains(&b)), "{signals}");
}

/// A database with an advertiser, its pixel and click tracker, a line item and a publisher, each of number 1.
pub struct Shop {
    store: Store,
    auth: Auth,
    settings: LiveSettings,
}

impl Shop {
    /// Makes it in an empty directory.
    ///
    /// # Errors
    /// The store's.
    pub fn open(directory: &Path) -> anyhow::Result<Self> {
        let store = Store::open(directory, Clock::System)?;
        tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(define(&store))?;
        let tcf = RawSettings {
            tcf_purposes: Some("1,24".to_owned()),
            tcf_vendor_id: Some("8".to_owned()),
            ..RawSettings::default()
        };
        let (settings, _) = Config::resolve(&tcf)?.live(&StoredSettings::new())?;
        Ok(Shop { auth: Auth::start(store.clone())?, store, settings })
    }

    /// A reader of import lines for its definitions.
    ///
    /// # Errors
    /// The store's.
    pub fn lines(&self) -> anyhow::Result<Lines<'_>> {
        let (reader, collector) = (Caller::shell().reader()?, Caller::shell().collector()?);
        let lines = Lines::new(&self.store, &self.auth, &self.settings, &reader, &collector);
        Ok(tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(lines)?)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.store.stop();
    }
}

async fn define(store: &Store) -> anyhow::Result<()> {
    let by = Caller::shell().editor()?;
    let shop = store.create(&by, Advertiser::new("Shop")).await?.id;
    store.create(&by, Pixel { code: Some("buy".to_owned()), ..Pixel::new(shop, "Purchase") }).await?;
    let line_item = LineItem { code: Some("autumn".to_owned()), ..LineItem::new(shop, "Autumn sale") };
    let line_item = store.create(&by, line_item).await?.id;
    let publisher = store.create(&by, Publisher::new("Daily News")).await?.id;
    let mut tracker = Tracker::new(TrackerKind::Click, shop, line_item, publisher, "Banner");
    tracker.click_url = Some("https://shop.example/landing".to_owned());
    store.create(&by, ClickTracker(tracker)).await?;
    Ok(())
}

/// A line of an import: it is taken, or refused in one line of words. A taken line keeps the rules, and gets the same mark
/// when it comes again.
pub fn import_line(lines: &Lines<'_>, bytes: &[u8]) {
    let now = Millis(1_790_856_000_000);
    let line = match lines.read(bytes, now) {
        Ok(line) => line,
        Err(wrong) => return assert!(!wrong.to_string().contains('\n')),
    };
    assert!(line.at <= now);
    assert!(lines.read(bytes, now).is_ok_and(|again| again.mark == line.mark));
    let within = |text: &Option<String>, most: usize| {
        text.as_ref().is_none_or(|text| (1..=most).contains(&text.chars().count()) && !text.contains(char::is_control))
    };
    match line.row {
        LogRow::Exposure(exposure) => {
            assert_eq!(exposure.line_item_id, LineItemId(1));
            assert!(exposure.ancost.is_none_or(|cost| (Micros(0)..=params::MAX_ANCOST).contains(&cost)));
            assert!(exposure.query.chars().count() <= query::MAX_QUERY);
        }
        LogRow::Fire(fire) => {
            assert_eq!((fire.pixel_id, fire.at, fire.received), (PixelId(1), line.at, now));
            assert!(within(&fire.order_id, params::MAX_ORDER_ID));
            assert!(within(&fire.other, params::MAX_OTHER));
            assert!(within(&fire.event_id, params::MAX_EVENT_ID));
            assert!(fire.value.is_none_or(|value| (Micros(0)..=Micros::MAX).contains(&value)));
            assert!(fire.details.content_ids.len() <= values::MAX_LIST);
            assert!(fire.query.chars().count() <= query::MAX_QUERY);
        }
        LogRow::SegmentLoad(_) | LogRow::Adjustment(_) => unreachable!("no line tells of these"),
    }
}

/// The bytes before the first zero byte, and those after it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(0);
    (bytes.get(..at).unwrap_or_default(), bytes.get(at..).unwrap_or_default().strip_prefix(b"\0").unwrap_or(bytes))
}

/// A URL cannot end the header or attribute that holds it.
fn header_safe(url: &str) {
    assert!(url.bytes().all(|b| (0x21..0x7f).contains(&b)), "{url}");
}
