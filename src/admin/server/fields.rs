//! The settings that the page changes: their labels, choices and values, and what of a posted form is a change.

use crate::admin::shell::form::{Control, Errors, Form};
use crate::config::{Config, LiveSettings, SETTINGS, Setting, Source};
use crate::domain::FieldError;
use crate::store::SettingChange;

/// A setting as the form knows it.
struct Known {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    input: Input,
}

/// How its value is entered.
#[derive(Clone, Copy)]
pub enum Input {
    Text,
    /// With the unit, which may be empty.
    Number(&'static str),
    /// Values with their words.
    Choice(&'static [(&'static str, &'static str)]),
}

/// A setting in the form.
pub struct SettingField {
    pub name: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub input: Input,
    pub value: String,
    /// The value that the form began with, so that only what a user touches changes.
    pub was: String,
    /// "Fixed by PIXELD_BOTS."; empty if the page can change it.
    pub fixed: String,
    pub error: String,
}

impl SettingField {
    /// The sentence below the field: its meaning, or what fixes it.
    pub fn hint(&self) -> &str {
        if self.fixed.is_empty() { self.help } else { &self.fixed }
    }
}

/// The setting of the public address.
pub const ADDRESS: &str = "public_url";

const SIGNAL: &[(&str, &str)] = &[("on", "Record these visitors anonymously"), ("off", "Ignore the signal")];

const FORM: &[Known] = &[
    Known {
        name: ADDRESS,
        label: "Public address",
        help: "Where visitors’ browsers reach this server, such as https://px.shop.example.",
        input: Input::Text,
    },
    Known {
        name: "cookie_days",
        label: "Cookie lifetime",
        help: "From 1 to 400 days after the last visit.",
        input: Input::Number("days"),
    },
    Known {
        name: "ip_storage",
        label: "IP addresses of visitors",
        help: "Without the last part, 203.0.113.7 becomes 203.0.113.0.",
        input: Input::Choice(&[
            ("truncated", "Keep without the last part"),
            ("none", "Do not keep"),
            ("full", "Keep in full"),
        ]),
    },
    Known { name: "honour_gpc", label: "Global Privacy Control", help: "", input: Input::Choice(SIGNAL) },
    Known { name: "honour_dnt", label: "Do Not Track", help: "", input: Input::Choice(SIGNAL) },
    Known {
        name: "tcf_purposes",
        label: "TCF purposes",
        help: "If a tag sends gdpr=1, visitors must consent to these. Others are recorded anonymously.",
        input: Input::Text,
    },
    Known {
        name: "tcf_vendor_id",
        label: "TCF vendor",
        help: "Your number in the Global Vendor List, if visitors must consent to you too. 0 if not.",
        input: Input::Number(""),
    },
    Known {
        name: "bots",
        label: "Bots",
        help: "Their events are recorded and never counted.",
        input: Input::Choice(&[
            ("known", "Crawlers that say so"),
            ("strict", "Also headless browsers, tools and unnamed programs"),
        ]),
    },
    Known {
        name: "events_per_minute",
        label: "Events per minute",
        help: "From one address to one pixel, tracker or segment. 0 means no limit.",
        input: Input::Number(""),
    },
    Known {
        name: "click_ids",
        label: "Further click IDs",
        help: "Names of parameters, with commas between them. pixeld reads them as it reads gclid.",
        input: Input::Text,
    },
    Known {
        name: "keep_page_query",
        label: "Addresses of pages",
        help: "The part after the question mark may name a person.",
        input: Input::Choice(&[("off", "Keep up to the question mark"), ("on", "Keep in full")]),
    },
    Known {
        name: "keep_unknown_parameters",
        label: "Unknown parameters",
        help: "Those of tags that pixeld does not know.",
        input: Input::Choice(&[("off", "Keep the names"), ("on", "Keep names and values")]),
    },
];

/// The row of the table of settings.
fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// The label of a setting of the form.
pub fn label(name: &str) -> Option<&'static str> {
    FORM.iter().find(|known| known.name == name).map(|known| known.label)
}

/// The control of a setting, or of the organisation's name.
pub fn control(name: &str) -> Option<Control> {
    if name == "name" {
        return Some(Control::new("name", "Organisation"));
    }
    label(name).map(|label| Control::new(name, label))
}

/// What keeps the page from changing a setting, as a sentence; empty if nothing does.
fn fixed(config: &Config, setting: &Setting, source: Source) -> String {
    match source {
        Source::Flag => format!("Fixed by the command line: --{}.", setting.flag),
        Source::Environment => format!("Fixed by {}.", setting.env),
        Source::File => {
            let file = config.file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
            format!("Fixed by the file {file}.")
        }
        Source::Page | Source::Default => String::new(),
    }
}

/// The fields with these names, with what was typed if `form` is a posted one.
pub fn fields(config: &Config, live: &LiveSettings, form: &Form, errors: &Errors, names: &[&str]) -> Vec<SettingField> {
    let field = |known: &Known| {
        let (now, setting) = (live.setting(known.name)?, setting(known.name)?);
        let fixed = fixed(config, setting, now.source);
        let typed = Some(known.name).filter(|name| fixed.is_empty() && form.has(name)).map(|name| form.text(name));
        let was = if form.has(&was(known.name)) { form.text(&was(known.name)) } else { &now.value };
        Some(SettingField {
            name: known.name,
            label: known.label,
            help: known.help,
            input: known.input,
            value: typed.unwrap_or(&now.value).to_owned(),
            was: was.to_owned(),
            fixed,
            error: errors.of(known.name),
        })
    };
    names.iter().filter_map(|name| FORM.iter().find(|known| known.name == *name)).filter_map(field).collect()
}

/// The field that says what a field held before.
fn was(name: &str) -> String {
    format!("was_{name}")
}

/// The form as the page shows it again after the store refused it: it was opened now.
pub fn opened_now(form: &Form) -> Form {
    let fields = form.pairs().filter(|(name, _)| !name.starts_with("was_"));
    Form::of(&fields.map(|(name, text)| (name.to_owned(), text.to_owned())).collect::<Vec<_>>())
}

/// The settings that a posted form changes, and the errors in it. A setting that the form leaves out stays.
pub fn changes(config: &Config, live: &LiveSettings, form: &Form) -> (Vec<SettingChange>, Errors) {
    let (mut changes, mut wrong) = (Vec::new(), Vec::new());
    for known in FORM.iter().filter(|known| form.has(known.name)) {
        let (Some(now), Some(setting)) = (live.setting(known.name), setting(known.name)) else { continue };
        let typed = form.text(known.name);
        let was = form.has(&was(known.name)).then(|| form.text(&was(known.name)));
        if typed == was.unwrap_or(&now.value) {
            continue;
        }
        let fixed = fixed(config, setting, now.source);
        let checked = match fixed.is_empty() {
            true => config.check(known.name, typed),
            false => Err(format!("is {}", fixed.replacen('F', "f", 1))),
        };
        match checked {
            Ok(value) => {
                if value != now.value {
                    changes.push(SettingChange {
                        name: setting.name,
                        value,
                        was: was.map(str::to_owned),
                        default: setting.default,
                    });
                }
            }
            Err(message) => wrong.push(FieldError { field: known.name.to_owned(), message }),
        }
    }
    (changes, Errors::of_fields(wrong, control))
}
