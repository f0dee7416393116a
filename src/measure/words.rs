//! A page's words, as tokens.

use crate::evidence::Lexicon;
use crate::evidence::tokens::{self, Token};
use crate::limits;
use crate::matcher::Page;

/// The tokens of a page.
#[derive(Default)]
pub(super) struct Words {
    pub tokens: Vec<Token>,
    /// Tokens that carry meaning: three letters and more, no function words.
    pub content: Vec<bool>,
    pub lines: Vec<LineWords>,
    /// Tokens that are looked at, the ends of lines among them, and those that have points.
    pub looked_at: usize,
    pub known: u32,
}

pub(super) struct LineWords {
    /// Of the line's tokens without its ends.
    pub tokens: std::ops::Range<usize>,
    pub points: f32,
    pub looked_at: usize,
    pub function: usize,
}

impl Words {
    pub(super) fn new(page: &Page<'_>, lexicon: &Lexicon) -> Self {
        let (begin, end) = (tokens::token(tokens::BEGIN), tokens::token(tokens::END));
        let mut words = Self::default();
        let mut of_token: Vec<u64> = Vec::new();
        let mut of_language = [0_u32; 64];
        let mut line_tokens = Vec::new();
        for line in page.lines() {
            line_tokens.clear();
            line_tokens.push(begin);
            let start = words.tokens.len();
            for word in tokens::words(page.folded(line)) {
                let token = tokens::token(word);
                line_tokens.push(token);
                let mut languages = lexicon.function_word(token);
                words.tokens.push(token);
                words.content.push(languages == 0 && word.len() > 2);
                of_token.push(languages);
                while languages != 0 {
                    if let Some(count) = of_language.get_mut(languages.trailing_zeros() as usize) {
                        *count += 1;
                    }
                    languages &= languages - 1;
                }
            }
            line_tokens.push(end);
            let looked_at = tokens::windows(line_tokens.len()).iter().map(ExactSizeIterator::len).sum();
            let (hundredths, known) = lexicon.look_up(&line_tokens);
            words.known += known;
            words.looked_at += looked_at;
            let points = hundredths as f32 / 100.0;
            words.lines.push(LineWords { tokens: start..words.tokens.len(), points, looked_at, function: 0 });
        }
        if words.known_share() < limits::KNOWN_SHARE {
            words.lines.iter_mut().for_each(|line| line.points = 0.0);
            words.known = 0;
        }
        let most = of_language.iter().zip(0..).max_by_key(|(count, language)| (**count, u32::MAX - language));
        let own = most.map_or(0, |(_, language)| 1_u64 << language);
        for line in &mut words.lines {
            let of_line = of_token.get(line.tokens.clone()).unwrap_or_default();
            line.function = of_line.iter().filter(|languages| **languages & own != 0).count();
        }
        words
    }

    pub(super) fn known_share(&self) -> f32 {
        self.known as f32 / self.looked_at.saturating_sub(2 * self.lines.len()).max(1) as f32
    }

    pub(super) fn of(&self, line: &LineWords) -> &[Token] {
        self.tokens.get(line.tokens.clone()).unwrap_or_default()
    }

    /// The tokens of a line that carry meaning, of the parts of it that are looked at.
    pub(super) fn content_of<'w>(&'w self, line: &'w LineWords) -> impl Iterator<Item = Token> + 'w {
        let windows = tokens::windows(line.tokens.len());
        windows.into_iter().flat_map(move |window| {
            let range = line.tokens.start + window.start..line.tokens.start + window.end;
            let of_window = self.tokens.get(range.clone()).unwrap_or_default();
            let content = self.content.get(range).unwrap_or_default();
            of_window.iter().zip(content).filter(|(_, content)| **content).map(|(token, _)| *token)
        })
    }
}
