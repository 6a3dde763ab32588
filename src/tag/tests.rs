//! The look of tags, the options that go together, and that no text of a user breaks out of a tag.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    AdvertiserId, LineItemId, MemberId, Piggyback, PiggybackKind, PixelId, PublisherId, Segment, SegmentAction,
    SegmentId, Tracker, TrackerId, TrackerKind,
};

fn options(kind: TagForm, parameters: &[Parameter]) -> TrackerTagOptions {
    let host = TagHost::parse("px.shop.example").unwrap();
    TrackerTagOptions { kind, secure: true, host, parameters: parameters.to_vec(), test: false }
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
        r#"<img src="https://px.shop.example/px?id=37&t=2" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#
    );
    assert_eq!(
        html(TagForm::Image, &[Parameter::OrderId]),
        r#"<img src="https://px.shop.example/px?id=37&order_id=[ORDER_ID]&t=2" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#
    );
    assert_eq!(
        html(TagForm::Script, &[Parameter::Value, Parameter::OrderId]),
        r#"<script src="https://px.shop.example/px?id=37&order_id=[ORDER_ID]&value=[REVENUE]&t=1" async referrerpolicy="no-referrer-when-downgrade"></script>"#
    );
    let all = [Parameter::OF_PIXELS.as_slice(), &Parameter::OF_TRACKERS].concat();
    assert_eq!(
        pixel_tag(&pixel(&[]), &options(TagForm::Script, &all)).unwrap().url,
        "https://px.shop.example/px?id=37&order_id=[ORDER_ID]&value=[REVENUE]&currency=[CURRENCY]\
         &other=[EXTERNAL_DATA]&event_id=[EVENT_ID]&content_ids=[CONTENT_IDS]&num_items=[NUM_ITEMS]&gdpr=[GDPR]\
         &gdpr_consent=[GDPR_CONSENT]&gpp=[GPP]&t=1&redir=[REDIRECT_URL]"
    );
}

#[test]
fn insecure_and_test_tags_say_so() {
    let options = TrackerTagOptions {
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
        r#"<img src="https://px.shop.example/imptr?id=9&cachebuster=[CACHEBUSTER]&t=2" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#
    );
    assert_eq!(
        tag(TrackerKind::Impression, options(TagForm::Script, &[])),
        r#"<script src="https://px.shop.example/imptr?id=9&t=1" async referrerpolicy="no-referrer-when-downgrade"></script>"#
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

fn with_carrier(carrier: Carrier, parameters: &[Parameter]) -> TagOptions {
    let target = if carrier == Carrier::Server { Target::POSTBACK } else { Target::PAGE };
    TagOptions { carrier, target, ..TagOptions::from(options(TagForm::Image, parameters)) }
}

fn segment(id: i64, code: Option<&str>, action: SegmentAction) -> SegmentPart {
    let mut segment = Segment::new("</script>");
    segment.id = SegmentId(id);
    segment.code = code.map(str::to_owned);
    SegmentPart::new(&segment, action)
}

#[test]
fn a_fire_changes_segments_as_published() {
    let segments = vec![
        segment(12192, None, SegmentAction::Add { value: None }),
        segment(12304, Some("buyers"), SegmentAction::Add { value: Some(10) }),
        segment(23145, Some("lookers"), SegmentAction::Remove),
    ];
    let options = TagOptions { segments, ..with_carrier(Carrier::Image, &[Parameter::OrderId]) };
    assert_eq!(
        export(&pixel(&[]), false, &options).unwrap().html,
        r#"<img src="https://px.shop.example/px?id=37&seg=12192,12304:10&remove=23145&order_id=[ORDER_ID]&t=2" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#
    );
    let by_code = TagOptions { naming: Naming::Codes(MemberId(1)), ..options };
    assert_eq!(
        export(&pixel(&[]), false, &by_code).unwrap().url,
        "https://px.shop.example/px?code=%22%3E%3Cscript%3E&member=1&seg=12192&seg_code=buyers:10\
         &remove_code=lookers&order_id=[ORDER_ID]&t=2"
    );
}

#[test]
fn a_shared_code_comes_with_its_advertiser() {
    let options = TagOptions { naming: Naming::Codes(MemberId(1)), ..with_carrier(Carrier::Script, &[]) };
    let mut pixel = pixel(&[]);
    pixel.code = Some("Kauf über 100 €".to_owned());
    assert_eq!(
        export(&pixel, true, &options).unwrap().url,
        "https://px.shop.example/px?code=Kauf%20%C3%BCber%20100%20%E2%82%AC&member=1&advertiser_id=1&t=1"
    );
    pixel.code = None;
    assert_eq!(export(&pixel, false, &options), Err(TagRefusal::NoCode(PixelId(37))));
}

#[test]
fn a_server_side_pixel_ends_in_the_token() {
    let options = TagOptions {
        test: true,
        ..with_carrier(Carrier::Server, &[Parameter::Value, Parameter::OrderId, Parameter::EventId])
    };
    let tag = export(&pixel(&[PiggybackKind::Script]), false, &options).unwrap();
    assert_eq!(
        tag.url,
        "https://px.shop.example/sspx?id=37&order_id=[ORDER_ID]&value=[REVENUE]&event_id=[EVENT_ID]&test=1\
         &sspdata=[SSP_DATA]"
    );
    assert_eq!(tag.html, tag.url);
}

#[test]
fn a_script_tag_may_bring_an_image_for_browsers_without_scripts() {
    let options = TagOptions { noscript: true, ..with_carrier(Carrier::Script, &[Parameter::Redir]) };
    assert_eq!(
        export(&pixel(&[]), false, &options).unwrap().html,
        "<script src=\"https://px.shop.example/px?id=37&t=1&redir=[REDIRECT_URL]\" async referrerpolicy=\"no-referrer-when-downgrade\"></script>\n\
         <noscript><img src=\"https://px.shop.example/px?id=37&t=2&redir=[REDIRECT_URL]\" width=\"1\" height=\"1\" alt=\"\" referrerpolicy=\"no-referrer-when-downgrade\" />\
         </noscript>"
    );
    let image = TagOptions { carrier: Carrier::Image, ..options };
    assert!(!export(&pixel(&[]), false, &image).unwrap().html.contains("noscript"));
}

#[test]
fn options_that_do_not_go_together_are_refused_with_the_reason() {
    let part = || vec![segment(1, None, SegmentAction::Remove)];
    let server = || with_carrier(Carrier::Server, &[]);
    let shop =
        |parameters: &[Parameter]| TagOptions { target: Target::SHOPIFY, ..with_carrier(Carrier::Image, parameters) };
    for (options, refusal) in [
        (TagOptions { segments: part(), ..server() }, TagRefusal::ServerSegments),
        (with_carrier(Carrier::Server, &[Parameter::Redir]), TagRefusal::ServerRedir),
        (TagOptions { target: Target::MAGENTO, ..server() }, TagRefusal::Carrier(Target::MAGENTO, Carrier::Server)),
        (shop(&[Parameter::Redir]), TagRefusal::Parameter(Target::SHOPIFY, Parameter::Redir)),
        (shop(&[Parameter::Value, Parameter::Gpp]), TagRefusal::Parameter(Target::SHOPIFY, Parameter::Gpp)),
        (shop(&[Parameter::Cachebuster, Parameter::Redir]), TagRefusal::Parameter(Target::SHOPIFY, Parameter::Redir)),
    ] {
        assert_eq!(export(&pixel(&[]), false, &options), Err(refusal), "{options:?}");
    }
    for (options, why) in
        [(server(), "a"), (shop(&[Parameter::Value]), "b"), (TagOptions { segments: part(), ..shop(&[]) }, "c")]
    {
        assert!(export(&pixel(&[]), false, &options).is_ok(), "{why}");
    }
}

#[test]
fn words_in_forms_read_back() {
    for carrier in Carrier::ALL {
        assert_eq!(Carrier::parse(carrier.as_str()), Some(carrier));
    }
    for target in Target::ALL {
        assert_eq!(Target::parse(target.as_str()), Some(target));
    }
    for parameter in Parameter::OF_PIXELS.into_iter().chain(Parameter::OF_TRACKERS) {
        assert_eq!(Parameter::parse(parameter.name()), Some(parameter));
    }
    assert_eq!((Carrier::parse(""), Target::parse("Shopify")), (None, None));
}

#[test]
fn segments_have_tags_of_their_own() {
    let tag =
        |op: &str, kind, test| segment_tag(op.parse().unwrap(), &TrackerTagOptions { test, ..options(kind, &[]) });
    assert_eq!(
        tag("12192", TagForm::Image, false).html,
        r#"<img src="https://px.shop.example/seg?add=12192&t=2" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#
    );
    assert_eq!(tag("12192", TagForm::Script, true).url, "https://px.shop.example/seg?add=12192&t=1&test=1");
    assert_eq!(tag("-12192", TagForm::Image, false).url, "https://px.shop.example/seg?remove=12192&t=2");
}

proptest! {
    #[test]
    fn nothing_from_a_host_header_breaks_out_of_the_tag(text in ".{0,40}") {
        if let Some(host) = TagHost::parse(&text) {
            let tag = pixel_tag(&pixel(&[]), &TrackerTagOptions { host, ..options(TagForm::Image, &[]) }).unwrap();
            prop_assert_eq!(tag.html.matches(['"', '<', '>', '\'']).count(), 12);
            let read = url::Url::parse(&tag.url).unwrap();
            prop_assert_eq!((read.path(), read.query()), ("/px", Some("id=37&t=2")));
        }
    }
}
