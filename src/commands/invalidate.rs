//! `aws invalidate`: forgets what is kept, by key, service, region, resource or age.

use super::{
    cache::{Access, size},
    complete,
    invocation::{Invocation, Named, flag, respond, switch},
    signature,
    values::time,
};
use crate::{
    app::App,
    cache::{Kind, Listing},
    client::session::profile_names,
    error::{
        Error, Result,
        suggest::{did_you_mean, folded},
    },
    flow::{nuon, parse_key},
    model::names::find_operation,
    pipe,
};
use globset::{Glob, GlobMatcher};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Span, SyntaxShape, Type, Value, record};
use std::collections::HashSet;

#[derive(Debug)]
pub(super) struct Invalidate;

impl PluginCommand for Invalidate {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws invalidate"
    }

    fn description(&self) -> &'static str {
        "Forget what is kept, by key, service, region, resource or age."
    }

    fn extra_description(&self) -> &'static str {
        "What fits all that is said is removed from memory and disk, for all shells, and what was asked before and comes\n\
         after is not kept. The pattern is a glob over keys, `profile:region:service:operation:hash`, and over those of\n\
         `aws cache put`. --resource finds what was asked with that id, name or ARN, with --cascade also what tells of it.\n\
         The answer is the table of what was removed. Writes made through the plugin invalidate by themselves."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws invalidate")
            .optional("pattern", SyntaxShape::String, "Glob over keys: `*`, `?`, `[ab]`, `{a,b}`.")
            .named("service", SyntaxShape::String, "Only answers of this service.", None)
            .named("operation", SyntaxShape::String, "Only answers of this operation.", None)
            .named("region", SyntaxShape::String, "Only answers of this region.", None)
            .named("profile", SyntaxShape::String, "Only answers to this profile.", None)
            .named("resource", SyntaxShape::String, "Only what was asked with this id, name or ARN.", None)
            .switch("cascade", "With --resource: also what tells of it.", None)
            .switch("expired", "Only what is no longer good.", None)
            .switch("dry-run", "Tell what would be removed.", None)
            .input_output_types(vec![(Type::Nothing, Type::table())])
            .allow_variants_without_examples(true)
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["cache", "forget", "refresh", "clear"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example {
                example: "aws invalidate --service ec2 --region eu-west-1",
                description: "What is kept of one service in one region",
                result: None,
            },
            Example {
                example: "aws invalidate \"*:stepfunctions:*\" --dry-run | get key",
                description: "What a pattern would remove",
                result: None,
            },
            Example {
                example: "aws invalidate --resource i-0123456789abcdef0 --cascade",
                description: "Everything that was asked with an instance or tells of it",
                result: None,
            },
        ]
    }

    fn run(
        &self,
        app: &App,
        engine: &EngineInterface,
        call: &EvaluatedCall,
        _input: PipelineData,
    ) -> Result<PipelineData, LabeledError> {
        respond(call.head, || run(app, engine, call))
    }
}

/// What an entry must fit.
#[derive(Debug, Default)]
struct Wanted {
    pattern: Option<GlobMatcher>,
    service: Option<String>,
    operation: Option<String>,
    region: Option<String>,
    profile: Option<String>,
    expired: bool,
}

impl Wanted {
    fn read(invocation: &Invocation<'_>, call: &EvaluatedCall) -> Result<Self> {
        let named = |flag_name| flag::<Value>(call, flag_name)?.as_ref().map(Named::from_value).transpose();
        let service = named("service")?.map(|name| invocation.service(&name)).transpose()?;
        let operation = named("operation")?;
        if let (Some(service), Some(operation)) = (&service, &operation) {
            find_operation(service, &operation.text).map_err(|error| error.at(operation.span))?;
        }
        let pattern =
            if call.positional.is_empty() { None } else { Some(glob(&Named::positional(call, 0)?)?) };
        Ok(Self {
            pattern,
            service: service.map(|service| service.name.to_string()),
            operation: operation.map(|name| folded(&name.text)),
            region: flag(call, "region")?,
            profile: flag(call, "profile")?,
            expired: switch(call, "expired")?,
        })
    }

    /// Whether only answers can fit: what users put there has no service.
    fn is_of_answers(&self) -> bool {
        [&self.service, &self.operation, &self.region, &self.profile].iter().any(|name| name.is_some())
    }

    fn fits(&self, entry: &Listing) -> bool {
        let is = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
        let by_key = self.pattern.as_ref().is_none_or(|glob| glob.is_match(&entry.key));
        let by_age = !self.expired || entry.expired;
        let by_part = || {
            let Some([profile, region, service, operation, _]) = parse_key(&entry.key) else { return false };
            entry.kind != Kind::Value
                && is(&self.service, &service)
                && is(&self.region, &region)
                && is(&self.profile, &profile)
                && is(&self.operation, &folded(&operation))
        };
        by_key && by_age && (!self.is_of_answers() || by_part())
    }
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Value> {
    let invocation = Invocation::new(app, engine, call)?;
    let access = Access::of(&invocation, call.head);
    let wanted = Wanted::read(&invocation, call)?;
    let resource: Option<String> = flag(call, "resource")?;
    let cascade = switch(call, "cascade")?;
    if cascade && resource.is_none() {
        return Err(Error::invalid("--cascade says how far --resource reaches, which is missing")
            .at(call.get_flag_span("cascade").unwrap_or(call.head)));
    }
    let says_nothing = wanted.pattern.is_none() && !wanted.is_of_answers() && !wanted.expired;
    if says_nothing && resource.is_none() {
        return Err(Error::invalid("nothing says what to forget")
            .at(call.head)
            .help("name a pattern or a service; `aws cache clear` forgets everything"));
    }
    let (cache, scope) = (&app.keeper.cache, access.scope.clone().reaching_all());
    let mut entries = app.keeper.list(&scope);
    note_unknown(&wanted, &entries, &invocation)?;
    entries.retain(|entry| wanted.fits(entry));
    if let Some(resource) = resource {
        let names = names_of(&resource);
        if names.is_empty() {
            return Err(Error::invalid("--resource names nothing")
                .at(call.get_flag_span("resource").unwrap_or(call.head)));
        }
        entries.retain(|entry| {
            let asked = entry.parameters.as_deref().is_some_and(|text| is_asked_with(text, &names));
            let told = || cache.tells(&scope, entry, &|text| names.contains(text));
            entry.kind != Kind::Value && (asked || cascade && told())
        });
    }
    let forgotten = if switch(call, "dry-run")? { entries } else { app.keeper.forget(&scope, entries) };
    access.warn();
    Ok(Value::list(forgotten.iter().map(|entry| row(entry, call.head)).collect(), call.head))
}

/// Tells of regions and profiles that are nowhere: whoever mistyped one believes that something was forgotten.
fn note_unknown(wanted: &Wanted, kept: &[Listing], invocation: &Invocation<'_>) -> Result<()> {
    let (mut regions, mut profiles) = (HashSet::new(), HashSet::new());
    for [profile, region, ..] in kept.iter().filter_map(|entry| parse_key(&entry.key)) {
        profiles.insert(profile);
        regions.insert(region);
    }
    let tell = |what: &str, name: &str, known: HashSet<String>| {
        let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
        known.sort_unstable();
        let perhaps = did_you_mean(name, known).map(|question| format!(": {question}")).unwrap_or_default();
        pipe::note(&format!("no {what} is called `{name}`{perhaps}"));
    };
    if let Some(region) = wanted.region.as_deref().filter(|name| !regions.contains(*name)) {
        regions.extend(complete::regions(invocation.app, &invocation.environment)?);
        if !regions.contains(region) {
            tell("region", region, regions);
        }
    }
    if let Some(profile) = wanted.profile.as_deref().filter(|name| !profiles.contains(*name)) {
        profiles.extend(profile_names(&*invocation.runtime()?, &invocation.environment));
        profiles.insert("default".into());
        if !profiles.contains(profile) {
            tell("profile", profile, profiles);
        }
    }
    Ok(())
}

fn row(entry: &Listing, span: Span) -> Value {
    let fields = record! {
        "key" => Value::string(&entry.key, span),
        "kind" => Value::string(entry.kind.name(), span),
        "size" => size(entry.size, span),
        "age" => time(entry.age, span),
        "memory" => Value::bool(entry.in_memory, span),
        "disk" => Value::bool(entry.on_disk, span),
    };
    Value::record(fields, span)
}

fn glob(pattern: &Named) -> Result<GlobMatcher> {
    let glob = Glob::new(&pattern.text).map_err(|error| {
        Error::invalid(format!("`{}` is no pattern: {}", pattern.text, error.kind()))
            .at(pattern.span)
            .help("quote it, and write `[[]` for a bracket")
    })?;
    Ok(glob.compile_matcher())
}

/// How a resource may be called: as it is, and of an ARN also by its last part.
fn names_of(resource: &str) -> HashSet<&str> {
    let mut names = HashSet::from([resource]);
    if resource.starts_with("arn:") {
        names.extend(resource.splitn(6, ':').nth(5));
        names.extend(resource.rsplit([':', '/']).next());
    }
    names.remove("");
    names
}

/// Whether one of the names is a whole text in parameters.
fn is_asked_with(parameters: &str, names: &HashSet<&str>) -> bool {
    names.iter().any(|name| {
        let quoted = nuon(&Value::string(*name, Span::unknown()));
        // A text before a colon is the name of a member.
        let ends = parameters.match_indices(&quoted).map(|(at, found)| at + found.len());
        ends.filter_map(|end| parameters.get(end..)).any(|rest| !rest.starts_with(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Cache, Name, Scope};
    use proptest::prelude::*;

    /// What a pattern of single stars, question marks and plain characters means, letter by letter.
    fn means(pattern: &[u8], key: &[u8]) -> bool {
        match (pattern, key) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => (0..=key.len()).any(|at| means(rest, &key[at..])),
            ([b'?', rest @ ..], [_, key @ ..]) => means(rest, key),
            ([letter, rest @ ..], [first, key @ ..]) => letter == first && means(rest, key),
            _ => false,
        }
    }

    fn named(text: String) -> Named {
        Named { text, span: Span::test_data() }
    }

    /// Two stars that fill the place between slashes stand for none, one or several parts, as in gitignore files.
    #[test]
    fn two_stars_between_slashes_are_any_parts() {
        for (pattern, key, fits) in [
            ("**/b", "b", true),
            ("**/b", "a/b", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "ab", false),
            ("a**b", "a/x/b", true),
        ] {
            assert_eq!(glob(&named(pattern.into())).unwrap().is_match(key), fits, "{pattern} {key}");
        }
    }

    proptest! {
        #[test]
        fn patterns_mean_what_they_say(pattern in "(\\*?[ab:/.?]){0,6}\\*?", key in "[ab:/.]{0,8}") {
            let glob = glob(&named(pattern.clone())).unwrap();
            prop_assert_eq!(glob.is_match(&key), means(pattern.as_bytes(), key.as_bytes()));
        }

        #[test]
        fn what_fits_is_forgotten_in_every_shell_and_nothing_else_is(
            keys in proptest::collection::hash_set("(p|q):(r|s):(ec2|s3|iam):(A|B):[0-2]", 1..12),
            own in proptest::collection::hash_set("[pq]{1,2}", 0..4),
            pattern in proptest::option::of("[pq*]:\\*:(\\*|ec2|s\\?):[AB*]*"),
            (service, region) in (proptest::option::of("ec2|s3|iam"), proptest::option::of("r|s")),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let scope = Scope { directory: Some(folder.path().into()), memory_limit: 1 << 20, disk_limit: 1 << 20 };
            let [here, there] = [(), ()].map(|()| Cache::default());
            let answers = keys.iter().map(|key| (key.clone(), Name::of_answer(key.clone(), &["me"])));
            let all: Vec<(String, Name)> = answers.chain(own.iter().map(|key| (key.clone(), Name::chosen(key).unwrap()))).collect();
            for (at, (key, name)) in all.iter().enumerate() {
                let shell = if at % 2 == 0 { &here } else { &there };
                prop_assert!(shell.put(&scope, name, &Value::test_string(key), None).unwrap());
            }
            let wanted = Wanted {
                pattern: pattern.clone().map(|text| glob(&named(text)).unwrap()),
                service: service.clone(),
                operation: None,
                region: region.clone(),
                profile: None,
                expired: false,
            };
            let mut entries = here.list(&scope);
            entries.retain(|entry| wanted.fits(entry));
            let forgotten: HashSet<String> = here.forget(&scope, entries).into_iter().map(|entry| entry.key).collect();
            for (key, name) in &all {
                let parts: Vec<&str> = key.split(':').collect();
                let part = |at: usize, wanted: &Option<String>| wanted.as_deref().is_none_or(|is| parts.get(at) == Some(&is));
                let fits = part(2, &service) && part(1, &region)
                    && pattern.as_ref().is_none_or(|pattern| means(pattern.as_bytes(), key.as_bytes()));
                prop_assert_eq!(forgotten.contains(key), fits, "{}", key);
                for shell in [&here, &there, &Cache::default()] {
                    prop_assert_eq!(shell.get(&scope, name, None, Span::test_data()).is_none(), fits, "{}", key);
                }
            }
        }
    }

    #[test]
    fn a_resource_is_found_by_what_it_may_be_called() {
        let parameters = r#"{"InstanceIds": ["i-1", "i-\"2"], "Role": "role/x"}"#;
        let asked = |resource: &str| is_asked_with(parameters, &names_of(resource));
        assert!(asked("i-1") && asked("i-\"2") && asked("arn:aws:ec2:eu-west-1:1:instance/i-1"));
        assert!(asked("arn:aws:iam::1:role/x"));
        assert!(
            !asked("i-")
                && !asked("i-12")
                && !asked("InstanceIds")
                && !asked("arn:aws:ec2:eu-west-1:1:instance/i-")
        );
        assert_eq!(names_of("arn:aws:s3:::bucket"), HashSet::from(["arn:aws:s3:::bucket", "bucket"]));
    }
}
