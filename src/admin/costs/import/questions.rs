//! What the first step leaves open: missing columns, riddles without an answer, and what the file must not have.

use super::choices::ImportChoices;
use super::reading::Reading;
use crate::admin::shell::form::Errors;
use crate::admin::text::format::plural;
use crate::domain::Currency;
use crate::tables::columns::TableField;
use crate::tables::costs::{COSTS, DAY};
use crate::tables::formats::{DayOrder, DecimalMark};

/// What must be answered or mended before the next step.
pub fn open_questions(choices: &ImportChoices, reading: &Reading) -> Errors {
    let mut errors = Errors::default();
    for field in reading.missing.iter().filter_map(|at| COSTS.fields.get(*at)) {
        errors.add(&format!("column_{}", field.key), missing(reading, field));
    }
    let period =
        COSTS.place(DAY).and_then(|at| reading.mapping.column(at)).and_then(|at| reading.layout.header.get(at));
    if let Some(name) = period.filter(|name| COSTS.is_period(name)) {
        let text = format!("The column {name} holds longer times than days. Export the file again by day.");
        errors.add(&format!("column_{DAY}"), text);
    }
    for (at, _) in &reading.riddles {
        let Some(field) = COSTS.fields.get(*at) else { continue };
        if DayOrder::of_key(choices.answer(field.key)).is_none()
            && DecimalMark::of_key(choices.answer(field.key)).is_none()
        {
            errors.add(&format!("answer_{}", field.key), format!("Choose how to read {}.", field.label));
        }
    }
    if !reading.is_read || !errors.is_empty() {
        return errors;
    }
    of_table(choices, reading, &mut errors);
    errors
}

fn missing(reading: &Reading, field: &TableField) -> String {
    let period = reading.layout.header.iter().find(|name| field.key == DAY && COSTS.is_period(name));
    match period {
        Some(name) => {
            format!("The file has a column {name} and none with days. Costs are by day: export the file again by day.")
        }
        None => format!("Choose the column with the {}.", field.label.to_lowercase()),
    }
}

fn of_table(choices: &ImportChoices, reading: &Reading, errors: &mut Errors) {
    let table = &reading.table;
    if let Some(row) = &table.longer_than_a_day {
        let text = format!(
            "The file is not by day: line {} covers more than one day. Export it again with a row for each day.",
            row.line
        );
        errors.add("column_last_day", text);
        return;
    }
    if table.is_too_large {
        errors
            .add("column_day", "The file has more than 50,000 sums by day and campaign. Export fewer days at a time.");
    }
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
