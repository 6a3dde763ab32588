//! Every target with every option: no text of a user enters a snippet or file, and each target offers what it can do.

use std::io::Read;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    AdvertiserId, MemberId, Piggyback, PiggybackKind, Pixel, PixelId, Segment, SegmentAction, SegmentId,
};
use crate::tag::{Naming, Reach, SegmentPart, Snippet, TagHost, TagOptions, download, set_up_snippets, snippets};

/// Texts that end a string, an element, a comment or a program somewhere.
const HOSTILE: [&str; 6] = [
    "'\"</script><img src=x onerror=alert(1)>",
    "<?php echo 1; ?>",
    "END\n`id` $(id) */ --> ]]>",
    "\\'; alert(1); //",
    "{{ 7*7 }} {% raw %} ${7*7} <%= 1 %>",
    "\u{202e}\r\n\u{2028}Purchase",
];

fn pixel(name: &str, code: &str, kind: PiggybackKind) -> Pixel {
    let mut pixel = Pixel::new(AdvertiserId(5), name);
    pixel.id = PixelId(37);
    pixel.code = Some(code.to_owned());
    pixel.piggyback_pixels = vec![Piggyback { kind, url: "https://a.example/x".to_owned() }];
    pixel
}

fn part(code: &str) -> SegmentPart {
    let mut segment = Segment::new(code);
    segment.id = SegmentId(7);
    segment.code = Some(code.to_owned());
    SegmentPart::new(&segment, SegmentAction::Add { value: Some(3) })
}

/// Every text that the targets make of this pixel with these names.
fn texts(name: &str, code: &str, naming: Naming) -> Vec<String> {
    let pixel = pixel(name, code, PiggybackKind::Image);
    let host = TagHost::parse("px.shop.example").unwrap();
    let mut texts = Vec::new();
    for target in Target::ALL {
        for (carrier, switch) in target.carriers().iter().flat_map(|carrier| [(*carrier, false), (*carrier, true)]) {
            let options = TagOptions {
                carrier,
                target,
                secure: true,
                host: host.clone(),
                parameters: target.fills().to_vec(),
                test: switch,
                noscript: switch,
                net: switch,
                consent: switch,
                site: !switch,
                naming: if target.has_codes() { naming } else { Naming::Ids },
                segments: if target.has_segments() { vec![part(code)] } else { Vec::new() },
            };
            let Snippets { every_page, sale, examples } = snippets(&pixel, true, &options).unwrap();
            assert!(!sale.is_empty(), "{target:?}");
            assert!(every_page.is_empty() || options.site, "{target:?}");
            texts.extend(every_page.into_iter().chain(sale).chain(examples).map(|snippet| snippet.text));
            if let Some(file) = download(&pixel, true, &options).unwrap() {
                texts.push(content(file.unwrap()));
            }
        }
    }
    texts
}

/// A file's texts with their paths.
fn content(file: Download) -> String {
    assert!(file.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)), "{}", file.name);
    if !file.name.ends_with(".zip") {
        return String::from_utf8(file.bytes).unwrap();
    }
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(file.bytes)).unwrap();
    let mut text = String::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        text.push_str(&format!("{name}\n"));
        entry.read_to_string(&mut text).unwrap();
    }
    text
}

#[test]
fn the_name_of_a_pixel_enters_no_snippet_and_no_file() {
    let plain = texts("Purchase", "p", Naming::Ids);
    assert!(plain.len() > 40);
    for hostile in HOSTILE {
        assert_eq!(texts(hostile, hostile, Naming::Ids), plain, "{hostile}");
    }
}

#[test]
fn a_code_enters_snippets_with_its_odd_characters_escaped() {
    for hostile in HOSTILE {
        for text in texts("Purchase", hostile, Naming::Codes(MemberId(1))) {
            assert!(!text.contains(hostile), "{hostile}: {text}");
            assert!(!text.contains("onerror=") && !text.contains("<?php echo") && !text.contains("7*7"), "{text}");
        }
    }
}

proptest! {
    // Each case makes every file.
    #![proptest_config(ProptestConfig::with_cases(6))]
    /// Whatever the code, no sign with a meaning is added. A code of digits needs no quotes, and so has fewer.
    #[test]
    fn no_code_adds_a_sign_with_a_meaning(code in "[^\\x00]{1,30}") {
        let count = |code: &str| -> Vec<usize> {
            let count = |text: String| text.matches(['\'', '"', '<', '>', '`', '\n', '\r', ';', '$', '{']).count();
            texts("a", code, Naming::Codes(MemberId(1))).into_iter().map(count).collect()
        };
        for (with_code, plain) in count(&code).into_iter().zip(count("a")) {
            prop_assert!(with_code <= plain, "{} {} {}", code, with_code, plain);
        }
    }
}

#[test]
fn each_target_offers_what_it_can_do() {
    let host = || TagHost::parse("px.shop.example").unwrap();
    for target in Target::ALL {
        let words = [target.label(), target.about()];
        assert!(words.iter().all(|word| !word.is_empty() && !word.contains(';')), "{target:?}");
        assert!(target.usual().iter().all(|parameter| target.fills().contains(parameter)), "{target:?}");
        assert!(target.minutes() > 0 && target.steps(true).count() > 0, "{target:?}");
        let set_up = set_up_snippets(&pixel("a", "b", PiggybackKind::Script), target, host(), true).unwrap();
        assert!(!set_up.pixel.text.is_empty(), "{target:?}");
        assert_eq!(set_up.file_label.is_some(), target.file_label().is_some());
        let has_tag = |snippet: &Snippet| snippet.text.contains("https://px.shop.example/site.js?id=5");
        let has_site_tag = set_up.site.as_ref().is_some_and(has_tag) || has_tag(&set_up.pixel);
        assert_eq!(has_site_tag, target.has_site_tag(), "{target:?}");
        for words in target.steps(true).flat_map(|step| [step.lead, step.rest]).chain(target.notes().iter().copied()) {
            let longest = words.split(". ").map(|sentence| sentence.split_whitespace().count()).max().unwrap_or(0);
            assert!(longest <= 20 && !words.contains(';'), "{target:?}: {words}");
        }
    }
    assert_eq!(Reach::of(&host(), true), Reach::AllPages);
}

#[test]
fn the_same_pixel_gives_the_same_file() {
    let file = || {
        let host = TagHost::parse("px.shop.example").unwrap();
        let pixel = pixel("a", "b", PiggybackKind::Script);
        let options = set_up_snippets(&pixel, Target::MAGENTO, host, true).unwrap().options;
        download(&pixel, false, &options).unwrap().unwrap().unwrap()
    };
    assert_eq!(file(), file());
    assert!(content(file()).contains("Pixel37/view/frontend/layout/default.xml"));
}
