//! What the first step leaves open: missing columns, riddles without an answer, and what the file must not have.

use super::choices::ImportChoices;
use super::reading::Reading;
use crate::admin::shell::form::Errors;
use crate::admin::text::format::{grouped, plural};
use crate::domain::Currency;
use crate::tables::costs::{COSTS, DAY, MAX_FIGURES};

/// What must be answered or mended before the next step.
pub fn open_questions(choices: &ImportChoices, reading: &Reading) -> Errors {
    let mut errors = refusals(reading);
    if !errors.is_empty() {
        return errors;
    }
    for field in reading.missing.iter().filter_map(|at| COSTS.fields.get(*at)) {
        let text = format!("Choose the column with the {}.", field.label.to_lowercase());
        errors.add(&format!("column_{}", field.key), text);
    }
    for field in reading.unanswered.iter().filter_map(|at| COSTS.fields.get(*at)) {
        errors.add(&format!("answer_{}", field.key), format!("Choose how to read {}.", field.label));
    }
    if errors.is_empty() {
        of_table(choices, reading, &mut errors);
    }
    errors
}

/// Why no answer helps: the file is not by day, or too large.
pub fn refusals(reading: &Reading) -> Errors {
    let mut errors = Errors::default();
    let day = COSTS.place(DAY).and_then(|at| reading.mapping.column(at));
    let is_missing = COSTS.place(DAY).is_some_and(|at| reading.missing.contains(&at));
    let period = |name: &&String| COSTS.is_period(name);
    if let Some(name) = day.and_then(|at| reading.layout.header.get(at)).filter(period) {
        let text = format!("The column {name} holds longer times than days. Export the file again by day.");
        errors.add("column_day", text);
    } else if let Some(name) = reading.layout.header.iter().find(period).filter(|_| is_missing) {
        let text = format!("The file has a column {name} and none with days. Export the file again by day.");
        errors.add("column_day", text);
    }
    if let Some(row) = &reading.table.longer_than_a_day {
        let text = format!(
            "The file is not by day: line {} covers more than one day. Export it again with a row for each day.",
            row.line
        );
        errors.add("column_last_day", text);
    }
    if reading.table.is_too_large {
        let most = grouped(MAX_FIGURES as u64);
        errors.add("column_day", format!("The file has more than {most} sums by day and campaign. Export fewer days."));
    }
    errors
}

fn of_table(choices: &ImportChoices, reading: &Reading, errors: &mut Errors) {
    let table = &reading.table;
    if table.without_currency > 0 && Currency::parse(&choices.currency).is_none() {
        errors.add("currency", "Name the currency of the amounts, such as EUR.");
    }
    if table.negative_count > 0 && !matches!(choices.negative.as_str(), "take" | "leave") {
        errors.add("negative", "Choose what becomes of costs below zero.");
    }
    let faults = table.problem_count;
    if faults > 0 && !choices.leaves_faults_out && errors.is_empty() {
        let text = format!("{} cannot be read. Mend the file, or tick to leave them out.", plural(faults, "row"));
        errors.add("leaves_faults_out", text);
    }
    if table.figures.is_empty() && errors.is_empty() {
        errors.add("column_amount", "No row is left to import.");
    }
}
