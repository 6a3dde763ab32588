//! The fields of the line item form as text, read from a stored line item or a posted form, and written into a line item.
//! Pure.

use super::form::Form;
use super::object_form::FormData;
use super::typed::{amount, currency, merge_errors, optional, word};
use crate::domain::{Checks, FieldError, LineItem, LineItemPixel, Micros, Millis, PixelId, Status};

/// The published fields with their labels, down the page.
pub const FIELDS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("code", "Code"),
    ("currency", "Currency"),
    ("pixels", "Pixels"),
    ("state", "State"),
    ("start_date", "The first day"),
    ("end_date", "The last day"),
    ("revenue_type", "The way it is paid"),
    ("revenue_value", "The price"),
];

/// The most rows of pixels that the form reads. The store takes 20.
const MOST_ROWS: usize = 100;
/// From the start of a day to its last second, in milliseconds.
const LAST_SECOND: i64 = Millis::DAY - 1_000;

/// Every field as text.
#[derive(Clone)]
pub struct LineItemFormData {
    pub name: String,
    pub code: String,
    pub currency: String,
    pub start: String,
    pub end: String,
    pub revenue_type: String,
    pub revenue_value: String,
    pub pixels: Vec<PixelEntryData>,
    pub state: String,
}

/// A row of the pixels.
#[derive(Clone, Default)]
pub struct PixelEntryData {
    /// The pixel's id; empty for none.
    pub pixel: String,
    pub post_click: String,
    pub post_view: String,
    pub state: String,
}

impl FormData<LineItem> for LineItemFormData {
    fn of(line_item: &LineItem) -> Self {
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
            start: line_item.start_date.map(day_of).unwrap_or_default(),
            end: line_item.end_date.map(day_of).unwrap_or_default(),
            revenue_type: line_item.revenue_type.clone().unwrap_or_default(),
            revenue_value: money(line_item.revenue_value),
            pixels: line_item.pixels.iter().map(row).collect(),
            state: line_item.state.to_string(),
        }
    }

    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        let amounts = form.all("post_click_revenue").zip(form.all("post_view_revenue"));
        let rows = form.all("pixel").zip(amounts).zip(form.all("pixel_state")).take(MOST_ROWS);
        let row = |((pixel, (post_click, post_view)), state): ((&str, (&str, &str)), &str)| PixelEntryData {
            pixel: pixel.to_owned(),
            post_click: post_click.to_owned(),
            post_view: post_view.to_owned(),
            state: state.to_owned(),
        };
        let data = LineItemFormData {
            name: text("name"),
            code: text("code"),
            currency: text("currency"),
            start: text("start_date"),
            end: text("end_date"),
            revenue_type: text("revenue_type"),
            revenue_value: text("revenue_value"),
            pixels: rows.map(row).collect(),
            state: text("state"),
        };
        // To save the form, rows and pixels must count alike. One more row must not take others away.
        if form.adds_row() { data } else { data.without_empty_rows() }
    }
}

impl LineItemFormData {
    pub fn add_row(&mut self) {
        self.pixels.push(PixelEntryData { state: Status::Active.to_string(), ..PixelEntryData::default() });
    }

    /// Drops the rows that name no pixel.
    fn without_empty_rows(mut self) -> Self {
        self.pixels.retain(|row| !row.pixel.is_empty());
        self
    }

    /// Writes the form into a line item, which keeps what the form does not hold.
    ///
    /// # Errors
    /// Every rule that it breaks, under the published names; `pixels[n]` counts the rows.
    pub fn write(&self, line_item: &mut LineItem) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        line_item.name = self.name.clone();
        line_item.code = optional(&self.code);
        line_item.state = word(&mut checks, "state", Status::parse(&self.state), line_item.state);
        line_item.currency = currency(&mut checks, "currency", &self.currency);
        line_item.start_date = day(&mut checks, "start_date", &self.start, line_item.start_date, 0);
        line_item.end_date = day(&mut checks, "end_date", &self.end, line_item.end_date, LAST_SECOND);
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

/// The start of a day plus `later` milliseconds. A stored moment within that day stays: the form shows no time of day, so
/// saving the form must not change it.
fn day(checks: &mut Checks, field: &str, text: &str, stored: Option<Millis>, later: i64) -> Option<Millis> {
    if text.is_empty() {
        return None;
    }
    if stored.map(day_of).as_deref() == Some(text) {
        return stored;
    }
    let start = Millis::parse(text).filter(|_| text.len() == 10);
    checks.require(start.is_some(), field, || format!("must be a day such as 2026-10-01, and is {text:?}"));
    start.map(|start| start.plus(later))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AdvertiserId, Currency};

    fn stored() -> LineItem {
        let mut line_item = LineItem::new(AdvertiserId(1), "Autumn");
        line_item.code = Some("q4".into());
        line_item.start_date = Millis::parse("2026-10-01 06:30:00");
        line_item.end_date = Millis::parse("2026-12-31 00:00:00");
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
            start: "2026-10-02".into(),
            end: "2026-12-30".into(),
            currency: "".into(),
            ..LineItemFormData::of(&stored())
        };
        data.write(&mut line_item).unwrap();
        assert_eq!(line_item.start_date, Millis::parse("2026-10-02 00:00:00"));
        assert_eq!(line_item.end_date, Millis::parse("2026-12-30 23:59:59"));
        assert_eq!(line_item.currency, None);
    }

    #[test]
    fn errors_name_the_row() {
        let mut data = LineItemFormData::of(&stored());
        data.add_row();
        data.pixels.swap(1, 2);
        let mut data = data.without_empty_rows();
        data.pixels[1].pixel = "7".into();
        data.pixels[1].post_view = "-2".into();
        (data.start, data.end) = ("1.10.2026".into(), "2026-09-30".into());
        let errors = data.write(&mut stored()).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["pixels[1].post_view_revenue", "pixels[1].id", "start_date"]);
        assert_eq!(errors[1].message, "must name each pixel once, and names 7 again");
    }
}
