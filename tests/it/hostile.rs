//! Hostile rule files: each is refused, with a place or a limit named, in little time and memory (T6).

use std::fs;
use std::process::Command;

use crate::command::text;

const HEAD: &str = "schema: 1\npack: mine\nrules:\n";

/// A rule with this in place of its action.
fn rule(id: usize, action: &str) -> String {
    format!(
        "  - id: r{id}\n    about: x\n    category: share\n    {action}\n    tests: {{removes: [Share this], keeps: [Share]}}\n"
    )
}

fn file(action: &str) -> String {
    format!("{HEAD}{}", rule(0, action))
}

fn regex(pattern: &str) -> String {
    file(&format!("line: {{regex: ['{pattern}']}}"))
}

/// 60 files, each with a name for people.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, text: String| files.push((format!("{:02}-{name}", files.len()), text));
    // YAML: depth, bombs, keys said twice, aliases, tags, what is no YAML.
    for (name, open, close) in [("lists", "[", "]"), ("maps", "{a: ", "}"), ("unclosed", "[", "")] {
        add(name, format!("{HEAD}  - {}{}", open.repeat(50_000), close.repeat(50_000)));
    }
    add("dashes", format!("{HEAD}{}", "- ".repeat(50_000)));
    add("indents", (0..2000).map(|n| format!("{}a:\n", " ".repeat(n))).collect());
    let bomb = |of: &str| {
        (1..30)
            .map(|n| format!("a{n}: &a{n} [{0}, {0}, {0}]\n", of.replace('N', &(n - 1).to_string())))
            .collect::<String>()
    };
    add("bomb", format!("a0: &a0 x\n{}", bomb("*aN")));
    add("bomb-in-rules", format!("a0: &a0 x\n{}{HEAD}  - *a29\n", bomb("*aN")));
    add(
        "merge-bomb",
        (1..40).fold("a0: &a0 {x: 1}\n".to_owned(), |file, n| {
            file + &format!("a{n}: &a{n} {{<<: [*a{0}, *a{0}]}}\n", n - 1)
        }),
    );
    add("alias", "schema: 1\npack: &p mine\nrules: *p\n".to_owned());
    add("alias-to-itself", "schema: 1\npack: mine\nrules: &r [*r]\n".to_owned());
    add("anchor-without-end", format!("schema: 1\npack: &{} mine\n", "a".repeat(500_000)));
    add("key-twice", format!("schema: 1\nschema: 1\npack: mine\nrules:\n{}", rule(0, "line: {phrases: [Share this]}")));
    add("key-twice-in-rule", file("line: {phrases: [Share this]}\n    line: {phrases: [Share it]}"));
    add("id-twice", format!("{HEAD}{}", rule(0, "line: {phrases: [Share this]}").repeat(2)));
    add("tag", "schema: !!python/object/apply:os.system [id]\n".to_owned());
    add("binary-tag", "schema: !!binary aGk=\n".to_owned());
    add("two-documents", format!("{HEAD}---\n{HEAD}"));
    add("thousand-documents", "---\nschema: 1\n".repeat(1000));
    add("control", format!("{HEAD}  - id: \u{1}\u{7}\n"));
    add("tabs", "schema: 1\n\tpack: mine\n".to_owned());
    add("percent", "%YAML 9.9\n---\nschema: 1\n".to_owned());
    add("only-comments", "# x\n".repeat(100_000));
    add("no-map", "- 1\n- 2\n".to_owned());
    add("number", "1e999999999\n".to_owned());
    add("empty-keys", "schema: 1\n? \n: \n".to_owned());
    add("complex-key", "? [a, b]\n: c\n".to_owned());
    add("open-quote", format!("schema: 1\npack: \"{}", "x".repeat(100_000)));
    add("open-block", format!("schema: 1\npack: |\n{}", "  x\n".repeat(100_000)));
    // Sizes.
    add("megabytes", format!("{HEAD}# {}", "x".repeat(2 << 20)));
    add(
        "hundred-thousand-rules",
        HEAD.to_owned() + &(0..100_000).map(|n| rule(n, "line: {phrases: [Share this]}")).collect::<String>(),
    );
    add("many-rules", HEAD.to_owned() + &(0..6_000).map(|n| format!("  - {{id: r{n}}}\n")).collect::<String>());
    add(
        "many-phrases",
        file(&format!("line: {{phrases: [{}]}}", (0..20_000).map(|n| format!("share this {n}, ")).collect::<String>())),
    );
    add(
        "many-regexes",
        file(&format!("line: {{regex: [{}]}}", (0..2_000).map(|n| format!("share this {n}, ")).collect::<String>())),
    );
    add("megabyte-phrase", file(&format!("line: {{phrases: ['{}']}}", "share ".repeat(160_000))));
    add("long-id", HEAD.to_owned() + &rule(0, "line: {phrases: [x]}").replace("r0", &"r".repeat(500_000)));
    add(
        "long-about",
        HEAD.to_owned()
            + &rule(0, "line: {phrases: []}").replace("about: x", &format!("about: '{}'", "x".repeat(500_000))),
    );
    add("unknown-keys", file(&(0..20_000).map(|n| format!("x{n}: 1\n    ")).collect::<String>()));
    add("huge-number", file("line: {phrases: [Share this]}\n    guard: {max_words: 99999999999999999999999}"));
    add("negative-number", file("line: {phrases: [Share this]}\n    guard: {max_words: -1}"));
    add("huge-block", file("block: {start: {phrases: [Share this]}, max_lines: 4294967295, no_end: document}"));
    add(
        "huge-near",
        file("line: {phrases: [Share this]}\n    guard: {near: {category: share, within_lines: 999999999}}"),
    );
    // Regexes: size, nesting, repetition, classes, what no engine of linear time has.
    for (name, pattern) in [
        ("repeat-of-repeat", r"(?:x{1,1000}){1,1000}"),
        ("repeat-thrice", r"(?:(?:share{100}){100}){100}"),
        ("words-500", r"\w{500}share"),
        ("not-words", r"share\W{900}\w{900}"),
        ("look-ahead", r"share (?=this)"),
        ("look-behind", r"(?<=share) this"),
        ("back-reference", r"(share) \1"),
        ("atomic", r"share(?>x)"),
        ("empty", ""),
        ("anything", ".*"),
        ("or-nothing", "share|"),
        ("unclosed-group", "(share"),
        ("unclosed-class", "[share"),
        ("bad-escape", r"share\q"),
        ("no-such-class", r"share\p{Nonsense}"),
        ("backwards", "share{9,1}"),
        ("flags", "(?zz)share"),
    ] {
        add(name, regex(pattern));
    }
    add("deep-groups", regex(&format!("{}share{}", "(?:".repeat(300), ")".repeat(300))));
    add("long-regex", regex(&"share|".repeat(100_000)));
    assert_eq!(files.len(), 60);
    files
}

#[test]
fn sixty_hostile_files_are_refused_in_little_time_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files() {
        let path = folder.path().join(format!("{name}.yaml"));
        fs::write(&path, &content).unwrap();
        let mut command = Command::new("sh");
        // A second of the processor, and 64 MB of address space, the program's own code among them.
        let limits = if cfg!(target_os = "linux") { "ulimit -t 1; ulimit -v 64000; " } else { "" };
        command.args(["-c", &format!("{limits}exec \"$0\" \"$@\"")]).arg(assert_cmd::cargo::cargo_bin!("dechaff"));
        command.args(["clean", "--no-builtin", "--no-config", "--rules"]).arg(&path).env("NO_COLOR", "1");
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(output.stdout.is_empty(), "{name}");
        assert!(said.starts_with("error: ") && said.contains(&format!("{name}.yaml")), "{name}: {said}");
        assert!(!said.contains("panicked") && said.len() < 20_000, "{name}: {} bytes of complaint", said.len());
    }
}
