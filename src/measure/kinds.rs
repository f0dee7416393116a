//! Which kinds of rules hit a line.

use crate::matcher::{Page, PageLine, Role};
use crate::rules::RuleSet;
use crate::rules::file::Category;
use crate::rules::rule::Action;

/// The kinds of rules that hit lines, as bits.
pub(super) const CONSENT: u32 = 1;
pub(super) const COMMENTS: u32 = 1 << 1;
pub(super) const SHARE: u32 = 1 << 2;
pub(super) const NEWSLETTER: u32 = 1 << 3;
pub(super) const RELATED: u32 = 1 << 4;
pub(super) const LEGAL: u32 = 1 << 5;
pub(super) const CREDIT: u32 = 1 << 6;
pub(super) const AUTHOR: u32 = 1 << 7;
pub(super) const DATE: u32 = 1 << 8;
pub(super) const NAVIGATION: u32 = 1 << 9;
pub(super) const AD: u32 = 1 << 10;
pub(super) const PAYWALL: u32 = 1 << 11;
pub(super) const MEDIA: u32 = 1 << 12;
pub(super) const KEEP: u32 = 1 << 13;
/// Those of noise.
pub(super) const NOISE: u32 =
    CONSENT | SHARE | NEWSLETTER | RELATED | LEGAL | NAVIGATION | AD | PAYWALL | MEDIA | COMMENTS;

pub(super) fn kinds_of(page: &Page<'_>, rules: &RuleSet, line: &PageLine) -> u32 {
    let mut kinds = 0;
    for hit in page.hits(line) {
        let Some(rule) =
            rules.rules().get(hit.rule).filter(|_| matches!(hit.role, Role::Main | Role::Heading | Role::Start))
        else {
            continue;
        };
        // Rules for a site say what that site does; evidence is about all sites.
        if rule.scope.is_for_a_site() {
            continue;
        }
        kinds |= match (&rule.action, rule.category) {
            (Action::Keep(_), _) => KEEP,
            (_, Category::Consent) => CONSENT,
            (_, Category::Comments) => COMMENTS,
            (_, Category::Share) => SHARE,
            (_, Category::Newsletter) => NEWSLETTER,
            (_, Category::Related) => RELATED,
            (_, Category::Legal) => LEGAL,
            (_, Category::Credit) => CREDIT,
            (_, Category::Author) => AUTHOR,
            (_, Category::Date) => DATE,
            (_, Category::Navigation) => NAVIGATION,
            (_, Category::Ad) => AD,
            (_, Category::Paywall | Category::Donation) => PAYWALL,
            (_, Category::Media) => MEDIA,
            (_, Category::Duplicate | Category::Foreign | Category::Evidence | Category::Protect) => 0,
        };
    }
    kinds
}
