//! What holds here, and where each value comes from.

use std::fmt::Write as _;

use anstyle::Style;
use anyhow::Result;
use dechaff::config::Config;
use dechaff::rules::file::Text;
use serde::Serialize;

use super::Status;
use super::args::ConfigArgs;
use super::messages::{self, visible};
use super::settings::Desk;

const FAINT: Style = Style::new().dimmed();

#[derive(Serialize)]
struct Value {
    key: String,
    value: String,
    origin: String,
}

pub(crate) fn show(desk: &Desk<'_>, args: &ConfigArgs) -> Result<Status> {
    let settings = desk.settings(args.file.as_deref())?;
    let mut values = Vec::new();
    let mut say = |key: &str, value: String, origin: String| values.push(Value { key: key.to_owned(), value, origin });
    let config = settings.config.as_ref();
    let said = config.map(|config| &config.settings);
    let built_in = || "built in".to_owned();
    let argument = |name: &str| format!("argument --{name}");
    let level = match (args.level.is_some(), config.zip(said.and_then(|said| said.level.as_ref()))) {
        (true, _) => argument("level"),
        (_, Some((config, level))) => config.place(level),
        _ => built_in(),
    };
    say("level", settings.level.name().to_owned(), level);
    let builtin = match (args.rules.no_builtin, config.zip(said.and_then(|said| said.builtin.as_ref()))) {
        (true, _) => argument("no-builtin"),
        (_, Some((config, builtin))) => config.place(builtin),
        _ => built_in(),
    };
    say("builtin", settings.builtin.to_string(), builtin);
    for path in &args.rules.paths {
        say("rules", path.display().to_string(), argument("rules"));
    }
    if let Some(config) = config {
        of_config(config, &mut say);
    }
    let (on, off) = (settings.cleaner.rules().rules().len(), settings.cleaner.rules().disabled().len());
    if args.json {
        let path = config.map(|config| config.path.display().to_string());
        let all = serde_json::json!({ "config": path, "values": values, "rules": on, "disabled": off });
        messages::print(&(all.to_string() + "\n"))?;
        return Ok(Status::Fine);
    }
    let mut out = match config {
        Some(config) => format!("config file: {}\n", visible(&config.path.display().to_string())),
        None => "no dechaff.yaml here or in a folder above\n".to_owned(),
    };
    let keys = values.iter().map(|value| value.key.chars().count()).max().unwrap_or(0);
    let widths = values.iter().map(|value| value.value.chars().count()).filter(|width| *width <= 60).max().unwrap_or(0);
    for Value { key, value, origin } in &values {
        let (value, origin) = (visible(value), visible(origin));
        let _ = writeln!(out, "  {key:keys$}  {value:widths$}  {FAINT}{origin}{FAINT:#}");
    }
    let off = if off > 0 { format!(", {off} switched off") } else { String::new() };
    let _ = writeln!(out, "{on} rules in effect{off}");
    messages::print(&out)?;
    Ok(Status::Fine)
}

fn of_config(config: &Config, say: &mut impl FnMut(&str, String, String)) {
    let said = &config.settings;
    let lists =
        [("rules", &said.rules), ("disable", &said.disable), ("include", &said.include), ("exclude", &said.exclude)];
    for (key, list) in lists {
        list.iter().for_each(|text| say(key, text.value.clone(), config.place(text)));
    }
    for (id, adjust) in &said.adjust.0 {
        let key = format!("adjust {}", id.value);
        for (what, phrases) in [("add", &adjust.add_phrases), ("drop", &adjust.drop_phrases)] {
            phrases.iter().for_each(|text| say(&key, format!("{what} {:?}", text.value), config.place(text)));
        }
        if let Some(confidence) = &adjust.confidence {
            let value = format!("confidence {}", confidence.value.name());
            say(&key, value, config.place(confidence));
        }
    }
    for (glob, host) in &said.hosts.0 {
        say(&format!("host of {}", glob.value), host.value.clone(), config.place(host));
    }
    let mut field = |name: &str, text: &Option<Text>| {
        text.iter().for_each(|text| say(name, text.value.clone(), config.place(text)));
    };
    field("records.text", &said.records.text);
    field("records.url", &said.records.url);
}
