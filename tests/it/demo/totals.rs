//! Lists, the overview and the report agree on the totals, also after objects were deleted.

use std::collections::BTreeMap;

use pixeld::domain::{Advertiser, Campaign, Days, LineItem, Pixel, Role, Source, Tracker};
use pixeld::store::{
    Dimension, Entity, FiguresOf, FiguresQuery, ListQuery, Measure, Scalar, SumFilter, SumQuery, SumSource, Test,
};

use super::prepared;
use crate::admin::objects::figures::totals;
use crate::admin::{Browser, Seen, elements};
use crate::harness::{START, TestApp};

/// By currency: conversions by click, by view, order value and cost in cents.
type Totals = BTreeMap<String, [i128; 4]>;

/// The lines of totals of a list with these four columns.
fn totals_of(seen: &Seen) -> Totals {
    let number = |text: &str| match text {
        "–" => 0,
        text => text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap(),
    };
    let line = |line: String| {
        let (currency, rest) = line.split_once(' ').unwrap();
        let figures: Vec<&str> = rest.rsplit(' ').take(4).collect();
        (currency.to_owned(), [3, 2, 1, 0].map(|place: usize| number(figures[place])))
    };
    let lines = totals(seen).into_iter().map(line);
    lines.filter(|(_, figures)| figures.iter().any(|figure| *figure != 0)).collect()
}

async fn report(app: &TestApp, advertiser: &Advertiser) -> Totals {
    let measure = |column, money| Measure { column, money };
    let days = Days::latest(30, START, advertiser.zone());
    let query = SumQuery {
        source: SumSource::Analytics,
        between: days.between().unwrap(),
        zone: advertiser.zone(),
        grain: None,
        dimensions: Vec::new(),
        by_currency: true,
        measures: vec![
            measure("post_click_convs", false),
            measure("post_view_convs", false),
            measure("post_click_revenue", true),
            measure("post_view_revenue", true),
            measure("cost", true),
            Measure::MEDIA_COST,
        ],
        filters: vec![(SumFilter::Id(Dimension::Advertiser), Test::In(vec![Scalar::Int(advertiser.id.0)]))],
    };
    let rows = app.store.report_sums(&app.reader(), query).await.unwrap();
    let cents = |micros: i128| (micros + 5_000).div_euclid(10_000);
    let row =
        |figures: &[i128]| [figures[0], figures[1], cents(figures[2] + figures[3]), cents(figures[4] + figures[5])];
    let rows = rows.iter().map(|one| (one.currency.unwrap().to_string(), row(&one.figures)));
    rows.filter(|(_, figures)| figures.iter().any(|figure| *figure != 0)).collect()
}

/// The conversions in a table of the overview.
fn conversions(seen: &Seen, title: &str) -> i128 {
    let (_, table) = seen.body.split_once(&format!(r#"<caption class="unseen">{title}</caption>"#)).expect(title);
    let rows = table.split("</table>").next().unwrap().split("<tr>").skip(2);
    let cells = rows.map(|row| elements(row, "td"));
    cells.map(|cells| cells.iter().find_map(|cell| cell.replace(',', "").parse::<i128>().ok()).unwrap()).sum()
}

async fn agree(app: &TestApp, browser: &Browser, when: &str) -> i128 {
    let mut all = 0;
    for advertiser in app.store.list::<Advertiser>(&app.reader(), ListQuery::default()).await.unwrap().items {
        let scope = format!("advertiser_id={}&range=last_30_days&category=all", advertiser.id);
        let report = report(app, &advertiser).await;
        assert!(!report.is_empty(), "{when}: {} has figures", advertiser.name);
        for list in ["line-items", "campaigns", "publishers", "trackers"] {
            let columns = "column=click_convs&column=view_convs&column=order_value&column=cost";
            let seen = browser.get(&format!("/admin/{list}?{scope}&{columns}")).await;
            assert_eq!(totals_of(&seen), report, "{when}: {list} of {}", advertiser.name);
        }
        // Purchases alone: the overview shows one kind.
        let scope = scope.replace("=all", "=Purchase");
        let list = browser.get(&format!("/admin/line-items?{scope}&column=convs&column=roas")).await;
        let seen = browser.get(&format!("/admin?{scope}&compare=off")).await;
        let tiles = seen.texts(r#"class="tile-figure""#);
        let lines = totals(&list);
        let counted: i128 = lines
            .iter()
            .filter_map(|line| line.rsplit(' ').nth(1).and_then(|text| text.replace(',', "").parse::<i128>().ok()))
            .sum();
        assert_eq!(tiles[0].replace(',', "").parse(), Ok(counted), "{when}: {}", advertiser.name);
        let (roas, currency) = tiles[3].split_once(' ').unwrap_or(("–", ""));
        let line = lines.iter().find(|line| line.starts_with(currency)).unwrap();
        assert!(line.ends_with(roas), "{when}: {line} and {roas} {currency} of {}", advertiser.name);
        for table in ["By placement", "By source"] {
            assert_eq!(conversions(&seen, table), counted, "{when}: {table} of {}", advertiser.name);
        }
        all += counted;
    }
    all
}

/// Deletes what needs the line item.
async fn remove_all<E: Entity>(app: &TestApp, line_item: i64) {
    let of = ListQuery { num_elements: 1_000, ..ListQuery::default() }.with_id::<E>("line_item_id", line_item);
    for object in app.store.list::<E>(&app.reader(), of).await.unwrap().items {
        app.store.delete::<E>(&app.editor(), object.id()).await.unwrap();
    }
}

#[actix_web::test]
async fn lists_overview_and_report_agree_also_after_deletions() {
    let (directory, prepared) = prepared(3_000).await;
    let app = TestApp::start_demo(directory.path(), prepared.shop).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let before = agree(&app, &browser, "before").await;
    assert!(before > 20, "{before}");
    // The line item and the pixel that earned most go.
    let best = async |of: FiguresOf| {
        let (from, to) = Days::latest(30, START, jiff::tz::TimeZone::UTC).between().unwrap();
        let query = FiguresQuery { by: vec![of], begins: vec![from, to], ..FiguresQuery::default() };
        let rows = app.store.figures(&app.reader(), query).await.unwrap();
        rows.iter().max_by_key(|row| row.figures.conversions()).unwrap().key.id(of).unwrap()
    };
    let (line_item, pixel) = (best(FiguresOf::LineItem).await, best(FiguresOf::Pixel).await);
    remove_all::<Source>(&app, line_item).await;
    remove_all::<Tracker>(&app, line_item).await;
    remove_all::<Campaign>(&app, line_item).await;
    app.store.delete::<LineItem>(&app.editor(), line_item).await.unwrap();
    let without = move |line_item: &mut LineItem| {
        line_item.pixels.retain(|entry| entry.pixel_id.0 != pixel);
        Ok(())
    };
    let all = ListQuery { num_elements: 1_000, ..ListQuery::default() };
    for line_item in app.store.list::<LineItem>(&app.reader(), all).await.unwrap().items {
        app.store.update(&app.editor(), line_item.id.0, without).await.unwrap();
    }
    app.store.delete::<Pixel>(&app.editor(), pixel).await.unwrap();
    assert_eq!(agree(&app, &browser, "after").await, before);
    let list = browser.get("/admin/line-items?advertiser_id=all&range=last_30_days&category=all").await;
    assert!(list.text().contains("1 deleted line item"), "{}", list.text());
    let searched = browser.get("/admin/line-items?advertiser_id=all&range=last_30_days&category=all&search=a").await;
    assert!(!searched.text().contains("deleted line item"), "a search counts what it finds");
    assert!(browser.get("/admin/line-items?advertiser_id=all&format=csv").await.has(",1 deleted line item,"));
}
