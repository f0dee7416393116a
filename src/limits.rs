//! Everything that bounds something, with its unit and its reason.

/// Longest text in bytes: offsets into it are kept in 32 bits.
pub const TEXT_BYTES: usize = u32::MAX as usize;

/// Rounds of matching and removing. Real pages settle in two or three, one of ten thousand in more than eight; a text
/// that does not settle stays as it was.
pub const ROUNDS: usize = 32;

/// Largest rule file in bytes: the built-in ones are under 30 KiB.
pub const RULE_FILE_BYTES: usize = 1 << 20;

/// Phrases in one rule file.
pub const FILE_PHRASES: usize = 10_000;

/// Regexes in one rule file.
pub const FILE_REGEXES: usize = 1_000;

/// Longest phrase or regex in bytes, as written.
pub const PATTERN_BYTES: usize = 1 << 10;

/// Largest compiled regex in bytes, so that no pattern can blow memory up.
pub const REGEX_BYTES: usize = 1 << 20;

/// Largest automaton of a regex that is put into the binary, in bytes.
pub const AUTOMATON_BYTES: usize = 1 << 16;

/// So often an automaton from the binary tells whether a regex matches; then to compile it costs less.
pub const TESTS_BY_AUTOMATON: usize = 100;

/// A regex looks at no line longer than this many bytes: no noise line is.
pub const REGEX_LINE_BYTES: usize = 8 << 10;

/// Nesting of a rule file.
pub const YAML_DEPTH: usize = 50;

/// Parser events of a rule file: 10,000 phrases and everything around them.
pub const YAML_EVENTS: usize = 200_000;

/// Most lines that a block may name as its `max_lines`.
pub const BLOCK_LINES: usize = 400;

/// Most lines that `near` may look away.
pub const NEAR_LINES: usize = 50;

/// Most items of a section.
pub const SECTION_ITEMS: usize = 400;

/// A line is prose from this many words on when it ends like a sentence.
///
/// Headlines and captions that end like one are shorter: on WCXB's gold text half of all paragraphs pass, under 2% of headings.
pub const PROSE_WORDS: usize = 18;

/// A line of this many words is prose however it ends.
pub const LONG_WORDS: usize = 30;

/// Hard-wrapped prose: lines of this many characters, three or more in a row.
pub const WRAPPED_CHARS: std::ops::RangeInclusive<usize> = 45..=100;

/// Share of a document's own text that rules may take; beyond it the document stays as it was.
///
/// `prototype/rules-report.md` measured 0.4 on extractor output; whole pages hold more furniture.
pub const DOCUMENT_SHARE: f64 = 0.6;

/// The document guard looks at removals of at least this many words: a stub of three lines may well be half chaff.
pub const DOCUMENT_GUARD_WORDS: usize = 40;

/// Bytes of prose that a document's language can be told by (DESIGN, "Language": a paragraph of 300 characters is sure).
pub const LANGUAGE_LEAST_BYTES: usize = 200;

/// The share of a document's prose that must be in its language; with less it is a mixture and no line is foreign.
pub const LANGUAGE_SHARE: f64 = 0.6;

/// Bytes of paragraphs that the document's language is read off.
pub const LANGUAGE_SAMPLE_BYTES: usize = 16 << 10;

/// Bytes of one line that whatlang is shown: it reads 3 to 7 MB/s and is sure long before.
pub const WHATLANG_BYTES: usize = 1 << 10;

/// With this share of function words, and no other language with half as many, a document is in their language whatever
/// whatlang says: of 5,095 such texts of the corpus it contradicted in 7, all with English function words.
pub const SURE_SHARE: f64 = 0.2;

/// A line is explained by the document's language when this share of its words are that language's function words.
pub const EXPLAINED_SHARE: f64 = 0.08;

/// With this share of function words a line is explained whatever other languages it could be in.
pub const PLAIN_SHARE: f64 = 0.3;

/// Most lines of a Markdown text's front matter.
pub const FRONT_MATTER_LINES: usize = 80;

/// A phrase of fewer letters, or of one word, says too little to be only a part of a line (lint).
pub const SHORT_PHRASE_LETTERS: usize = 8;

/// A guard that allows no more words makes a short phrase bearable (lint): such lines are labels, not sentences.
pub const SHORT_LINE_WORDS: usize = 12;

/// A regex that stands for at most that many texts could be phrases (lint).
pub const REGEX_AS_PHRASES: usize = 24;

/// Letters of the text that announces a regex; with fewer it stands in every other line (lint).
pub const RARE_LETTERS: usize = 3;

/// Lines that `suggest` remembers at once, about 300 MB of them; beyond that what was seen once is forgotten.
pub const SUGGESTED_ENTRIES: usize = 1_000_000;

/// Longest line that `suggest` makes a phrase of, in bytes: phrases are at most [`PATTERN_BYTES`] long.
pub const SUGGESTED_LINE_BYTES: usize = 600;

/// Lines at either end of a document that `suggest` compares across hosts.
pub const SUGGESTED_EDGE_LINES: usize = 15;

/// Words of the longest line that it compares so.
pub const SUGGESTED_EDGE_WORDS: usize = 14;

/// Most phrases that it drafts across hosts.
pub const SUGGESTED_EDGES: usize = 200;

/// Removals of each kind that an audit lists, and texts that it lists as held.
pub const AUDIT_ENTRIES: usize = 60;

/// Characters of a removal that an audit lists.
pub const AUDIT_CHARS: usize = 240;

/// Share of the words of a page's title, `Headline - Site`, that a line must have to be the headline (masthead).
///
/// On 1,476 WCXB pages 0.5 finds the headline of 800; 0.12% of the content is above what it finds.
pub const TITLE_SHARE: f64 = 0.5;

/// The same where the title has no site's name in it.
pub const BARE_TITLE_SHARE: f64 = 0.8;

/// Longest title of a page, in characters: the first line of an extractor's text may be a paragraph.
pub const TITLE_CHARS: usize = 400;

/// Lines of a page, the title with them, among which its menu must begin where the title has no site's name in it.
pub const TITLE_LINES: usize = 10;

/// Lines below a headline, as repeated by a title without the site's name, among which prose must begin.
pub const HEADLINE_LINES: usize = 25;

/// Lines below the start of an ending that is known by its marks, among which the first of them must stand.
pub const MARK_LINES: usize = 12;

/// Most cuts that one span rule makes at one end of a line: `(AP) (AFP) ...`.
pub const CUTS: usize = 64;

/// Most bins of one measure in an evidence file.
pub const EVIDENCE_BINS: usize = 16;

/// Most points that one entry of an evidence file adds or takes; they are log odds, so a tenth of it is certainty. As many
/// as a file can hold ([`YAML_EVENTS`]) add up to less than what 32 bits count in hundredths.
pub const EVIDENCE_POINTS: f64 = 100.0;

/// Share of a page's words that must have points of their own for its phrases to count: of an English page about
/// nine in ten have, of a page in another language that was not learnt from one in ten.
pub const KNOWN_SHARE: f32 = 0.4;
