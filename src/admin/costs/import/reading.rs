//! Reads an uploaded file with the choices made for it, off the threads that answer requests.

use actix_web::{HttpResponse, web};
use jiff::civil::Date;

use super::choices::ImportChoices;
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::session::Session;
use crate::domain::{Advertiser, Currency};
use crate::tables::columns::{Guess, Mapping};
use crate::tables::costs::{COSTS, CostTable, NegativeCost, Terms};
use crate::tables::formats::Riddle;
use crate::tables::formats::column::is_value;
use crate::tables::rows::{Format, Survey, sample};
use crate::tables::text::layout::Signs;
use crate::tables::text::{Layout, Record, Refusal};
use crate::web::AppState;
use crate::web::uploads::{Upload, UploadReader, UploadedFile};

/// An upload of this session, with what was chosen for it.
pub struct Found {
    pub key: String,
    pub upload: Upload,
    pub choices: ImportChoices,
    pub advertiser: Advertiser,
    /// Today for the advertiser.
    pub today: Date,
}

impl Found {
    /// Finds the file of a key; none if it has expired, or belongs to another session.
    ///
    /// # Errors
    /// The user may not import.
    pub async fn load(state: &AppState, session: &Session, key: &str) -> Result<Option<Self>, PageError> {
        session.editor()?;
        let Some(upload) = state.uploads.find(session.secret(), key, session.now) else { return Ok(None) };
        let choices = ImportChoices::read(&upload.choices);
        let advertiser: Advertiser = state.store.get(session.reader(), choices.advertiser_id).await?;
        let today = advertiser.zone().to_datetime(session.now.timestamp()).date();
        Ok(Some(Found { key: key.to_owned(), upload, choices, advertiser, today }))
    }

    /// Keeps the choices with the file.
    pub fn keep(&self, state: &AppState, session: &Session) {
        state.uploads.choose(session.secret(), &self.key, self.choices.to_text(), session.now);
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The outer error is a fault; the inner one says why the file is no table.
    pub async fn read(&self) -> Result<Result<Reading, Refusal>, PageError> {
        let (file, choices, today) = (self.upload.file.clone(), self.choices.clone(), self.today);
        block(move || Reading::of(&mut file.reader(), &choices, today)).await
    }

    pub fn address(&self, step: &str) -> String {
        let slash = if step.is_empty() { "" } else { "/" };
        format!("/admin/costs/import/{}{slash}{step}", self.key)
    }
}

/// Leads back to the choice of a file.
pub fn gone(session: &Session) -> HttpResponse {
    let text = "The file is no longer here. A file stays for an hour. Choose it again.";
    session.go_with("/admin/costs/import", &Flash::new(FlashKind::Warning, text))
}

/// The layout of a file that just came.
///
/// # Errors
/// As [`Found::read`].
pub async fn layout(file: &UploadedFile) -> Result<Result<Layout, Refusal>, PageError> {
    let file = file.clone();
    block(move || layout_of(&mut file.reader())).await
}

async fn block<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PageError> {
    web::block(work).await.map_err(|error| PageError::Fault(error.to_string()))
}

fn layout_of(file: &mut UploadReader) -> Result<Layout, Refusal> {
    Layout::of(file, Signs { is_name: &|name| COSTS.knows(name), is_value: &is_value })
}

/// A file as it is read with the choices made so far.
pub struct Reading {
    pub layout: Layout,
    /// The first rows.
    pub sample: Vec<Record>,
    /// The kind of export: the chosen one, or the guess.
    pub profile: String,
    pub mapping: Mapping,
    /// The places of the fields with two readings, with examples.
    pub riddles: Vec<(usize, Vec<Riddle>)>,
    /// The places of those without an answer yet.
    pub unanswered: Vec<usize>,
    /// Needed fields without a column.
    pub missing: Vec<usize>,
    /// Empty while a needed column is missing or a riddle is open.
    pub table: CostTable,
    /// Whether the table was read.
    pub is_read: bool,
}

impl Reading {
    fn of(file: &mut UploadReader, choices: &ImportChoices, today: Date) -> Result<Self, Refusal> {
        let layout = layout_of(file)?;
        let sample = sample(file, &layout)?;
        let guess = Guess::of(&COSTS, &layout, &sample);
        let (guessed, profile) =
            guess.map_or_else(|| (Mapping::default(), "plain"), |guess| (guess.mapping, guess.profile.key));
        let mapping = choices.columns.clone().unwrap_or(guessed);
        let profile = COSTS.profile(&choices.profile).map_or(profile, |profile| profile.key).to_owned();
        let is_there = |at: usize| mapping.column(at).is_some_and(|column| column < layout.header.len());
        let needed = COSTS.fields.iter().enumerate().filter(|(_, field)| field.is_needed);
        let missing: Vec<usize> = needed.map(|(at, _)| at).filter(|at| !is_there(*at)).collect();
        let survey = Survey::of(file, &COSTS, &layout, &mapping)?;
        let all = COSTS.fields.iter().enumerate();
        let formats: Vec<Option<Format>> =
            all.clone().map(|(at, field)| survey.format(at, choices.answer(field.key))).collect();
        let riddles = all.filter_map(|(at, _)| Some((at, survey.riddle(at)?.to_vec()))).collect();
        let open = formats.iter().enumerate().filter(|(_, format)| format.is_none());
        let unanswered: Vec<usize> = open.map(|(at, _)| at).collect();
        let is_read = missing.is_empty() && unanswered.is_empty();
        let table = if is_read {
            CostTable::read(file, &layout, &mapping, &formats, &terms(choices, today))?
        } else {
            CostTable::default()
        };
        Ok(Reading { layout, sample, profile, mapping, riddles, unanswered, missing, table, is_read })
    }
}

fn terms(choices: &ImportChoices, today: Date) -> Terms {
    let negative = match choices.negative.as_str() {
        "take" => NegativeCost::Take,
        "leave" => NegativeCost::LeaveOut,
        _ => NegativeCost::Ask,
    };
    Terms { today, currency: Currency::parse(&choices.currency), negative }
}
