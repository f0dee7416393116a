//! What a whole page has above its headline and below its article.

use foldhash::HashSet;

use super::candidates::{Candidate, Search};
use super::held::Reason;
use crate::limits;
use crate::matcher::{PageLine, Role};
use crate::rules::file::Masthead;
use crate::rules::rule::{Ending, RuleIndex};

/// What joins a page's title and its site's name, folded.
const TITLE_JOINTS: [&str; 6] = ["|", "·", "•", "»", ": ", " - "];

impl Search<'_> {
    /// What stands above the headline, where the first line is the page's title: `Headline - Site`. `is_hit` tells
    /// the lines of a menu, `is_prose` the paragraphs of the article.
    pub(super) fn masthead(
        &self,
        rule: RuleIndex,
        masthead: &Masthead,
        is_hit: &[bool],
        is_prose: &[bool],
    ) -> Option<Candidate> {
        // What costs least to tell comes first.
        if is_hit.iter().filter(|hit| **hit).count() < masthead.min_hits {
            return None;
        }
        let lines = self.page.lines();
        let title = self.page.folded(lines.first().filter(|line| line.chars <= limits::TITLE_CHARS)?);
        let (words, chars): (HashSet<&str>, usize) = (words_of(title).collect(), title.chars().count());
        let parts: Vec<&str> = TITLE_JOINTS.iter().flat_map(|joint| title.split(joint)).map(str::trim).collect();
        let is_part = |text: &str| text != title && parts.contains(&text);
        // A title with the site's name in it has more words than the headline. Without, the first line may be the headline
        // itself, and what is like it another mention.
        let named = parts.iter().any(|part| *part != title);
        let least_of_title = if named { limits::TITLE_SHARE } else { limits::BARE_TITLE_SHARE };
        let max_prose = if named { masthead.max_prose } else { 0 };
        let is_headline = |line: &PageLine| {
            let text = self.page.folded(line);
            // What costs least to tell comes first.
            if line.chars > chars || masthead.whole_part && !is_part(text) {
                return false;
            }
            let (mut all, mut shared) = (0, 0);
            for word in words_of(text) {
                all += 1;
                shared += usize::from(words.contains(word));
            }
            shared >= masthead.min_words
                && shared as f64 >= masthead.min_share * all as f64
                && shared as f64 >= least_of_title * words.len() as f64
        };
        let mut prose = 0;
        let mut head = lines.iter().zip(is_prose).enumerate().take_while(|(_, (_, is_prose))| {
            prose += usize::from(**is_prose);
            prose <= max_prose
        });
        let (headline, _) = head.find(|(index, (line, _))| *index > 0 && is_headline(line))?;
        // A menu begins at once below a title, and an article below its headline.
        let begins = is_hit.iter().take(limits::TITLE_LINES).skip(1).any(|hit| *hit);
        let followed = is_prose.iter().skip(headline).take(limits::HEADLINE_LINES).any(|prose| *prose);
        if !(named || begins && followed) {
            return None;
        }
        let hits = is_hit.iter().take(headline).filter(|hit| **hit).count();
        if hits < masthead.min_hits {
            return None;
        }
        Some(Candidate::new(rule, 0..headline)).filter(|candidate| !self.is_protected(candidate.lines.clone()))
    }

    /// Everything from a line that begins the end of the page; `by` says which rule took a line, `is_prose` is as
    /// for a masthead.
    pub(super) fn ending(
        &mut self,
        rule: RuleIndex,
        ending: &Ending,
        by: &[Option<RuleIndex>],
        is_prose: &[bool],
    ) -> Option<Candidate> {
        let count = is_prose.len();
        let starts = self.marked(rule, Role::Start);
        if starts.is_empty() && ending.from.is_empty() {
            return None;
        }
        let is_taken = |index: usize| {
            let by = by.get(index).copied().flatten();
            by.is_some_and(|by| ending.from.binary_search(&by).is_ok())
        };
        let prose = is_prose.iter().filter(|prose| **prose).count();
        let mut before = 0;
        let mut begins = is_prose.iter().enumerate().filter(|(index, is_prose)| {
            before += usize::from(**is_prose);
            before >= ending.after_prose
                && prose - before <= ending.max_prose
                && (is_taken(*index) || starts.binary_search(index).is_ok())
        });
        let (mut begin, _) = begins.next()?;
        if ending.min_marks > 0 {
            let marks = self.marked(rule, Role::Mark);
            let below = marks.get(marks.partition_point(|mark| *mark <= begin)..).unwrap_or_default();
            let first = below.first().copied().unwrap_or(count);
            // A button in the middle of an article may read like the heading of what is known by its marks.
            begin = begins.map(|(index, _)| index).take_while(|index| *index < first).last().unwrap_or(begin);
            let near = if first - begin <= limits::MARK_LINES { below.len() } else { 0 };
            if near < ending.min_marks {
                self.hold(rule, begin, Reason::TooFewMarks { is: near, least: ending.min_marks });
                return None;
            }
        }
        Some(Candidate::new(rule, begin..count)).filter(|candidate| !self.is_protected(candidate.lines.clone()))
    }
}

/// Words of a folded text.
fn words_of(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
