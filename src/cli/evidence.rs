//! `evidence`: what is measured of lines, for those who learn points from it.

use std::path::Path;

use anyhow::{Result, anyhow};
use dechaff::decide::Terms;
use dechaff::evidence::Measure;
use dechaff::rules::{Source, builtin, read_model};
use dechaff::{Request, read};
use serde::Serialize;

use super::Status;
use super::args::{EvidenceVerb, MeasureArgs};
use super::batch;
use super::messages;
use super::settings::Desk;

pub(crate) fn run(verb: &EvidenceVerb) -> Result<Status> {
    match verb {
        EvidenceVerb::Measures => {
            for measure in Measure::ALL {
                messages::print(&format!("{:22}{}\n", measure.name(), measure.about()))?;
            }
            Ok(Status::Fine)
        }
        EvidenceVerb::Measure(args) => measure(&Desk::new(&args.rules, &args.input)?, args),
    }
}

/// A text's measures, a row a line in the order of `evidence measures`.
#[derive(Serialize)]
struct Record<'r> {
    name: &'r str,
    lines: Vec<usize>,
    words: Vec<&'r str>,
    points: Vec<f64>,
    values: Vec<Vec<f32>>,
}

const NO_MODEL: &str = "{schema: 1, model: none, about: none}";

fn measure(desk: &Desk<'_>, args: &MeasureArgs) -> Result<Status> {
    let text = args.model.as_deref().map(read::file).transpose()?;
    let path = args.model.as_deref().unwrap_or(Path::new("no model"));
    let model = read_model(Source { path, text: text.as_deref().unwrap_or(NO_MODEL) }, &builtin::languages()?)?;
    let named = |name: &String| Measure::find(name).ok_or_else(|| anyhow!("no measure is called `{name}`"));
    let wanted: Vec<Measure> = match args.only.is_empty() {
        true => Measure::ALL.to_vec(),
        false => args.only.iter().map(named).collect::<Result<_>>()?,
    };
    batch::each_text(desk, &args.input, |text| {
        let settings = desk.settings(None)?;
        let terms = Terms { level: settings.level, without_evidence: true, ..Terms::default() };
        let request = Request { terms, origin: text.origin.clone(), page: !args.cleaned, ..Request::default() };
        let sheet = settings.cleaner.measure(text.text, &model, &request)?;
        let row = |line| wanted.iter().map(|measure| sheet.weighed.table.value(*measure, line)).collect();
        let record = Record {
            name: &text.name,
            lines: sheet.lines.iter().map(|(number, _)| *number).collect(),
            words: sheet.lines.iter().map(|(_, words)| words.as_str()).collect(),
            points: sheet.weighed.points.iter().map(|points| f64::from(*points) / 100.0).collect(),
            values: (0..sheet.weighed.table.lines()).map(row).collect(),
        };
        Ok(messages::print_raw(&(serde_json::to_string(&record)? + "\n"))?)
    })
}
