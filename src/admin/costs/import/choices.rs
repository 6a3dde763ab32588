//! What the user has chosen for an uploaded file so far. It is kept with the file, and in part remembered for the next one
//! of the same header.

use std::collections::{BTreeMap, HashMap};

use crate::admin::shell::form::Form;
use crate::domain::cut;
use crate::store::CostName;
use crate::tables::columns::Mapping;
use crate::tables::costs::COSTS;

/// Parts the account from the name in what is kept.
const MARK: char = '\u{1f}';
/// The target of a campaign that is left out.
pub const LEFT_OUT: &str = "out";

/// The choices. An empty text is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportChoices {
    pub advertiser_id: i64,
    /// The kind of export.
    pub profile: String,
    /// The column of each field; none until the user has seen the guess.
    pub columns: Option<Mapping>,
    /// The answers to riddles, by field.
    pub answers: HashMap<String, String>,
    /// The currency of rows that name none.
    pub currency: String,
    /// The account of rows that name none.
    pub account: String,
    /// `take` or `leave`.
    pub negative: String,
    /// Whether rows that break a rule are left out.
    pub leaves_faults_out: bool,
    /// The line item's id of each campaign, or [`LEFT_OUT`].
    pub targets: BTreeMap<CostName, String>,
}

impl ImportChoices {
    pub fn answer(&self, field: &str) -> &str {
        self.answers.get(field).map_or("", String::as_str)
    }

    /// Takes what the form of the columns sends. Answers and campaigns that belong to other columns go.
    pub fn take_columns(&mut self, form: &Form) {
        let columns = columns_in(form);
        if self.columns.as_ref() != Some(&columns) {
            self.targets.clear();
        }
        self.profile = form.text("profile").to_owned();
        self.answers = answers_in(form);
        // An answer is of the column that the page showed.
        let shown = form.text("shown").split(',').map(|column| column.parse().ok());
        for ((field, shown), now) in COSTS.fields.iter().zip(shown).zip(&columns.0) {
            if shown != *now {
                self.answers.remove(field.key);
            }
        }
        self.columns = Some(columns);
        self.currency = form.text("currency").to_uppercase();
        self.account = form.text("account").to_owned();
        self.negative = form.text("negative").to_owned();
        self.leaves_faults_out = form.has("leaves_faults_out");
    }

    /// As [`ImportChoices::read`] reads it.
    pub fn to_text(&self) -> String {
        let mut pairs = self.of_header();
        pairs.push(("advertiser_id".to_owned(), self.advertiser_id.to_string()));
        pairs.push(("negative".to_owned(), self.negative.clone()));
        if self.leaves_faults_out {
            pairs.push(("leaves_faults_out".to_owned(), "on".to_owned()));
        }
        let targets = self.targets.iter();
        pairs.extend(
            targets.map(|(name, to)| ("target".to_owned(), format!("{}{MARK}{}{MARK}{to}", name.account, name.name))),
        );
        to_text(&pairs)
    }

    /// What is remembered for the next file of the same header.
    pub fn to_remember(&self) -> String {
        to_text(&self.of_header())
    }

    fn of_header(&self) -> Vec<(String, String)> {
        let mut pairs = vec![
            ("profile".to_owned(), self.profile.clone()),
            ("currency".to_owned(), self.currency.clone()),
            ("account".to_owned(), self.account.clone()),
        ];
        if let Some(columns) = &self.columns {
            for (at, field) in COSTS.fields.iter().enumerate() {
                let column = columns.column(at).map(|column| column.to_string()).unwrap_or_default();
                pairs.push((format!("column_{}", field.key), column));
            }
        }
        pairs.extend(self.answers.iter().map(|(field, answer)| (format!("answer_{field}"), answer.clone())));
        pairs
    }

    /// Reads what was kept or remembered.
    pub fn read(text: &str) -> Self {
        let form = Form::parse(text.as_bytes());
        let has_columns = COSTS.fields.iter().any(|field| form.has(&format!("column_{}", field.key)));
        let target = |text: &str| {
            let mut parts = text.splitn(3, MARK).map(str::to_owned);
            let (account, name, to) = (parts.next()?, parts.next()?, parts.next()?);
            Some((CostName { account, name }, to))
        };
        ImportChoices {
            advertiser_id: form.text("advertiser_id").parse().unwrap_or(0),
            profile: form.text("profile").to_owned(),
            columns: has_columns.then(|| columns_in(&form)),
            answers: answers_in(&form),
            currency: form.text("currency").to_owned(),
            account: form.text("account").to_owned(),
            negative: form.text("negative").to_owned(),
            leaves_faults_out: form.has("leaves_faults_out"),
            targets: form.pairs().filter(|(name, _)| *name == "target").filter_map(|(_, text)| target(text)).collect(),
        }
    }
}

/// The longest name of an account or a campaign that is kept, in characters.
const LONGEST: usize = 255;

/// A name as it is kept: without line ends, which cells may have.
pub fn plain_name(name: &str) -> String {
    let words: Vec<&str> = name.split(|sign: char| sign.is_control()).map(str::trim).collect();
    cut(&words.join(" "), LONGEST).to_owned()
}

fn columns_in(form: &Form) -> Mapping {
    let column = |key: &str| form.text(&format!("column_{key}")).parse().ok();
    Mapping(COSTS.fields.iter().map(|field| column(field.key)).collect())
}

fn answers_in(form: &Form) -> HashMap<String, String> {
    let answer = |key: &str| form.some(&format!("answer_{key}")).map(str::to_owned);
    COSTS.fields.iter().filter_map(|field| Some((field.key.to_owned(), answer(field.key)?))).collect()
}

fn to_text(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_as_they_were_kept() {
        let name = CostName { account: "Shop & Söhne".to_owned(), name: "a=b\n;".to_owned() };
        let choices = ImportChoices {
            advertiser_id: 7,
            profile: "google_ads".to_owned(),
            columns: Some(Mapping((0..COSTS.fields.len()).map(|at| (at % 2 == 0).then_some(at)).collect())),
            answers: [("day".to_owned(), "month".to_owned())].into(),
            currency: "EUR".to_owned(),
            account: "Main".to_owned(),
            negative: "take".to_owned(),
            leaves_faults_out: true,
            targets: [(name, "12".to_owned())].into(),
        };
        assert_eq!(ImportChoices::read(&choices.to_text()), choices);
        let remembered = ImportChoices::read(&choices.to_remember());
        assert_eq!((&remembered.columns, &remembered.answers), (&choices.columns, &choices.answers));
        assert_eq!((remembered.advertiser_id, remembered.leaves_faults_out, remembered.targets.len()), (0, false, 0));
    }
}
