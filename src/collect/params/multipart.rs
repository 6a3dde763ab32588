//! Reads a form as `FormData` is sent (RFC 7578): its text fields, from a body that is there whole. Files are left out.
//! Strict: a body that does not end as it should did not arrive whole, and is no form.

use std::convert::Infallible;

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Bytes;
use futures_util::{FutureExt, stream};
use multer::Multipart;

/// The longest boundary there may be (RFC 2046), in bytes.
const MAX_BOUNDARY: usize = 70;

/// A field's name and text; the text as the bytes that came.
pub type Field = (String, Bytes);

/// The fields of a body with this content type, in their order; none if it is no such form.
pub fn fields(kind: &[u8], body: &[u8]) -> Option<Vec<Field>> {
    let boundary = multer::parse_boundary(std::str::from_utf8(kind).ok()?).ok()?;
    if !(1..=MAX_BOUNDARY).contains(&boundary.len()) {
        return None;
    }
    let body = stream::iter([Ok::<_, Infallible>(Bytes::copy_from_slice(body))]);
    // The body is there whole, so nothing is waited for.
    text_fields(Multipart::new(body, boundary)).now_or_never()?
}

async fn text_fields(mut form: Multipart<'_>) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.ok()? {
        let disposition = field.headers().get(CONTENT_DISPOSITION.as_str())?.as_bytes().to_ascii_lowercase();
        if !disposition.starts_with(b"form-data") {
            return None;
        }
        let name = field.name()?.to_owned();
        // multer knows no `filename*`, the parameter for names beyond ASCII.
        let is_file = field.file_name().is_some() || disposition.windows(10).any(|part| part == b"filename*=");
        let text = field.bytes().await.ok()?;
        if !is_file {
            fields.push((name, text));
        }
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KIND: &[u8] = b"multipart/form-data; boundary=----WebKitFormBoundaryX";

    fn read(kind: &str, body: &str) -> Option<String> {
        let fields = fields(kind.as_bytes(), body.as_bytes())?;
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        Some(fields.iter().map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join("&"))
    }

    #[test]
    fn text_fields_are_read_and_files_are_left_out() {
        let part = |head: &str, value: &str| format!("--x\r\nContent-Disposition: {head}\r\n\r\n{value}\r\n");
        for (body, fields) in [
            ("--x--\r\n".to_owned(), ""),
            (part("form-data; name=\"id\"", "1") + "--x--", "id=1"),
            (part("form-data; name=\"id\"", "") + "--x--\r\nepilogue", "id="),
            (
                part("FORM-DATA;name=id", "1") + &part("form-data; name=\"a;b\" ;", "\r\n--\r\n--y") + "--x--",
                "id=1&a;b=\r\n--\r\n--y",
            ),
            (part("form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain", "file") + "--x--", ""),
            (
                part("form-data; name=\"f\"; filename*=UTF-8''a", "file")
                    + &part("form-data; name=\"a\\\"b\"", "é")
                    + "--x--",
                "a\"b=é",
            ),
            (
                "--x\r\ncontent-type: text/plain\r\ncontent-disposition:form-data; name=\"id\"\r\n\r\n1\r\n--x--"
                    .to_owned(),
                "id=1",
            ),
        ] {
            assert_eq!(
                read("Multipart/Form-Data; charset=utf-8; Boundary=\"x\"", &body).as_deref(),
                Some(fields),
                "{body}"
            );
        }
    }

    #[test]
    fn a_body_that_is_cut_or_no_form_is_refused() {
        let good = "--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n--x--";
        assert_eq!(read("multipart/form-data; boundary=x", good).as_deref(), Some("id=1"));
        for end in 0..good.len() {
            assert_eq!(read("multipart/form-data; boundary=x", &good[..end]), None, "{end}");
        }
        for kind in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=y",
            "multipart/form-data; boundary=\"x",
            "multipart/mixed; boundary=x",
            "text/plain; boundary=x",
        ] {
            assert_eq!(read(kind, good), None, "{kind}");
        }
        for head in [
            "X: y",
            "Content-Disposition: form-data",
            "Content-Disposition: attachment; name=\"id\"",
            "Content-Disposition: form-data; name",
            "Content-Disposition: form-data; name=\"id",
            "Content-Disposition form-data; name=id",
        ] {
            let body = format!("--x\r\n{head}\r\n\r\n1\r\n--x--");
            assert_eq!(read("multipart/form-data; boundary=x", &body), None, "{head}");
        }
    }

    proptest! {
        #[test]
        fn every_form_reads_back(fields in prop::collection::vec(("[a-z_;= ]{1,9}", any::<String>()), 0..6)) {
            let mut body = String::new();
            for (name, value) in &fields {
                body += &format!("------WebKitFormBoundaryX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            }
            body += "------WebKitFormBoundaryX--\r\n";
            let read = super::fields(KIND, body.as_bytes()).unwrap();
            let wanted: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), Bytes::from(value.clone()))).collect();
            prop_assert_eq!(read, wanted);
        }
    }
}
