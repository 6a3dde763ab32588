//! Form plugins of WordPress: a script that hears when a form was sent.

use askama::Template;

use super::call::Loader;
use super::woocommerce::CONSENT;
use super::{Row, SHOP, site_step, step};
use crate::tag::Parameter;
use crate::tag::carrier::Carrier;
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "forms",
    label: "WordPress forms",
    about: "Leads, sign-ups",
    minutes: 3,
    carriers: &[Carrier::Script],
    fills: &[Parameter::Other],
    usual: &[Parameter::Other],
    has_net: false,
    consent: Some(CONSENT),
    steps: &[
        step("Install a plugin for snippets, such as WPCode.", "Code Snippets → Header & Footer → Footer."),
        step("Paste the snippet and save.", "It hears Contact Form 7, WPForms, Gravity Forms and Elementor forms."),
        site_step("The site tag comes with it.", "It recognises visitors who come from ads."),
    ],
    notes: &[
        "Only forms that were sent count. Forms with errors, or that were taken for spam, do not.",
        "WPForms needs AJAX form submission, under the form's general settings.",
    ],
    snippets,
    ..SHOP
};

fn snippets(data: &Data<'_>) -> Snippets {
    let site = if data.site && !data.consent { data.site_tag("") } else { String::new() };
    let loader = Loader { data, asks_tcf: false, site: &site }.to_string();
    Snippets {
        sale: vec![Snippet::new("Every page: footer", Forms { data, loader: loader.trim_end() })],
        ..Snippets::default()
    }
}

#[derive(Template)]
#[template(path = "tags/forms/forms.txt")]
struct Forms<'a> {
    data: &'a Data<'a>,
    loader: &'a str,
}
