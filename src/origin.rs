//! Where a document comes from: what rules for a host, a path or a file go by.

use url::Url;

use crate::limits;

/// What is known of a document beside its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Host name, lower case.
    pub host: Option<String>,
    /// Path of the URL, from its first slash.
    pub path: Option<String>,
    /// Path of the file, as given.
    pub file: Option<String>,
}

impl Origin {
    /// What a URL tells; nothing where it is none. A host alone will do.
    ///
    /// ```
    /// use dechaff::Origin;
    /// assert_eq!(Origin::of_url("https://News.example.org/a/b?c").host.as_deref(), Some("news.example.org"));
    /// assert_eq!(Origin::of_url("example.org").host.as_deref(), Some("example.org"));
    /// ```
    #[must_use]
    pub fn of_url(url: &str) -> Self {
        let url = url.trim();
        let parsed = Url::parse(url).ok().filter(Url::has_host).or_else(|| Url::parse(&format!("https://{url}")).ok());
        let Some(parsed) = parsed.filter(|parsed| parsed.host_str().is_some_and(|host| host.contains('.'))) else {
            return Self::default();
        };
        Self { host: parsed.host_str().map(str::to_lowercase), path: Some(parsed.path().to_owned()), file: None }
    }

    /// What the front matter of a Markdown text tells, from the text's lines: its first `url`, `source` or the like that is a URL.
    #[must_use]
    pub fn of_front_matter<'t>(lines: impl Iterator<Item = &'t str>) -> Self {
        let mut lines = lines.map(str::trim_end);
        if lines.next() != Some("---") {
            return Self::default();
        }
        lines
            .take_while(|line| *line != "---")
            .take(limits::FRONT_MATTER_LINES)
            .filter_map(|line| line.split_once(':'))
            .filter(|(key, _)| matches!(key.trim(), "url" | "source" | "source_url" | "canonical_url" | "link"))
            .map(|(_, value)| Self::of_url(value.trim().trim_matches(['"', '\''])))
            .find(|origin| origin.host.is_some())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_front_matter_and_nothing_else() {
        let text = "---\ntitle: A: b\nurl: \"https://a.example.org/x\"\n---\nurl: https://b.example.org\n";
        assert_eq!(Origin::of_front_matter(text.lines()).host.as_deref(), Some("a.example.org"));
        assert_eq!(Origin::of_front_matter("url: https://b.example.org".lines()), Origin::default());
    }
}
