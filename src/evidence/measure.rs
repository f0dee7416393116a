//! What can be measured of a line, each measure named once, here: evidence files go by these names.

macro_rules! measures {
    ($($variant:ident $name:literal $about:literal)*) => {
        /// What is measured of a line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Measure { $(#[doc = $about] $variant,)* }

        impl Measure {
            /// All of them, in the order of their columns in a [`Table`].
            pub const ALL: &[Measure] = &[$(Measure::$variant,)*];

            /// The name that evidence files have for it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Measure::$variant => $name,)* }
            }

            /// The measure with that name.
            #[must_use]
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|measure| measure.name() == name)
            }

            /// What it is, with its unit.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Measure::$variant => $about,)* }
            }
        }
    };
}

measures! {
    Words "words" "words of the line"
    Chars "chars" "characters of the folded line"
    FunctionWords "function_words" "share of the words that are function words of the page's language"
    Sentence "sentence" "1 where the line ends like a sentence"
    Colon "colon" "1 where it ends with a colon"
    Sentences "sentences" "ends of sentences inside the line"
    Commas "commas" "commas a word"
    Digits "digits" "share of the characters that are digits"
    Capitals "capitals" "share of the characters that are capital letters"
    TitleCase "title_case" "share of the words that begin with a capital"
    Lower "lower" "1 where the line begins with a small letter"
    Bullet "bullet" "1 where it begins with a list mark"
    Heading "heading" "rank of a Markdown heading, else 0"
    Cells "cells" "1 for a row of a Markdown table"
    Separators "separators" "bars, middle dots, guillemets and spaced slashes, at most 5"
    Address "address" "1 where a URL or mail address is in it"
    Question "question" "1 where a question mark is in it"
    Exclamation "exclamation" "1 where an exclamation mark is in it"
    Price "price" "1 where a digit stands beside a currency sign"
    Number "number" "1 where there is no letter in it"
    Ellipsis "ellipsis" "1 where it ends with dots of omission"
    Code "code" "share of the characters that are brackets, semicolons and other marks of code"
    Quote "quote" "1 where it begins with a quotation mark"
    Parenthesis "parenthesis" "1 where it begins or ends with a parenthesis"
    NotLatin "not_latin" "share of the characters that are of no Latin script"
    WordLength "word_length" "characters a word"
    Phrases "phrases" "points of the line's phrases"
    PhrasesMean "phrases_mean" "points of its phrases, a token looked at"
    RuleConsent "rule_consent" "1 where a pattern of a consent rule is in it"
    RuleComments "rule_comments" "the same of rules for comments"
    RuleShare "rule_share" "the same of rules for sharing"
    RuleNewsletter "rule_newsletter" "the same of rules for sign-ups"
    RuleRelated "rule_related" "the same of rules for other stories, headings included"
    RuleLegal "rule_legal" "the same of legal rules"
    RuleCredit "rule_credit" "the same of rules for credits"
    RuleAuthor "rule_author" "the same of rules for authors"
    RuleDate "rule_date" "the same of rules for dates"
    RuleNavigation "rule_navigation" "the same of rules for navigation"
    RuleAd "rule_ad" "the same of rules for advertising"
    RulePaywall "rule_paywall" "the same of rules for paywalls and donations"
    RuleMedia "rule_media" "the same of rules for players and galleries"
    RuleKeep "rule_keep" "the same of rules that protect"
    BlockLines "block_lines" "lines of the line's block, blocks being set apart by blank lines"
    BlockWords "block_words" "words of the block"
    BlockMean "block_mean" "words a line of the block"
    BlockProse "block_prose" "share of the block's words that are in sentences of 10 words and more"
    BlockPlace "block_place" "lines of the block before this one"
    BlockMeanBefore "block_mean_before" "words a line of the block before, -1 where there is none"
    BlockMeanAfter "block_mean_after" "the same of the block after"
    BlockMeanBefore2 "block_mean_before_2" "the same of the block before that"
    BlockMeanAfter2 "block_mean_after_2" "the same of the second block after"
    BlockLinesBefore "block_lines_before" "lines of the block before, -1 where there is none"
    BlockLinesAfter "block_lines_after" "lines of the block after"
    BlockProseBefore "block_prose_before" "as block_prose, of the block before"
    BlockProseAfter "block_prose_after" "as block_prose, of the block after"
    BlockPhrases "block_phrases" "mean of phrases over the block"
    BlockPhrasesBefore "block_phrases_before" "mean of phrases over the block before"
    BlockPhrasesAfter "block_phrases_after" "mean of phrases over the block after"
    WordsBefore "words_before" "words of the line before, -1 where there is none"
    WordsAfter "words_after" "words of the line after"
    WordsBefore2 "words_before_2" "words of the second line before"
    WordsAfter2 "words_after_2" "words of the second line after"
    WordsBefore3 "words_before_3" "words of the third line before"
    WordsAfter3 "words_after_3" "words of the third line after"
    FunctionBefore "function_before" "function_words of the line before"
    FunctionAfter "function_after" "function_words of the line after"
    PhrasesBefore "phrases_before" "phrases of the line before"
    PhrasesAfter "phrases_after" "phrases of the line after"
    LastProse "last_prose" "lines since the last sentence of 10 words and more, at most 300"
    NextProse "next_prose" "lines to the next one"
    Short5 "short_5" "length of the run of lines with at most 5 words that the line is in, 0 outside"
    Short10 "short_10" "the same with at most 10 words"
    Copies "copies" "how often the line's words stand on the page as a line"
    Again "again" "1 where they stood before"
    LinePlace "line_place" "share of the page's lines that stand before"
    WordPlace "word_place" "share of the page's words that stand before"
    LinesAbove "lines_above" "lines before"
    LinesBelow "lines_below" "lines after"
    ProseAbove "prose_above" "share of the page's words in sentences that stand before"
    ProseBelow "prose_below" "the same after"
    ProseWordsAbove "prose_words_above" "words in sentences before"
    ProseWordsBelow "prose_words_below" "words in sentences after"
    NearProseBefore "near_prose_before" "mean words in sentences of the lines before, half of it of the last one"
    NearProseAfter "near_prose_after" "the same of the lines after"
    FarProseBefore "far_prose_before" "the same, half of it of the last ten"
    FarProseAfter "far_prose_after" "the same of the lines after"
    NearWordsBefore "near_words_before" "mean words, at most 40, of the lines before, half of it of the last one"
    NearWordsAfter "near_words_after" "the same of the lines after"
    FarWordsBefore "far_words_before" "the same, half of it of the last ten"
    FarWordsAfter "far_words_after" "the same of the lines after"
    NearFunctionBefore "near_function_before" "mean function words, at most 40, of the lines before, half of it of the last one"
    NearFunctionAfter "near_function_after" "the same of the lines after"
    FarFunctionBefore "far_function_before" "the same, half of it of the last ten"
    FarFunctionAfter "far_function_after" "the same of the lines after"
    NearPhrasesBefore "near_phrases_before" "mean phrases of the lines before, half of it of the last two"
    NearPhrasesAfter "near_phrases_after" "the same of the lines after"
    FarPhrasesBefore "far_phrases_before" "the same, half of it of the last ten"
    FarPhrasesAfter "far_phrases_after" "the same of the lines after"
    NearHitsBefore "near_hits_before" "mean of lines hit by rules for noise, half of it of the last two"
    NearHitsAfter "near_hits_after" "the same of the lines after"
    FarHitsBefore "far_hits_before" "the same, half of it of the last ten"
    FarHitsAfter "far_hits_after" "the same of the lines after"
    HitsAbove "hits_above" "share of the lines hit by rules for noise that stand before"
    LastRelated "last_related" "lines since the last short one that rules for other stories hit, at most 300"
    NextRelated "next_related" "lines to the next one"
    LastComments "last_comments" "the same of rules for comments"
    NextComments "next_comments" "lines to the next one"
    LastLegal "last_legal" "the same of legal rules"
    NextLegal "next_legal" "lines to the next one"
    LastNewsletter "last_newsletter" "the same of rules for sign-ups"
    NextNewsletter "next_newsletter" "lines to the next one"
    LastShare "last_share" "the same of rules for sharing"
    NextShare "next_share" "lines to the next one"
    LastAuthor "last_author" "the same of rules for authors and dates"
    NextAuthor "next_author" "lines to the next one"
    TitleLikeness "title_likeness" "words that the line has in common with the title's main part, over the longer of both"
    TitleWords "title_words" "share of the line's content words that are in the title"
    BelowHeadline "below_headline" "lines below the headline, -1 above it, -2 where none is found"
    AboveHeadline "above_headline" "lines above the headline, -1 below it, -2 where none is found"
    Topic "topic" "share of the line's content words that are in another sentence of the page"
    TopicCommon "topic_common" "share of them that are in three others"
    Repeats "repeats" "share of the lines around that look as the line so many before does, for the best period up to 8"
    Period "period" "that period in lines, 0 where there is none"
    NearPrice "near_price" "mean of lines with a price, half of it of the nearest two on each side"
    NearNumber "near_number" "mean of lines without letters, half of it of the nearest two on each side"
    NearTitleCase "near_title_case" "mean of title_case, half of it of the nearest two on each side"
    NearCode "near_code" "mean of code, half of it of the nearest two on each side"
    NearTopic "near_topic" "mean of topic, half of it of the nearest two on each side"
    PageWords "page_words" "words of the page"
    PageLines "page_lines" "lines of the page"
    PageProse "page_prose" "share of its words that are in sentences of 10 words and more"
    PageLongest "page_longest" "words of its longest such line"
    PageAlone "page_alone" "share of its lines that are a block"
    PagePrices "page_prices" "share of its lines with a price"
    PageComments "page_comments" "share of its lines that rules for comments hit"
    PageHits "page_hits" "share of its lines that rules for noise hit"
    PageDates "page_dates" "share of its lines that rules for dates hit"
    PageFunction "page_function" "share of its words that are function words"
    PagePhrases "page_phrases" "mean of phrases"
    PageNotLatin "page_not_latin" "mean of not_latin"
    PageBullets "page_bullets" "share of its lines that begin with a list mark"
    PageKnown "page_known" "share of its words that have points; 0 where they are too few for phrases to count, as in other languages"
    Points "points" "points of the line itself, before what stands around it counts"
    PointsBefore "points_before" "mean points of the lines before, half of it of the last one"
    PointsAfter "points_after" "the same of the lines after"
    NearPointsBefore "near_points_before" "the same, half of it of the last two"
    NearPointsAfter "near_points_after" "the same of the lines after"
    FarPointsBefore "far_points_before" "the same, half of it of the last ten"
    FarPointsAfter "far_points_after" "the same of the lines after"
    BlockPoints "block_points" "mean points of the block's lines"
    ContentAbove "content_above" "share of the page's likely words of content that stand before"
    ContentBelow "content_below" "the same after"
    PageContent "page_content" "likely words of content of the page"
    PageContentShare "page_content_share" "the same, as a share of its words"
    PageBest "page_best" "points of the page's best line"
    BehindBest "behind_best" "points of the line less those of the page's best one"
}

/// Those measures that somebody asks for.
#[derive(Debug, Clone)]
pub struct Measures {
    /// Whether each is, in the order of all.
    asked_for: Vec<bool>,
}

impl Measures {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Measure::ALL.iter().copied().collect()
    }

    /// Whether it is one of these.
    #[must_use]
    pub fn have(&self, measure: Measure) -> bool {
        self.asked_for.get(measure as usize) == Some(&true)
    }
}

impl FromIterator<Measure> for Measures {
    fn from_iter<I: IntoIterator<Item = Measure>>(measures: I) -> Self {
        let mut asked_for = vec![false; Measure::ALL.len()];
        for measure in measures {
            if let Some(slot) = asked_for.get_mut(measure as usize) {
                *slot = true;
            }
        }
        Self { asked_for }
    }
}

/// What was measured of a page: of lines those measures that were asked for, and of the page all.
#[derive(Debug, Clone)]
pub struct Table {
    measures: Measures,
    lines: usize,
    /// Column after column, a value a line, as they are measured.
    values: Vec<f32>,
    /// Where the column of each measure begins, in the order of all measures.
    columns: Vec<Option<usize>>,
    /// Measures of the page, in the order of all measures.
    of_page: Vec<Option<f32>>,
}

impl Table {
    /// How many lines there are.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// The value that a measure has of a line; 0 where it was not asked for.
    #[must_use]
    pub fn value(&self, measure: Measure, line: usize) -> f32 {
        self.of_page(measure).or(self.column(measure).get(line).copied()).unwrap_or(0.0)
    }

    /// The value of a measure of the page, once it is measured.
    #[must_use]
    pub fn of_page(&self, measure: Measure) -> Option<f32> {
        self.of_page.get(measure as usize).copied().flatten()
    }

    /// The values of a measure of lines; none where it is not measured.
    #[must_use]
    pub fn column(&self, measure: Measure) -> &[f32] {
        let start = self.columns.get(measure as usize).copied().flatten();
        start.and_then(|start| self.values.get(start..start + self.lines)).unwrap_or_default()
    }

    /// Room for a page of so many lines.
    pub(crate) fn new(lines: usize, measures: &Measures) -> Self {
        let count = Measure::ALL.len();
        let columns = measures.asked_for.iter().filter(|asked_for| **asked_for).count();
        Self {
            measures: measures.clone(),
            lines,
            values: Vec::with_capacity(columns * lines),
            columns: vec![None; count],
            of_page: vec![None; count],
        }
    }

    /// Notes what a measure is of each line, where it is asked for.
    pub(crate) fn set(&mut self, measure: Measure, values: impl Iterator<Item = f32>) {
        if self.measures.have(measure) {
            let start = self.values.len();
            self.values.extend(values);
            debug_assert_eq!(self.values.len(), start + self.lines, "{measure:?}");
            if let Some(slot) = self.columns.get_mut(measure as usize) {
                *slot = Some(start);
            }
        }
    }

    /// The same, beginning with the last line.
    pub(crate) fn set_backwards(&mut self, measure: Measure, values: impl Iterator<Item = f32>) {
        let start = self.values.len();
        self.set(measure, values);
        self.values.get_mut(start..).unwrap_or_default().reverse();
    }

    /// Notes what is the same for every line.
    pub(crate) fn set_page(&mut self, measure: Measure, value: f32) {
        if let Some(slot) = self.of_page.get_mut(measure as usize) {
            *slot = Some(value);
        }
    }
}
