//! The files of reports: their names, the renaming of a finished file, and the removal of unfinished ones.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::store::StoreError;

/// Bytes of a report's id, which is the name of its file.
const ID_BYTES: usize = 16;
/// How the name of a file ends while it is written.
const PART: &str = "part";

/// A report's file. Dropping it removes the file, so a run that is cancelled or fails leaves nothing behind.
pub(in crate::report) struct ReportFile {
    path: PathBuf,
    is_kept: bool,
}

impl ReportFile {
    /// The file that will be `path` once it is whole.
    pub(in crate::report) fn new(path: &Path) -> Self {
        ReportFile { path: path.with_extension(PART), is_kept: false }
    }

    /// Where it is now.
    pub(in crate::report) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its own name.
    pub(in crate::report) fn finish(&mut self) -> io::Result<()> {
        let path = self.path.with_extension("");
        fs::rename(&self.path, &path)?;
        self.path = path;
        Ok(())
    }

    /// Leaves it where it is.
    pub(in crate::report) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the files of reports that are not ready: a program that was killed left them. Other people's files stay.
pub(in crate::report) fn remove_leftovers(directory: &Path, ready: &HashSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let id = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
        let is_part = path.extension() == Some(OsStr::new(PART));
        if is_id(id) && (is_part || path.extension().is_none() && !ready.contains(id)) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn is_id(name: &str) -> bool {
    name.len() == 2 * ID_BYTES && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Random hexadecimal digits.
pub(in crate::report) fn fresh_id() -> Result<String, StoreError> {
    let mut bytes = [0_u8; ID_BYTES];
    getrandom::fill(&mut bytes).map_err(StoreError::fault)?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in a directory, in order.
    fn names(directory: &Path) -> Vec<String> {
        let files = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_files_of_ready_reports_and_of_others_are_left() {
        let directory = tempfile::tempdir().unwrap();
        let (ready, failed) = (fresh_id().unwrap(), fresh_id().unwrap());
        let others = ["0123", "0123456789abcdef0123456789abcdef.txt", "notes.part", "notes.txt"];
        for id in [&ready, &failed] {
            fs::write(directory.path().join(id), "a").unwrap();
            fs::write(directory.path().join(id).with_extension(PART), "a").unwrap();
        }
        others.iter().for_each(|name| fs::write(directory.path().join(name), "a").unwrap());
        remove_leftovers(directory.path(), &HashSet::from([ready.clone()])).unwrap();
        let mut kept: Vec<_> = others.into_iter().chain([ready.as_str()]).collect();
        kept.sort_unstable();
        assert_eq!(names(directory.path()), kept);
    }

    #[test]
    fn a_file_that_is_not_kept_goes_with_its_run() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        for (is_whole, is_kept, left) in [(false, false, vec![]), (true, false, vec![]), (true, true, vec!["a"])] {
            let mut file = ReportFile::new(&path);
            fs::write(file.path(), "rows").unwrap();
            assert_eq!(names(directory.path()), ["a.part"]);
            if is_whole {
                file.finish().unwrap();
            }
            if is_kept {
                file.keep();
            } else {
                drop(file);
            }
            assert_eq!(names(directory.path()), left);
        }
    }
}
