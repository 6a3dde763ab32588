//! Markdown as HTML for the help pages. HTML in a document is shown as text. Pure.

use std::collections::HashMap;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::documents;

/// A document as a page shows it.
#[derive(Default)]
pub struct Rendered {
    pub html: String,
    /// The sections: anchor and title.
    pub sections: Vec<(String, String)>,
}

/// Renders a document without its title. `resolve` says where a link leads; a link that leads nowhere becomes text.
pub fn render(text: &str, resolve: impl Fn(&str) -> Option<String>) -> Rendered {
    let mut events = without_pictures(Parser::new_ext(text, Options::ENABLE_TABLES));
    let sections = name_headings(&mut events);
    let mut page = Page { resolve, links: Vec::new(), tables: 0, in_title: false };
    let shown = events.into_iter().filter_map(|event| page.show(event));
    let mut html = String::with_capacity(text.len() * 2);
    html::push_html(&mut html, shown);
    // Only heads of columns are written like this: text is escaped.
    Rendered { html: html.replace("<th>", "<th scope=\"col\">"), sections }
}

/// Leaves out pictures, which are not bundled, and the paragraphs and tables that hold nothing else.
fn without_pictures<'a>(events: impl Iterator<Item = Event<'a>>) -> Vec<Event<'a>> {
    let mut kept: Vec<Event> = Vec::new();
    let mut in_picture = false;
    for event in events {
        let begins = |begin: &Event| match event {
            Event::End(TagEnd::Paragraph) => matches!(begin, Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::Table) => matches!(begin, Event::Start(Tag::Table(_))),
            _ => false,
        };
        let begin = kept.iter().rposition(begins);
        let is_empty = |inside: &[Event]| {
            inside.iter().all(|event| matches!(event, Event::Start(_) | Event::End(_) | Event::SoftBreak))
        };
        match (&event, begin) {
            (Event::Start(Tag::Image { .. }), _) => in_picture = true,
            (Event::End(TagEnd::Image), _) => in_picture = false,
            _ if in_picture => {}
            (_, Some(begin)) if kept.get(begin..).is_some_and(is_empty) => kept.truncate(begin),
            _ => kept.push(event),
        }
    }
    kept
}

/// Gives each heading an anchor after its text, and returns those of the second level.
fn name_headings(events: &mut [Event]) -> Vec<(String, String)> {
    let mut used: HashMap<String, usize> = HashMap::new();
    let mut sections = Vec::new();
    for at in 0..events.len() {
        let text = match events.get(at) {
            Some(Event::Start(Tag::Heading { .. })) => text_of(events.get(at + 1..).unwrap_or_default()),
            _ => continue,
        };
        let Some(Event::Start(Tag::Heading { level, id, .. })) = events.get_mut(at) else { continue };
        let mut anchor = anchor(&text);
        let times = used.entry(anchor.clone()).or_default();
        if *times > 0 {
            anchor = format!("{anchor}-{times}");
        }
        *times += 1;
        *id = Some(CowStr::from(anchor.clone()));
        if *level == HeadingLevel::H2 {
            sections.push((anchor, text));
        }
    }
    sections
}

/// The text up to the end of the heading.
fn text_of(events: &[Event]) -> String {
    let inside = events.iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let parts = inside.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        _ => None,
    });
    parts.collect()
}

/// The anchor of a heading, as repositories on the web make it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Turns the events of a document into those of a page.
struct Page<F> {
    resolve: F,
    /// For each open link: whether it is shown.
    links: Vec<bool>,
    /// How many tables there were.
    tables: usize,
    in_title: bool,
}

impl<F: Fn(&str) -> Option<String>> Page<F> {
    /// What is shown of this event.
    fn show<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        match event {
            // The frame has the title.
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => self.in_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => self.in_title = false,
            _ if self.in_title => {}
            Event::Start(Tag::Link { dest_url, .. }) => return self.open_link(&dest_url),
            // A link is called as the page that it leads to, not as its file.
            Event::Text(text) if self.links.last() == Some(&true) && text.ends_with(".md") => {
                return Some(Event::Text(documents::title_of(&text).map_or(text, CowStr::from)));
            }
            Event::End(TagEnd::Link) => return self.links.pop()?.then(|| raw("</a>")),
            Event::Start(Tag::CodeBlock(_)) => return Some(raw("<pre tabindex=\"0\"><code>")),
            Event::Start(Tag::Table(_)) => return Some(self.open_table()),
            // The renderer opened the body after the heads.
            Event::End(TagEnd::Table) => return Some(raw("</tbody></table></div>\n")),
            // HTML is shown as it was typed.
            Event::Start(Tag::HtmlBlock) => return Some(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => return Some(Event::End(TagEnd::Paragraph)),
            Event::Html(text) | Event::InlineHtml(text) => return Some(Event::Text(text)),
            event => return Some(event),
        }
        None
    }

    /// On narrow pages a table scrolls in its box, which assistive technology knows by its number.
    fn open_table<'a>(&mut self) -> Event<'a> {
        self.tables += 1;
        raw(format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table {}\"><table class=\"table\">",
            self.tables
        ))
    }

    fn open_link<'a>(&mut self, link: &str) -> Option<Event<'a>> {
        let address = (self.resolve)(link);
        self.links.push(address.is_some());
        let address = escape(&address?);
        let outside = if address.starts_with("https:") { " rel=\"noreferrer\"" } else { "" };
        Some(raw(format!("<a href=\"{address}\"{outside}>")))
    }
}

fn raw<'a>(text: impl Into<CowStr<'a>>) -> Event<'a> {
    Event::Html(text.into())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        let resolve = |link: &str| (link != "gone.md").then(|| format!("/to/{link}"));
        render(text, resolve).html.trim().to_owned()
    }

    #[test]
    fn html_is_shown_as_text() {
        let page = rendered("<script>alert(1)</script>\n\nSee <b onclick=x>this</b> & `<img>`.\n\n<!-- x -->");
        assert!(!page.contains("<script") && !page.contains("<b ") && !page.contains("<img") && !page.contains("<!--"));
        assert!(
            page.contains("&lt;script&gt;alert(1)") && page.contains("&lt;b onclick=x&gt;this&lt;/b&gt; &amp;"),
            "{page}"
        );
        let table = rendered("| <th> | b |\n| --- | --- |\n| <td> | `<th>` |");
        assert!(
            table.contains("<th scope=\"col\">&lt;th&gt;</th>") && table.contains("<code>&lt;th&gt;</code>"),
            "{table}"
        );
        assert_eq!((table.matches("<table").count(), table.matches("</table></div>").count()), (1, 1), "{table}");
        assert_eq!(table.matches("</tbody>").count(), 1);
    }

    #[test]
    fn links_lead_where_they_may_and_pictures_are_left_out() {
        assert_eq!(rendered("[a](b.md?x=\"1\")"), "<p><a href=\"/to/b.md?x=&quot;1&quot;\">a</a></p>");
        assert_eq!(rendered("see [*it*](gone.md)!"), "<p>see <em>it</em>!</p>");
        assert_eq!(
            rendered("![a picture](x.png) and <https://a.example>"),
            "<p> and <a href=\"/to/https://a.example\">https://a.example</a></p>"
        );
        let outside = render("[a](x)", |_| Some("https://a.example/".to_owned())).html;
        assert_eq!(
            rendered("![one](x.png)\n\n| | |\n| --- | --- |\n| ![two](y.png) | ![three](z.png) |\n\nText"),
            "<p>Text</p>"
        );
        assert_eq!(outside.trim(), "<p><a href=\"https://a.example/\" rel=\"noreferrer\">a</a></p>");
    }

    #[test]
    fn headings_have_anchors() {
        let page = render("# Title\n\n## Set up `px`, *now*\n\n### More\n\n## More", |_| None);
        assert_eq!(
            page.html.trim(),
            "<h2 id=\"set-up-px-now\">Set up <code>px</code>, <em>now</em></h2>\n<h3 id=\"more\">More</h3>\n<h2 id=\"more-1\">More</h2>"
        );
        let expected = [("set-up-px-now", "Set up px, now"), ("more-1", "More")];
        assert_eq!(page.sections, expected.map(|(anchor, title)| (anchor.to_owned(), title.to_owned())));
        assert_eq!(rendered("```sh\na < b\n```"), "<pre tabindex=\"0\"><code>a &lt; b\n</code></pre>");
    }
}
