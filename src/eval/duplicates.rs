//! Which earlier report says the same: the product's search over reports, among those that were there before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::eval::error::EvalError;
use crate::eval::item::{Item, Said};
use crate::eval::ranked::Ranked;
use crate::eval::records::{ReportRecord, read};
use crate::eval::shelf::{Cut, Shelf, Text, Wanted, Way};
use crate::eval::suite::Suite;
use crate::eval::{Encode, Measured};
use crate::text::clean::clean;

pub(super) async fn measure(suite: &Suite, data: &Path, encoder: &impl Encode) -> Result<Measured, EvalError> {
    let reports: Vec<ReportRecord> = read(data, &suite.test)?;
    let texts: Vec<Text<'_>> = reports.iter().map(|report| Text { title: &report.title, body: &report.text, at: report.at }).collect();
    let asked = asked(&reports);
    if asked.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has no report that says again what an earlier one said", suite.name)));
    }
    let shelf = Shelf::of(&texts, Cut::Whole, encoder).await?;
    let cleaned: Vec<_> = asked.keys().map(|place| clean(&format!("{}\n{}", reports[*place].title, reports[*place].text))).collect();
    let vectors = encoder.vectors(cleaned.clone()).await?;
    let mut items = Vec::with_capacity(asked.len());
    for (((place, right), text), dense) in asked.iter().zip(cleaned).zip(vectors) {
        let right: Vec<usize> = right.iter().copied().collect();
        // Only what was there before: neither itself nor what came later.
        let wanted = Wanted { text, dense, before: Some(reports[*place].at) };
        let mut ranked = Ranked { grades: vec![1; right.len()], ..Ranked::default() };
        for (way, name) in Way::ALL {
            ranked.add(name, &right, shelf.find(&wanted, way).await?.into_iter().map(|(place, _)| place));
        }
        items.push(Item { id: reports[*place].id.clone(), lang: None, half: None, said: Said::Ranked(ranked) });
    }
    let left_out = reports.iter().filter(|report| !report.duplicate_of.is_empty()).count().saturating_sub(items.len());
    Ok(Measured { learned_from: reports.len(), left_out, items, ..Measured::default() })
}

/// Each report that has earlier ones of the same matter, with these.
fn asked(reports: &[ReportRecord]) -> BTreeMap<usize, BTreeSet<usize>> {
    let places: BTreeMap<&str, usize> = reports.iter().enumerate().map(|(place, report)| (report.id.as_str(), place)).collect();
    let mut matter: Vec<usize> = (0..reports.len()).collect();
    for (place, report) in reports.iter().enumerate() {
        for same in report.duplicate_of.iter().filter_map(|id| places.get(id.as_str())) {
            let (from, to) = (matter[*same], matter[place]);
            matter.iter_mut().filter(|one| **one == from).for_each(|one| *one = to);
        }
    }
    let mut asked: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (place, report) in reports.iter().enumerate().filter(|(_, report)| report.is_linked(reports)) {
        let earlier = (0..reports.len()).filter(|other| matter[*other] == matter[place] && reports[*other].at < report.at);
        let earlier: BTreeSet<usize> = earlier.collect();
        if !earlier.is_empty() {
            asked.insert(place, earlier);
        }
    }
    asked
}

impl ReportRecord {
    /// Whether it names another one, or another one names it.
    fn is_linked(&self, reports: &[Self]) -> bool {
        !self.duplicate_of.is_empty() || reports.iter().any(|other| other.duplicate_of.contains(&self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::tests::{Letters, measured_with};

    fn report(id: &str, text: &str, same: &[&str], day: u32) -> String {
        let same: Vec<String> = same.iter().map(|id| format!("\"{id}\"")).collect();
        format!(
            "{{\"id\": \"{id}\", \"title\": \"{text}\", \"text\": \"It happens since the update.\", \"duplicate_of\": [{}], \
             \"at\": \"2026-01-{day:02}T09:00:00Z\"}}\n",
            same.join(", ")
        )
    }

    #[test]
    fn a_later_report_is_no_evidence_and_a_link_counts_both_ways() {
        // The first names the second, which came after it: the second is asked, and nothing later is found.
        let lines = [
            report("1", "Printer shows a paper jam", &["2"], 1),
            report("2", "Paper jam on the printer", &[], 2),
            report("3", "Paper jam on the printer again", &[], 3),
            report("4", "Mail is not sent", &[], 1),
        ];
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("d.jsonl"), lines.concat()).unwrap();
        let suite = "name = \"x\"\ntask = \"duplicates\"\ntest = [\"d.jsonl\"]\nmetrics = [\"hit@1\", \"bm25_hit@5\", \"mrr\"]\n";
        let metrics = measured_with(&toml::from_str(suite).unwrap(), folder.path(), &Letters).unwrap();
        assert_eq!((metrics[0].value, metrics[0].n, metrics[1].value), (Some(1.0), 1, Some(1.0)), "{metrics:?}");
    }

    #[test]
    fn reports_of_one_matter_are_all_right_for_the_last_of_them() {
        let lines = [report("1", "a", &[], 1), report("2", "b", &["1"], 2), report("3", "c", &["2"], 3), report("4", "d", &[], 4)];
        let reports: Vec<ReportRecord> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let asked = asked(&reports);
        assert_eq!(asked.into_iter().collect::<Vec<_>>(), [(1, BTreeSet::from([0])), (2, BTreeSet::from([0, 1]))]);
    }
}
