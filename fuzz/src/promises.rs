//! What must hold of every text, whatever the rules.

use dechaff::document::Span;
use dechaff::{Cleaned, Cleaner, Outcome, Request};

/// Cleans a text.
///
/// # Errors
/// The promise that is broken, with the text.
pub fn clean<'t>(cleaner: &Cleaner, text: &'t str, request: &Request) -> Result<Cleaned<'t>, String> {
    let once = cleaner.clean(text, request).map_err(|error| error.to_string())?;
    only_deletes(text, &once)?;
    accounts_for_all(text, &once)?;
    let again = cleaner.clean(text, request).map_err(|error| error.to_string())?;
    hold(once == again, || format!("another time, another result: {once:?} and {again:?} of {text:?}"))?;
    // An article that was taken out of a page is no page any more.
    if !request.page {
        let twice = cleaner.clean(&once.text, request).map_err(|error| error.to_string())?;
        let same = twice.text == once.text && twice.removals.is_empty();
        hold(same, || {
            format!("cleaning again removed {:?} of {:?}, which is left of {text:?}", twice.removals, once.text)
        })?;
    }
    Ok(once)
}

/// Whether what came of a text is the kept parts of it, in their order.
///
/// # Errors
/// As [`clean`].
pub fn only_deletes(text: &str, cleaned: &Cleaned<'_>) -> Result<(), String> {
    let Cleaned { kept, removals, outcome, .. } = cleaned;
    let part = |span: &Span| text.get(span.clone()).filter(|part| !part.is_empty());
    let left: Option<String> = kept.iter().map(part).collect();
    hold(left.as_deref() == Some(&*cleaned.text), || format!("{kept:?} of {text:?} is not {:?}", cleaned.text))?;
    let apart = kept.windows(2).all(|pair| pair[0].end < pair[1].start);
    hold(apart, || format!("kept spans touch or cross: {kept:?} of {text:?}"))?;
    let untouched = removals.is_empty() && cleaned.text == text;
    let went = !removals.is_empty() && matches!(outcome, Outcome::Cleaned | Outcome::NoArticle);
    hold(untouched || went, || format!("{outcome:?}, and {removals:?} of {text:?}"))
}

/// Whether a rule took whatever is not there any more, on the line that the removal names, or it is white space.
fn accounts_for_all(text: &str, cleaned: &Cleaned<'_>) -> Result<(), String> {
    let mut there = vec![false; text.len()];
    cleaned.kept.iter().for_each(|span| there[span.clone()].fill(true));
    for removal in &cleaned.removals {
        for span in &removal.spans {
            let part = text.get(span.clone()).ok_or_else(|| format!("{removal:?} cuts a character of {text:?}"))?;
            let line = text[..span.start].matches('\n').count() + 1;
            let of_line = line == removal.line && !part.contains('\n');
            hold(of_line, || format!("{removal:?} is not of that line of {text:?}"))?;
            let gone = !there[span.clone()].contains(&true);
            hold(gone, || format!("{removal:?} was kept or went twice, of {text:?}"))?;
            there[span.clone()].fill(true);
        }
    }
    let lost = text.char_indices().find(|&(at, c)| !there[at] && !is_unseen(c));
    hold(lost.is_none(), || format!("{lost:?} went, and no rule took it: {text:?}"))
}

/// What nobody misses between lines.
fn is_unseen(c: char) -> bool {
    let zero_width = ['\u{ad}', '\u{feff}'].contains(&c)
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{2064}').contains(&c);
    c.is_whitespace() || zero_width
}

fn hold(holds: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(broken()) }
}
