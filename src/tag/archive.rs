//! Files that people download and install: plugins and modules as ZIP.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

/// A file to download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Letters, digits, hyphens and dots alone.
    pub name: String,
    /// The media type.
    pub content_type: &'static str,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A text file of a plugin, by its path.
pub(super) struct SourceFile {
    pub path: String,
    pub text: String,
}

impl SourceFile {
    pub(super) fn new(path: impl Into<String>, text: impl ToString) -> Self {
        // Templates end without the line break that text files end with.
        SourceFile { path: path.into(), text: format!("{}\n", text.to_string().trim_end()) }
    }
}

/// The files in one folder, as a ZIP. The same files give the same bytes.
///
/// # Errors
/// A file that the format cannot hold.
pub(super) fn zip(folder: &str, files: &[SourceFile]) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default()).unix_permissions(0o644);
    for SourceFile { path, text } in files {
        zip.start_file(format!("{folder}/{path}"), options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
