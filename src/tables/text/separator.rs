//! The separator of a table. Excel's line `sep=;` names it. Else it is the one under which the first rows look most
//! like a table.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::bounds::HEADER_WITHIN;
use super::encoding::TextEncoding;
use super::records::{Record, Records};
use super::refusal::Refusal;

/// The separators, the likelier first.
const SEPARATORS: &[u8] = b",;\t|";

/// The first rows under one separator.
pub struct Start {
    pub separator: u8,
    pub records: Vec<Record>,
}

/// Reads the first rows under each separator and takes the best. `count_known` says how many cells of a row are names of
/// known columns.
pub fn find<R: Read + Seek>(
    file: &mut R,
    encoding: TextEncoding,
    count_known: impl Fn(&Record) -> usize,
) -> Result<Start, Refusal> {
    if let Some(separator) = named(file, encoding)? {
        let records = first(file, encoding, separator)?.into_iter().skip(1).collect();
        return Ok(Start { separator, records });
    }
    let (mut best, mut best_score, mut refusal) = (None, (0, 0, 0), None);
    for separator in SEPARATORS.iter().copied() {
        match first(file, encoding, separator) {
            Ok(records) => {
                let score = score(&records, &count_known);
                if best.is_none() || score > best_score {
                    (best, best_score) = (Some(Start { separator, records }), score);
                }
            }
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    match (best, refusal) {
        (Some(start), None) => Ok(start),
        // One separator makes rows too long where another does not.
        (Some(start), Some(_)) if best_score.1 > 1 => Ok(start),
        (_, Some(refusal)) => Err(refusal),
        (None, None) => Err(Refusal::Empty),
    }
}

/// Known names in the best row, then rows of the most frequent width, then that width.
fn score(records: &[Record], count_known: &impl Fn(&Record) -> usize) -> (usize, usize, usize) {
    let known = records.iter().map(count_known).max().unwrap_or(0);
    let mut widths = HashMap::<usize, usize>::new();
    for record in records.iter().filter(|record| record.width() > 1) {
        *widths.entry(record.width()).or_default() += 1;
    }
    let usual = widths.into_iter().max_by_key(|(width, count)| (*count, *width));
    usual.map_or((known, 0, 0), |(width, count)| (known, count, width))
}

fn first<R: Read + Seek>(file: &mut R, encoding: TextEncoding, separator: u8) -> Result<Vec<Record>, Refusal> {
    let mut records = Records::open(file, encoding, separator)?;
    let mut all = Vec::new();
    while all.len() < HEADER_WITHIN {
        let Some(record) = records.read_next()? else { break };
        all.push(record);
    }
    Ok(all)
}

/// The separator that the first line names, as Excel reads it.
fn named<R: Read + Seek>(file: &mut R, encoding: TextEncoding) -> Result<Option<u8>, Refusal> {
    // A separator that no table has, so that the line stays whole.
    let mut records = Records::open(file, encoding, 0x1f)?;
    // A long first line is no such line.
    let Ok(Some(record)) = records.read_next() else { return Ok(None) };
    let line = record.cell(0).trim_matches('"');
    let named = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..));
    Ok(match named {
        // The blanks around the line are gone, and with them a tab.
        Some("" | "\\t") => Some(b'\t'),
        Some(sign) => sign.bytes().next().filter(|byte| sign.len() == 1 && SEPARATORS.contains(byte)),
        None => None,
    })
}
