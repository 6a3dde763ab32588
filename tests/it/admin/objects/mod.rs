//! The pages of what pixels belong to and are credited by, and of who may come in, asked for and posted to as a browser
//! does.

mod ads;
mod advertisers;
mod audit;
mod campaigns;
mod detours;
pub mod figures;
mod line_items;
mod people;
mod publishers;
mod roles;
mod segments;
mod sources;
mod trackers;
mod visitors;

use crate::admin::Seen;

/// The error beside a control.
pub fn beside(seen: &Seen, id: &str) -> String {
    let (_, rest) = seen.body.split_once(&format!(r#"<p class="error" id="{id}-error">"#)).expect(id);
    let text = rest.split('<').next().unwrap();
    text.replace("&#34;", "\"").replace("&#39;", "'")
}

/// The names in a list's rows, in order.
pub fn rows(seen: &Seen) -> Vec<String> {
    let rows = seen.body.split(r#"<td class="name""#).skip(1);
    // Totals lead to no page.
    let rows = rows.filter(|row| row.split("</td>").next().unwrap().contains("<a href="));
    let name = |row: &str| row.split_once("<a href=").unwrap().1.split_once('>').unwrap().1.to_owned();
    rows.map(|row| name(row).split('<').next().unwrap().to_owned()).collect()
}

/// Whether this option of a select is the chosen one.
pub fn chosen(seen: &Seen, option: &str) -> bool {
    let (_, rest) = seen.body.split_once(&format!(r#"<option value="{option}""#)).expect(option);
    rest.split('>').next().unwrap().contains(" selected")
}

/// The fields of a form, with changes.
pub fn changed<'a>(fields: &[(&'a str, &'a str)], change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| change.iter().all(|(changed, _)| changed != name));
    kept.chain(change).copied().collect()
}
