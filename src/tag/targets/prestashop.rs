//! PrestaShop: a small module with two hooks.

use askama::Template;
use zip::result::ZipResult;

use super::{FileOption, Row, SHOP, step};
use crate::tag::Download;
use crate::tag::archive::{SourceFile, zip};
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "prestashop",
    label: "PrestaShop",
    about: "Module ZIP",
    minutes: 4,
    steps: &[
        step("Download the module.", "Modules → Module Manager → Upload a module. Choose the ZIP."),
        step("Check its hooks.", "Design → Positions shows it under displayHeader and displayOrderConfirmation."),
        step("Place a test order.", "Clear the cache first if the page looks as before."),
    ],
    notes: &[
        "Works with PrestaShop 1.7, 8 and 9.",
        "Order IDs are PrestaShop's references, such as XKBKNABJK. An order that PrestaShop splits is reported once, with the whole total.",
        "It does not ask for consent. pixeld itself respects GPC, DNT and the opt-out.",
    ],
    snippets,
    file: Some(FileOption { label: "Download module", make: module }),
    ..SHOP
};

fn snippets(data: &Data<'_>) -> Snippets {
    let sale = vec![Snippet::new("Every page and thank-you page: the module's only file", Module { data })];
    Snippets { sale, ..Snippets::default() }
}

fn module(data: &Data<'_>) -> ZipResult<Download> {
    let name = format!("pixeldpixel{}", data.id());
    let bytes = zip(&name, &[SourceFile::new(format!("{name}.php"), Module { data })])?;
    Ok(Download { name: format!("{name}.zip"), content_type: "application/zip", bytes })
}

#[derive(Template)]
#[template(path = "tags/prestashop/module.txt")]
struct Module<'a> {
    data: &'a Data<'a>,
}
