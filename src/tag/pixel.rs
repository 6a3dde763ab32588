//! The tag of a conversion pixel: HTML for a page, a URL for a server, or a snippet for a shop.

use super::address::Address;
use super::options::{Carrier, Naming, SegmentPart, TagOptions, TagRefusal, Target};
use super::snippet::Snippet;
use super::{Parameter, Tag, html};
use crate::domain::{Pixel, SegmentAction, TagForm};

/// The parameter of the exposure's token in a server-side pixel, with its placeholder.
const TOKEN: (&str, &str) = ("sspdata", "[SSP_DATA]");

/// The tag of a conversion pixel. `shared_code` says that pixels of several advertisers have its code.
///
/// # Errors
/// [`TagRefusal`] if the options do not go together.
pub fn export(pixel: &Pixel, shared_code: bool, options: &TagOptions) -> Result<Tag, TagRefusal> {
    options.check(pixel)?;
    let form = match options.carrier {
        Carrier::Image => TagForm::Image,
        Carrier::Script => TagForm::Script,
        Carrier::Server => {
            let url = server_side(pixel, shared_code, options);
            return Ok(Tag { html: url.clone(), url });
        }
    };
    if options.target != Target::Page {
        let url = in_page(pixel, shared_code, options, form, &[]);
        return Ok(Tag { html: Snippet { pixel, options, form, url: &url }.text(), url });
    }
    let url = in_page(pixel, shared_code, options, form, &options.parameters);
    let mut text = html(form, &url);
    if form == TagForm::Script && options.noscript {
        let image = html(TagForm::Image, &in_page(pixel, shared_code, options, TagForm::Image, &options.parameters));
        text = format!("{text}\n<noscript>{image}</noscript>");
    }
    Ok(Tag { url, html: text })
}

fn in_page(pixel: &Pixel, shared: bool, options: &TagOptions, form: TagForm, parameters: &[Parameter]) -> String {
    let address = with_name(Address::new(options.secure, &options.host, "px"), pixel, shared, options.naming);
    with_segments(address, &options.segments, options.naming)
        .with_parameters(&Parameter::OF_PIXELS, parameters)
        .with_plain("t", if form == TagForm::Script { "1" } else { "2" })
        .with_if(options.test, "test", "1")
        .with_if(parameters.contains(&Parameter::Redir), "redir", Parameter::Redir.placeholder())
        .into_url()
}

/// The token comes last, as documented.
fn server_side(pixel: &Pixel, shared: bool, options: &TagOptions) -> String {
    with_name(Address::new(options.secure, &options.host, "sspx"), pixel, shared, options.naming)
        .with_parameters(&Parameter::OF_PIXELS, &options.parameters)
        .with_if(options.test, "test", "1")
        .with_plain(TOKEN.0, TOKEN.1)
        .into_url()
}

fn with_name(address: Address, pixel: &Pixel, shared: bool, naming: Naming) -> Address {
    match (naming, &pixel.code) {
        (Naming::Codes(member), Some(code)) => address
            .with("code", code)
            .with_plain("member", &member.to_string())
            .with_if(shared, "advertiser_id", &pixel.advertiser_id.to_string()),
        _ => address.with_plain("id", &pixel.id.to_string()),
    }
}

/// In the published order. A segment without a code appears by its id.
fn with_segments(address: Address, parts: &[SegmentPart], naming: Naming) -> Address {
    let by_code = |part: &&SegmentPart| matches!(naming, Naming::Codes(_)) && part.code.is_some();
    let adds = |part: &&SegmentPart| matches!(part.action, SegmentAction::Add { .. });
    let list = |condition: &dyn Fn(&&SegmentPart) -> bool| {
        parts.iter().filter(condition).map(|part| segment(part, by_code(&part))).collect::<Vec<_>>().join(",")
    };
    [
        ("seg", list(&|part| adds(part) && !by_code(part))),
        ("seg_code", list(&|part| adds(part) && by_code(part))),
        ("remove", list(&|part| !adds(part) && !by_code(part))),
        ("remove_code", list(&|part| !adds(part) && by_code(part))),
    ]
    .iter()
    .fold(address, |address, (name, list)| address.with_if(!list.is_empty(), name, list))
}

/// The rules allow letters, digits, `_` and `-` in a segment's code. Drops anything else, however it got into the
/// database.
fn segment(part: &SegmentPart, by_code: bool) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name = match &part.code {
        Some(code) if by_code => code.chars().filter(plain).collect(),
        _ => part.id.to_string(),
    };
    match part.action {
        SegmentAction::Add { value: Some(value) } => format!("{name}:{value}"),
        SegmentAction::Add { value: None } | SegmentAction::Remove => name,
    }
}
