//! A list as a CSV file.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};

use crate::report::{Cell, LineFormat, Lines};
use crate::store::StoreError;

/// The answer with this file. Texts that somebody outside may have written are no formulas in it.
///
/// # Errors
/// None that can happen: it writes to memory.
pub fn file(name: &str, columns: &[&str], rows: &[Vec<Cell>]) -> Result<HttpResponse, StoreError> {
    let mut lines = Lines::new(LineFormat::Csv, columns).map_err(StoreError::fault)?;
    let mut text = lines.head().into_bytes();
    text.extend(lines.rows(rows).map_err(StoreError::fault)?);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}
