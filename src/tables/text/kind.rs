//! Files that are no text tables, known by their first bytes.

/// How the file begins, and what it is then.
const KINDS: &[(&[u8], &str)] = &[
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file (.gz)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document (.rtf)"),
];

/// Words near the start of a zip archive that tell what it holds.
const ARCHIVES: &[(&[u8], &str)] = &[
    (b"[Content_Types].xml", "an Excel workbook (.xlsx)"),
    (b"xl/", "an Excel workbook (.xlsx)"),
    (b"opendocument.spreadsheet", "a spreadsheet (.ods)"),
    (b"Index/Document.iwa", "a Numbers document"),
];

/// The kind of a file that is no text table, by its first bytes. None if it may be one.
pub fn of(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(b"PK\x03\x04") {
        let holds = |word: &[u8]| start.windows(word.len()).any(|window| window == word);
        let archive = ARCHIVES.iter().find(|(word, _)| holds(word));
        return Some(archive.map_or("a zip archive", |(_, kind)| kind));
    }
    if let Some((_, kind)) = KINDS.iter().find(|(begin, _)| start.starts_with(begin)) {
        return Some(kind);
    }
    let begin = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let lower = begin.get(..begin.len().min(64)).unwrap_or_default().to_ascii_lowercase();
    match lower.as_slice() {
        html if html.starts_with(b"<!doctype html") || html.starts_with(b"<html") || html.starts_with(b"<table") => {
            Some("a web page")
        }
        xml if xml.starts_with(b"<?xml") => Some("an XML file"),
        json if json.starts_with(b"{\"") || json.starts_with(b"[{") || json.starts_with(b"{\n") => Some("JSON"),
        _ => None,
    }
}
