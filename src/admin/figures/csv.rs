//! A list with figures as a file: all rows in the order of the page, with its columns.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};

use super::amount::Amount;
use super::columns::{Fact, Shown};
use super::list::MeasuredList;
use super::measured::Measured;
use crate::domain::Currency;
use crate::report::{Cell, LineFormat, Lines};
use crate::store::StoreError;

pub fn answer<E: Measured>(
    list: &MeasuredList<'_, E>,
    facts: &HashMap<usize, Vec<Fact>>,
) -> Result<HttpResponse, StoreError> {
    let own = list.columns.shown.iter().map(|column| column.word(list.spec.facts));
    let columns: Vec<&str> = ["id", "name", "status", "currency"].into_iter().chain(own).collect();
    let mut lines = Lines::new(LineFormat::Csv, &columns).map_err(StoreError::fault)?;
    let mut rows = Vec::new();
    for block in &list.blocks {
        let currency = block.currency.filter(|currency| *currency != Currency::NONE);
        for line in &block.lines {
            let Some(object) = list.objects.get(line.object) else { continue };
            let mut cells = vec![
                Cell::ours(object.id(), true),
                Cell::foreign(Some(object.name())),
                Cell::ours(object.state(), false),
                Cell::ours(currency.map(|currency| currency.to_string()).unwrap_or_default(), false),
            ];
            cells.extend(list.columns.shown.iter().map(|column| match column {
                Shown::Figure(figure) => {
                    figure.of(&line.figures).map_or_else(Cell::none, |amount: Amount| Cell::ours(amount.plain(), true))
                }
                Shown::Fact(place) => {
                    let fact = facts.get(&line.object).and_then(|facts| facts.get(*place));
                    Cell::foreign(fact.map(|fact| fact.text.as_str()))
                }
            }));
            rows.push(cells);
        }
    }
    let mut text = lines.head().into_bytes();
    text.extend(lines.rows(&rows).map_err(StoreError::fault)?);
    let (first, last) = (list.scope.days.first, list.scope.days.last);
    let name = format!("{}-{first}-{last}.csv", list.spec.kind.section);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}
