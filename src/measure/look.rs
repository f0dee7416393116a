//! What a line looks like: its characters, not its words.

use crate::matcher::PageLine;

/// A line that ends like a sentence is one of prose with so many words.
const PROSE_WORDS: usize = 10;
/// Characters of a line that shares of characters are counted over.
const SHAPE_CHARS: usize = 400;

/// What a line looks like, as values.
#[derive(Default)]
pub(super) struct Look {
    pub words: f32,
    pub prose: bool,
    pub sentences: f32,
    pub commas: f32,
    pub digits: f32,
    pub capitals: f32,
    pub title_case: f32,
    pub lower: bool,
    pub separators: f32,
    pub address: bool,
    pub question: bool,
    pub exclamation: bool,
    pub price: bool,
    pub number: bool,
    pub ellipsis: bool,
    pub colon: bool,
    pub code: f32,
    pub quote: bool,
    pub parenthesis: bool,
    pub not_latin: f32,
}

impl Look {
    pub(super) fn new(text: &str, line: &PageLine) -> Self {
        let text = text.trim();
        let words = line.words as f32;
        let mut look = Self {
            words,
            prose: line.shape.sentence && line.words >= PROSE_WORDS,
            lower: text.starts_with(char::is_lowercase),
            ellipsis: text.ends_with('…') || text.ends_with("..."),
            colon: text.ends_with([':', '：']),
            quote: text.starts_with(['"', '“', '‘', '\'', '„', '«', '「']),
            parenthesis: text.starts_with('(') || text.ends_with(')'),
            ..Self::default()
        };
        look.scan(text);
        look
    }

    fn scan(&mut self, text: &str) {
        let (mut chars, mut digits, mut capitals, mut code, mut not_latin, mut letters) =
            (0_u32, 0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
        let (mut pieces, mut titled) = (0_u32, 0_u32);
        let (mut commas, mut separators, mut sentences) = (0_u32, 0_u32, 0_u32);
        let (mut before, mut after_space) = (' ', true);
        // 1 behind a full stop or the like, 2 behind the space after it.
        let mut stop = 0;
        for c in text.chars().take(SHAPE_CHARS) {
            chars += 1;
            let mark = class_of(c);
            let space = mark & SPACE != 0;
            if mark & SIGN != 0 {
                match c {
                    ',' | '，' | '،' | '、' => commas += 1,
                    '|' | '»' | '›' | '·' | '•' => separators += 1,
                    '?' | '？' | '؟' => self.question = true,
                    '!' | '！' => self.exclamation = true,
                    '/' => separators += u32::from(before == ' '),
                    '{' | '}' | '(' | ')' | ';' | '=' | '<' | '>' | '[' | ']' | '_' | '#' | '\\' | '`' | '$' => {
                        code += 1;
                    }
                    _ => {}
                }
            }
            digits += u32::from(mark & DIGIT != 0);
            self.price |= mark & DIGIT != 0 && is_currency(before) || before.is_ascii_digit() && is_currency(c);
            letters += u32::from(mark & LETTER != 0);
            let capital = mark & CAPITAL != 0;
            capitals += u32::from(capital);
            not_latin += u32::from(c > '\u{24f}' && mark & LETTER != 0);
            if after_space && !space {
                pieces += 1;
                titled += u32::from(capital);
            }
            if stop == 2 && !space {
                sentences += u32::from(mark & SMALL == 0);
            }
            stop = match (stop, c) {
                (_, '.' | '!' | '?') => 1,
                (_, '。' | '！' | '？' | '।' | '؟') => 2,
                (1, '"' | '\'' | ')' | '”' | '’') => 1,
                (1 | 2, _) if space => 2,
                _ => 0,
            };
            after_space = space;
            before = c;
        }
        let share = |count: u32, of: u32| count as f32 / of.max(1) as f32;
        self.commas = commas as f32 / self.words.max(1.0);
        self.digits = share(digits, chars);
        self.capitals = share(capitals, chars);
        self.title_case = share(titled, pieces);
        self.code = share(code, chars);
        self.not_latin = share(not_latin, chars);
        self.number = letters == 0;
        self.separators = separators.min(5) as f32;
        self.sentences = sentences as f32;
        let head = text.get(..text.char_indices().nth(SHAPE_CHARS).map_or(text.len(), |(end, _)| end)).unwrap_or(text);
        self.address = head.contains("://") || head.contains("www.") || is_mail(head);
    }

    /// What kind of line it is, for lists that repeat.
    pub(super) fn kind(&self) -> u8 {
        match self.words as u32 {
            _ if self.price => 1,
            _ if self.number => 2,
            _ if self.prose && self.words < 25.0 => 3,
            _ if self.prose => 4,
            0 | 1 => 5,
            2 | 3 => 6,
            4..=6 => 7,
            7..=14 => 8,
            _ => 9,
        }
    }
}

/// What a character is, as bits.
const DIGIT: u8 = 1;
const LETTER: u8 = 1 << 1;
const CAPITAL: u8 = 1 << 2;
const SMALL: u8 = 1 << 3;
const SPACE: u8 = 1 << 4;
/// Neither of these.
const SIGN: u8 = 1 << 5;

/// Of the characters of ASCII.
const CLASSES: [u8; 128] = {
    let mut classes = [SIGN; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "while the compiler runs")]
        let class = &mut classes[byte as usize];
        match byte {
            b'a'..=b'z' => *class = LETTER | SMALL,
            b' ' | b'\t' => *class = SPACE,
            b'A'..=b'Z' => *class = LETTER | CAPITAL,
            b'0'..=b'9' => *class = DIGIT,
            _ => {}
        }
        byte += 1;
    }
    classes
};

fn class_of(c: char) -> u8 {
    match c {
        _ if c.is_ascii() => CLASSES.get(c as usize).copied().unwrap_or(SIGN),
        _ if c.is_alphabetic() => {
            LETTER | if c.is_uppercase() { CAPITAL } else { 0 } | if c.is_lowercase() { SMALL } else { 0 }
        }
        _ if c.is_whitespace() => SPACE,
        _ => SIGN,
    }
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₽' | '₺' | '₩' | '฿' | '₴' | '₪')
}

fn is_mail(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let domain = text.get(at + 1..).unwrap_or_default().split(char::is_whitespace).next().unwrap_or_default();
        before.is_some_and(char::is_alphanumeric) && domain.trim_end_matches('.').contains('.')
    })
}
