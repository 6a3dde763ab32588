//! The line item form's content: what is shown, what was typed, and the line item that it describes. Pure; the
//! handlers are in `line_item_form`.

use super::form::Form;
use super::typed::{all_in, amount, currency, optional, word};
use crate::domain::{Checks, FieldError, LineItem, LineItemPixel, Micros, Millis, PixelId, Status};

/// The published fields with their labels, down the page.
pub const FIELDS: [(&str, &str); 9] = [
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

/// The most rows of pixels that are read; more are nobody's by hand, and the store takes 20.
const MOST_ROWS: usize = 100;
/// From the start of a day to its last second.
const LAST_SECOND: i64 = Millis::DAY - 1_000;

/// Every field as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub name: String,
    pub code: String,
    pub currency: String,
    pub start: String,
    pub end: String,
    pub revenue_type: String,
    pub revenue_value: String,
    pub pixels: Vec<Row>,
    pub state: String,
}

/// A row of the pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The pixel's number; empty for none.
    pub pixel: String,
    pub post_click: String,
    pub post_view: String,
    pub state: String,
}

impl Typed {
    /// A stored line item.
    pub fn of(line_item: &LineItem) -> Self {
        let row = |entry: &LineItemPixel| Row {
            pixel: entry.pixel_id.to_string(),
            post_click: money(entry.post_click_revenue),
            post_view: money(entry.post_view_revenue),
            state: entry.state.to_string(),
        };
        let mut typed = Typed {
            name: line_item.name.clone(),
            code: line_item.code.clone().unwrap_or_default(),
            currency: line_item.currency.map(|currency| currency.to_string()).unwrap_or_default(),
            start: line_item.start_date.map(day_of).unwrap_or_default(),
            end: line_item.end_date.map(day_of).unwrap_or_default(),
            revenue_type: line_item.revenue_type.clone().unwrap_or_default(),
            revenue_value: money(line_item.revenue_value),
            pixels: line_item.pixels.iter().map(row).collect(),
            state: line_item.state.to_string(),
        };
        if typed.pixels.is_empty() {
            typed.add_row();
        }
        typed
    }

    /// What was posted.
    pub fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        let amounts = form.all("post_click_revenue").zip(form.all("post_view_revenue"));
        let rows = form.all("pixel").zip(amounts).zip(form.all("pixel_state")).take(MOST_ROWS);
        let row = |((pixel, (post_click, post_view)), state): ((&str, (&str, &str)), &str)| Row {
            pixel: pixel.to_owned(),
            post_click: post_click.to_owned(),
            post_view: post_view.to_owned(),
            state: state.to_owned(),
        };
        Typed {
            name: text("name"),
            code: text("code"),
            currency: text("currency"),
            start: text("start_date"),
            end: text("end_date"),
            revenue_type: text("revenue_type"),
            revenue_value: text("revenue_value"),
            pixels: rows.map(row).collect(),
            state: text("state"),
        }
    }

    /// Adds an empty row: the button of browsers without the script.
    pub fn add_row(&mut self) {
        self.pixels.push(Row { state: Status::Active.to_string(), ..Row::default() });
    }

    /// Leaves out the rows that name no pixel, so that rows and pixels are counted alike.
    pub fn without_empty_rows(mut self) -> Self {
        self.pixels.retain(|row| !row.pixel.is_empty());
        self
    }

    /// Writes it into a line item, which keeps what the form does not hold.
    ///
    /// # Errors
    /// All the rules it breaks, under the published names; `pixels[n]` counts the rows.
    pub fn write_into(&self, line_item: &mut LineItem) -> Result<(), Vec<FieldError>> {
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
        for (place, row) in self.pixels.iter().enumerate() {
            let field = |name: &str| format!("pixels[{place}].{name}");
            let pixel = row.pixel.parse::<PixelId>().ok();
            line_item.pixels.push(LineItemPixel {
                pixel_id: word(&mut checks, &field("id"), pixel, PixelId(0)),
                state: word(&mut checks, &field("state"), Status::parse(&row.state), Status::Active),
                post_click_revenue: amount(&mut checks, &field("post_click_revenue"), &row.post_click),
                post_view_revenue: amount(&mut checks, &field("post_view_revenue"), &row.post_view),
            });
        }
        all_in(&FIELDS, checks, line_item.check())
    }
}

fn money(amount: Option<Micros>) -> String {
    amount.map(Micros::to_money).unwrap_or_default()
}

/// The UTC day as a date field has it: `2026-10-01`.
fn day_of(at: Millis) -> String {
    at.timestamp().strftime("%Y-%m-%d").to_string()
}

/// A moment `later` in the day that was typed. One that lies within that day already stays as it is: the form shows no
/// time of day, and must not change it.
fn day(checks: &mut Checks, field: &str, typed: &str, stored: Option<Millis>, later: i64) -> Option<Millis> {
    if typed.is_empty() {
        return None;
    }
    if stored.map(day_of).as_deref() == Some(typed) {
        return stored;
    }
    let read = Millis::parse(typed).filter(|_| typed.len() == 10);
    checks.require(read.is_some(), field, || format!("must be a day such as 2026-10-01, and is {typed:?}"));
    read.map(|start| start.plus(later))
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
    fn what_is_shown_reads_back_as_it_was_stored_with_the_time_of_day() {
        let mut line_item = stored();
        Typed::of(&line_item).write_into(&mut line_item).unwrap();
        assert_eq!(line_item, stored());
    }

    #[test]
    fn a_new_day_begins_at_its_start_and_ends_at_its_last_second() {
        let mut line_item = stored();
        let typed =
            Typed { start: "2026-10-02".into(), end: "2026-12-30".into(), currency: "".into(), ..Typed::of(&stored()) };
        typed.write_into(&mut line_item).unwrap();
        assert_eq!(line_item.start_date, Millis::parse("2026-10-02 00:00:00"));
        assert_eq!(line_item.end_date, Millis::parse("2026-12-30 23:59:59"));
        assert_eq!(line_item.currency, None);
    }

    #[test]
    fn errors_name_the_row() {
        let mut typed = Typed::of(&stored());
        typed.add_row();
        typed.pixels.swap(1, 2);
        let mut typed = typed.without_empty_rows();
        typed.pixels[1].pixel = "7".into();
        typed.pixels[1].post_view = "-2".into();
        (typed.start, typed.end) = ("1.10.2026".into(), "2026-09-30".into());
        let errors = typed.write_into(&mut stored()).unwrap_err();
        let told: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(told, ["pixels[1].post_view_revenue", "pixels[1].id", "start_date"]);
        assert_eq!(errors[1].message, "must name each pixel once, and names 7 again");
    }
}
