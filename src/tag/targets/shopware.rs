//! Shopware 6: two template blocks, as a plugin to upload or to paste into a theme.

use askama::Template;
use zip::result::ZipResult;

use super::{FileOption, Row, SHOP, site_step, step};
use crate::tag::Download;
use crate::tag::archive::{SourceFile, zip};
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "shopware",
    label: "Shopware 6",
    about: "Plugin ZIP",
    minutes: 5,
    steps: &[
        step(
            "Download the plugin.",
            "Extensions → My extensions → Upload extension. Choose the ZIP, install and activate it.",
        ),
        step("Place a test order.", "Clear the cache first if the page looks as before."),
        site_step(
            "Or paste both blocks.",
            "Into src/Resources/views/storefront of your theme, under the paths in their titles.",
        ),
    ],
    notes: &[
        "Shopware Cloud takes no such plugins. Use Google Tag Manager there.",
        "It does not ask for consent. pixeld itself respects GPC, DNT and the opt-out.",
    ],
    snippets,
    file: Some(FileOption { label: "Download plugin", make: plugin }),
    ..SHOP
};

const BASE: &str = "src/Resources/views/storefront/base.html.twig";
const FINISH: &str = "src/Resources/views/storefront/page/checkout/finish/index.html.twig";

fn snippets(data: &Data<'_>) -> Snippets {
    Snippets {
        every_page: vec![Snippet::new("Every page: base.html.twig", Base { data })],
        sale: vec![Snippet::new("Thank-you page: page/checkout/finish/index.html.twig", Finish { data })],
        examples: Vec::new(),
    }
}

fn plugin(data: &Data<'_>) -> ZipResult<Download> {
    let name = format!("PixeldPixel{}", data.id());
    let mut files = vec![
        SourceFile::new("composer.json", Composer { data }),
        SourceFile::new(format!("src/{name}.php"), Plugin { data }),
        SourceFile::new(FINISH, Finish { data }),
    ];
    if data.site {
        files.push(SourceFile::new(BASE, Base { data }));
    }
    let bytes = zip(&name, &files)?;
    Ok(Download { name: format!("{name}.zip"), content_type: "application/zip", bytes })
}

#[derive(Template)]
#[template(path = "tags/shopware/base.txt")]
struct Base<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/shopware/finish.txt")]
struct Finish<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/shopware/composer.txt")]
struct Composer<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/shopware/plugin.txt")]
struct Plugin<'a> {
    data: &'a Data<'a>,
}
