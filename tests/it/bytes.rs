//! Kept bytes are identical. insta ignores line endings, so these compare exactly.

use std::fs;

use dechaff::Level;

use crate::cleaned;
use crate::command::{dechaff, text};

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

/// What may stand in a text and must stay, byte for byte.
const ODD: [&[u8]; 28] = [
    b"carriage return and line feed\r\n\r\nbetween",
    b"mixed\r\nendings\nhere\r\n\nand there",
    b"a lone\rcarriage return",
    b"two\r\rof them",
    b"trailing space  \t \nand more",
    b"\ttabs\tin\tit\t",
    b"no break\xc2\xa0space",
    b"zero width\xe2\x80\x8bspace and \xe2\x80\x8d joiner",
    b"a byte order mark \xef\xbb\xbf in the middle",
    b"nul \0 and other \x01\x02\x7f controls",
    b"escape \x1b[31mred\x1b[0m",
    b"bell \x07 and backspace \x08",
    b"form feed \x0c and vertical tab \x0b",
    b"U+2028 \xe2\x80\xa8 and U+2029 \xe2\x80\xa9",
    b"U+0085 \xc2\x85 next line",
    b"combining e\xcc\x81\xcc\xa7 marks",
    b"composed \xc3\xa9 mark",
    b"right to left \xe2\x80\xae marks \xe2\x80\xac and \xe2\x80\x8f",
    b"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d and \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 within",
    b"family \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 and flag \xf0\x9f\x87\xb9\xf0\x9f\x87\xb7",
    b"the last character \xf4\x8f\xbf\xbf and no character \xef\xbf\xbf",
    b"replacement \xef\xbf\xbd character",
    b"private use \xee\x80\x80 character",
    b"soft\xc2\xad hyphen",
    b"full width \xef\xbc\xa1\xef\xbc\xa2 and ligature \xef\xac\x81",
    b"quotes \" and \\ backslash \\u0041 and / slash",
    b"<b>markup</b> &amp; entities",
    b"dotless \xc4\xb1 and dotted \xc4\xb0, sharp \xc3\x9f",
];

/// What is no UTF-8, and how many bytes of it are.
const FOREIGN: [(&[u8], usize); 12] = [
    (b"caf\xe9 in Latin-1", 3),
    (b"\xff\xfeT\0e\0x\0t\0", 0),
    (b"\xfe\xff\0T\0e\0x\0t", 0),
    (b"a lone \x80 continuation", 7),
    (b"an overlong \xc0\xaf slash", 12),
    (b"an overlong \xe0\x80\xaf slash", 12),
    (b"half a pair \xed\xa0\x80 in UTF-8", 12),
    (b"beyond \xf4\x90\x80\x80 the last", 7),
    (b"never \xfe used", 6),
    (b"cut off \xe2\x82", 8),
    (b"cut off \xf0\x9f\x91 before more", 8),
    (b"Windows \x93quotes\x94", 8),
];

/// T4: in a file, on standard input and in a record.
#[test]
fn forty_odd_texts_keep_their_bytes_or_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    // One small rule: the built-in ones would have to be read 160 times.
    let rules = folder.path().join("rules.yaml");
    let rule = "schema: 1\npack: mine\nrules:\n  - id: x\n    about: x\n    category: comments\n    confidence: high\n    \
                line: {phrases: [Post a Comment, 0 Comments]}\n    tests: {removes: [0 Comments], keeps: [Comments]}\n";
    fs::write(&rules, rule).unwrap();
    let clean = || {
        let mut command = dechaff();
        command.args(["clean", "--no-builtin", "--rules"]).arg(&rules);
        command
    };
    let run = |args: &[&str], input: &[u8]| clean().args(args).write_stdin(input).output().unwrap();
    let in_place = |input: &[u8]| {
        fs::write(&path, input).unwrap();
        let output = clean().arg("-w").arg(&path).output().unwrap();
        (output.status.code(), fs::read(&path).unwrap(), output.stderr)
    };
    for odd in ODD {
        let kept =
            [PROSE.as_bytes(), b"\n\nIt was ", odd, b" that they saw.\n\n", PROSE.as_bytes(), b" So it is.\n"].concat();
        let noisy = [&kept, "\nPost a Comment\n\n0 Comments\n".as_bytes()].concat();
        let name = String::from_utf8_lossy(odd);
        assert_eq!(run(&["--format", "text"], &noisy).stdout, kept, "{name:?}");
        assert_eq!(in_place(&noisy).1, kept, "{name:?}");
        let record = |body: &[u8]| serde_json::json!({"text": text(body), "odd": text(odd)}).to_string() + "\r\n";
        let output = run(&["--format", "jsonl"], record(&noisy).as_bytes());
        assert_eq!(text(&output.stdout), record(&kept), "{name:?}");
    }
    for (foreign, offset) in FOREIGN {
        let name = String::from_utf8_lossy(foreign);
        let output = run(&["--format", "text"], foreign);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{name:?}");
        assert!(text(&output.stderr).contains(&format!("at offset {offset} is no text")), "{}", text(&output.stderr));
        let (code, now, said) = in_place(foreign);
        assert_eq!((code, now.as_slice()), (Some(2), foreign), "{name:?}");
        assert!(
            text(&said).contains(&format!("a.txt: not UTF-8: the byte 0x{:02X} at offset {offset}", foreign[offset]))
        );
        let line = [b"{\"text\": \"", foreign, b"\"}\n"].concat();
        let output = run(&["--format", "jsonl"], &line);
        assert_eq!((output.status.code(), output.stdout), (Some(2), line), "{name:?}");
    }
}
