//! The consent signals of a request: keeps them for the log, and finds out whether pixeld may know the visitor.

use std::borrow::Cow;
use std::fmt::Write;

use super::tcf;
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::collect::query::Raw;
use crate::config::LiveSettings;

/// The longest signal, in characters. A GPP string with every section is shorter.
const LONGEST: usize = 4_096;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The signals as they came: `gdpr=1&gdpr_consent=...&us_privacy=...&gpp=...`.
    pub signals: Option<String>,
    /// The GDPR applies, and the consent that the operator needs is missing: pixeld may not know the visitor.
    pub refused: bool,
}

/// The consent that the operator needs where the GDPR applies.
#[derive(Clone, Copy, Debug)]
pub struct Needed<'a> {
    /// TCF purposes.
    pub purposes: &'a [u8],
    /// The TCF vendor that needs consent too.
    pub vendor: Option<u16>,
}

impl<'a> Needed<'a> {
    pub fn by(settings: &'a LiveSettings) -> Self {
        Needed { purposes: &settings.tcf_purposes, vendor: settings.tcf_vendor_id }
    }
}

/// What a request's `gdpr` says.
#[derive(Debug, Default)]
pub struct Gdpr {
    pub applies: bool,
    /// Its signals, as they came.
    pub signals: String,
}

pub fn read(raw: &mut Raw<'_>, gdpr: Gdpr, needed: Needed<'_>, warnings: &mut Warnings) -> Consent {
    let Gdpr { applies, mut signals } = gdpr;
    let tcf = raw.gdpr_consent.take();
    let (us_privacy, gpp) = (raw.us_privacy.take(), raw.gpp.take());
    let tcf = signal("gdpr_consent", tcf, &mut signals, warnings);
    let granted = tcf.as_deref().map(|text| tcf::grants(text, needed.purposes, needed.vendor));
    if let (Some(text), Some(None)) = (&tcf, granted) {
        warnings.add("gdpr_consent", text, Rule::NotAConsentString);
    }
    signal("us_privacy", us_privacy, &mut signals, warnings);
    signal("gpp", gpp, &mut signals, warnings);
    Consent { refused: applies && granted.flatten() != Some(true), signals: (!signals.is_empty()).then_some(signals) }
}

/// Every signal's alphabet. None of it needs escaping in the log's text.
pub fn is_plain(sign: u8) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'_' | b'.' | b'~')
}

/// Adds one signal to `signals`, if its text can be one.
fn signal<'a>(
    name: &'static str,
    raw: Option<Cow<'a, str>>,
    signals: &mut String,
    warnings: &mut Warnings,
) -> Option<Cow<'a, str>> {
    let text = raw.filter(|text| !text.is_empty())?;
    if !text.bytes().all(is_plain) {
        warnings.add(name, &text, Rule::NotAConsentString);
        return None;
    }
    if text.len() > LONGEST {
        warnings.add(name, &text, Rule::TooLong);
        return None;
    }
    let and = if signals.is_empty() { "" } else { "&" };
    // Writing to a text cannot fail.
    let _ = write!(signals, "{and}{name}={text}");
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::params::gdpr;
    use crate::collect::query::parse;

    const GRANTED: &str = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA";
    const WITHOUT_1: &str = "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA";

    fn read_query(query: &str) -> (Consent, Vec<String>) {
        let mut warnings = Warnings::default();
        let consent = gdpr::consent(&mut parse(query), Needed { purposes: &[1], vendor: None }, &mut warnings);
        (
            consent,
            warnings.into_vec().into_iter().map(|warning| format!("{} {}", warning.parameter, warning.rule)).collect(),
        )
    }

    #[test]
    fn where_the_gdpr_applies_consent_is_needed() {
        for (query, refused) in [
            ("", false),
            ("gdpr=", false),
            ("gdpr=0", false),
            ("gdpr=1", true),
            ("gdpr=1&gdpr_consent=", true),
            (&format!("gdpr=1&gdpr_consent={GRANTED}"), false),
            (&format!("gdpr=1&gdpr_consent={WITHOUT_1}"), true),
            (&format!("gdpr=0&gdpr_consent={WITHOUT_1}"), false),
            (&format!("gdpr_consent={WITHOUT_1}"), false),
            ("gdpr=TRUE", true),
            ("gdpr=Yes", true),
            ("gdpr=on+", true),
            ("gdpr=false", false),
            ("gdpr=No&gdpr=off", false),
            (&format!("gdpr=true&gdpr_consent={GRANTED}"), false),
        ] {
            let (consent, warnings) = read_query(query);
            assert_eq!((consent.refused, warnings), (refused, vec![]), "{query}");
        }
    }

    #[test]
    fn signals_are_kept_as_they_came() {
        let query = format!("gpp=DBABMA~{GRANTED}&us_privacy=1YNN&gdpr_consent={GRANTED}.YAAA&gdpr=0&other=x");
        let signals = format!("gdpr=0&gdpr_consent={GRANTED}.YAAA&us_privacy=1YNN&gpp=DBABMA~{GRANTED}");
        assert_eq!(read_query(&query), (Consent { signals: Some(signals), refused: false }, vec![]));
        assert_eq!(read_query("id=1"), (Consent::default(), vec![]));
    }

    #[test]
    fn other_texts_are_warnings() {
        let (consent, warnings) = read_query("gdpr=maybe&gdpr_consent=${GDPR_CONSENT}&us_privacy=1%20NN");
        assert_eq!((consent.signals.as_deref(), consent.refused), (Some("gdpr=maybe"), true));
        assert_eq!(
            warnings,
            ["gdpr taken_as_1", "gdpr_consent not_a_consent_string", "us_privacy not_a_consent_string"]
        );
        let (consent, warnings) = read_query("gdpr=j%C3%A4");
        assert_eq!((consent.signals.as_deref(), consent.refused), (Some("gdpr=1"), true));
        assert_eq!(warnings, ["gdpr taken_as_1"]);
        let (consent, warnings) = read_query("gdpr=${GDPR}");
        assert_eq!((consent, warnings), (Consent::default(), vec!["gdpr placeholder_not_filled_in".to_owned()]));
        let (consent, warnings) = read_query("gdpr=1&gdpr_consent=1YNN");
        assert_eq!((consent.signals.as_deref(), consent.refused), (Some("gdpr=1&gdpr_consent=1YNN"), true));
        assert_eq!(warnings, ["gdpr_consent not_a_consent_string"]);
        for (query, signals, refused) in [
            ("gdpr=0&gdpr=1", "gdpr=0&gdpr=1", true),
            ("gdpr=0&gdpr=0&gdpr=yes&gdpr=1", "gdpr=0&gdpr=yes", true),
            ("gdpr=1&gdpr=0", "gdpr=1", true),
            ("gdpr=0&gdpr=no", "gdpr=0", false),
        ] {
            let (consent, _) = read_query(query);
            assert_eq!((consent.signals.as_deref(), consent.refused), (Some(signals), refused), "{query}");
        }
        let (consent, warnings) = read_query(&format!("gpp={}", "A".repeat(4097)));
        assert_eq!((consent, warnings), (Consent::default(), vec!["gpp too_long".to_owned()]));
    }
}
