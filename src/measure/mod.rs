//! A page's measures: what [`evidence`](crate::evidence) goes by.

mod kinds;
mod look;
mod words;

use kinds::{
    AD, AUTHOR, COMMENTS, CONSENT, CREDIT, DATE, KEEP, LEGAL, MEDIA, NAVIGATION, NEWSLETTER, NOISE, PAYWALL, RELATED,
    SHARE, kinds_of,
};
use look::Look;
use words::{LineWords, Words};

use crate::evidence::tokens::{self, Token, TokenMap};
use crate::evidence::{Lexicon, Measure, Model, Points, Table};
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
pub fn measure(page: &Page<'_>, rules: &RuleSet, lexicon: &Lexicon, title: Option<&str>) -> Table {
    let lines = page.lines();
    let mut table = Table::new(lines.len());
    let words = Words::new(page, lexicon);
    let looks: Vec<Look> = lines.iter().map(|line| Look::new(page.text(line), line)).collect();
    let kinds: Vec<u32> = lines.iter().map(|line| kinds_of(page, rules, line)).collect();
    table.set_looks(lines, &looks);
    table.set_words(&words);
    table.set_hits(lines, &kinds);
    let prose: Vec<f32> = looks.iter().map(|look| if look.prose { look.words } else { 0.0 }).collect();
    table.set_blocks(lines, &prose);
    table.set_places(&prose);
    table.set_windows(&prose, &words);
    table.set_copies(&words);
    let title = title.unwrap_or_else(|| lines.first().map_or("", |line| page.text(line)));
    table.set_title(&words, title, &prose);
    table.set_topic(&words, &prose);
    table.set_period(&looks);
    table.set_page(lines, &prose, &words);
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
pub fn weigh(page: &Page<'_>, rules: &RuleSet, model: &Model, title: Option<&str>) -> Weighed {
    let mut table = measure(page, rules, &model.lexicon, title);
    let own = model.points_of_lines(&table);
    if !model.has_context() {
        return Weighed { table, points: own };
    }
    table.set_context(page.lines(), &own);
    let points = model.points_in_context(&table);
    Weighed { table, points }
}

impl Table {
    fn set_looks(&mut self, lines: &[PageLine], looks: &[Look]) {
        let flag = |is: bool| f32::from(u8::from(is));
        let mut of_line =
            |measure, value: &dyn Fn(&PageLine) -> f32| self.set(measure, lines.iter().map(value).collect());
        of_line(Measure::Words, &|line| line.words as f32);
        of_line(Measure::Chars, &|line| line.chars as f32);
        of_line(Measure::Sentence, &|line| flag(line.shape.sentence));
        of_line(Measure::Bullet, &|line| flag(line.shape.bullet));
        of_line(Measure::Heading, &|line| line.shape.heading.map_or(0.0, f32::from));
        of_line(Measure::Cells, &|line| flag(line.shape.table));
        of_line(Measure::WordLength, &|line| line.chars as f32 / line.words.max(1) as f32);
        let mut of_look = |measure, value: &dyn Fn(&Look) -> f32| self.set(measure, looks.iter().map(value).collect());
        of_look(Measure::Colon, &|look| flag(look.colon));
        of_look(Measure::Sentences, &|look| look.sentences);
        of_look(Measure::Commas, &|look| look.commas);
        of_look(Measure::Digits, &|look| look.digits);
        of_look(Measure::Capitals, &|look| look.capitals);
        of_look(Measure::TitleCase, &|look| look.title_case);
        of_look(Measure::Lower, &|look| flag(look.lower));
        of_look(Measure::Separators, &|look| look.separators);
        of_look(Measure::Address, &|look| flag(look.address));
        of_look(Measure::Question, &|look| flag(look.question));
        of_look(Measure::Exclamation, &|look| flag(look.exclamation));
        of_look(Measure::Price, &|look| flag(look.price));
        of_look(Measure::Number, &|look| flag(look.number));
        of_look(Measure::Ellipsis, &|look| flag(look.ellipsis));
        of_look(Measure::Code, &|look| look.code);
        of_look(Measure::Quote, &|look| flag(look.quote));
        of_look(Measure::Parenthesis, &|look| flag(look.parenthesis));
        of_look(Measure::NotLatin, &|look| look.not_latin);
    }

    fn set_words(&mut self, words: &Words) {
        let share = |line: &LineWords| line.function as f32 / line.tokens.len().max(1) as f32;
        self.set(Measure::FunctionWords, words.lines.iter().map(share).collect());
        self.set(Measure::Phrases, words.lines.iter().map(|line| line.points).collect());
        self.set(
            Measure::PhrasesMean,
            words.lines.iter().map(|line| line.points / line.looked_at.max(1) as f32).collect(),
        );
        self.set(Measure::PhrasesBefore, shifted(self.column(Measure::Phrases), -1));
        self.set(Measure::PhrasesAfter, shifted(self.column(Measure::Phrases), 1));
        self.set(Measure::FunctionBefore, shifted(self.column(Measure::FunctionWords), -1));
        self.set(Measure::FunctionAfter, shifted(self.column(Measure::FunctionWords), 1));
        for (measure, by) in [
            (Measure::WordsBefore, -1),
            (Measure::WordsAfter, 1),
            (Measure::WordsBefore2, -2),
            (Measure::WordsAfter2, 2),
            (Measure::WordsBefore3, -3),
            (Measure::WordsAfter3, 3),
        ] {
            self.set(measure, shifted(self.column(Measure::Words), by));
        }
    }

    fn set_hits(&mut self, lines: &[PageLine], kinds: &[u32]) {
        let marks = |kind: u32| kinds.iter().map(|kinds| f32::from(u8::from(kinds & kind != 0))).collect::<Vec<f32>>();
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
            let label = |(line, kinds): (&PageLine, &u32)| kinds & kind != 0 && line.words <= LABEL_WORDS;
            let labels: Vec<bool> = lines.iter().zip(kinds).map(label).collect();
            self.set(last, since(labels.iter().copied(), 0));
            self.set(next, reversed(since(labels.iter().rev().copied(), 0)));
        }
        let hits = marks(NOISE);
        let total: f32 = hits.iter().sum::<f32>().max(1.0);
        self.set(Measure::HitsAbove, sums_before(&hits).into_iter().map(|sum| sum / total).collect());
        self.both_sides(Measure::NearHitsBefore, Measure::NearHitsAfter, &hits, NEAR);
        self.both_sides(Measure::FarHitsBefore, Measure::FarHitsAfter, &hits, DISTANT);
        self.page(Measure::PageHits, mean(&hits));
        self.page(Measure::PageComments, mean(self.column(Measure::RuleComments)));
        self.page(Measure::PageDates, mean(self.column(Measure::RuleDate)));
    }

    fn set_blocks(&mut self, lines: &[PageLine], prose: &[f32]) {
        let block_of = blocks_of(lines);
        let mut blocks: Vec<Block> = Vec::new();
        let mut place = Vec::with_capacity(lines.len());
        let values = lines.iter().zip(prose).zip(self.column(Measure::Phrases));
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
        self.set(Measure::BlockPlace, place);
        let mut of_block = |measure, by: isize, none: f32, value: &dyn Fn(&Block) -> f32| {
            let at =
                |block: usize| block.checked_add_signed(by).and_then(|block| blocks.get(block)).map_or(none, value);
            self.set(measure, block_of.iter().map(|block| at(*block)).collect());
        };
        of_block(Measure::BlockLines, 0, 0.0, &|block| block.lines);
        of_block(Measure::BlockWords, 0, 0.0, &|block| block.words);
        of_block(Measure::BlockMean, 0, 0.0, &Block::mean);
        of_block(Measure::BlockProse, 0, 0.0, &Block::prose);
        of_block(Measure::BlockPhrases, 0, 0.0, &|block| block.phrases / block.lines);
        of_block(Measure::BlockMeanBefore, -1, -1.0, &Block::mean);
        of_block(Measure::BlockMeanAfter, 1, -1.0, &Block::mean);
        of_block(Measure::BlockMeanBefore2, -2, -1.0, &Block::mean);
        of_block(Measure::BlockMeanAfter2, 2, -1.0, &Block::mean);
        of_block(Measure::BlockLinesBefore, -1, -1.0, &|block| block.lines);
        of_block(Measure::BlockLinesAfter, 1, -1.0, &|block| block.lines);
        of_block(Measure::BlockProseBefore, -1, -1.0, &Block::prose);
        of_block(Measure::BlockProseAfter, 1, -1.0, &Block::prose);
        of_block(Measure::BlockPhrasesBefore, -1, 0.0, &|block| block.phrases / block.lines);
        of_block(Measure::BlockPhrasesAfter, 1, 0.0, &|block| block.phrases / block.lines);
        let alone = blocks.iter().filter(|block| block.lines == 1.0).count();
        self.page(Measure::PageAlone, alone as f32 / lines.len().max(1) as f32);
    }

    fn set_places(&mut self, prose: &[f32]) {
        let count = self.lines();
        self.set(Measure::LinesAbove, (0..count).map(|line| line as f32).collect());
        self.set(Measure::LinesBelow, (0..count).rev().map(|line| line as f32).collect());
        self.set(Measure::LinePlace, (0..count).map(|line| line as f32 / count as f32).collect());
        let words = self.column(Measure::Words);
        let total = words.iter().sum::<f32>().max(1.0);
        self.set(Measure::WordPlace, sums_before(words).into_iter().map(|sum| sum / total).collect());
        let total: f32 = prose.iter().sum();
        let above = sums_before(prose);
        let below: Vec<f32> = above.iter().zip(prose).map(|(above, own)| total - above - own).collect();
        self.set(Measure::ProseAbove, above.iter().map(|above| above / total.max(1.0)).collect());
        self.set(Measure::ProseBelow, below.iter().map(|below| below / total.max(1.0)).collect());
        self.set(Measure::ProseWordsAbove, above);
        self.set(Measure::ProseWordsBelow, below);
        self.set(Measure::LastProse, since(prose.iter().map(|prose| *prose > 0.0), 1));
        self.set(Measure::NextProse, reversed(since(prose.iter().rev().map(|prose| *prose > 0.0), 1)));
        self.set(Measure::Short5, runs(self.column(Measure::Words).iter().map(|words| *words <= 5.0)));
        self.set(Measure::Short10, runs(self.column(Measure::Words).iter().map(|words| *words <= 10.0)));
    }

    fn set_windows(&mut self, prose: &[f32], words: &Words) {
        let capped: Vec<f32> = self.column(Measure::Words).iter().map(|words| words.min(40.0)).collect();
        let function: Vec<f32> = words.lines.iter().map(|line| line.function.min(40) as f32).collect();
        let phrases = self.column(Measure::Phrases).to_vec();
        self.both_sides(Measure::NearProseBefore, Measure::NearProseAfter, prose, NEAREST);
        self.both_sides(Measure::FarProseBefore, Measure::FarProseAfter, prose, DISTANT);
        self.both_sides(Measure::NearWordsBefore, Measure::NearWordsAfter, &capped, NEAREST);
        self.both_sides(Measure::FarWordsBefore, Measure::FarWordsAfter, &capped, DISTANT);
        self.both_sides(Measure::NearFunctionBefore, Measure::NearFunctionAfter, &function, NEAREST);
        self.both_sides(Measure::FarFunctionBefore, Measure::FarFunctionAfter, &function, DISTANT);
        self.both_sides(Measure::NearPhrasesBefore, Measure::NearPhrasesAfter, &phrases, NEAR);
        self.both_sides(Measure::FarPhrasesBefore, Measure::FarPhrasesAfter, &phrases, DISTANT);
        for (near, of) in [
            (Measure::NearPrice, Measure::Price),
            (Measure::NearNumber, Measure::Number),
            (Measure::NearTitleCase, Measure::TitleCase),
            (Measure::NearCode, Measure::Code),
        ] {
            self.around(near, of);
        }
    }

    fn both_sides(&mut self, before: Measure, after: Measure, values: &[f32], weight: f32) {
        self.set(before, faded(values.iter(), weight));
        self.set(after, reversed(faded(values.iter().rev(), weight)));
    }

    fn around(&mut self, near: Measure, of: Measure) {
        let values = self.column(of);
        let before = faded(values.iter(), NEAR);
        let after = reversed(faded(values.iter().rev(), NEAR));
        self.set(near, before.iter().zip(after).map(|(before, after)| (before + after) / 2.0).collect());
    }

    fn set_copies(&mut self, words: &Words) {
        let key = |line: &LineWords| words.of(line).iter().fold(1, |all, token| tokens::join(all, *token));
        let keys: Vec<Token> = words.lines.iter().map(key).collect();
        let mut counts: TokenMap<u32> = TokenMap::default();
        let mut again = Vec::with_capacity(keys.len());
        for key in &keys {
            let count = counts.entry(*key).or_default();
            again.push(f32::from(u8::from(*count > 0)));
            *count += 1;
        }
        self.set(Measure::Again, again);
        self.set(Measure::Copies, keys.iter().map(|key| counts.get(key).copied().unwrap_or(1) as f32).collect());
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
        let mut in_title: TokenMap<bool> = TokenMap::default();
        for token in &whole {
            in_title.entry(*token).or_default();
        }
        let mut in_main = 0;
        for token in &main {
            let slot = in_title.entry(*token).or_default();
            in_main += usize::from(!*slot);
            *slot = true;
        }
        let (mut likeness, mut shared) = (Vec::new(), Vec::new());
        let mut distinct: Vec<Token> = Vec::new();
        for (index, line) in words.lines.iter().enumerate() {
            let count = line.tokens.len();
            let mut like = 0.0;
            if index > 0 && in_main >= 2 && count <= main.len() * 2 + 4 {
                distinct.clear();
                distinct.extend(words.of(line));
                distinct.sort_unstable();
                distinct.dedup();
                let common = distinct.iter().filter(|token| in_title.get(token) == Some(&true)).count();
                like = common as f32 / distinct.len().max(in_main) as f32;
            }
            likeness.push(like);
            let (common, all) = words
                .content_of(line)
                .fold((0, 0), |(common, all), token| (common + usize::from(in_title.contains_key(&token)), all + 1));
            shared.push(common as f32 / all.max(1) as f32);
        }
        let headline = headline(&likeness, prose);
        let below = |line: usize| headline.map_or(-2.0, |at| if line >= at { (line - at) as f32 } else { -1.0 });
        let above = |line: usize| headline.map_or(-2.0, |at| if line < at { (at - line) as f32 } else { -1.0 });
        self.set(Measure::BelowHeadline, (0..self.lines()).map(below).collect());
        self.set(Measure::AboveHeadline, (0..self.lines()).map(above).collect());
        self.set(Measure::TitleLikeness, likeness);
        self.set(Measure::TitleWords, shared);
    }

    fn set_topic(&mut self, words: &Words, prose: &[f32]) {
        // In how many sentences a word is, and the last of them.
        let mut sentences: TokenMap<(u32, usize)> = TokenMap::default();
        for (index, (line, prose)) in words.lines.iter().zip(prose).enumerate() {
            if *prose > 0.0 {
                words.content_of(line).for_each(|token| {
                    let (count, last) = sentences.entry(token).or_insert((0, usize::MAX));
                    if *last != index {
                        *count += 1;
                        *last = index;
                    }
                });
            }
        }
        let (mut topic, mut common) = (Vec::new(), Vec::new());
        for (line, prose) in words.lines.iter().zip(prose) {
            let own = u32::from(*prose > 0.0);
            let (mut all, mut once, mut thrice) = (0_u32, 0_u32, 0_u32);
            words.content_of(line).for_each(|token| {
                let others = sentences.get(&token).map_or(0, |(count, _)| *count - own);
                all += 1;
                once += u32::from(others >= 1);
                thrice += u32::from(others >= 3);
            });
            topic.push(once as f32 / all.max(1) as f32);
            common.push(thrice as f32 / all.max(1) as f32);
        }
        self.set(Measure::Topic, topic);
        self.set(Measure::TopicCommon, common);
        self.around(Measure::NearTopic, Measure::Topic);
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
        self.set(Measure::Repeats, best);
        self.set(Measure::Period, period);
    }

    /// What stands around a line, by the points that each line has by itself.
    fn set_context(&mut self, lines: &[PageLine], own: &[Points]) {
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
        self.set(Measure::BlockPoints, block_of.iter().map(mean_of).collect());
        let words = self.column(Measure::Words);
        let all = words.iter().sum::<f32>().max(1.0);
        let content: Vec<f32> = points.iter().zip(words).map(|(points, words)| chance(*points) * words).collect();
        let total: f32 = content.iter().sum();
        let above = sums_before(&content);
        let below = above.iter().zip(&content).map(|(above, own)| (total - above - own) / total.max(1.0)).collect();
        self.set(Measure::ContentAbove, above.iter().map(|above| above / total.max(1.0)).collect());
        self.set(Measure::ContentBelow, below);
        self.page(Measure::PageContent, total);
        self.page(Measure::PageContentShare, total / all);
        let best = points.iter().copied().fold(f32::MIN, f32::max);
        self.page(Measure::PageBest, best);
        self.set(Measure::BehindBest, points.iter().map(|points| points - best).collect());
        self.set(Measure::Points, points);
    }

    fn set_page(&mut self, lines: &[PageLine], prose: &[f32], words: &Words) {
        let all = self.column(Measure::Words).iter().sum::<f32>();
        self.page(Measure::PageWords, all);
        self.page(Measure::PageLines, lines.len() as f32);
        self.page(Measure::PageProse, prose.iter().sum::<f32>() / all.max(1.0));
        self.page(Measure::PageLongest, prose.iter().copied().fold(0.0, f32::max));
        self.page(Measure::PagePrices, mean(self.column(Measure::Price)));
        let function: usize = words.lines.iter().map(|line| line.function).sum();
        self.page(Measure::PageFunction, function as f32 / words.tokens.len().max(1) as f32);
        self.page(Measure::PagePhrases, mean(self.column(Measure::Phrases)));
        self.page(Measure::PageNotLatin, mean(self.column(Measure::NotLatin)));
        self.page(Measure::PageKnown, words.known_share());
        self.page(Measure::PageBullets, mean(self.column(Measure::Bullet)));
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
fn shifted(values: &[f32], by: isize) -> Vec<f32> {
    let at = |line: usize| line.checked_add_signed(by).and_then(|line| values.get(line)).copied().unwrap_or(-1.0);
    (0..values.len()).map(at).collect()
}

fn reversed(mut values: Vec<f32>) -> Vec<f32> {
    values.reverse();
    values
}

/// The sum of the values before each.
fn sums_before(values: &[f32]) -> Vec<f32> {
    let before = |sum: &mut f32, value: &f32| {
        let before = *sum;
        *sum += value;
        Some(before)
    };
    values.iter().scan(0.0, before).collect()
}

/// The mean of the values before each, what is far away counting less.
fn faded<'v>(values: impl Iterator<Item = &'v f32>, weight: f32) -> Vec<f32> {
    let before = |mean: &mut f32, value: &f32| {
        let before = *mean;
        *mean = weight * *mean + (1.0 - weight) * value;
        Some(before)
    };
    values.scan(0.0, before).collect()
}

/// Lines since the last mark, the line itself counting as one where `own` is 0.
fn since(marks: impl Iterator<Item = bool>, own: usize) -> Vec<f32> {
    let mut distance = FAR;
    let mut out = Vec::new();
    for mark in marks {
        let before = (distance + 1).min(FAR);
        distance = if mark { 0 } else { before };
        out.push(if own == 0 { distance } else { before } as f32);
    }
    out
}

/// The length of the run that each is in, 0 outside of runs.
fn runs(inside: impl Iterator<Item = bool>) -> Vec<f32> {
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
    out
}

/// How likely a line with these points is content, roughly: exact logarithms differ from machine to machine.
fn chance(points: f32) -> f32 {
    (0.5 + points / 6.0).clamp(0.0, 1.0)
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_distances() {
        let marks = [true, true, false, false, true];
        assert_eq!(runs(marks.into_iter()), [2.0, 2.0, 0.0, 0.0, 1.0]);
        assert_eq!(since(marks.into_iter(), 0), [0.0, 0.0, 1.0, 2.0, 0.0]);
        assert_eq!(since(marks.into_iter(), 1), [300.0, 1.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn every_measure_has_a_name_of_its_own() {
        let mut names: Vec<&str> = Measure::ALL.iter().map(|measure| measure.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Measure::ALL.len());
    }
}
