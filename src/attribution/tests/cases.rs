//! Tables of cases, a line or two each: every reason, every boundary, every precedence between steps.
//! The expected text is the reason with the credited exposure.

use super::*;

/// Judges each case and names all that differ.
fn table(cases: &[(&str, Setup, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(_, case, wanted)| case.short() != *wanted)
        .map(|(name, case, wanted)| format!("{name}: wanted {wanted}, got {}", case.short()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn windows_include_their_last_millisecond() {
    let (w, v) = (14 * DAY, DAY);
    table(&[
        ("click at once", setup().saw([click(5, 0)]), "post_click 5"),
        ("click exactly at the window", setup().saw([click(5, w)]), "post_click 5"),
        ("click one ms over", setup().saw([click(5, w + 1)]), "outside_window"),
        ("click one ms after the fire", setup().saw([click(5, -1)]), "no_exposure"),
        ("view at once", setup().saw([view(5, 0)]), "post_view 5"),
        ("view exactly at the window", setup().saw([view(5, v)]), "post_view 5"),
        ("view one ms over", setup().saw([view(5, v + 1)]), "outside_window"),
        ("view one ms after the fire", setup().saw([view(5, -1)]), "no_exposure"),
        ("click beyond the view window", setup().saw([click(5, v + 1)]), "post_click 5"),
        ("none", setup(), "no_exposure"),
    ]);
}
