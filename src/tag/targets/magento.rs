//! Magento 2: a module as ZIP, or the same files by a shell script.

use askama::Template;
use zip::result::ZipResult;

use super::{FileOption, Row, SHOP, step};
use crate::tag::Download;
use crate::tag::archive::{SourceFile, zip};
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "magento",
    label: "Magento 2",
    about: "Module ZIP",
    minutes: 10,
    steps: &[
        step("Download the module.", "Unpack it into app/code/Pixeld in Magento's directory."),
        step(
            "Switch it on.",
            "Run the last line below as the user who owns Magento's files. The lines above it write the same files without the ZIP.",
        ),
        step("In production mode, compile.", "Run bin/magento setup:di:compile afterwards."),
    ],
    notes: &[
        "Works with Luma and Hyvä. Checkout with several addresses and headless shops show another page, so they report nothing.",
        "The module also allows this server in Magento's Content Security Policy.",
        "It does not ask for consent. pixeld itself respects GPC, DNT and the opt-out.",
    ],
    snippets,
    file: Some(FileOption { label: "Download module", make: module }),
    ..SHOP
};

fn snippets(data: &Data<'_>) -> Snippets {
    let shell = Shell { data, files: files(data) };
    Snippets { sale: vec![Snippet::new("Every page and thank-you page: the module", shell)], ..Snippets::default() }
}

fn module(data: &Data<'_>) -> ZipResult<Download> {
    let bytes = zip(&format!("Pixel{}", data.id()), &files(data))?;
    let name = format!("pixeld-magento-{}.zip", data.id());
    Ok(Download { name, content_type: "application/zip", bytes })
}

fn files(data: &Data<'_>) -> Vec<SourceFile> {
    let layout = "view/frontend/layout";
    let mut files = vec![
        SourceFile::new("registration.php", Registration { data }),
        SourceFile::new("etc/module.xml", Module { data }),
        SourceFile::new("etc/csp_whitelist.xml", Policy { data, hosts: data.hosts() }),
        SourceFile::new(format!("{layout}/checkout_onepage_success.xml"), Layout { data }),
        SourceFile::new("ViewModel/Tag.php", ViewModel { data }),
        SourceFile::new("view/frontend/templates/tag.phtml", TagTemplate { data }),
    ];
    if data.site {
        files.push(SourceFile::new(format!("{layout}/default.xml"), SiteLayout { data }));
        files.push(SourceFile::new("view/frontend/templates/site.phtml", data.site_tag("")));
    }
    files
}

#[derive(Template)]
#[template(path = "tags/magento/shell.txt")]
struct Shell<'a> {
    data: &'a Data<'a>,
    files: Vec<SourceFile>,
}

impl Shell<'_> {
    /// The folders of the files, each once.
    fn folders(&self) -> Vec<&str> {
        let mut folders: Vec<_> = self.files.iter().filter_map(|file| Some(file.path.rsplit_once('/')?.0)).collect();
        folders.sort_unstable();
        folders.dedup();
        folders
    }
}

#[derive(Template)]
#[template(path = "tags/magento/registration.txt")]
struct Registration<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/magento/module.txt")]
struct Module<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/magento/policy.txt")]
struct Policy<'a> {
    data: &'a Data<'a>,
    hosts: Vec<String>,
}

#[derive(Template)]
#[template(path = "tags/magento/layout.txt")]
struct Layout<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/magento/site_layout.txt")]
struct SiteLayout<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/magento/view_model.txt")]
struct ViewModel<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/magento/tag.txt")]
struct TagTemplate<'a> {
    data: &'a Data<'a>,
}
