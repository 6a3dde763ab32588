//! WooCommerce: a plugin as ZIP, or the same hooks as code for the theme.

use askama::Template;
use zip::result::ZipResult;

use super::{ConsentOption, FileOption, Row, SHOP, site_step, step};
use crate::tag::Download;
use crate::tag::archive::{SourceFile, zip};
use crate::tag::data::{Data, Snippet, Snippets};

/// Also for the forms of WordPress.
pub(super) const CONSENT: ConsentOption = ConsentOption {
    label: "WP Consent API",
    help: "Waits for consent to marketing where a consent plugin offers that API.",
    usual: true,
};

pub(super) const ROW: Row = Row {
    word: "woocommerce",
    label: "WooCommerce",
    about: "Plugin ZIP",
    minutes: 3,
    consent: Some(CONSENT),
    steps: &[
        step("Download the plugin.", "Plugins → Add New → Upload Plugin. Choose the ZIP and activate it."),
        step("Place a test order.", "The block thank-you page needs the block “Additional Information”."),
        site_step("Or paste both snippets.", "Into functions.php of your child theme. They end with that theme."),
    ],
    notes: &[
        "Orders that wait for a bank transfer count as well. Failed ones do not.",
        "A thank-you page that is opened again reports the order again. pixeld counts each order ID once.",
    ],
    snippets,
    file: Some(FileOption { label: "Download plugin", make: plugin }),
    ..SHOP
};

fn snippets(data: &Data<'_>) -> Snippets {
    Snippets {
        every_page: vec![Snippet::new("Every page: functions.php", SiteHook { data })],
        sale: vec![Snippet::new("Thank-you page: functions.php", SaleHook { data })],
        examples: Vec::new(),
    }
}

fn plugin(data: &Data<'_>) -> ZipResult<Download> {
    let name = format!("pixeld-pixel-{}", data.id());
    let php = Plugin { data, site: SiteHook { data }.to_string(), sale: SaleHook { data }.to_string() };
    let bytes = zip(&name, &[SourceFile::new(format!("{name}.php"), php)])?;
    Ok(Download { name: format!("{name}.zip"), content_type: "application/zip", bytes })
}

#[derive(Template)]
#[template(path = "tags/woocommerce/site.txt")]
struct SiteHook<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/woocommerce/sale.txt")]
struct SaleHook<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/woocommerce/plugin.txt")]
struct Plugin<'a> {
    data: &'a Data<'a>,
    site: String,
    sale: String,
}
