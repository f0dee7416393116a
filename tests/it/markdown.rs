//! Markdown stays Markdown: what is cut out of a line leaves no half of a mark, and rules match what a reader sees.

use dechaff::Level;

use crate::cleaned;

const CAPTION: &str = "The ferry at the pier on Monday morning";
const LEAD: &str =
    "The ferry to the outer islands was late again, the harbour master said on Monday, because of fog over the sound.";

#[test]
fn what_is_cut_out_of_a_line_takes_both_halves_of_its_marks_or_none() {
    let credit = "(Photo by A. Person/Getty Images)";
    for (line, left) in [
        (format!("**(AFP)** - {LEAD}"), LEAD.to_owned()),
        (format!("[(AFP)](https://afp.example.org) - {LEAD}"), LEAD.to_owned()),
        (format!("{CAPTION}. [{credit}](https://example.org/x)"), format!("{CAPTION}.")),
        (format!("*{CAPTION}. {credit}*"), format!("*{CAPTION}.*")),
        (format!("![{CAPTION}. {credit}](a.jpg)"), format!("![{CAPTION}.](a.jpg)")),
        (
            format!("[{CAPTION}. {credit}](https://example.org/a_(1).jpg)"),
            format!("[{CAPTION}.](https://example.org/a_(1).jpg)"),
        ),
    ] {
        let text = |line: &str| format!("# Ferry late\n\n{line}\n\n{LEAD} So it is.\n");
        assert_eq!(cleaned(&text(&line), Level::Normal), text(&left), "{line}");
    }
}

#[test]
fn code_tables_front_matter_and_targets_are_no_noise_whatever_they_say() {
    let kept = format!(
        "---\ntitle: 0 Comments\nshare: Share on Facebook\n---\n\n# Ferry late\n\n{LEAD}\n\n```sh\nPost a Comment\n0 Comments\n```\n\n\
         | Harbour | Boats |\n|---|---|\n| Share on Facebook | 3 |\n\n\
         The [harbour](https://example.org/share-on-facebook \"Post a Comment\") is `Share on Facebook` to nobody.\n"
    );
    let noise = "\n- [Share on Facebook](https://example.org/f)\n- [Share on Twitter](https://example.org/t)\n\n\
                 **Post a Comment**\n\n[0 Comments](#comments)\n";
    assert_eq!(cleaned(&format!("{kept}{noise}"), Level::Normal), kept);
}
