//! A list with figures as a file: all rows in the order of the page, with its columns.

use std::collections::HashMap;

use actix_web::HttpResponse;

use super::columns::{Fact, RowFigures, Shown};
use super::list::MeasuredList;
use super::measured::Measured;
use crate::admin::lists::csv;
use crate::domain::Currency;
use crate::report::Cell;
use crate::store::StoreError;

pub fn answer<E: Measured>(
    list: &MeasuredList<'_, E>,
    facts: &HashMap<usize, Vec<Fact>>,
) -> Result<HttpResponse, StoreError> {
    let own = list.columns.shown.iter().map(|column| column.word(list.spec.facts));
    let columns: Vec<&str> = ["id", "name", "status", "currency"].into_iter().chain(own).collect();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for block in &list.blocks {
        let currency = block.currency.filter(|currency| *currency != Currency::NONE);
        let currency = currency.map(|currency| currency.to_string()).unwrap_or_default();
        for line in &block.lines {
            let Some(object) = list.objects.get(line.object) else { continue };
            let own = [
                Cell::ours(object.id(), true),
                Cell::foreign(Some(object.name())),
                Cell::ours(object.state(), false),
                Cell::ours(&currency, false),
            ];
            rows.push(own.into_iter().chain(cells(list, &line.figures, facts.get(&line.object))).collect());
        }
        for rest in &block.rest {
            let name = Cell::ours(list.rest_name(rest), false);
            let own = [Cell::none(), name, Cell::none(), Cell::ours(&currency, false)];
            rows.push(own.into_iter().chain(cells(list, &rest.figures, None)).collect());
        }
    }
    let (first, last) = (list.scope.days.first, list.scope.days.last);
    csv::file(&format!("{}-{first}-{last}.csv", list.spec.kind.section), &columns, &rows)
}

/// The chosen columns of a row. What belongs to no object of the list has none of its own.
fn cells<'a, E>(
    list: &'a MeasuredList<'_, E>,
    figures: &'a RowFigures,
    facts: Option<&'a Vec<Fact>>,
) -> impl Iterator<Item = Cell> + 'a {
    list.columns.shown.iter().map(move |column| match column {
        Shown::Figure(figure) => figure.of(figures).map_or_else(Cell::none, |amount| Cell::ours(amount.plain(), true)),
        Shown::Fact(place) => Cell::foreign(facts.and_then(|facts| facts.get(*place)).map(|fact| fact.text.as_str())),
    })
}
