//! Builds what is exported from a pixel, tracker or segment: the HTML of an image or script tag, or its bare URL (seed `000`;
//! `spec/collection.md`). Pure. Only numbers, fixed words and a checked host enter a tag, so that no name or setting
//! somebody typed can ever become HTML.

use std::fmt;

use askama::Template;

use crate::domain::{PiggybackKind, Pixel, PixelId, SegmentAction, SegmentOp, TagForm, Tracker, TrackerKind};

/// The host, and the port if it is not the usual one, that tags name: `px.shop.example`, `127.0.0.1:8080`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagHost(String);

impl TagHost {
    /// Reads a `Host` header or a base URL such as `https://px.shop.example`; none unless it is a plain host.
    pub fn parse(text: &str) -> Option<Self> {
        let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if authority.is_empty() || !authority.chars().all(plain) {
            return None;
        }
        let url = url::Url::parse(&format!("http://{authority}")).ok()?;
        let host = url.host_str()?;
        Some(TagHost(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))))
    }
}

impl fmt::Display for TagHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A parameter that the page fills in when the tag is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// The order's number or the article's, at most 36 characters.
    OrderId,
    /// What the order is worth: the dynamic value.
    Value,
    /// The value's currency.
    Currency,
    /// Anything else, at most 20 characters.
    Other,
    /// Names the event, so that the same one sent by tag and by server counts once.
    EventId,
    /// Trackers: a number that differs each time, against caches.
    Cachebuster,
    /// Trackers: the media cost.
    Ancost,
    /// Where to go on to. Always stands last, so that it may be filled in unencoded.
    Redir,
}

impl Parameter {
    /// Those of a conversion pixel.
    pub const OF_PIXELS: [Parameter; 6] = [
        Parameter::OrderId,
        Parameter::Value,
        Parameter::Currency,
        Parameter::Other,
        Parameter::EventId,
        Parameter::Redir,
    ];

    /// Those of an impression or click tracker.
    pub const OF_TRACKERS: [Parameter; 3] = [Parameter::Cachebuster, Parameter::Ancost, Parameter::Redir];

    /// Its name in the query string.
    pub fn name(self) -> &'static str {
        match self {
            Parameter::OrderId => "order_id",
            Parameter::Value => "value",
            Parameter::Currency => "currency",
            Parameter::Other => "other",
            Parameter::EventId => "event_id",
            Parameter::Cachebuster => "cachebuster",
            Parameter::Ancost => "ancost",
            Parameter::Redir => "redir",
        }
    }

    /// Reads [`Parameter::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::OF_PIXELS.into_iter().chain(Self::OF_TRACKERS).find(|parameter| parameter.name() == name)
    }

    /// What stands for its value until the page fills it in, as in seed `000`.
    pub fn placeholder(self) -> &'static str {
        match self {
            Parameter::OrderId => "[ORDER_ID]",
            Parameter::Value => "[REVENUE]",
            Parameter::Currency => "[CURRENCY]",
            Parameter::Other => "[EXTERNAL_DATA]",
            Parameter::EventId => "[EVENT_ID]",
            Parameter::Cachebuster => "[CACHEBUSTER]",
            Parameter::Ancost => "[ANCOST]",
            Parameter::Redir => "[REDIRECT_URL]",
        }
    }
}

/// How a tag is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagOptions {
    /// Image or script. Of no account for click trackers, which have a bare URL only.
    pub kind: TagForm,
    /// `https` if true, else `http`.
    pub secure: bool,
    /// The host it names.
    pub host: TagHost,
    /// What the page fills in; the order does not matter, and those that do not belong are left out.
    pub parameters: Vec<Parameter>,
    /// Whether its fires are marked `test=1`: shown in the debugger, kept out of every count.
    pub test: bool,
}

/// Why a tag cannot be exported as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagRefusal {
    /// An image cannot run scripts.
    #[error(
        "pixel {0} has a script piggyback, which an image tag cannot fire; export it as a script tag, or take the script piggybacks off"
    )]
    ScriptPiggyback(PixelId),
    /// An image goes on to one other image at most.
    #[error(
        "pixel {0} has {1} piggybacks, and an image tag can fire one at most; export it as a script tag, or leave one piggyback"
    )]
    ManyPiggybacks(PixelId, usize),
}

/// A tag that is ready to be put on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its URL.
    pub url: String,
    /// The HTML that loads the URL; for click trackers, which are linked and not loaded, the URL again.
    pub html: String,
}

/// The tag of a conversion pixel.
///
/// # Errors
/// [`TagRefusal`], in words, if this kind of tag cannot carry the pixel's piggybacks.
pub fn pixel_tag(pixel: &Pixel, options: &TagOptions) -> Result<Tag, TagRefusal> {
    if options.kind == TagForm::Image {
        fits_image(pixel)?;
    }
    let url = url("px", &format!("id={}", pixel.id), Some(options.kind), &Parameter::OF_PIXELS, options);
    Ok(loaded(options.kind, url))
}

/// Whether an image tag can carry the pixel's piggybacks.
///
/// # Errors
/// Why it cannot.
pub fn fits_image(pixel: &Pixel) -> Result<(), TagRefusal> {
    if pixel.piggyback_pixels.iter().any(|piggyback| piggyback.kind == PiggybackKind::Script) {
        return Err(TagRefusal::ScriptPiggyback(pixel.id));
    }
    match pixel.piggyback_pixels.len() {
        0 | 1 => Ok(()),
        many => Err(TagRefusal::ManyPiggybacks(pixel.id, many)),
    }
}

/// The tag of an impression tracker, or the URL of a click tracker.
pub fn tracker_tag(tracker: &Tracker, options: &TagOptions) -> Tag {
    let parameters = &Parameter::OF_TRACKERS;
    match tracker.kind {
        TrackerKind::Impression => {
            loaded(options.kind, url("imptr", &format!("id={}", tracker.id), Some(options.kind), parameters, options))
        }
        TrackerKind::Click => {
            let url = url("clktr", &format!("id={}", tracker.id), None, parameters, options);
            Tag { html: url.clone(), url }
        }
    }
}

/// The tag that puts visitors into a segment, or takes them out of it. It takes no parameters but `redir`.
pub fn segment_tag(op: SegmentOp, options: &TagOptions) -> Tag {
    let name = match op.action {
        SegmentAction::Add { .. } => "add",
        SegmentAction::Remove => "remove",
    };
    let named = format!("{name}={}", op.segment_id);
    loaded(options.kind, url("seg", &named, Some(options.kind), &[], options))
}

fn url(path: &str, named: &str, kind: Option<TagForm>, known: &[Parameter], options: &TagOptions) -> String {
    let scheme = if options.secure { "https" } else { "http" };
    let mut url = format!("{scheme}://{}/{path}?{named}", options.host);
    let mut add = |name: &str, value: &str| {
        for part in ["&", name, "=", value] {
            url.push_str(part);
        }
    };
    for parameter in known.iter().filter(|known| **known != Parameter::Redir && options.parameters.contains(known)) {
        add(parameter.name(), parameter.placeholder());
    }
    match kind {
        Some(TagForm::Script) => add("t", "1"),
        Some(TagForm::Image) => add("t", "2"),
        None => {}
    }
    if options.test {
        add("test", "1");
    }
    if options.parameters.contains(&Parameter::Redir) {
        // Where a click goes has a name of its own among those who fill it in.
        add("redir", if kind.is_none() { "[CLICK_URL]" } else { Parameter::Redir.placeholder() });
    }
    url
}

// As published, `&` stands bare. In an attribute that is valid HTML, and `&currency=` stays what it is: a reference
// without its semicolon is not read as one before a letter.
#[derive(Template)]
#[template(ext = "txt", source = r#"<img src="{{ url }}" width="1" height="1" />"#)]
struct Image<'a> {
    url: &'a str,
}

#[derive(Template)]
#[template(ext = "txt", source = r#"<script src="{{ url }}" async></script>"#)]
struct Script<'a> {
    url: &'a str,
}

fn loaded(kind: TagForm, url: String) -> Tag {
    let html = match kind {
        TagForm::Image => Image { url: &url }.to_string(),
        TagForm::Script => Script { url: &url }.to_string(),
    };
    Tag { url, html }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{AdvertiserId, LineItemId, Piggyback, PublisherId, TrackerId};

    fn options(kind: TagForm, parameters: &[Parameter]) -> TagOptions {
        let host = TagHost::parse("px.shop.example").unwrap();
        TagOptions { kind, secure: true, host, parameters: parameters.to_vec(), test: false }
    }

    fn pixel(piggybacks: &[PiggybackKind]) -> Pixel {
        let mut pixel = Pixel::new(AdvertiserId(1), r#"</script>"><b>"#);
        pixel.id = PixelId(37);
        pixel.code = Some(r#""><script>"#.to_owned());
        let url = "https://a.example/\"><b>".to_owned();
        pixel.piggyback_pixels = piggybacks.iter().map(|kind| Piggyback { kind: *kind, url: url.clone() }).collect();
        pixel
    }

    fn tracker(kind: TrackerKind) -> Tracker {
        let mut tracker = Tracker::new(kind, AdvertiserId(1), LineItemId(1), PublisherId(1), "\"><b>");
        tracker.id = TrackerId(9);
        tracker
    }

    #[test]
    fn tags_look_as_published() {
        let html = |kind, parameters: &[Parameter]| pixel_tag(&pixel(&[]), &options(kind, parameters)).unwrap().html;
        assert_eq!(
            html(TagForm::Image, &[]),
            r#"<img src="https://px.shop.example/px?id=37&t=2" width="1" height="1" />"#
        );
        assert_eq!(
            html(TagForm::Image, &[Parameter::OrderId]),
            r#"<img src="https://px.shop.example/px?id=37&order_id=[ORDER_ID]&t=2" width="1" height="1" />"#
        );
        assert_eq!(
            html(TagForm::Script, &[Parameter::Value, Parameter::OrderId]),
            r#"<script src="https://px.shop.example/px?id=37&order_id=[ORDER_ID]&value=[REVENUE]&t=1" async></script>"#
        );
        let all = [Parameter::OF_PIXELS.as_slice(), &Parameter::OF_TRACKERS].concat();
        assert_eq!(
            pixel_tag(&pixel(&[]), &options(TagForm::Script, &all)).unwrap().url,
            "https://px.shop.example/px?id=37&order_id=[ORDER_ID]&value=[REVENUE]&currency=[CURRENCY]\
             &other=[EXTERNAL_DATA]&event_id=[EVENT_ID]&t=1&redir=[REDIRECT_URL]"
        );
    }

    #[test]
    fn insecure_and_test_tags_say_so() {
        let options = TagOptions {
            secure: false,
            test: true,
            host: TagHost::parse("http://127.0.0.1:8080/").unwrap(),
            ..options(TagForm::Image, &[])
        };
        assert_eq!(pixel_tag(&pixel(&[]), &options).unwrap().url, "http://127.0.0.1:8080/px?id=37&t=2&test=1");
    }

    #[test]
    fn trackers_have_tags_and_click_urls() {
        let tag = |kind, options| tracker_tag(&tracker(kind), &options).html;
        assert_eq!(
            tag(TrackerKind::Impression, options(TagForm::Image, &[Parameter::Cachebuster])),
            r#"<img src="https://px.shop.example/imptr?id=9&cachebuster=[CACHEBUSTER]&t=2" width="1" height="1" />"#
        );
        assert_eq!(
            tag(TrackerKind::Impression, options(TagForm::Script, &[])),
            r#"<script src="https://px.shop.example/imptr?id=9&t=1" async></script>"#
        );
        assert_eq!(
            tag(TrackerKind::Click, options(TagForm::Image, &[Parameter::Redir, Parameter::OrderId])),
            "https://px.shop.example/clktr?id=9&redir=[CLICK_URL]"
        );
    }

    #[test]
    fn an_image_cannot_carry_scripts_or_several_piggybacks() {
        use PiggybackKind::{Image, Script};
        let refused = |piggybacks: &[PiggybackKind], kind| {
            pixel_tag(&pixel(piggybacks), &options(kind, &[])).err().map(|refusal| refusal.to_string())
        };
        assert_eq!(refused(&[Image], TagForm::Image), None);
        assert_eq!(refused(&[Script, Script, Image], TagForm::Script), None);
        assert_eq!(
            refused(&[Script], TagForm::Image).unwrap(),
            "pixel 37 has a script piggyback, which an image tag cannot fire; export it as a script tag, or take the \
             script piggybacks off"
        );
        assert_eq!(
            refused(&[Image, Image], TagForm::Image).unwrap(),
            "pixel 37 has 2 piggybacks, and an image tag can fire one at most; export it as a script tag, or leave \
             one piggyback"
        );
        for piggybacks in [&[][..], &[Image], &[Script], &[Image, Image]] {
            assert_eq!(pixel(piggybacks).needs_script_tag(), fits_image(&pixel(piggybacks)).is_err());
        }
    }

    #[test]
    fn segments_are_put_in_and_taken_out_by_tags_of_their_own() {
        let tag = |op: &str, kind, test| segment_tag(op.parse().unwrap(), &TagOptions { test, ..options(kind, &[]) });
        assert_eq!(
            tag("12192", TagForm::Image, false).html,
            r#"<img src="https://px.shop.example/seg?add=12192&t=2" width="1" height="1" />"#
        );
        assert_eq!(tag("12192", TagForm::Script, true).url, "https://px.shop.example/seg?add=12192&t=1&test=1");
        assert_eq!(tag("-12192", TagForm::Image, false).url, "https://px.shop.example/seg?remove=12192&t=2");
    }

    #[test]
    fn only_plain_hosts_enter_a_tag() {
        for (text, host) in [
            ("px.shop.example", "px.shop.example"),
            ("PX.Shop.example:8443", "px.shop.example:8443"),
            ("https://px.shop.example", "px.shop.example"),
            ("[::1]:80", "[::1]"),
        ] {
            assert_eq!(TagHost::parse(text).map(|host| host.to_string()).as_deref(), Some(host), "{text}");
        }
        for bad in ["", "/", "a b", "a\"b", "a'b", "a/b", "a?b", "u@a", "a:b", "a:99999", "<b>", "a&b", "ä.example"] {
            assert_eq!(TagHost::parse(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_from_a_host_header_breaks_out_of_the_tag(text in ".{0,40}") {
            if let Some(host) = TagHost::parse(&text) {
                let tag = pixel_tag(&pixel(&[]), &TagOptions { host, ..options(TagForm::Image, &[]) }).unwrap();
                prop_assert_eq!(tag.html.matches(['"', '<', '>', '\'']).count(), 8);
                let read = url::Url::parse(&tag.url).unwrap();
                prop_assert_eq!((read.path(), read.query()), ("/px", Some("id=37&t=2")));
            }
        }
    }
}
