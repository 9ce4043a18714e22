//! What names tell: `DBInstanceIdentifier` is the identifier of a `db-instance`.

/// Last words of members that name a resource; what stands before them is the resource.
const SUFFIXES: [&str; 4] = ["-name", "-identifier", "-id", "-arn"];
/// First words of operations' answers, which are named after the operation.
const VERBS: [&str; 15] = [
    "get-",
    "describe-",
    "list-",
    "create-",
    "update-",
    "put-",
    "delete-",
    "start-",
    "stop-",
    "batch-",
    "search-",
    "modify-",
    "add-",
    "remove-",
    "register-",
];
/// Last words of structures that say nothing about the resource.
const NOISE: [&str; 18] = [
    "-list-item",
    "-summary",
    "-description",
    "-details",
    "-detail",
    "-info",
    "-information",
    "-item",
    "-entry",
    "-configuration",
    "-config",
    "-output",
    "-response",
    "-result",
    "-metadata",
    "-type",
    "-data",
    "-record",
];

/// `DBInstanceIdentifier` as `db-instance-identifier`. All ASCII, whatever comes in.
pub(super) fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().filter(char::is_ascii).collect();
    let mut kebab = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        if !letter.is_ascii_alphanumeric() {
            if !kebab.is_empty() && !kebab.ends_with('-') {
                kebab.push('-');
            }
            continue;
        }
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if starts && !kebab.is_empty() && !kebab.ends_with('-') {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

/// The resource that a member names: by its own words, else by the structure it belongs to.
pub(super) fn stem(member: &str, parent: &str) -> String {
    let name = kebab(member);
    let of_member = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    match of_member {
        Some(stem) if !stem.is_empty() => stem.into(),
        _ if matches!(name.as_str(), "name" | "id" | "identifier" | "arn" | "resource" | "member") => {
            resource(parent)
        }
        _ => name,
    }
}

/// The resource that a structure describes: `StateMachineListItem` is a `state-machine`.
pub(super) fn resource(structure: &str) -> String {
    let name = kebab(structure);
    let noun = VERBS.iter().find_map(|verb| name.strip_prefix(verb)).unwrap_or(&name);
    let mut noun = noun;
    while let Some(shorter) = NOISE.iter().find_map(|noise| noun.strip_suffix(noise)) {
        noun = shorter;
    }
    if noun.is_empty() { "item".into() } else { noun.into() }
}

/// `TableNames` as `TableName`; what is no plural stays.
pub(super) fn singular(name: &str) -> String {
    let stem = |suffix: &str| name.strip_suffix(suffix);
    if let Some(stem) = stem("ies") {
        return format!("{stem}y");
    }
    if let Some(stem) = ["sses", "xes", "ches", "shes"].iter().find_map(|end| stem(end).map(|_| stem("es"))) {
        return stem.unwrap_or(name).into();
    }
    let plural = !["ss", "us", "is"].iter().any(|end| name.ends_with(end));
    stem("List").or_else(|| stem("s").filter(|_| plural)).unwrap_or(name).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words() {
        for (name, expected) in [
            ("DBInstanceIdentifier", "db-instance-identifier"),
            ("stateMachineArn", "state-machine-arn"),
            ("Ipv6Address", "ipv6-address"),
            ("x-amz_Some.Thing", "x-amz-some-thing"),
            ("ÜberName", "ber-name"),
            ("", ""),
        ] {
            assert_eq!(kebab(name), expected);
        }
    }

    #[test]
    fn resources_are_found() {
        assert_eq!(stem("stateMachineArn", "X"), "state-machine");
        assert_eq!(stem("name", "StateMachineListItem"), "state-machine");
        assert_eq!(stem("Arn", "GetCallerIdentityResponse"), "caller-identity");
        assert_eq!(stem("Title", "X"), "title");
        assert_eq!(resource("Result"), "result");
    }

    #[test]
    fn plurals() {
        for (name, expected) in [
            ("TableNames", "TableName"),
            ("Policies", "Policy"),
            ("Addresses", "Address"),
            ("Status", "Status"),
            ("VpcIds", "VpcId"),
            ("Class", "Class"),
            ("SubnetIdList", "SubnetId"),
        ] {
            assert_eq!(singular(name), expected);
        }
    }
}
