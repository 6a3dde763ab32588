//! The finished tags of the export page, as blocks to copy, as a text, and as a letter; and the links beside them.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::options::{self, shares_code};
use super::text;
use crate::admin::lists::paging;
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::Form;
use crate::admin::text::format::plural;
use crate::domain::{AdvertiserId, Pixel, PixelId};
use crate::store::Store;
use crate::tag::{Carrier, Snippet, Snippets, TagOptions, Target, export, snippets};

/// The longest address of a letter, in characters. Some mail programs cut or refuse longer ones.
const LONGEST_MAIL_ADDRESS: usize = 2_000;

/// The finished tags of one pixel.
pub struct PixelTags {
    pub id: PixelId,
    pub name: String,
    /// The snippets to copy, in the order of the steps.
    pub blocks: Vec<Block>,
    /// How a page fills in the placeholders.
    pub examples: Vec<Block>,
    /// The address that tests it; empty if no browser can.
    pub test: String,
    /// The address of its plugin, module or container.
    pub file: String,
    /// The texts of the blocks, for files and letters.
    plain: Vec<Snippet>,
}

/// A text to copy.
pub struct Block {
    /// Unique on the page.
    pub id: String,
    pub label: String,
    pub text: String,
}

/// Where the tags go as a whole.
#[derive(Default)]
pub struct ExportLinks {
    /// The address of the tags as a text file.
    pub download: String,
    /// The address that opens a letter with the tags; empty if it would be too long.
    pub mail: String,
}

impl ExportLinks {
    pub fn of(tags: &[PixelTags], pixels: &[Pixel], options: &TagOptions, query: &Form) -> Self {
        if tags.is_empty() {
            return ExportLinks::default();
        }
        let ids = pixels.iter().map(|pixel| pixel.id.to_string()).collect::<Vec<_>>().join(",");
        ExportLinks { download: address("/admin/export.txt", &ids, options, query), mail: mail_address(tags) }
    }
}

/// The tags of these pixels. Pixels of one advertiser share its site tag.
///
/// # Errors
/// Options that do not fit a pixel.
pub fn of(store: &Store, pixels: &[Pixel], options: &TagOptions, query: &Form) -> Result<Vec<PixelTags>, PageError> {
    let mut served: Vec<AdvertiserId> = Vec::new();
    let one = |pixel: &Pixel| {
        let site = options.site && !served.contains(&pixel.advertiser_id);
        served.push(pixel.advertiser_id);
        let options = TagOptions { site, ..options.clone() };
        tags(store, pixel, &options, query, pixels.len() > 1)
    };
    pixels.iter().map(one).collect()
}

fn tags(
    store: &Store,
    pixel: &Pixel,
    options: &TagOptions,
    query: &Form,
    is_named: bool,
) -> Result<PixelTags, PageError> {
    let shared = shares_code(store, pixel);
    let refused = |refusal| PageError::BadRequest(text::refusal(refusal, &pixel.name));
    let Snippets { every_page, sale, examples } = snippets(pixel, shared, options).map_err(refused)?;
    let id = pixel.id;
    let plain: Vec<Snippet> = every_page.iter().chain(&sale).cloned().collect();
    let of_site = every_page.len();
    let block_id = |index: usize| match index.checked_sub(of_site) {
        None => format!("site-{id}"),
        Some(0) => format!("tag-{id}"),
        Some(index) => format!("tag-{id}-{}", index + 1),
    };
    let label = |index: usize, title: &str| match (is_named, plain.len()) {
        (true, _) => format!("{} · ID {id} · {title}", pixel.name),
        (false, 1) => title.to_owned(),
        (false, _) if options.target.is_in_browser() => format!("{}. {title}", index + 1),
        (false, _) => title.to_owned(),
    };
    let block = |(index, snippet): (usize, &Snippet)| Block {
        id: block_id(index),
        label: label(index, snippet.title),
        text: snippet.text.clone(),
    };
    let example = |(index, snippet): (usize, Snippet)| Block {
        id: format!("example-{id}-{}", index + 1),
        label: snippet.title.to_owned(),
        text: snippet.text,
    };
    Ok(PixelTags {
        id,
        name: pixel.name.clone(),
        blocks: plain.iter().enumerate().map(block).collect(),
        examples: examples.into_iter().enumerate().map(example).collect(),
        test: test_address(pixel, options, query),
        file: address("/admin/export/file", &id.to_string(), options, query),
        plain: match options.target == Target::POSTBACK {
            // A file or a letter has the published form alone.
            true => vec![Snippet { title: "", text: export(pixel, shared, options).map_err(refused)?.html }],
            false => plain,
        },
    })
}

pub fn to_text(tags: &[PixelTags]) -> String {
    let text = |tag: &PixelTags| {
        let texts: Vec<_> = tag.plain.iter().map(|snippet| with_title(snippet, tag.plain.len())).collect();
        format!("{} {}\n{}\n\n", tag.id, tag.name, texts.join("\n\n"))
    };
    tags.iter().map(text).collect()
}

fn with_title(snippet: &Snippet, count: usize) -> String {
    if count == 1 { snippet.text.clone() } else { format!("{}:\n{}", snippet.title, snippet.text) }
}

/// The address that opens a letter with the tags (RFC 6068); empty if it would be too long.
fn mail_address(tags: &[PixelTags]) -> String {
    let text = to_text(tags);
    // Encoded tags are longer still, so there is no need to encode them.
    if text.len() > LONGEST_MAIL_ADDRESS {
        return String::new();
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let subject = match tags {
        [only] => format!("Tag of the pixel {}", only.name),
        _ => format!("Tags of {}", plural(super::count(tags.len()), "pixel")),
    };
    // Lines of a letter end in CR LF.
    let body = text.replace('\n', "\r\n");
    let address = format!("mailto:?subject={}&body={}", encoded(&subject), encoded(&body));
    if address.len() <= LONGEST_MAIL_ADDRESS { address } else { String::new() }
}

/// The address of the live page with this tag on it, as a test.
fn test_address(pixel: &Pixel, options: &TagOptions, query: &Form) -> String {
    if options.carrier == Carrier::Server {
        return String::new();
    }
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("test", "on").append_pair("pixel", &pixel.id.to_string());
    pairs.append_pair("tag", options.carrier.as_str()).append_pair("load", "on");
    for parameter in &options.parameters {
        pairs.append_pair("param", parameter.name());
    }
    if query.has("codes") {
        pairs.append_pair("codes", "on");
    }
    if !options.segments.is_empty() {
        pairs.append_pair(options::IN_LINKS, &options::segments_in_link(options));
    }
    if options.site {
        // The site tag reports an arrival only from an address that names a campaign.
        pairs.append_pair("site", "on").append_pair("utm_source", "pixeld-test").append_pair("utm_medium", "test");
    }
    format!("/admin/live?{}", pairs.finish())
}

/// The address of a file with the same options.
fn address(path: &str, ids: &str, options: &TagOptions, query: &Form) -> String {
    let [segment, action, value] = options::ROW_FIELDS;
    let segments = options::segments_in_link(options);
    // A second file of one advertiser must not bring its site tag again.
    let site = if options.site { "" } else { "no" };
    let change = [
        ("id", ids),
        (segment, ""),
        (action, ""),
        (value, ""),
        (options::IN_LINKS, &segments),
        ("q", ""),
        ("site", site),
    ];
    paging::whole_address(path, query, &change)
}
