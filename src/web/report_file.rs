//! A report's file as an answer, the same for scripts and for browsers.

use std::fs::File;
use std::io;

use actix_files::NamedFile;
use actix_web::http::header::{CACHE_CONTROL, ContentDisposition, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpRequest, HttpResponse};

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

/// The file under a name of its own, which also decides its content type.
///
/// # Errors
/// The system does not say how long the file is.
pub fn answer(request: &HttpRequest, run: &ReportRun, file: File) -> io::Result<HttpResponse> {
    let name = format!("report-{}.{}", run.id, extension(run.format));
    // Nothing keeps a report, so it needs nothing to be compared by.
    let file = NamedFile::from_file(file, &name)?.use_etag(false).use_last_modified(false);
    let mut answer = file.set_content_disposition(ContentDisposition::attachment(name)).into_response(request);
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
    use actix_web::test::TestRequest;

    use super::*;
    use crate::domain::{Millis, ReportStatus};

    fn run(format: ReportFormat) -> ReportRun {
        ReportRun {
            id: "1".to_owned(),
            name: String::new(),
            advertiser_id: None,
            request: String::new(),
            format,
            status: ReportStatus::Ready,
            error: None,
            row_count: None,
            report_size: None,
            created_on: Millis(0),
        }
    }

    #[actix_web::test]
    async fn a_file_is_sent_whole_and_under_its_name() {
        let types = [
            (ReportFormat::Csv, "csv", "text/csv; charset=utf-8"),
            (ReportFormat::Excel, "tsv", "text/tab-separated-values; charset=utf-8"),
            (ReportFormat::Xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (ReportFormat::Json, "json", "application/json"),
        ];
        for (size, (format, extension, content_type)) in [0, 1, 65_536, 200_003].into_iter().zip(types) {
            let file = tempfile::NamedTempFile::new().unwrap();
            let bytes: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
            std::fs::write(file.path(), &bytes).unwrap();
            let file = File::open(file.path()).unwrap();
            let answer = answer(&TestRequest::get().to_http_request(), &run(format), file).unwrap();
            let header = |name| answer.headers().get(name).unwrap().to_str().unwrap();
            assert_eq!(header(CONTENT_TYPE), content_type);
            assert_eq!(header(CONTENT_DISPOSITION), format!("attachment; filename=\"report-1.{extension}\""));
            assert_eq!((header(CACHE_CONTROL), header(X_CONTENT_TYPE_OPTIONS)), ("no-store", "nosniff"));
            assert_eq!(to_bytes(answer.into_body()).await.unwrap(), bytes, "{size}");
        }
    }
}
