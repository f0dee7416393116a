//! Any text by the built-in rules.

use dechaff::{Level, Request};

use super::choices::Choices;
use super::{BUILTIN, pool, promises};

/// A byte of flags, then a text; with `P` to `_` for a flag, lines of the rules' examples.
///
/// `@` is careful, `A` normal, `B` eager; 4 more: from a site, which the next byte says; 8 more: a page.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let flags = choices.byte();
    let level = Level::ALL[usize::from(flags & 3) % 3];
    let mut request = Request { page: flags & 8 != 0, unguarded: flags & 32 != 0, ..Request::at(level) };
    if flags & 4 != 0 {
        request.origin = choices.of(&pool::ORIGINS);
    }
    let text = if flags & 16 == 0 { choices.rest().into_owned() } else { pool::text(&mut choices) };
    promises::clean(&BUILTIN, &text, &request).unwrap_or_else(|broken| panic!("{broken}"));
}
