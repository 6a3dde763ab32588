//! The fields of the form of sources as text. They read from a source, a template or a posted form, and write into a source.
//! Pure.

use std::collections::BTreeSet;

use crate::admin::forms::parse::{Controls, FormField, form_data, lines, merge_errors, optional, word};
use crate::admin::shell::form::{Control, Form, Labels, control_in};
use crate::domain::{Checks, FieldError, Source, SourceMatch, SourceTemplate, Status, trim};

pub const FIELDS: Labels = &[
    ("name", "Name"),
    ("line_item_id", "Line item"),
    ("publisher_id", "Placement"),
    ("match", "Conditions"),
    ("campaign_by", "Parameter of the campaign"),
    ("makes_campaigns", "New campaigns"),
    ("campaign_id", "Campaign"),
    ("code", "Code"),
    ("state", "Status"),
];

/// The most rows of parameters that the form reads. A source takes 10.
const MOST_ROWS: usize = 30;

form_data! {
    /// Every field as text.
    SourceFormData {
        name: String,
        line_item_id: String,
        publisher_id: String,
        click_id: ClickIdBoxes,
        parameters: Vec<ParameterRow>,
        referrer_host: String,
        campaign_id: String,
        campaign_by: String,
        makes_campaigns: bool,
        code: String,
        state: String,
        /// The key of the template that it began as; empty for none.
        template: String,
    }
}

/// The names of the ticked click ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClickIdBoxes(pub Vec<String>);

/// A condition on a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterRow {
    /// `utm_source`, or `ref, via`.
    pub names: String,
    /// `cpc, paid*`
    pub values: String,
}

impl FormField for ClickIdBoxes {
    fn read(form: &Form, name: &str) -> Self {
        ClickIdBoxes(form.all(name).map(str::to_owned).collect())
    }

    fn put(&self, name: &str, controls: &mut Controls) {
        controls.extend(self.0.iter().map(|id| (name.to_owned(), id.clone())));
    }

    fn words(&self) -> String {
        self.0.join(", ")
    }

    /// The page has its own order of the names, and its own capitals.
    fn differs(&self, before: &Self) -> bool {
        let names = |of: &Self| of.0.iter().map(|name| name.to_lowercase()).collect::<BTreeSet<_>>();
        names(self) != names(before)
    }
}

impl FormField for Vec<ParameterRow> {
    /// Drops the empty rows. A form that only adds a row keeps them.
    fn read(form: &Form, _: &str) -> Self {
        let rows = form.all("parameter").zip(form.all("parameter_values")).take(MOST_ROWS);
        let row = |(names, values): (&str, &str)| ParameterRow { names: names.to_owned(), values: values.to_owned() };
        let is_empty = |row: &ParameterRow| row.names.is_empty() && row.values.is_empty();
        rows.map(row).filter(|row| form.adds_row() || !is_empty(row)).collect()
    }

    fn put(&self, _: &str, controls: &mut Controls) {
        for ParameterRow { names, values } in self {
            controls.push(("parameter".to_owned(), names.clone()));
            controls.push(("parameter_values".to_owned(), values.clone()));
        }
    }

    fn words(&self) -> String {
        lines(self.iter().map(|row| format!("{}: {}", row.names, row.values)))
    }
}

impl SourceFormData {
    pub fn of(source: &Source) -> Self {
        let mut data = SourceFormData {
            name: source.name.clone(),
            line_item_id: source.line_item_id.to_string(),
            publisher_id: source.publisher_id.map(|id| id.to_string()).unwrap_or_default(),
            click_id: ClickIdBoxes::default(),
            parameters: Vec::new(),
            referrer_host: String::new(),
            campaign_id: source.campaign_id.map(|id| id.to_string()).unwrap_or_default(),
            campaign_by: source.campaign_by.clone().unwrap_or_default(),
            makes_campaigns: source.makes_campaigns,
            code: source.code.clone().unwrap_or_default(),
            state: source.state.to_string(),
            template: SourceTemplate::like(&source.condition).map_or("", |template| template.key).to_owned(),
        };
        data.set_condition(&source.condition);
        data
    }

    /// Fills in what a template says.
    pub fn follow(&mut self, template: &SourceTemplate) {
        template.name.clone_into(&mut self.name);
        template.campaign_by.clone_into(&mut self.campaign_by);
        template.key.clone_into(&mut self.template);
        self.set_condition(&template.condition());
    }

    fn set_condition(&mut self, condition: &SourceMatch) {
        self.click_id = ClickIdBoxes(condition.click_ids.iter().map(|name| (*name).to_owned()).collect());
        let row = |(names, values): (String, Vec<&str>)| ParameterRow {
            names: names.replace(',', ", "),
            values: values.join(", "),
        };
        let only = SourceMatch { parameters: condition.parameters.clone(), ..SourceMatch::default() };
        self.parameters = only.conditions().into_iter().map(row).collect();
        self.referrer_host = condition.referrer_hosts.join(", ");
    }

    pub fn add_row(&mut self) {
        self.parameters.push(ParameterRow::default());
    }

    /// Writes the form into a source, but for the objects that it names. Fields that the form does not have stay.
    ///
    /// # Errors
    /// Every rule that the form breaks, with those in `checks`, under the published names.
    pub fn write(&self, mut checks: Checks, source: &mut Source) -> Result<(), Vec<FieldError>> {
        source.name = self.name.clone();
        source.code = optional(&self.code);
        source.state = word(&mut checks, "state", Status::parse(&self.state), source.state);
        source.campaign_by = optional(&self.campaign_by).map(|name| name.to_lowercase());
        source.makes_campaigns = self.makes_campaigns;
        match self.condition() {
            Ok(condition) if condition.is_empty() => {
                checks.fail("match", "are missing. Tick a click ID, or name a parameter or a website");
            }
            Ok(condition) => source.condition = condition,
            Err(broken) => broken.into_iter().for_each(|error| checks.fail(error.field, error.message)),
        }
        // The store gives a new source its position.
        let mut checked = source.clone();
        checked.position = checked.position.max(1);
        let mut broken = checked.check();
        if let Err(errors) = &mut broken {
            errors.retain(|error| error.field != "match");
        }
        let broken = broken.or_else(|errors| if errors.is_empty() { Ok(()) } else { Err(errors) });
        merge_errors(FIELDS, checks, broken).map_err(|mut errors| {
            errors.sort_by_key(|error| place(&error.field));
            errors
        })
    }

    fn condition(&self) -> Result<SourceMatch, Vec<FieldError>> {
        let split = |text: &str| -> Vec<String> {
            text.split([',', '\n']).map(trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let mut conditions: Vec<(String, Vec<String>)> = Vec::new();
        if !self.click_id.0.is_empty() {
            conditions.push(("click_id".to_owned(), self.click_id.0.clone()));
        }
        conditions.extend(self.parameters.iter().map(|row| (row.names.clone(), split(&row.values))));
        if !self.referrer_host.is_empty() {
            conditions.push(("referrer_host".to_owned(), split(&self.referrer_host)));
        }
        SourceMatch::of(conditions)
    }
}

/// The place of a field's error down the page.
fn place(field: &str) -> (usize, usize) {
    let (name, part) = field.split_once('.').unwrap_or((field, ""));
    let row = FIELDS.iter().position(|(known, _)| *known == name).unwrap_or(0);
    let part = match part.split('[').next() {
        Some("click_id") => 0,
        Some("referrer_host") => 2,
        _ => 1,
    };
    (row, part)
}

/// The label of a field of the form; none for the template, which follows from the conditions.
pub fn label(field: &str) -> Option<&'static str> {
    match field {
        "click_id" => Some("Click IDs"),
        "parameters" => Some("Parameters"),
        "referrer_host" => Some("Website before"),
        _ => FIELDS.iter().find(|(name, _)| *name == field).map(|(_, label)| *label),
    }
}

/// The control of a published field.
pub fn control(field: &str) -> Option<Control> {
    let Some(part) = field.strip_prefix("match.") else { return control_in(FIELDS, field) };
    let part = part.split('[').next().unwrap_or(part);
    Some(match part {
        "click_id" => Control::new("click_id", "Click ID"),
        "referrer_host" => Control::new("referrer_host", "Website before"),
        "" => Control::new("parameters", "A parameter"),
        name => Control::new("parameters", name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::forms::parse::FormData;
    use crate::domain::{AdvertiserId, LineItemId, SOURCE_TEMPLATES};

    fn blank() -> Source {
        Source { position: 3, ..Source::new(AdvertiserId(1), LineItemId(1), "") }
    }

    #[test]
    fn every_template_goes_through_the_form() {
        for template in SOURCE_TEMPLATES {
            let mut data = SourceFormData::of(&blank());
            data.follow(template);
            let mut source = blank();
            data.write(Checks::new(), &mut source).unwrap();
            assert_eq!(source.condition, template.condition(), "{}", template.key);
            assert_eq!((source.name.as_str(), source.position), (template.name, 3));
            let again = SourceFormData::of(&source);
            let mut same = source.clone();
            again.write(Checks::new(), &mut same).unwrap();
            assert_eq!((same, again.template.as_str()), (source, template.key));
        }
    }

    #[test]
    fn errors_name_the_controls() {
        let form = Form::parse(
            b"name=&state=odd&click_id=nope&parameter=utm+source&parameter_values=a&parameter=ref&parameter_values=\
              &parameter=&parameter_values=&referrer_host=com",
        );
        let data = SourceFormData::read(&form);
        assert_eq!(data.parameters.len(), 2);
        let errors = data.write(Checks::new(), &mut blank()).unwrap_err();
        let said: Vec<_> = errors
            .iter()
            .map(|error| {
                format!("{}: {}", control(&error.field).map(|control| control.id).unwrap_or_default(), error.field)
            })
            .collect();
        assert_eq!(
            said,
            [
                "name: name",
                "click_id: match.click_id[0]",
                "parameters: match.utm source",
                "parameters: match.ref",
                "referrer_host: match.referrer_host[0]",
                "state: state",
            ]
        );
        let empty = SourceFormData::read(&Form::parse(b"name=a&state=active"));
        let errors = empty.write(Checks::new(), &mut blank()).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["match"]);
    }
}
