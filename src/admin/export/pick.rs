//! The choice of pixels: all of them by advertiser, with a search that works without scripts, or those of a link.

use std::collections::HashMap;

use crate::admin::choices::{self, Choice};
use crate::admin::shell::form::Form;
use crate::admin::shell::session::Session;
use crate::admin::text::format::{grouped, plural};
use crate::domain::{Advertiser, Pixel, PixelId, fold};
use crate::store::{ListQuery, Scalar, Store, StoreError, Test};

/// The most pixels that the select lists. The page says how many there are, and its search finds the others.
const MOST_LISTED: usize = 5_000;

/// The pixels of the form.
pub struct PixelPick {
    /// Those whose tags the page shows.
    pub chosen: Vec<Pixel>,
    /// The pixels of each advertiser.
    pub groups: Vec<PixelGroup>,
    /// The words that the listed ones match.
    pub search: String,
    /// "3 of 2,000 pixels match."; empty without a search.
    pub note: String,
    /// Whether there is no pixel at all.
    pub is_empty: bool,
}

pub struct PixelGroup {
    /// The advertiser's name.
    pub name: String,
    pub options: Vec<Choice>,
}

impl PixelPick {
    /// Loads the pixels. If there is only one to choose, it is chosen.
    pub async fn load(store: &Store, session: &Session, query: &Form) -> Result<Self, StoreError> {
        let ids: Vec<PixelId> = query.ids("id");
        let all = choices::every::<Pixel>(store, session.reader(), ListQuery::default()).await?;
        let advertisers = choices::every::<Advertiser>(store, session.reader(), ListQuery::default()).await?;
        let owners: HashMap<i64, String> = advertisers.into_iter().map(|owner| (owner.id.0, owner.name)).collect();
        let search = query.text("q").to_owned();
        let words: Vec<String> = fold(&search).split_whitespace().map(str::to_owned).collect();
        let matches = |pixel: &&Pixel| {
            let text = searched(pixel, owners.get(&pixel.advertiser_id.0).map_or("", String::as_str));
            words.iter().all(|word| text.contains(word.as_str()))
        };
        let mut found: Vec<&Pixel> = all.iter().filter(matches).collect();
        let note = note(found.len(), all.len(), !words.is_empty());
        found.truncate(MOST_LISTED);
        let mut chosen: Vec<Pixel> = all.iter().filter(|pixel| ids.contains(&pixel.id)).cloned().collect();
        if let ([only], true) = (found.as_slice(), chosen.is_empty() && (!query.has("chosen") || !words.is_empty())) {
            chosen = vec![(*only).clone()];
        }
        // A select offers what is chosen, whatever the search.
        found.extend(all.iter().filter(|pixel| chosen.iter().any(|one| one.id == pixel.id) && !matches(pixel)));
        let chosen_id = chosen.first().map(|pixel| pixel.id.to_string()).unwrap_or_default();
        let groups = groups(&found, &owners, &chosen_id);
        Ok(PixelPick { chosen, groups, search, note, is_empty: all.is_empty() })
    }

    /// Loads the chosen pixels alone.
    pub async fn chosen(store: &Store, session: &Session, query: &Form) -> Result<Vec<Pixel>, StoreError> {
        let ids: Vec<PixelId> = query.ids("id");
        if ids.is_empty() && !query.has("chosen") {
            let two = choices::all::<Pixel>(store, session.reader(), &[]).await?;
            return Ok(if two.len() == 1 { two } else { Vec::new() });
        }
        let ids = ids.into_iter().map(|id| Scalar::Int(id.0)).collect();
        choices::all_that(store, session.reader(), ListQuery::default().with::<Pixel>("id", Test::In(ids))).await
    }
}

/// The text that the search reads.
fn searched(pixel: &Pixel, advertiser: &str) -> String {
    fold(&format!("{advertiser} {} {} {}", pixel.name, pixel.id, pixel.code.as_deref().unwrap_or("")))
}

fn note(found: usize, all: usize, is_search: bool) -> String {
    let (count, shown) = (super::count(all), super::count(found.min(MOST_LISTED)));
    match is_search || found > MOST_LISTED {
        true => format!("{} of {} listed.", grouped(shown), plural(count, "pixel")),
        false => String::new(),
    }
}

/// By advertiser and name. The ID follows a name that two advertisers have.
fn groups(pixels: &[&Pixel], owners: &HashMap<i64, String>, chosen: &str) -> Vec<PixelGroup> {
    let mut sorted: Vec<(&str, &Pixel)> =
        pixels.iter().map(|pixel| (owners.get(&pixel.advertiser_id.0).map_or("", String::as_str), *pixel)).collect();
    sorted.sort_by_key(|(owner, pixel)| {
        (owner.to_lowercase(), pixel.advertiser_id.0, pixel.name.to_lowercase(), pixel.id.0)
    });
    let mut times: HashMap<&str, usize> = HashMap::new();
    for owner in owners.values() {
        *times.entry(owner).or_default() += 1;
    }
    let mut groups: Vec<PixelGroup> = Vec::new();
    for own in sorted.chunk_by(|(_, one), (_, other)| one.advertiser_id == other.advertiser_id) {
        let Some((owner, first)) = own.first() else { continue };
        let is_shared = times.get(owner).is_some_and(|times| *times > 1);
        let name = if is_shared { format!("{owner} (ID {})", first.advertiser_id) } else { (*owner).to_owned() };
        let option = |(_, pixel): &(&str, &Pixel)| {
            let id = pixel.id.to_string();
            let is_chosen = id == chosen;
            choices::choice(id, pixel.name.clone(), is_chosen)
        };
        let mut options: Vec<Choice> = own.iter().map(option).collect();
        choices::tell_apart(&mut options);
        if owners.len() > 1 {
            // A select that is shut shows no group.
            options.iter_mut().for_each(|option| option.name = format!("{} · {name}", option.name));
        }
        groups.push(PixelGroup { name, options });
    }
    groups
}
