//! What was probably meant by a name that does not exist: one style for services, operations, parameters, profiles
//! and settings.

/// More suggestions than this are skimmed over instead of read.
const SUGGESTIONS: usize = 3;

/// How alike (0 to 1, Jaro-Winkler) a name must be to be worth suggesting; or one slip of the finger away.
const ALIKE: f64 = 0.75;

/// What all spellings of a name have in common: its letters and digits in lower case.
pub fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The most similar of `known`, best first; few, and none where nothing is alike. Spelling does not count.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = folded(name);
    let mut alike: Vec<(f64, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let known = folded(candidate);
            let likeness = strsim::jaro_winkler(&wanted, &known);
            let alike = likeness >= ALIKE || strsim::damerau_levenshtein(&wanted, &known) == 1;
            alike.then_some((likeness, candidate))
        })
        .collect();
    alike.sort_by(|(left, a), (right, b)| right.total_cmp(left).then(a.cmp(b)));
    alike.dedup_by(|(_, a), (_, b)| a == b);
    alike.into_iter().take(SUGGESTIONS).map(|(_, candidate)| candidate).collect()
}

/// A question with the most similar names, for the help of an error about an unknown one.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    question(nearest(name, known))
}

/// A question with the first few of some names.
pub fn question<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut few: Vec<&str> = Vec::with_capacity(SUGGESTIONS);
    for name in names {
        if few.len() < SUGGESTIONS && !few.contains(&name) {
            few.push(name);
        }
    }
    let (last, others) = few.split_last()?;
    Some(if others.is_empty() {
        format!("Did you mean {last}?")
    } else {
        format!("Did you mean {} or {last}?", others.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_few_and_the_best_come_first() {
        let known =
            ["DescribeInstances", "DescribeInstanceTypes", "RunInstances", "DescribeImages", "Describe"];
        assert_eq!(nearest("describe-instance", known).first(), Some(&"DescribeInstances"));
        assert_eq!(nearest("describe-instance", known).len(), SUGGESTIONS);
        assert!(nearest("zzzzzz", known).is_empty());
        assert_eq!(did_you_mean("RunInstance", known).unwrap().matches('?').count(), 1);
        assert_eq!(did_you_mean("zzzzzz", known), None);
    }
}
