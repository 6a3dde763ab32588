//! A report's file as an answer, the same for scripts and for browsers.

use std::fs::File;
use std::io;

use actix_web::HttpResponse;
use actix_web::http::header;

use super::file_body::FileBody;
use crate::domain::{ReportFormat, ReportRun};

/// How the file's name ends.
pub fn extension(format: ReportFormat) -> &'static str {
    match format {
        ReportFormat::Csv => "csv",
        ReportFormat::Excel => "tsv",
        ReportFormat::Xlsx => "xlsx",
        ReportFormat::Json => "json",
    }
}

/// The file, to be kept under a name of its own.
///
/// # Errors
/// A file whose size cannot be told.
pub fn answer(run: &ReportRun, file: File) -> io::Result<HttpResponse> {
    let content_type = match run.format {
        ReportFormat::Csv => "text/csv; charset=utf-8",
        ReportFormat::Excel => "text/tab-separated-values; charset=utf-8",
        ReportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ReportFormat::Json => "application/json",
    };
    let name = format!("attachment; filename=\"report-{}.{}\"", run.id, extension(run.format));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(FileBody::new(file)?))
}
