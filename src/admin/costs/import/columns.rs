//! The first step: which column holds what, how numbers and days are read, and what the file does not say.

use actix_web::web;
use askama::Template;

use super::choices::ImportChoices;
use super::questions::{open_questions, refusals};
use super::reading::{Found, Reading, gone};
use crate::admin::choices::{CURRENCIES, Choice, choice};
use crate::admin::costs::SECTION;
use crate::admin::shell::form::Errors;
use crate::admin::shell::page::{Answer, Page, html, html_again, see_other};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::{bytes, moneys, plural};
use crate::domain::cut;
use crate::tables::columns::{Holds, TableField};
use crate::tables::costs::{ACCOUNT, COSTS, CURRENCY};
use crate::tables::formats::{DayOrder, DecimalMark, Riddle};
use crate::tables::rows::Problem;
use crate::web::AppState;

/// The rows with errors that the page lists.
const LISTED: usize = 20;
/// How much of a cell an option shows, in characters.
const EXAMPLE: usize = 24;

#[derive(Template)]
#[template(path = "admin/costs/columns.html")]
struct ColumnsPage {
    page: Page,
    key: String,
    file_name: String,
    /// What was recognised, a sentence each.
    facts: Vec<String>,
    profiles: Vec<Choice>,
    fields: Vec<FieldRow>,
    /// The columns of the fields as the page shows them, joined by commas.
    shown: String,
    riddles: Vec<RiddleRow>,
    /// Whether rows without a currency need one.
    asks_currency: bool,
    currency: String,
    currencies: [(&'static str, &'static str); 24],
    /// Whether no column holds the account.
    asks_account: bool,
    account: String,
    /// The rows with a cost below zero; none of them: no question.
    negative: String,
    negative_rows: Vec<Problem>,
    negative_choice: String,
    faults: String,
    fault_rows: Vec<Problem>,
    /// Faults that are not listed; empty if all are.
    more_faults: String,
    leaves_faults_out: bool,
    skipped: Vec<String>,
    errors: Errors,
}

/// A field with the columns to choose from.
struct FieldRow {
    id: String,
    label: &'static str,
    is_needed: bool,
    options: Vec<Choice>,
    error: String,
}

/// A column with two readings.
struct RiddleRow {
    id: String,
    question: String,
    hint: &'static str,
    readings: Vec<ReadingRow>,
    error: String,
}

/// One of the readings, with examples.
struct ReadingRow {
    key: &'static str,
    label: &'static str,
    examples: String,
    is_chosen: bool,
}

/// `GET /admin/costs/import/{key}`
pub async fn show(state: web::Data<AppState>, session: Session, key: web::Path<String>) -> Answer {
    let Some(mut found) = Found::load(&state, &session, &key).await? else { return Ok(gone(&session)) };
    if found.choices.currency.is_empty() {
        found.choices.currency = found.advertiser.default_currency.to_string();
    }
    let reading = match found.read().await? {
        Ok(reading) => reading,
        Err(refusal) => return Ok(html(&refused(&session, &found, &refusal.to_string()))),
    };
    Ok(html(&page(&session, &found, &reading, refusals(&reading))))
}

/// `POST /admin/costs/import/{key}`
pub async fn choose(state: web::Data<AppState>, posted: Posted, key: web::Path<String>) -> Answer {
    let Posted { session, form } = posted;
    let Some(mut found) = Found::load(&state, &session, &key).await? else { return Ok(gone(&session)) };
    found.choices.take_columns(&form);
    found.keep(&state, &session);
    let reading = match found.read().await? {
        Ok(reading) => reading,
        Err(refusal) => return Ok(html_again(&refused(&session, &found, &refusal.to_string()))),
    };
    // Another column may bring another question: it is shown first, and no error yet.
    if form.text("do") == "read" {
        return Ok(html(&page(&session, &found, &reading, refusals(&reading))));
    }
    let errors = open_questions(&found.choices, &reading);
    if errors.is_empty() {
        return Ok(see_other(found.address("campaigns")));
    }
    Ok(html_again(&page(&session, &found, &reading, errors)))
}

/// The page of a file that cannot be read with the choices made.
fn refused(session: &Session, found: &Found, text: &str) -> ColumnsPage {
    let mut errors = Errors::default();
    errors.add("", text);
    ColumnsPage {
        page: session.page(SECTION, "Import costs: columns"),
        key: found.key.clone(),
        file_name: found.upload.file.name.clone(),
        facts: Vec::new(),
        profiles: Vec::new(),
        fields: Vec::new(),
        shown: String::new(),
        riddles: Vec::new(),
        asks_currency: false,
        currency: String::new(),
        currencies: CURRENCIES,
        asks_account: false,
        account: String::new(),
        negative: String::new(),
        negative_rows: Vec::new(),
        negative_choice: String::new(),
        faults: String::new(),
        fault_rows: Vec::new(),
        more_faults: String::new(),
        leaves_faults_out: false,
        skipped: Vec::new(),
        errors,
    }
}

fn page(session: &Session, found: &Found, reading: &Reading, errors: Errors) -> ColumnsPage {
    let (choices, table) = (&found.choices, &reading.table);
    let chosen = |key: &str| COSTS.place(key).and_then(|at| reading.mapping.column(at));
    let (faults, listed) = (table.problem_count, table.problems.len().min(LISTED) as u64);
    ColumnsPage {
        facts: facts(found, reading),
        profiles: COSTS
            .profiles
            .iter()
            .map(|one| choice(one.key.into(), one.name.into(), one.key == reading.profile))
            .collect(),
        fields: COSTS.fields.iter().enumerate().map(|(at, field)| field_row(reading, at, field, &errors)).collect(),
        shown: (0..COSTS.fields.len()).map(|at| shown(reading, at)).collect::<Vec<_>>().join(","),
        riddles: reading.riddles.iter().filter_map(|(at, riddles)| riddle(choices, *at, riddles, &errors)).collect(),
        asks_currency: table.without_currency > 0 || (!reading.is_read && chosen(CURRENCY).is_none()),
        currency: choices.currency.clone(),
        asks_account: chosen(ACCOUNT).is_none(),
        account: choices.account.clone(),
        negative: if table.negative_count > 0 { plural(table.negative_count, "row") } else { String::new() },
        negative_rows: table.negative.iter().take(3).cloned().collect(),
        negative_choice: choices.negative.clone(),
        faults: if faults > 0 { plural(faults, "row") } else { String::new() },
        fault_rows: table.problems.iter().take(LISTED).cloned().collect(),
        more_faults: if faults > listed { plural(faults - listed, "more row") } else { String::new() },
        leaves_faults_out: choices.leaves_faults_out,
        skipped: table.skipped.iter().map(|(line, text)| format!("line {line}: {text}")).collect(),
        errors,
        ..refused(session, found, "")
    }
}

fn facts(found: &Found, reading: &Reading) -> Vec<String> {
    let (layout, table) = (&reading.layout, &reading.table);
    let separator = match layout.separator {
        b';' => "semicolons",
        b'\t' => "tabs",
        b'|' => "bars",
        _ => "commas",
    };
    let size = match found.upload.file.length {
        length @ 0..1_024 => plural(length, "byte"),
        length => bytes(length),
    };
    let mut facts = vec![format!("{size}, {}, separated by {separator}", layout.encoding.name())];
    facts.push(match layout.header_line {
        0 => "No header: columns go by their places".to_owned(),
        line => format!("Header in line {line}"),
    });
    if reading.is_read {
        let totals: Vec<_> = table.totals().into_iter().collect();
        facts.push(
            format!("{}, {}", plural(table.rows, "row"), moneys(&totals)).trim_end_matches([',', ' ']).to_owned(),
        );
    }
    if table.empty > 0 {
        facts.push(format!("{} without a cost left out", plural(table.empty, "row")));
    }
    if table.skipped_count > 0 {
        facts.push(format!("{} of totals or notes left out", plural(table.skipped_count, "row")));
    }
    facts
}

fn shown(reading: &Reading, field: usize) -> String {
    reading.mapping.column(field).map(|column| column.to_string()).unwrap_or_default()
}

fn field_row(reading: &Reading, at: usize, field: &'static TableField, errors: &Errors) -> FieldRow {
    let id = format!("column_{}", field.key);
    let chosen = reading.mapping.column(at);
    let option = |(column, name): (usize, &String)| {
        let example = reading.sample.iter().map(|record| record.cell(column)).find(|cell| !cell.is_empty());
        let example = example.map(|cell| format!(": {}", cut(cell, EXAMPLE))).unwrap_or_default();
        choice(column.to_string(), format!("{name}{example}"), chosen == Some(column))
    };
    let none = choice(String::new(), if field.is_needed { "Choose one" } else { "Not in the file" }.to_owned(), false);
    FieldRow {
        label: field.label,
        is_needed: field.is_needed,
        options: std::iter::once(none).chain(reading.layout.header.iter().enumerate().map(option)).collect(),
        error: errors.of(&id),
        id,
    }
}

fn riddle(choices: &ImportChoices, at: usize, riddles: &[Riddle], errors: &Errors) -> Option<RiddleRow> {
    let field = COSTS.fields.get(at)?;
    let id = format!("answer_{}", field.key);
    let keys = match field.holds {
        Holds::Day => {
            [(DayOrder::DayFirst.key(), "The day comes first"), (DayOrder::MonthFirst.key(), "The month comes first")]
        }
        _ => [
            (DecimalMark::Point.key(), "Point before decimals, as in 1,234.56"),
            (DecimalMark::Comma.key(), "Comma before decimals, as in 1.234,56"),
        ],
    };
    let examples = |side: usize| {
        let one = |riddle: &Riddle| Some(format!("{} is {}", riddle.text, riddle.meanings.get(side)?));
        riddles.iter().filter_map(one).collect::<Vec<_>>().join(", ")
    };
    let readings = keys.iter().enumerate().map(|(side, (key, label))| ReadingRow {
        key,
        label,
        examples: examples(side),
        is_chosen: choices.answer(field.key) == *key,
    });
    Some(RiddleRow {
        question: format!("How is {} written?", field.label),
        hint: match riddles {
            [] => {
                "Half of the values are written in one way and half in the other. Those of the other way become errors."
            }
            _ => "Every value can be read in two ways.",
        },
        readings: readings.collect(),
        error: errors.of(&id),
        id,
    })
}
