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
        let mut signs = Signs::default();
        signs.see_all(head_of(text));
        let share = |count: u32, of: u32| count as f32 / of.max(1) as f32;
        self.commas = signs.commas as f32 / self.words.max(1.0);
        self.digits = share(signs.digits, signs.chars);
        self.capitals = share(signs.capitals, signs.chars);
        self.title_case = share(signs.titled, signs.pieces);
        self.code = share(signs.code, signs.chars);
        self.not_latin = share(signs.not_latin, signs.chars);
        self.question = signs.question;
        self.exclamation = signs.exclamation;
        self.price = signs.price;
        self.number = signs.letters == 0;
        self.separators = signs.separators.min(5) as f32;
        self.sentences = signs.sentences as f32;
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

/// Whether a URL or mail address is in a line.
pub(super) fn has_address(text: &str) -> bool {
    let head = head_of(text.trim());
    head.contains("://") || head.contains("www.") || is_mail(head)
}

/// As much of a line as is looked at.
fn head_of(text: &str) -> &str {
    match text.get(..SHAPE_CHARS) {
        Some(head) if head.is_ascii() => head,
        _ if text.len() <= SHAPE_CHARS => text,
        _ => text.char_indices().nth(SHAPE_CHARS).and_then(|(end, _)| text.get(..end)).unwrap_or(text),
    }
}

/// The characters of a line, counted by what they are.
#[derive(Debug, PartialEq)]
struct Signs {
    chars: u32,
    digits: u32,
    letters: u32,
    capitals: u32,
    not_latin: u32,
    code: u32,
    commas: u32,
    separators: u32,
    /// What stands between spaces, and what of it begins with a capital.
    pieces: u32,
    titled: u32,
    /// Ends of sentences with another one behind them.
    sentences: u32,
    question: bool,
    exclamation: bool,
    price: bool,
    before: char,
    after_space: bool,
    /// 1 behind a full stop or the like, 2 behind the space after it.
    stop: u8,
}

impl Default for Signs {
    fn default() -> Self {
        Self {
            chars: 0,
            digits: 0,
            letters: 0,
            capitals: 0,
            not_latin: 0,
            code: 0,
            commas: 0,
            separators: 0,
            pieces: 0,
            titled: 0,
            sentences: 0,
            question: false,
            exclamation: false,
            price: false,
            before: ' ',
            after_space: true,
            stop: 0,
        }
    }
}

impl Signs {
    /// Sees a character; tells its bytes.
    fn see(&mut self, c: char) -> usize {
        self.chars += 1;
        let mark = class_of(c);
        let space = mark & SPACE != 0;
        if mark & SIGN != 0 {
            match c {
                ',' | '，' | '،' | '、' => self.commas += 1,
                '|' | '»' | '›' | '·' | '•' => self.separators += 1,
                '?' | '？' | '؟' => self.question = true,
                '!' | '！' => self.exclamation = true,
                '/' => self.separators += u32::from(self.before == ' '),
                '{' | '}' | '(' | ')' | ';' | '=' | '<' | '>' | '[' | ']' | '_' | '#' | '\\' | '`' | '$' => {
                    self.code += 1;
                }
                _ => {}
            }
        }
        self.digits += u32::from(mark & DIGIT != 0);
        self.price |= mark & DIGIT != 0 && is_currency(self.before) || self.before.is_ascii_digit() && is_currency(c);
        self.letters += u32::from(mark & LETTER != 0);
        let capital = mark & CAPITAL != 0;
        self.capitals += u32::from(capital);
        self.not_latin += u32::from(c > '\u{24f}' && mark & LETTER != 0);
        if self.after_space && !space {
            self.pieces += 1;
            self.titled += u32::from(capital);
        }
        if self.stop == 2 && !space {
            self.sentences += u32::from(mark & SMALL == 0);
        }
        self.stop = match (self.stop, c) {
            (_, '.' | '!' | '?') => 1,
            (_, '。' | '！' | '？' | '।' | '؟') => 2,
            (1, '"' | '\'' | ')' | '”' | '’') => 1,
            (1 | 2, _) if space => 2,
            _ => 0,
        };
        self.after_space = space;
        self.before = c;
        c.len_utf8()
    }

    fn see_all(&mut self, text: &str) {
        let mut at = 0;
        while let Some(&byte) = text.as_bytes().get(at) {
            at += match kind_of(byte) {
                Kind::Space => self.see_space(),
                Kind::Other => text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, |c| self.see(c)),
                _ => self.see_run(text.as_bytes().get(at..).unwrap_or_default()),
            }
        }
    }

    /// The same as to [`see`](Self::see) it, of which most texts have many.
    fn see_space(&mut self) -> usize {
        self.chars += 1;
        self.stop = if self.stop > 0 { 2 } else { 0 };
        self.after_space = true;
        self.before = ' ';
        1
    }

    /// The same as to [`see`](Self::see) each of the visible characters of ASCII that a text begins with, of which there
    /// must be one; tells how many they are.
    fn see_run(&mut self, text: &[u8]) -> usize {
        let first = text.first().copied().unwrap_or_default();
        let (mut small, mut capitals, mut digits, mut length, mut dollars) = (0, 0, 0, 0, false);
        for byte in text {
            match kind_of(*byte) {
                Kind::Small => small += 1,
                Kind::Space | Kind::Other => break,
                Kind::Capital => capitals += 1,
                Kind::Digit => digits += 1,
                Kind::Plain => {}
                Kind::Comma => self.commas += 1,
                Kind::Bar => self.separators += 1,
                Kind::Question => self.question = true,
                Kind::Exclamation => self.exclamation = true,
                Kind::Code => self.code += 1,
                Kind::Dollar => {
                    self.code += 1;
                    dollars = true;
                }
            }
            length += 1;
        }
        self.chars += length;
        self.letters += small + capitals;
        self.capitals += capitals;
        self.separators += u32::from(first == b'/' && self.before == ' ');
        if self.after_space {
            self.pieces += 1;
            self.titled += u32::from(first.is_ascii_uppercase());
        }
        self.sentences += u32::from(self.stop == 2 && !first.is_ascii_lowercase());
        let run = text.get(..length as usize).unwrap_or_default();
        if digits > 0 || dollars {
            self.digits += digits;
            self.price |= first.is_ascii_digit() && is_currency(self.before);
            self.price |= first == b'$' && self.before.is_ascii_digit();
            self.price |= run.windows(2).any(|pair| matches!(pair, [b'$', b'0'..=b'9'] | [b'0'..=b'9', b'$']));
        }
        self.stop = match run.iter().rev().find(|byte| !matches!(byte, b'"' | b'\'' | b')')) {
            Some(b'.' | b'!' | b'?') => 1,
            Some(_) => 0,
            None => u8::from(self.stop == 1),
        };
        self.after_space = false;
        self.before = run.last().copied().map_or(' ', char::from);
        length as usize
    }
}

/// What a byte is to [`Signs::see_run`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Small,
    Capital,
    Digit,
    Comma,
    Bar,
    Question,
    Exclamation,
    Code,
    Dollar,
    /// Visible, and counts as nothing else.
    Plain,
    Space,
    /// Beyond ASCII, or not visible.
    Other,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "while the compiler runs")]
        let kind = &mut kinds[byte as usize];
        *kind = match byte {
            b'a'..=b'z' => Kind::Small,
            b'A'..=b'Z' => Kind::Capital,
            b'0'..=b'9' => Kind::Digit,
            b',' => Kind::Comma,
            b'|' => Kind::Bar,
            b'?' => Kind::Question,
            b'!' => Kind::Exclamation,
            b'{' | b'}' | b'(' | b')' | b';' | b'=' | b'<' | b'>' | b'[' | b']' | b'_' | b'#' | b'\\' | b'`' => {
                Kind::Code
            }
            b'$' => Kind::Dollar,
            b' ' => Kind::Space,
            _ if byte.is_ascii_graphic() => Kind::Plain,
            _ => Kind::Other,
        };
        byte += 1;
    }
    kinds
};

fn kind_of(byte: u8) -> Kind {
    KINDS.get(usize::from(byte)).copied().unwrap_or(Kind::Other)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_at_once_counts_as_what_is_seen_alone() {
        for text in [
            "Costs 3.5km. “so” he... said, naïve/ a £12a, b2b? no. Yes",
            "aaa",
            "",
            "a.b c. d",
            "x\tyé z",
            "$5 5$ $ 5 €5 5€ US$5, a/b /c  d|e (f) {g}; É.) H. \") I.' J .\" K! l? M",
            "»./ “.” 你好。A。 b\u{a0}/ C\u{7f}D",
        ] {
            let (mut each, mut all) = (Signs::default(), Signs::default());
            text.chars().for_each(|c| {
                each.see(c);
            });
            all.see_all(text);
            assert_eq!(each, all, "{text}");
        }
    }
}
