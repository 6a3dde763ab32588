//! Reads a form as `FormData` is sent (RFC 7578): its text fields, from a body that is there whole. Files are left out.
//! Strict: what does not end as it should did not arrive whole, and is no form.

/// The longest boundary there may be (RFC 2046), in bytes.
const MAX_BOUNDARY: usize = 70;

/// A field's name and text, as the bytes that came.
pub type Field<'b> = (&'b [u8], &'b [u8]);

/// The fields of a body with this content type, in their order; none if it is no such form.
pub fn fields<'b>(kind: &[u8], body: &'b [u8]) -> Option<Vec<Field<'b>>> {
    let delimiter = [b"\r\n--", boundary(kind)?].concat();
    // The first stands at the very beginning, without a line's end before it.
    let mut rest = body.strip_prefix(delimiter.get(2..)?)?;
    let mut fields = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let (heads, content) = split(part, b"\r\n\r\n")?;
        let (text, after) = split(content, &delimiter)?;
        let disposition = disposition(heads)?;
        if !disposition.file {
            fields.push((disposition.name, text));
        }
        rest = after;
    }
    rest.starts_with(b"--").then_some(fields)
}

/// What stands between the parts, as the content type says.
fn boundary(kind: &[u8]) -> Option<&[u8]> {
    let (what, parameters) = kind.split_at_checked(kind.iter().position(|byte| *byte == b';')?)?;
    let form = what.trim_ascii().eq_ignore_ascii_case(b"multipart/form-data");
    let found = parameters_of(parameters)?.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(b"boundary"));
    found.map(|(_, boundary)| boundary).filter(|boundary| form && (1..=MAX_BOUNDARY).contains(&boundary.len()))
}

struct Disposition<'b> {
    name: &'b [u8],
    file: bool,
}

/// What a part's heads say of it.
fn disposition(heads: &[u8]) -> Option<Disposition<'_>> {
    let mut rest = heads;
    loop {
        let (line, after) = split(rest, b"\r\n").unwrap_or((rest, b""));
        let (head, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
        let value = value.get(1..)?.trim_ascii();
        if head.eq_ignore_ascii_case(b"content-disposition") {
            let parameters = value.get(..9).filter(|what| what.eq_ignore_ascii_case(b"form-data"));
            let parameters = parameters_of(value.get(parameters?.len()..)?)?;
            let of = |wanted: &[u8]| parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let file = of(b"filename").or_else(|| of(b"filename*")).is_some();
            return Some(Disposition { name: of(b"name")?.1, file });
        }
        rest = after;
    }
}

/// `; name=value; name="value"`. A quote within quotes is escaped as browsers do (`%22`) or by a backslash; both stay as
/// they are, since no parameter of ours has such a name.
fn parameters_of(text: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut parameters = Vec::new();
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        rest = rest.strip_prefix(b";")?.trim_ascii_start();
        if rest.is_empty() {
            break;
        }
        let (name, value) = split(rest, b"=")?;
        let (value, after) = match value.strip_prefix(b"\"") {
            Some(quoted) => {
                let mut escaped = false;
                let end = quoted.iter().position(|byte| {
                    let ends = *byte == b'"' && !escaped;
                    escaped = *byte == b'\\' && !escaped;
                    ends
                })?;
                (quoted.get(..end)?, quoted.get(end + 1..)?)
            }
            None => {
                let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
                let (token, after) = value.split_at_checked(end)?;
                let good = !token.iter().any(|byte| matches!(byte, b'"' | b'\\'));
                (Some(token.trim_ascii_end()).filter(|_| good)?, after)
            }
        };
        parameters.push((name.trim_ascii(), value));
        rest = after.trim_ascii_start();
    }
    Some(parameters)
}

/// What stands before the first `mark`, and after it.
fn split<'b>(text: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = text.windows(mark.len()).position(|part| part == mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KIND: &[u8] = b"multipart/form-data; boundary=----WebKitFormBoundaryX";

    fn read(kind: &str, body: &str) -> Option<String> {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let fields = fields(kind.as_bytes(), body.as_bytes())?;
        Some(fields.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect::<Vec<_>>().join("&"))
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
                "a\\\"b=é",
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
    fn what_is_not_whole_or_no_form_is_refused() {
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
        fn whatever_a_form_holds_is_read_back(fields in prop::collection::vec(("[a-z_;= ]{1,9}", any::<String>()), 0..6)) {
            let mut body = String::new();
            for (name, value) in &fields {
                body += &format!("------WebKitFormBoundaryX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            }
            body += "------WebKitFormBoundaryX--\r\n";
            let read = super::fields(KIND, body.as_bytes()).unwrap();
            let wanted: Vec<_> = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
            prop_assert_eq!(read, wanted);
        }
    }
}
