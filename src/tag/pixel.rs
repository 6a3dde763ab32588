//! The tag of a conversion pixel, as it is wished for: HTML for a page, a URL for a server, or a snippet for a shop.

use super::address::Address;
use super::snippet::Snippet;
use super::wish::{Carrier, Naming, SegmentPart, TagRefusal, Target, Wish};
use super::{Parameter, Tag, html};
use crate::domain::{Pixel, SegmentAction, TagForm};

/// Stands for the token in a server-side pixel.
const TOKEN: (&str, &str) = ("sspdata", "[SSP_DATA]");

/// The tag of a conversion pixel. `shared_code` says that pixels of several advertisers bear its code.
///
/// # Errors
/// [`TagRefusal`], in words, if it cannot be had so.
pub fn export(pixel: &Pixel, shared_code: bool, wish: &Wish) -> Result<Tag, TagRefusal> {
    wish.check(pixel)?;
    let form = match wish.carrier {
        Carrier::Image => TagForm::Image,
        Carrier::Script => TagForm::Script,
        Carrier::Server => {
            let url = server_side(pixel, shared_code, wish);
            return Ok(Tag { html: url.clone(), url });
        }
    };
    if wish.target != Target::Page {
        let url = in_page(pixel, shared_code, wish, form, &[]);
        return Ok(Tag { html: Snippet { pixel, wish, form, url: &url }.text(), url });
    }
    let url = in_page(pixel, shared_code, wish, form, &wish.parameters);
    let mut text = html(form, &url);
    if form == TagForm::Script && wish.noscript {
        let image = html(TagForm::Image, &in_page(pixel, shared_code, wish, TagForm::Image, &wish.parameters));
        text = format!("{text}\n<noscript>{image}</noscript>");
    }
    Ok(Tag { url, html: text })
}

fn in_page(pixel: &Pixel, shared: bool, wish: &Wish, form: TagForm, parameters: &[Parameter]) -> String {
    let address = named(Address::new(wish.secure, &wish.host, "px"), pixel, shared, wish.naming);
    with_segments(address, &wish.segments, wish.naming)
        .with_wanted(&Parameter::OF_PIXELS, parameters)
        .with_plain("t", if form == TagForm::Script { "1" } else { "2" })
        .with_if(wish.test, "test", "1")
        .with_if(parameters.contains(&Parameter::Redir), "redir", Parameter::Redir.placeholder())
        .done()
}

/// The token stands last, as documented.
fn server_side(pixel: &Pixel, shared: bool, wish: &Wish) -> String {
    named(Address::new(wish.secure, &wish.host, "sspx"), pixel, shared, wish.naming)
        .with_wanted(&Parameter::OF_PIXELS, &wish.parameters)
        .with_if(wish.test, "test", "1")
        .with_plain(TOKEN.0, TOKEN.1)
        .done()
}

fn named(address: Address, pixel: &Pixel, shared: bool, naming: Naming) -> Address {
    match (naming, &pixel.code) {
        (Naming::Codes(member), Some(code)) => address
            .with("code", code)
            .with_plain("member", &member.to_string())
            .with_if(shared, "advertiser_id", &pixel.advertiser_id.to_string()),
        _ => address.with_plain("id", &pixel.id.to_string()),
    }
}

/// In the published order; a segment without a code goes by its number.
fn with_segments(address: Address, parts: &[SegmentPart], naming: Naming) -> Address {
    let by_code = |part: &&SegmentPart| matches!(naming, Naming::Codes(_)) && part.code.is_some();
    let adds = |part: &&SegmentPart| matches!(part.action, SegmentAction::Add { .. });
    let list = |wanted: &dyn Fn(&&SegmentPart) -> bool| {
        parts.iter().filter(wanted).map(|part| segment(part, by_code(&part))).collect::<Vec<_>>().join(",")
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

/// Its code holds letters, digits, `_` and `-` alone; what else somebody brought into the database does not get out.
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
