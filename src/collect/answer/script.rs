//! Builds the small program that answers a script tag. URLs go in as string literals that can end neither the script
//! nor the HTML around it.

use std::fmt::Write;

use serde_json::Value;

use super::redirects::Redirects;
use crate::domain::TrackerId;

/// A program that loads the tag's further URLs; empty if there are none.
pub fn program(redirects: &Redirects) -> String {
    if redirects.scripts.is_empty() && redirects.images.is_empty() {
        return String::new();
    }
    let mut program = String::from("(function(d){");
    if !redirects.scripts.is_empty() {
        program.push_str(
            "function s(u){var e=d.createElement(\"script\");e.async=true;e.src=u;(d.head||d.documentElement).appendChild(e)}",
        );
    }
    if !redirects.images.is_empty() {
        program.push_str("function i(u){new Image().src=u}");
    }
    for (call, urls) in [("s", &redirects.scripts), ("i", &redirects.images)] {
        for url in urls {
            program.push_str(call);
            program.push('(');
            literal(&mut program, url.as_str());
            program.push_str(");");
        }
    }
    program.push_str("})(document);\n");
    program
}

/// A program for a tag that a browser loaded in advance of a visit. It loads the tag once more when the page is shown,
/// or at once if that has happened meanwhile. On a page that was not prerendered it does nothing.
pub fn once_shown() -> String {
    "(function(d,s){if(!s||s.pixeld)return;function l(){var e=d.createElement(\"script\");e.async=true;e.pixeld=1;\
     if(s.nonce)e.nonce=s.nonce;e.src=s.src;(d.head||d.documentElement).appendChild(e)}\
     if(d.prerendering)return d.addEventListener(\"prerenderingchange\",l,{once:true});\
     var n=performance.getEntriesByType(\"navigation\")[0];if(n&&n.activationStart)l()})(document,document.currentScript);\n"
        .to_owned()
}

/// A program that gives the page an impression's token, for the ad's link to carry as `imp=`: in `window.pixeld_imp`
/// under the tracker's number, and in the event `pixeld:imp`.
pub fn impression(tracker: TrackerId, token: &str) -> String {
    let mut program = String::from("(function(w,n,t){(w.pixeld_imp=w.pixeld_imp||{})[n]=t;");
    program.push_str("w.dispatchEvent(new CustomEvent(\"pixeld:imp\",{detail:{tracker:n,token:t}}))})(window,");
    // Writing to a text cannot fail.
    let _ = write!(program, "{tracker},");
    literal(&mut program, token);
    program.push_str(");\n");
    program
}

/// JSON as part of a program: no text in it can end the program or the page around it.
pub fn json_in_script(value: &Value) -> String {
    let mut program = String::new();
    // Outside of texts JSON has none of these signs.
    for character in value.to_string().chars() {
        match character {
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => escape(&mut program, character),
            character => program.push(character),
        }
    }
    program
}

/// A JSON string literal, which is valid JavaScript too. It escapes quotes, angle brackets, `&`, backslashes and
/// everything but visible ASCII.
fn literal(program: &mut String, text: &str) {
    program.push('"');
    for character in text.chars() {
        if character.is_ascii_graphic() && !matches!(character, '"' | '\'' | '<' | '>' | '&' | '\\') {
            program.push(character);
            continue;
        }
        escape(program, character);
    }
    program.push('"');
}

fn escape(program: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a text cannot fail.
        let _ = write!(program, "\\u{unit:04X}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    fn redirects(scripts: &[&str], images: &[&str]) -> Redirects {
        let urls = |texts: &[&str]| texts.iter().map(|text| Url::parse(text).unwrap()).collect();
        Redirects { scripts: urls(scripts), images: urls(images), refused: false }
    }

    #[test]
    fn nothing_to_do_is_an_empty_program() {
        assert_eq!(program(&Redirects::default()), "");
    }

    #[test]
    fn scripts_are_added_and_images_loaded() {
        insta::assert_snapshot!(
            program(&redirects(&["https://s.example/1.js?a=1&b=2"], &["https://i.example/p"])),
            @r#"(function(d){function s(u){var e=d.createElement("script");e.async=true;e.src=u;(d.head||d.documentElement).appendChild(e)}function i(u){new Image().src=u}s("https://s.example/1.js?a=1\u0026b=2");i("https://i.example/p");})(document);"#
        );
        assert_eq!(
            program(&redirects(&[], &["https://i.example/'p"])),
            "(function(d){function i(u){new Image().src=u}i(\"https://i.example/\\u0027p\");})(document);\n"
        );
    }

    #[test]
    fn a_page_gets_the_impressions_token() {
        assert_eq!(
            impression(TrackerId(9), "AQ-_z"),
            "(function(w,n,t){(w.pixeld_imp=w.pixeld_imp||{})[n]=t;w.dispatchEvent(new CustomEvent(\"pixeld:imp\",\
             {detail:{tracker:n,token:t}}))})(window,9,\"AQ-_z\");\n"
        );
    }

    #[test]
    fn a_tag_loaded_in_advance_loads_again_once_the_page_is_shown() {
        insta::assert_snapshot!(
            once_shown(),
            @r#"(function(d,s){if(!s||s.pixeld)return;function l(){var e=d.createElement("script");e.async=true;e.pixeld=1;if(s.nonce)e.nonce=s.nonce;e.src=s.src;(d.head||d.documentElement).appendChild(e)}if(d.prerendering)return d.addEventListener("prerenderingchange",l,{once:true});var n=performance.getEntriesByType("navigation")[0];if(n&&n.activationStart)l()})(document,document.currentScript);"#
        );
    }

    #[test]
    fn no_url_gets_out_of_its_literal() {
        let hostile =
            "https://i.example/</script><script>alert(1)</script>?\"');alert(1)//\\\"\u{2028}\u{2029}\r\n#</script>\\";
        let program = program(&redirects(&[], &[hostile]));
        assert!(!program.contains(['<', '>', '\'', '\u{2028}', '\u{2029}']), "{program}");
        let literal = program.split_once("i(\"").and_then(|(_, rest)| rest.split_once("\");})")).unwrap().0;
        let read: String = serde_json::from_str(&format!("\"{literal}\"")).unwrap();
        assert_eq!(read, Url::parse(hostile).unwrap().as_str());
    }

    proptest! {
        #[test]
        fn any_text_is_safe_as_a_literal(any in any::<String>()) {
            let mut text = String::new();
            literal(&mut text, &any);
            prop_assert!(text.bytes().all(|b| b.is_ascii_graphic()));
            prop_assert!(!text.contains(['<', '>', '&', '\'']));
            prop_assert_eq!(serde_json::from_str::<String>(&text).unwrap(), any);
        }

        #[test]
        fn a_literal_reads_back_as_the_url(path in "\\PC{0,60}", query in any::<String>()) {
            let Ok(url) = Url::parse(&format!("https://i.example/{path}?{query}")) else { return Ok(()) };
            let mut text = String::new();
            literal(&mut text, url.as_str());
            prop_assert!(text.is_ascii() && !text.contains(['<', '>', '&', '\'', '\n', '\r']));
            let read: String = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read, url.as_str());
        }
    }
}
