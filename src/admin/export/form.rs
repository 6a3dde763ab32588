//! The choices of the export form: boxes and radio buttons that refuse what does not go with the other options, and the
//! rows of segments.

use super::options::{self, SegmentOpData, refusal};
use super::text::{self, Caption};
use crate::admin::choices::{self, Choice};
use crate::admin::shell::form::Form;
use crate::admin::shell::session::Session;
use crate::domain::{Pixel, Segment, SegmentAction, Status};
use crate::store::{ListQuery, Scalar, Store, StoreError, Test};
use crate::tag::{Carrier, Naming, Parameter, SegmentPart, TagOptions, Target};

/// A box or radio button of the form.
pub struct ExportChoice {
    pub value: String,
    pub label: String,
    pub help: String,
    pub ticked: bool,
    /// Whether it does not go with the other choices. Then `help` says why.
    pub is_refused: bool,
}

pub struct SegmentRows {
    pub rows: Vec<SegmentOpRow>,
    /// The options of one more row.
    pub options: Vec<Choice>,
    /// Why the tags cannot have segments; empty if they can.
    pub refusal: String,
    /// The chosen rows, for a target that can have them.
    pub kept: String,
}

pub struct SegmentOpRow {
    /// Counts from 1.
    pub number: usize,
    pub data: SegmentOpData,
    pub options: Vec<Choice>,
}

/// Makes the choices of the form, beside the options that the user has chosen.
pub struct ExportChoices<'a> {
    pub pixels: &'a [Pixel],
    pub options: &'a TagOptions,
    /// Whether the options go together. If not, the page offers everything, so that the user can put it right.
    pub are_valid: bool,
}

impl ExportChoices<'_> {
    /// Why the options cannot change so; empty if they can.
    fn refusal(&self, change: impl FnOnce(&mut TagOptions)) -> String {
        let mut other = self.options.clone();
        change(&mut other);
        if self.are_valid { refusal(self.pixels, &other) } else { String::new() }
    }

    fn choice(&self, value: &str, Caption { label, help }: Caption, ticked: bool, refusal: String) -> ExportChoice {
        let help = if refusal.is_empty() { help.to_owned() } else { format!("Not available: {refusal}") };
        ExportChoice { value: value.to_owned(), label: label.to_owned(), is_refused: !refusal.is_empty(), help, ticked }
    }

    /// The kinds of tag to choose from; none if there is no choice.
    pub fn carriers(&self) -> Vec<ExportChoice> {
        match self.options.target.carriers() {
            [_] => Vec::new(),
            several => several.iter().map(|carrier| self.carrier(*carrier)).collect(),
        }
    }

    fn carrier(&self, carrier: Carrier) -> ExportChoice {
        // Only the pixels themselves forbid images, so images stay refused while other options are wrong.
        let refusal = match carrier {
            Carrier::Image if !self.are_valid => {
                let plain = TagOptions {
                    carrier,
                    target: Target::PAGE,
                    naming: Naming::Ids,
                    parameters: Vec::new(),
                    ..self.options.clone()
                };
                refusal(self.pixels, &plain)
            }
            _ => self.refusal(|options| options.carrier = carrier),
        };
        self.choice(carrier.as_str(), text::carrier(carrier), self.options.carrier == carrier, refusal)
    }

    pub fn targets(&self) -> Vec<ExportChoice> {
        let target = |target: Target| {
            let caption = Caption { label: target.label(), help: target.about() };
            self.choice(target.as_str(), caption, self.options.target == target, String::new())
        };
        Target::ALL.into_iter().map(target).collect()
    }

    /// The parameters that the target can fill in. If it takes no redirect URL, that choice says why.
    pub fn parameters(&self) -> Vec<ExportChoice> {
        let target = self.options.target;
        let is_offered = |parameter: &&Parameter| {
            target.fills().contains(parameter) || **parameter == Parameter::Redir || self.is_ticked(**parameter)
        };
        Parameter::OF_PIXELS.iter().filter(is_offered).map(|parameter| self.parameter(*parameter)).collect()
    }

    fn is_ticked(&self, parameter: Parameter) -> bool {
        self.options.parameters.contains(&parameter)
    }

    fn parameter(&self, parameter: Parameter) -> ExportChoice {
        let caption = text::parameter(parameter, self.options.target);
        let refusal = self.refusal(|options| options.parameters.push(parameter));
        self.choice(parameter.name(), caption, self.is_ticked(parameter), refusal)
    }

    /// Only where the place asks for consent.
    pub fn consent(&self) -> Option<ExportChoice> {
        let consent = self.options.target.consent()?;
        let caption = Caption { label: consent.label, help: consent.help };
        Some(self.choice("on", caption, self.options.consent, String::new()))
    }

    /// Only where the place knows tax and shipping.
    pub fn net(&self) -> Option<ExportChoice> {
        let caption = Caption {
            label: "Value without tax and shipping",
            help: "What the products cost. Otherwise the whole total is sent.",
        };
        self.options.target.has_net().then(|| self.choice("on", caption, self.options.net, String::new()))
    }

    /// Only where the place names pixels by their codes.
    pub fn codes(&self) -> Option<ExportChoice> {
        let codes = Naming::Codes(crate::store::MEMBER);
        let caption =
            Caption { label: "Codes instead of IDs", help: "Tags keep working if you move to another server." };
        let refusal = self.refusal(|options| options.naming = codes);
        self.options.target.has_codes().then(|| self.choice("on", caption, self.options.naming == codes, refusal))
    }

    /// Only for script tags on pages.
    pub fn noscript(&self) -> Option<ExportChoice> {
        let caption = Caption {
            label: "Image for browsers without scripts",
            help: "Counts the event there. Extra script pixels are left out.",
        };
        let has_noscript = self.options.carrier == Carrier::Script && self.options.target == Target::PAGE;
        has_noscript.then(|| self.choice("on", caption, self.options.noscript, String::new()))
    }

    fn segment_refusal(&self) -> String {
        let any = SegmentPart::new(&Segment::new("any"), SegmentAction::Remove);
        self.refusal(|options| options.segments.push(any))
    }
}

pub async fn segments(
    store: &Store,
    session: &Session,
    query: &Form,
    choices: &ExportChoices<'_>,
) -> Result<SegmentRows, StoreError> {
    let mut rows = options::rows_for(query, choices.options.target);
    if rows.is_empty() || query.adds_row() {
        rows.push(SegmentOpData::empty());
    }
    let active =
        ListQuery::default().with::<Segment>("state", Test::In(vec![Scalar::Text(Status::Active.to_string())]));
    let ids: Vec<i64> = rows.iter().filter_map(|row| row.segment.parse().ok()).collect();
    let all = choices::all_with::<Segment>(store, session.reader(), active, &ids).await?;
    let kept = options::rows_to_keep(query);
    let options = |chosen: &str| {
        choices::options(&all, chosen, |segment| (segment.id.0, format!("{} ({})", segment.short_name, segment.id)))
    };
    let row = |(index, data): (usize, SegmentOpData)| SegmentOpRow {
        number: index + 1,
        options: options(&data.segment),
        data,
    };
    Ok(SegmentRows {
        rows: rows.into_iter().enumerate().map(row).collect(),
        options: options(""),
        refusal: choices.segment_refusal(),
        kept,
    })
}
