//! The tag of a conversion pixel: HTML for a page, a URL for a server, or snippets and a file for a shop.

use zip::result::ZipResult;

use super::address::Address;
use super::archive::Download;
use super::carrier::Carrier;
use super::data::{Data, Snippets};
use super::options::{Naming, SegmentPart, TagOptions, TagRefusal};
use super::targets::Target;
use super::{Parameter, Tag, html};
use crate::domain::{Pixel, SegmentAction, TagForm};

/// The parameter of the exposure's token in a server-side pixel, with its placeholder.
const TOKEN: (&str, &str) = ("sspdata", "[SSP_DATA]");

/// The tag of a conversion pixel: for a shop, the first of its snippets. `shared_code` says that pixels of several
/// advertisers have its code.
///
/// # Errors
/// [`TagRefusal`] if the options do not go together.
pub fn export(pixel: &Pixel, shared_code: bool, options: &TagOptions) -> Result<Tag, TagRefusal> {
    options.check(pixel)?;
    let data = data(pixel, shared_code, options);
    if options.carrier == Carrier::Server {
        let url = server_side(pixel, shared_code, options);
        return Ok(Tag { html: url.clone(), url });
    }
    if options.target == Target::PAGE && !options.consent {
        return Ok(Tag { url: of_page(pixel, shared_code, options, data.form), html: data.html });
    }
    let snippet = options.target.snippets(&data).sale.into_iter().next();
    Ok(Tag { html: snippet.map(|snippet| snippet.text).unwrap_or_default(), url: data.url })
}

/// Every snippet that puts the pixel to work at the options' target.
///
/// # Errors
/// [`TagRefusal`] if the options do not go together.
pub fn snippets(pixel: &Pixel, shared_code: bool, options: &TagOptions) -> Result<Snippets, TagRefusal> {
    options.check(pixel)?;
    let snippets = options.target.snippets(&data(pixel, shared_code, options));
    Ok(if options.site { snippets } else { Snippets { every_page: Vec::new(), ..snippets } })
}

/// The site tag of the pixel's advertiser, for every page.
pub fn site_tag(pixel: &Pixel, options: &TagOptions) -> String {
    data(pixel, false, options).site_tag("")
}

/// The file of the options' target; none if it has none.
///
/// # Errors
/// [`TagRefusal`] if the options do not go together.
pub fn download(
    pixel: &Pixel,
    shared_code: bool,
    options: &TagOptions,
) -> Result<Option<ZipResult<Download>>, TagRefusal> {
    options.check(pixel)?;
    Ok(options.target.file(&data(pixel, shared_code, options)))
}

fn data<'a>(pixel: &'a Pixel, shared: bool, options: &'a TagOptions) -> Data<'a> {
    let form = if options.carrier == Carrier::Script { TagForm::Script } else { TagForm::Image };
    let of_form = |form| html(form, &of_page(pixel, shared, options, form));
    let html = match options.carrier {
        Carrier::Server => server_side(pixel, shared, options),
        Carrier::Script if options.noscript => {
            format!("{}\n<noscript>{}</noscript>", of_form(form), of_form(TagForm::Image))
        }
        Carrier::Image | Carrier::Script => of_form(form),
    };
    let asked_for = |parameter: &&Parameter| !options.consent || **parameter != Parameter::Consent;
    let without_redir = |parameter: &Parameter| *parameter != Parameter::Redir;
    let full: Vec<Parameter> = options.parameters.iter().filter(asked_for).copied().filter(without_redir).collect();
    Data {
        pixel,
        url: in_page(pixel, shared, options, form, &[]),
        full_url: in_page(pixel, shared, options, form, &full),
        html,
        base: format!("{}://{}", if options.secure { "https" } else { "http" }, options.host),
        host: &options.host,
        form,
        parameters: &options.parameters,
        net: options.net,
        consent: options.consent && options.target.consent().is_some(),
        site: options.site && options.target.has_site_tag(),
        test: options.test,
    }
}

/// The tag's URL with the placeholders of all parameters.
fn of_page(pixel: &Pixel, shared: bool, options: &TagOptions, form: TagForm) -> String {
    in_page(pixel, shared, options, form, &options.parameters)
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
