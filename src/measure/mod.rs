//! A page's measures: what [`evidence`](crate::evidence) goes by.

mod kinds;
mod look;
mod words;

use kinds::{
    AD, AUTHOR, COMMENTS, CONSENT, CREDIT, DATE, KEEP, LEGAL, MEDIA, NAVIGATION, NEWSLETTER, NOISE, PAYWALL, RELATED,
    SHARE, kinds_of,
};
use look::{Look, has_address};
use words::{LineWords, Words};

use foldhash::{HashMap, HashMapExt};

use crate::evidence::tokens::{self, Token};
use crate::evidence::{Lexicon, Measure, Measures, Model, Points, Table};
use crate::matcher::{Page, PageLine};
use crate::rules::RuleSet;

/// Lines that say what comes, as "Related articles", have at most so many words.
const LABEL_WORDS: usize = 8;
/// Distances are measured up to so many lines.
const FAR: usize = 300;
/// Weights of what stands before, for windows of which the nearest 1, 2 and 10 lines make half.
const NEAREST: f32 = 0.5;
const NEAR: f32 = 0.707;
const DISTANT: f32 = 0.933;
/// A headline is looked for among so many lines that are like the title, by the prose in so many lines below it.
const HEADLINES: usize = 20;
const HEADLINE_REACH: usize = 40;
/// From this likeness to the title on a line can be the headline.
const HEADLINE_LIKENESS: f32 = 0.5;

/// Measures a page. The title is its first line, unless one is given.
#[must_use]
pub fn measure(page: &Page<'_>, rules: &RuleSet, lexicon: &Lexicon, title: Option<&str>, measures: &Measures) -> Table {
    let lines = page.lines();
    let mut table = Table::new(lines.len(), measures);
    let words = Words::new(page, lexicon);
    let looks: Vec<Look> = lines.iter().map(|line| Look::new(page.text(line), line)).collect();
    let kinds: Vec<u32> = lines.iter().map(|line| kinds_of(page, rules, line)).collect();
    let counts: Vec<f32> = lines.iter().map(|line| line.words as f32).collect();
    let prose: Vec<f32> = looks.iter().map(|look| if look.prose { look.words } else { 0.0 }).collect();
    let phrases: Vec<f32> = words.lines.iter().map(|line| line.points).collect();
    table.set_lines(lines);
    table.set_looks(&looks);
    table.set(Measure::Address, lines.iter().map(|line| flag(has_address(page.text(line)))));
    table.set_words(&words, &counts, &phrases);
    table.set_hits(lines, &kinds);
    table.set_blocks(lines, &prose, &phrases);
    table.set_places(&counts, &prose);
    table.set_windows(&counts, &prose, &words, &phrases);
    table.set_near(&looks);
    table.set_copies(&words);
    let title = title.unwrap_or_else(|| lines.first().map_or("", |line| page.text(line)));
    table.set_title(&words, title, &prose);
    table.set_topic(&words, &prose);
    table.set_period(&looks);
    table.set_whole(&counts, &prose, &words, &phrases);
    table
}

/// A page's lines, weighed.
#[derive(Debug)]
pub struct Weighed {
    /// What was measured.
    pub table: Table,
    /// The points of each line.
    pub points: Vec<Points>,
}

/// Measures a page and adds up the points of every line: first what a line has by itself, then what it has by the points
/// of the lines around it.
#[must_use]
pub fn weigh(page: &Page<'_>, rules: &RuleSet, model: &Model, title: Option<&str>, measures: &Measures) -> Weighed {
    let mut table = measure(page, rules, &model.lexicon, title, measures);
    let own = model.points_of_lines(&table);
    if !model.has_context() {
        return Weighed { table, points: own };
    }
    let counts: Vec<f32> = page.lines().iter().map(|line| line.words as f32).collect();
    table.set_context(page.lines(), &counts, &own);
    let points = model.points_in_context(&table);
    Weighed { table, points }
}

impl Table {
    fn set_lines(&mut self, lines: &[PageLine]) {
        let lines = lines.iter();
        self.set(Measure::Words, lines.clone().map(|line| line.words as f32));
        self.set(Measure::Chars, lines.clone().map(|line| line.chars as f32));
        self.set(Measure::Sentence, lines.clone().map(|line| flag(line.shape.sentence)));
        self.set(Measure::Bullet, lines.clone().map(|line| flag(line.shape.bullet)));
        self.set(Measure::Heading, lines.clone().map(|line| line.shape.heading.map_or(0.0, f32::from)));
        self.set(Measure::Cells, lines.clone().map(|line| flag(line.shape.table)));
        self.set(Measure::WordLength, lines.clone().map(|line| line.chars as f32 / line.words.max(1) as f32));
        self.set_page(Measure::PageBullets, mean(lines.map(|line| flag(line.shape.bullet))));
    }

    fn set_looks(&mut self, looks: &[Look]) {
        let looks = looks.iter();
        self.set(Measure::Colon, looks.clone().map(|look| flag(look.colon)));
        self.set(Measure::Sentences, looks.clone().map(|look| look.sentences));
        self.set(Measure::Commas, looks.clone().map(|look| look.commas));
        self.set(Measure::Digits, looks.clone().map(|look| look.digits));
        self.set(Measure::Capitals, looks.clone().map(|look| look.capitals));
        self.set(Measure::TitleCase, looks.clone().map(|look| look.title_case));
        self.set(Measure::Lower, looks.clone().map(|look| flag(look.lower)));
        self.set(Measure::Separators, looks.clone().map(|look| look.separators));
        self.set(Measure::Question, looks.clone().map(|look| flag(look.question)));
        self.set(Measure::Exclamation, looks.clone().map(|look| flag(look.exclamation)));
        self.set(Measure::Price, looks.clone().map(|look| flag(look.price)));
        self.set(Measure::Number, looks.clone().map(|look| flag(look.number)));
        self.set(Measure::Ellipsis, looks.clone().map(|look| flag(look.ellipsis)));
        self.set(Measure::Code, looks.clone().map(|look| look.code));
        self.set(Measure::Quote, looks.clone().map(|look| flag(look.quote)));
        self.set(Measure::Parenthesis, looks.clone().map(|look| flag(look.parenthesis)));
        self.set(Measure::NotLatin, looks.clone().map(|look| look.not_latin));
        self.set_page(Measure::PagePrices, mean(looks.clone().map(|look| flag(look.price))));
        self.set_page(Measure::PageNotLatin, mean(looks.map(|look| look.not_latin)));
    }

    fn set_words(&mut self, words: &Words, counts: &[f32], phrases: &[f32]) {
        let function: Vec<f32> = words.lines.iter().map(LineWords::function_share).collect();
        self.set(Measure::FunctionWords, function.iter().copied());
        self.set(Measure::FunctionBefore, shifted(&function, -1));
        self.set(Measure::FunctionAfter, shifted(&function, 1));
        self.set(Measure::Phrases, phrases.iter().copied());
        self.set(Measure::PhrasesMean, words.lines.iter().map(|line| line.points / line.looked_at.max(1) as f32));
        self.set(Measure::PhrasesBefore, shifted(phrases, -1));
        self.set(Measure::PhrasesAfter, shifted(phrases, 1));
        for (measure, by) in [
            (Measure::WordsBefore, -1),
            (Measure::WordsAfter, 1),
            (Measure::WordsBefore2, -2),
            (Measure::WordsAfter2, 2),
            (Measure::WordsBefore3, -3),
            (Measure::WordsAfter3, 3),
        ] {
            self.set(measure, shifted(counts, by));
        }
    }

    fn set_hits(&mut self, lines: &[PageLine], kinds: &[u32]) {
        let marks = |kind: u32| kinds.iter().map(move |kinds| flag(kinds & kind != 0));
        for (measure, kind) in [
            (Measure::RuleConsent, CONSENT),
            (Measure::RuleComments, COMMENTS),
            (Measure::RuleShare, SHARE),
            (Measure::RuleNewsletter, NEWSLETTER),
            (Measure::RuleRelated, RELATED),
            (Measure::RuleLegal, LEGAL),
            (Measure::RuleCredit, CREDIT),
            (Measure::RuleAuthor, AUTHOR),
            (Measure::RuleDate, DATE),
            (Measure::RuleNavigation, NAVIGATION),
            (Measure::RuleAd, AD),
            (Measure::RulePaywall, PAYWALL),
            (Measure::RuleMedia, MEDIA),
            (Measure::RuleKeep, KEEP),
        ] {
            self.set(measure, marks(kind));
        }
        for (last, next, kind) in [
            (Measure::LastRelated, Measure::NextRelated, RELATED),
            (Measure::LastComments, Measure::NextComments, COMMENTS),
            (Measure::LastLegal, Measure::NextLegal, LEGAL),
            (Measure::LastNewsletter, Measure::NextNewsletter, NEWSLETTER),
            (Measure::LastShare, Measure::NextShare, SHARE),
            (Measure::LastAuthor, Measure::NextAuthor, AUTHOR | DATE),
        ] {
            let label = move |(line, kinds): (&PageLine, &u32)| kinds & kind != 0 && line.words <= LABEL_WORDS;
            let labels = lines.iter().zip(kinds).map(label);
            self.set(last, since(labels.clone(), 0));
            self.set_backwards(next, since(labels.rev(), 0));
        }
        let hits: Vec<f32> = marks(NOISE).collect();
        let total: f32 = hits.iter().sum::<f32>().max(1.0);
        self.set(Measure::HitsAbove, sums_before(&hits).map(|sum| sum / total));
        self.both_sides(Measure::NearHitsBefore, Measure::NearHitsAfter, &hits, NEAR);
        self.both_sides(Measure::FarHitsBefore, Measure::FarHitsAfter, &hits, DISTANT);
        self.set_page(Measure::PageHits, mean(marks(NOISE)));
        self.set_page(Measure::PageComments, mean(marks(COMMENTS)));
        self.set_page(Measure::PageDates, mean(marks(DATE)));
    }

    fn set_blocks(&mut self, lines: &[PageLine], prose: &[f32], phrases: &[f32]) {
        let block_of = blocks_of(lines);
        let mut blocks: Vec<Block> = Vec::new();
        let mut place = Vec::with_capacity(lines.len());
        let values = lines.iter().zip(prose).zip(phrases);
        for (at, ((line, prose), phrases)) in block_of.iter().zip(values) {
            blocks.resize_with(at + 1, Block::default);
            if let Some(block) = blocks.last_mut() {
                place.push(block.lines);
                block.lines += 1.0;
                block.words += line.words as f32;
                block.prose += prose;
                block.phrases += phrases;
            }
        }
        self.set(Measure::BlockPlace, place.into_iter());
        let mut set = |none, value: fn(&Block) -> f32, measures: &[(Measure, isize)]| {
            let values: Vec<f32> = blocks.iter().map(value).collect();
            for (measure, by) in measures {
                let at = |block: &usize| values.get(block.wrapping_add_signed(*by)).copied().unwrap_or(none);
                self.set(*measure, block_of.iter().map(at));
            }
        };
        set(
            -1.0,
            |block| block.lines,
            &[(Measure::BlockLines, 0), (Measure::BlockLinesBefore, -1), (Measure::BlockLinesAfter, 1)],
        );
        set(
            -1.0,
            Block::mean,
            &[
                (Measure::BlockMean, 0),
                (Measure::BlockMeanBefore, -1),
                (Measure::BlockMeanAfter, 1),
                (Measure::BlockMeanBefore2, -2),
                (Measure::BlockMeanAfter2, 2),
            ],
        );
        set(
            -1.0,
            Block::prose,
            &[(Measure::BlockProse, 0), (Measure::BlockProseBefore, -1), (Measure::BlockProseAfter, 1)],
        );
        set(
            0.0,
            |block| block.phrases / block.lines,
            &[(Measure::BlockPhrases, 0), (Measure::BlockPhrasesBefore, -1), (Measure::BlockPhrasesAfter, 1)],
        );
        set(0.0, |block| block.words, &[(Measure::BlockWords, 0)]);
        let alone = blocks.iter().filter(|block| block.lines == 1.0).count();
        self.set_page(Measure::PageAlone, alone as f32 / lines.len().max(1) as f32);
    }

    fn set_places(&mut self, counts: &[f32], prose: &[f32]) {
        let count = self.lines();
        self.set(Measure::LinesAbove, (0..count).map(|line| line as f32));
        self.set_backwards(Measure::LinesBelow, (0..count).map(|line| line as f32));
        self.set(Measure::LinePlace, (0..count).map(|line| line as f32 / count as f32));
        let total = counts.iter().sum::<f32>().max(1.0);
        self.set(Measure::WordPlace, sums_before(counts).map(|sum| sum / total));
        let total: f32 = prose.iter().sum();
        let above = sums_before(prose);
        let below = sums_before(prose).zip(prose).map(move |(above, own)| total - above - own);
        self.set(Measure::ProseAbove, above.clone().map(|above| above / total.max(1.0)));
        self.set(Measure::ProseBelow, below.clone().map(|below| below / total.max(1.0)));
        self.set(Measure::ProseWordsAbove, above);
        self.set(Measure::ProseWordsBelow, below);
        self.set(Measure::LastProse, since(prose.iter().map(|prose| *prose > 0.0), 1));
        self.set_backwards(Measure::NextProse, since(prose.iter().rev().map(|prose| *prose > 0.0), 1));
        self.set(Measure::Short5, runs(counts.iter().map(|words| *words <= 5.0)));
        self.set(Measure::Short10, runs(counts.iter().map(|words| *words <= 10.0)));
    }

    fn set_windows(&mut self, counts: &[f32], prose: &[f32], words: &Words, phrases: &[f32]) {
        let capped: Vec<f32> = counts.iter().map(|words| words.min(40.0)).collect();
        let function: Vec<f32> = words.lines.iter().map(|line| line.function.min(40) as f32).collect();
        self.both_sides(Measure::NearProseBefore, Measure::NearProseAfter, prose, NEAREST);
        self.both_sides(Measure::FarProseBefore, Measure::FarProseAfter, prose, DISTANT);
        self.both_sides(Measure::NearWordsBefore, Measure::NearWordsAfter, &capped, NEAREST);
        self.both_sides(Measure::FarWordsBefore, Measure::FarWordsAfter, &capped, DISTANT);
        self.both_sides(Measure::NearFunctionBefore, Measure::NearFunctionAfter, &function, NEAREST);
        self.both_sides(Measure::FarFunctionBefore, Measure::FarFunctionAfter, &function, DISTANT);
        self.both_sides(Measure::NearPhrasesBefore, Measure::NearPhrasesAfter, phrases, NEAR);
        self.both_sides(Measure::FarPhrasesBefore, Measure::FarPhrasesAfter, phrases, DISTANT);
    }

    fn set_near(&mut self, looks: &[Look]) {
        self.around(Measure::NearPrice, looks.iter().map(|look| flag(look.price)));
        self.around(Measure::NearNumber, looks.iter().map(|look| flag(look.number)));
        self.around(Measure::NearTitleCase, looks.iter().map(|look| look.title_case));
        self.around(Measure::NearCode, looks.iter().map(|look| look.code));
    }

    fn both_sides(&mut self, before: Measure, after: Measure, values: &[f32], weight: f32) {
        self.set(before, faded(values.iter().copied(), weight));
        self.set_backwards(after, faded(values.iter().rev().copied(), weight));
    }

    fn around(&mut self, near: Measure, values: impl DoubleEndedIterator<Item = f32> + Clone) {
        let mut after: Vec<f32> = faded(values.clone().rev(), NEAR).collect();
        after.reverse();
        self.set(near, faded(values, NEAR).zip(after).map(|(before, after)| (before + after) / 2.0));
    }

    fn set_copies(&mut self, words: &Words) {
        let mut counts: HashMap<Token, u32> = HashMap::with_capacity(words.lines.len());
        let mut count = |line: &LineWords| {
            let count = counts.entry(line.key).or_default();
            *count += 1;
            flag(*count > 1)
        };
        let again: Vec<f32> = words.lines.iter().map(&mut count).collect();
        self.set(Measure::Again, again.into_iter());
        self.set(Measure::Copies, words.lines.iter().map(|line| counts.get(&line.key).copied().unwrap_or(1) as f32));
    }

    fn set_title(&mut self, words: &Words, title: &str, prose: &[f32]) {
        let hashes =
            |text: &str| -> Vec<Token> { tokens::words(&crate::fold::fold(text)).map(tokens::token).collect() };
        let whole = hashes(title);
        let parts = title
            .split(" | ")
            .flat_map(|part| part.split(" - "))
            .flat_map(|part| part.split(['–', '—', '·', '»', '•', '|']));
        let main = parts.max_by_key(|part| part.len()).map(hashes).unwrap_or_default();
        // Whether each word of the title is in its main part.
        let whole = whole.iter().map(|token| (*token, false));
        let in_title: HashMap<Token, bool> = whole.chain(main.iter().map(|token| (*token, true))).collect();
        let in_main = in_title.values().filter(|is_in_main| **is_in_main).count();
        let is_in_main = |token: &&Token| in_title.get(*token) == Some(&true);
        let (mut likeness, mut shared) = (Vec::new(), Vec::new());
        for (index, line) in words.lines.iter().enumerate() {
            let of_line = words.of(line);
            let short = index > 0 && in_main >= 2 && of_line.len() <= main.len() * 2 + 4;
            likeness.push(match short && of_line.iter().any(|token| is_in_main(&token)) {
                true => {
                    let mut distinct = of_line.to_vec();
                    distinct.sort_unstable();
                    distinct.dedup();
                    distinct.iter().filter(is_in_main).count() as f32 / distinct.len().max(in_main) as f32
                }
                false => 0.0,
            });
            let content = words.content_of(line);
            let common = content.iter().filter(|token| in_title.contains_key(*token)).count();
            shared.push(common as f32 / content.len().max(1) as f32);
        }
        let headline = headline(&likeness, prose);
        let below = |line: usize| headline.map_or(-2.0, |at| if line >= at { (line - at) as f32 } else { -1.0 });
        let above = |line: usize| headline.map_or(-2.0, |at| if line < at { (at - line) as f32 } else { -1.0 });
        self.set(Measure::BelowHeadline, (0..self.lines()).map(below));
        self.set(Measure::AboveHeadline, (0..self.lines()).map(above));
        self.set(Measure::TitleLikeness, likeness.into_iter());
        self.set(Measure::TitleWords, shared.into_iter());
    }

    fn set_topic(&mut self, words: &Words, prose: &[f32]) {
        let sentences = words.lines.iter().zip(prose).filter(|(_, prose)| **prose > 0.0).map(|(line, _)| line);
        // In how many sentences a word is, and the last of them, counted from 1.
        let mut counts: HashMap<Token, (u32, u32)> = HashMap::new();
        for (sentence, line) in (1..).zip(sentences) {
            for token in words.content_of(line) {
                let (count, last) = counts.entry(*token).or_default();
                *count += u32::from(*last != sentence);
                *last = sentence;
            }
        }
        let (mut topic, mut common) = (Vec::new(), Vec::new());
        for (line, prose) in words.lines.iter().zip(prose) {
            let own = u32::from(*prose > 0.0);
            let content = words.content_of(line);
            let (mut once, mut thrice) = (0_u32, 0_u32);
            for token in content {
                let others = counts.get(token).map_or(0, |(count, _)| count.saturating_sub(own));
                once += u32::from(others >= 1);
                thrice += u32::from(others >= 3);
            }
            topic.push(once as f32 / content.len().max(1) as f32);
            common.push(thrice as f32 / content.len().max(1) as f32);
        }
        self.around(Measure::NearTopic, topic.iter().copied());
        self.set(Measure::Topic, topic.into_iter());
        self.set(Measure::TopicCommon, common.into_iter());
    }

    fn set_period(&mut self, looks: &[Look]) {
        let kinds: Vec<u8> = looks.iter().map(Look::kind).collect();
        let (mut best, mut period) = (vec![0.0_f32; kinds.len()], vec![0.0_f32; kinds.len()]);
        for by in 1..=8_usize {
            if kinds.len() <= 3 * by {
                break;
            }
            let alike = kinds.iter().zip(std::iter::repeat_n(&0, by).chain(&kinds)).map(|(a, b)| u32::from(a == b));
            let mut sums = vec![0];
            sums.extend(alike.scan(0, |sum, is| {
                *sum += is;
                Some(*sum)
            }));
            for (line, (best, period)) in best.iter_mut().zip(&mut period).enumerate() {
                let (from, to) = (line.saturating_sub(2 * by), (line + 2 * by + 1).min(kinds.len()));
                let at = |index: usize| sums.get(index).copied().unwrap_or(0);
                let share = (at(to) - at(from)) as f32 / (to - from) as f32;
                if share > *best + 0.05 {
                    (*best, *period) = (share, by as f32);
                }
            }
        }
        self.set(Measure::Repeats, best.into_iter());
        self.set(Measure::Period, period.into_iter());
    }

    /// What stands around a line, by the points that each line has by itself.
    fn set_context(&mut self, lines: &[PageLine], counts: &[f32], own: &[Points]) {
        let points: Vec<f32> = own.iter().map(|points| *points as f32 / 100.0).collect();
        self.both_sides(Measure::PointsBefore, Measure::PointsAfter, &points, NEAREST);
        self.both_sides(Measure::NearPointsBefore, Measure::NearPointsAfter, &points, NEAR);
        self.both_sides(Measure::FarPointsBefore, Measure::FarPointsAfter, &points, DISTANT);
        let block_of = blocks_of(lines);
        let mut blocks: Vec<(f32, f32)> = Vec::new();
        for (at, points) in block_of.iter().zip(&points) {
            blocks.resize(at + 1, (0.0, 0.0));
            if let Some((count, sum)) = blocks.last_mut() {
                *count += 1.0;
                *sum += points;
            }
        }
        let mean_of = |block: &usize| blocks.get(*block).map_or(0.0, |(count, sum)| sum / count);
        self.set(Measure::BlockPoints, block_of.iter().map(mean_of));
        let all = counts.iter().sum::<f32>().max(1.0);
        let content: Vec<f32> = points.iter().zip(counts).map(|(points, words)| chance(*points) * words).collect();
        let total: f32 = content.iter().sum();
        let above = sums_before(&content);
        let below = above.clone().zip(&content).map(|(above, own)| (total - above - own) / total.max(1.0));
        self.set(Measure::ContentBelow, below);
        self.set(Measure::ContentAbove, above.map(|above| above / total.max(1.0)));
        self.set_page(Measure::PageContent, total);
        self.set_page(Measure::PageContentShare, total / all);
        let best = points.iter().copied().fold(f32::MIN, f32::max);
        self.set_page(Measure::PageBest, best);
        self.set(Measure::BehindBest, points.iter().map(|points| points - best));
        self.set(Measure::Points, points.into_iter());
    }

    fn set_whole(&mut self, counts: &[f32], prose: &[f32], words: &Words, phrases: &[f32]) {
        let all = counts.iter().sum::<f32>();
        self.set_page(Measure::PageWords, all);
        self.set_page(Measure::PageLines, counts.len() as f32);
        self.set_page(Measure::PageProse, prose.iter().sum::<f32>() / all.max(1.0));
        self.set_page(Measure::PageLongest, prose.iter().copied().fold(0.0, f32::max));
        let function: usize = words.lines.iter().map(|line| line.function).sum();
        self.set_page(Measure::PageFunction, function as f32 / words.tokens.len().max(1) as f32);
        self.set_page(Measure::PagePhrases, mean(phrases.iter().copied()));
        self.set_page(Measure::PageKnown, words.known_share());
    }
}

/// Lines between blank lines.
#[derive(Default)]
struct Block {
    lines: f32,
    words: f32,
    prose: f32,
    phrases: f32,
}

impl Block {
    fn mean(&self) -> f32 {
        self.words / self.lines
    }

    fn prose(&self) -> f32 {
        self.prose / self.words.max(1.0)
    }
}

/// The block that each line is in, counted from 0.
fn blocks_of(lines: &[PageLine]) -> Vec<usize> {
    let number = |block: &mut usize, (index, line): (usize, &PageLine)| {
        *block += usize::from(index > 0 && line.blank_before);
        Some(*block)
    };
    lines.iter().enumerate().scan(0, number).collect()
}

/// The line like the title that most prose follows.
fn headline(likeness: &[f32], prose: &[f32]) -> Option<usize> {
    let most = likeness.iter().copied().fold(0.0, f32::max);
    let least = HEADLINE_LIKENESS.max(most - 0.15);
    let candidates = likeness.iter().enumerate().filter(|(_, like)| **like >= least).take(HEADLINES);
    let value = |at: usize, like: f32| 5.0 * like + prose.iter().skip(at).take(HEADLINE_REACH).sum::<f32>();
    let best =
        candidates.map(|(at, like)| (at, value(at, *like))).fold(None, |best: Option<(usize, f32)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        });
    best.map(|(at, _)| at)
}

/// The value so many lines on; -1 where there is none.
fn shifted(values: &[f32], by: isize) -> impl Iterator<Item = f32> {
    (0..values.len()).map(move |line| values.get(line.wrapping_add_signed(by)).copied().unwrap_or(-1.0))
}

/// The sum of the values before each.
fn sums_before(values: &[f32]) -> impl Iterator<Item = f32> + Clone {
    let before = |sum: &mut f32, value: &f32| {
        let before = *sum;
        *sum += value;
        Some(before)
    };
    values.iter().scan(0.0, before)
}

/// The mean of the values before each, what is far away counting less.
fn faded(values: impl Iterator<Item = f32>, weight: f32) -> impl Iterator<Item = f32> {
    let before = move |mean: &mut f32, value: f32| {
        let before = *mean;
        *mean = weight * *mean + (1.0 - weight) * value;
        Some(before)
    };
    values.scan(0.0, before)
}

/// Lines since the last mark, the line itself counting as one where `own` is 0.
fn since(marks: impl Iterator<Item = bool>, own: usize) -> impl Iterator<Item = f32> {
    marks.scan(FAR, move |distance, mark| {
        let before = (*distance + 1).min(FAR);
        *distance = if mark { 0 } else { before };
        Some(if own == 0 { *distance } else { before } as f32)
    })
}

/// The length of the run that each is in, 0 outside of runs.
fn runs(inside: impl Iterator<Item = bool>) -> impl Iterator<Item = f32> {
    let mut out: Vec<f32> = Vec::new();
    let mut length = 0;
    let close = |out: &mut Vec<f32>, length: usize| {
        let from = out.len() - length;
        out.iter_mut().skip(from).for_each(|slot| *slot = length as f32);
    };
    for inside in inside {
        if !inside {
            close(&mut out, length);
            length = 0;
        }
        out.push(0.0);
        length += usize::from(inside);
    }
    close(&mut out, length);
    out.into_iter()
}

/// How likely a line with these points is content, roughly: exact logarithms differ from machine to machine.
fn chance(points: f32) -> f32 {
    (0.5 + points / 6.0).clamp(0.0, 1.0)
}

fn mean(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    let count = values.len().max(1) as f32;
    values.sum::<f32>() / count
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_distances() {
        let marks = [true, true, false, false, true];
        assert!(runs(marks.into_iter()).eq([2.0, 2.0, 0.0, 0.0, 1.0]));
        assert!(since(marks.into_iter(), 0).eq([0.0, 0.0, 1.0, 2.0, 0.0]));
        assert!(since(marks.into_iter(), 1).eq([300.0, 1.0, 1.0, 2.0, 3.0]));
    }

    #[test]
    fn every_measure_has_a_name_of_its_own() {
        let mut names: Vec<&str> = Measure::ALL.iter().map(|measure| measure.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Measure::ALL.len());
    }
}
