//! The fields of the line item form as text. They read from a line item or a posted form, and write into a line item.
//! Pure.

use crate::admin::forms::parse::{
    Controls, FormField, amount, currency, form_data, lines, merge_errors, optional, word,
};
use crate::admin::shell::form::{Form, Labels};
use crate::domain::{Checks, FieldError, LineItem, LineItemPixel, Micros, Millis, PixelId, Status, WrittenTime};

pub const FIELDS: Labels = &[
    ("name", "Name"),
    ("pixels", "Pixels"),
    ("state", "Status"),
    ("start_date", "The first day"),
    ("end_date", "The last day"),
    ("revenue_type", "The pricing model"),
    ("revenue_value", "The price"),
    ("code", "Code"),
    ("currency", "Currency"),
];

/// The most rows of pixels that the form reads, since each row shows every pixel. The store takes 20.
const MOST_ROWS: usize = 100;
/// From the start of a day to its last second, in milliseconds.
const LAST_SECOND: i64 = Millis::DAY - 1_000;

form_data! {
    /// Every field as text.
    LineItemFormData {
        name: String,
        code: String,
        currency: String,
        start_date: String,
        end_date: String,
        revenue_type: String,
        revenue_value: String,
        pixels: Vec<PixelEntryData>,
        state: String,
    }
}

/// A row of the pixels.
#[derive(Clone, Default, PartialEq)]
pub struct PixelEntryData {
    /// The pixel's id; empty for none.
    pub pixel: String,
    pub post_click: String,
    pub post_view: String,
    pub state: String,
}

impl FormField for Vec<PixelEntryData> {
    /// Drops the rows that name no pixel, so that rows and pixels count alike. A form that only adds a row keeps them.
    fn read(form: &Form, _: &str) -> Self {
        let amounts = form.all("post_click_revenue").zip(form.all("post_view_revenue"));
        let rows = form.all("pixel").zip(amounts).zip(form.all("pixel_state")).take(MOST_ROWS);
        let row = |((pixel, (post_click, post_view)), state): ((&str, (&str, &str)), &str)| PixelEntryData {
            pixel: pixel.to_owned(),
            post_click: post_click.to_owned(),
            post_view: post_view.to_owned(),
            state: state.to_owned(),
        };
        rows.map(row).filter(|row| form.adds_row() || !row.pixel.is_empty()).collect()
    }

    fn put(&self, _: &str, controls: &mut Controls) {
        for PixelEntryData { pixel, post_click, post_view, state } in self {
            let row = [
                ("pixel", pixel),
                ("post_click_revenue", post_click),
                ("post_view_revenue", post_view),
                ("pixel_state", state),
            ];
            controls.extend(row.map(|(name, text)| (name.to_owned(), text.clone())));
        }
    }

    fn words(&self) -> String {
        lines(self.iter().map(|row| row.words(&row.pixel)))
    }

    /// Pixel by pixel: one may attach a pixel while another sets the payout of a second one.
    fn merge_parts(opened: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        let of = |rows: &Self, pixel: &str| rows.iter().find(|row| row.pixel == pixel).cloned();
        let new = theirs.iter().filter(|row| of(mine, &row.pixel).is_none());
        let mut merged = Vec::new();
        for PixelEntryData { pixel, .. } in mine.iter().chain(new) {
            let (before, ours, others) = (of(opened, pixel), of(mine, pixel), of(theirs, pixel));
            merged.extend(match (ours == before, others == before) {
                (true, _) => others,
                (_, true) => ours,
                _ if ours == others => ours,
                _ => return None,
            });
        }
        Some(merged)
    }
}

impl PixelEntryData {
    /// The row in words, with the pixel's name.
    pub fn words(&self, pixel: &str) -> String {
        let payout = |amount: &str, after: &str| match amount {
            "" => String::new(),
            amount => format!(" · {amount} after a {after}"),
        };
        let inactive = if self.state == Status::Inactive.as_str() { " · inactive" } else { "" };
        format!("{pixel}{}{}{inactive}", payout(&self.post_click, "click"), payout(&self.post_view, "view"))
    }
}

impl LineItemFormData {
    pub fn of(line_item: &LineItem) -> Self {
        let row = |entry: &LineItemPixel| PixelEntryData {
            pixel: entry.pixel_id.to_string(),
            post_click: money(entry.post_click_revenue),
            post_view: money(entry.post_view_revenue),
            state: entry.state.to_string(),
        };
        LineItemFormData {
            name: line_item.name.clone(),
            code: line_item.code.clone().unwrap_or_default(),
            currency: line_item.currency.map(|currency| currency.to_string()).unwrap_or_default(),
            start_date: line_item.start_date.map(day_of).unwrap_or_default(),
            end_date: line_item.end_date.map(day_of).unwrap_or_default(),
            revenue_type: line_item.revenue_type.clone().unwrap_or_default(),
            revenue_value: money(line_item.revenue_value),
            pixels: line_item.pixels.iter().map(row).collect(),
            state: line_item.state.to_string(),
        }
    }

    /// Adds a row with this pixel.
    pub fn attach(&mut self, pixel: &str) {
        let state = Status::Active.to_string();
        self.pixels.push(PixelEntryData { pixel: pixel.to_owned(), state, ..PixelEntryData::default() });
    }

    pub fn add_row(&mut self) {
        self.attach("");
    }

    /// Writes the form into a line item. Fields that the form does not have stay.
    ///
    /// # Errors
    /// Every rule that the form breaks, under the published names; `pixels[n]` counts the rows.
    pub fn write(&self, line_item: &mut LineItem) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        line_item.name = self.name.clone();
        line_item.code = optional(&self.code);
        line_item.state = word(&mut checks, "state", Status::parse(&self.state), line_item.state);
        line_item.currency = currency(&mut checks, "currency", &self.currency);
        line_item.start_date = day(&mut checks, "start_date", &self.start_date, line_item.start_date, 0);
        line_item.end_date = day(&mut checks, "end_date", &self.end_date, line_item.end_date, LAST_SECOND);
        line_item.revenue_type = optional(&self.revenue_type);
        line_item.revenue_value = amount(&mut checks, "revenue_value", &self.revenue_value);
        line_item.pixels.clear();
        for (index, row) in self.pixels.iter().enumerate() {
            let field = |name: &str| format!("pixels[{index}].{name}");
            let pixel = row.pixel.parse::<PixelId>().ok();
            line_item.pixels.push(LineItemPixel {
                pixel_id: word(&mut checks, &field("id"), pixel, PixelId(0)),
                state: word(&mut checks, &field("state"), Status::parse(&row.state), Status::Active),
                post_click_revenue: amount(&mut checks, &field("post_click_revenue"), &row.post_click),
                post_view_revenue: amount(&mut checks, &field("post_view_revenue"), &row.post_view),
            });
        }
        merge_errors(FIELDS, checks, line_item.check())
    }
}

fn money(amount: Option<Micros>) -> String {
    amount.map(Micros::to_money).unwrap_or_default()
}

/// The UTC day in the format of date fields: `2026-10-01`.
fn day_of(at: Millis) -> String {
    at.timestamp().strftime("%Y-%m-%d").to_string()
}

/// The start of a day plus `later` milliseconds. A stored moment within that day stays: the form shows no time of day,
/// so saving the form must not change it.
fn day(checks: &mut Checks, field: &str, text: &str, stored: Option<Millis>, later: i64) -> Option<Millis> {
    if text.is_empty() {
        return None;
    }
    if stored.map(day_of).as_deref() == Some(text) {
        return stored;
    }
    match WrittenTime::read_day(text) {
        Ok(day) => Some(WrittenTime::Day(day).in_utc().plus(later)),
        Err(error) => {
            checks.fail(field, format!("must be a day such as 2026-10-01, and {error}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::forms::parse::FormData;
    use crate::domain::{AdvertiserId, Currency};

    fn stored() -> LineItem {
        let mut line_item = LineItem::new(AdvertiserId(1), "Autumn");
        line_item.code = Some("q4".into());
        line_item.start_date = Millis::parse("2026-10-01 06:30:00").ok();
        line_item.end_date = Millis::parse("2026-12-31 00:00:00").ok();
        line_item.revenue_type = Some("cpa".into());
        line_item.revenue_value = Some(Micros(12_500_000));
        line_item.currency = Currency::parse("EUR");
        for (id, state) in [(7, Status::Active), (9, Status::Inactive)] {
            line_item.pixels.push(LineItemPixel {
                pixel_id: PixelId(id),
                state,
                post_click_revenue: Some(Micros(15_000_000)),
                post_view_revenue: None,
            });
        }
        line_item
    }

    #[test]
    fn a_stored_line_item_reads_back_with_its_time_of_day() {
        let mut line_item = stored();
        LineItemFormData::of(&line_item).write(&mut line_item).unwrap();
        assert_eq!(line_item, stored());
    }

    #[test]
    fn a_new_day_begins_at_its_start_and_ends_at_its_last_second() {
        let mut line_item = stored();
        let data = LineItemFormData {
            start_date: "2026-10-02".into(),
            end_date: "2026-12-30".into(),
            currency: "".into(),
            ..LineItemFormData::of(&stored())
        };
        data.write(&mut line_item).unwrap();
        assert_eq!(line_item.start_date, Millis::parse("2026-10-02 00:00:00").ok());
        assert_eq!(line_item.end_date, Millis::parse("2026-12-30 23:59:59").ok());
        assert_eq!(line_item.currency, None);
    }

    #[test]
    fn errors_count_the_rows_that_name_a_pixel() {
        let form = Form::parse(
            b"name=Autumn&state=active&start_date=1.10.2026&end_date=2026-09-30\
              &pixel=9&post_click_revenue=&post_view_revenue=&pixel_state=active\
              &pixel=&post_click_revenue=&post_view_revenue=&pixel_state=active\
              &pixel=9&post_click_revenue=&post_view_revenue=-2&pixel_state=active",
        );
        let data = LineItemFormData::read(&form);
        let errors = data.write(&mut stored()).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["pixels[1].post_view_revenue", "pixels[1].id", "start_date"]);
        assert_eq!(errors[1].message, "must name each pixel once, and names 9 again");
    }
}
