//! Kept bytes are identical. insta ignores line endings, so these compare exactly.

use dechaff::Level;

use crate::cleaned;

const PROSE: &str =
    "The ferry to the outer islands was late again, the harbour master said on Monday, because of fog over the sound.";

#[test]
fn keeps_crlf_when_last_line_goes() {
    let text = format!("Ferry late again\r\n\r\n{PROSE}\r\n\r\nPost a Comment\r\n0 Comments\r\n");
    assert_eq!(cleaned(&text, Level::Normal), format!("Ferry late again\r\n\r\n{PROSE}\r\n"));
}

#[test]
fn keeps_a_missing_final_newline_missing() {
    let text = format!("0 Comments\nPost a Comment\n\n{PROSE}");
    assert_eq!(cleaned(&text, Level::Normal), PROSE);
    let text = format!("{PROSE}\n\n  trailing \t");
    assert_eq!(cleaned(&text, Level::Normal), text);
}

#[test]
fn keeps_the_byte_order_mark_when_the_first_line_goes() {
    let text = format!("\u{feff}NEWS\nNEWS\n\n{PROSE}\n");
    assert_eq!(cleaned(&text, Level::Normal), format!("\u{feff}{PROSE}\n"));
}

#[test]
fn joins_blank_lines_where_lines_went() {
    let text = format!("{PROSE}\n\n\n0 Comments\n\nPost a Comment\n\n\n\n{PROSE} It was.\n");
    assert_eq!(cleaned(&text, Level::Normal), format!("{PROSE}\n\n\n{PROSE} It was.\n"));
}

#[test]
fn leaves_every_odd_byte_where_nothing_goes() {
    for text in [
        "",
        "\n",
        "\u{feff}",
        "\u{feff}\n\n",
        "a\rb\r\rc",
        "a\r\nb\nc\r",
        "nul \0 here\n",
        "tabs\t \t\n \n\t\n",
        "U+2028 \u{2028} and U+0085 \u{85}\n",
        "e\u{301}\u{327} \u{202e}right to left\u{202c} \u{200d}",
        "👩‍👩‍👧‍👦 flags 🇹🇷\n",
        "\u{fffd}\u{10ffff}",
    ] {
        for level in Level::ALL {
            assert_eq!(cleaned(text, level), text, "{text:?}");
        }
    }
}

#[test]
fn a_text_that_is_all_chaff_leaves_nothing() {
    assert_eq!(cleaned("Post a Comment\n0 Comments\n", Level::Normal), "");
    assert_eq!(cleaned("\u{feff}\nPost a Comment\n0 Comments", Level::Normal), "\u{feff}");
}
