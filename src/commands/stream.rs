//! `aws stream`: all pages of an operation as one stream of rows.

use super::{
    invocation::{Invocation, count, flag, switch, warn_of_age, warn_of_cache, wish},
    meta::Circumstances,
    signature,
};
use crate::{
    app::App,
    cache::Scope,
    config::{KNOBS, Range},
    error::{Error, Result},
    flow::{Extent, Limits, Page, Pager, RowPlan},
    pipe::{self, Columns, ErrorMode, RowStream, Source},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{
    Example, LabeledError, ListStream, PipelineData, PipelineMetadata, Record, Signature, Span, SyntaxShape,
    Type, Value,
};

#[derive(Debug)]
pub(super) struct Stream;

impl PluginCommand for Stream {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws stream"
    }

    fn description(&self) -> &'static str {
        "Stream the rows of any AWS operation, page after page."
    }

    fn extra_description(&self) -> &'static str {
        "Rows are homogeneous: members that the answer does not hold are null. Memory is constant, and pages are\n\
         fetched only a little ahead of the reader. What ended whole is kept, as answers of `aws call` are.\n\
         If a page fails, the stream ends with an error that says how to resume; choose otherwise with --errors."
    }

    fn signature(&self) -> Signature {
        signature::freshness(signature::target(signature::operation(signature::signature("aws stream"))))
            .named("max-items", SyntaxShape::Int, "Stop after that many rows.", None)
            .named("max-pages", SyntaxShape::Int, "Stop after that many pages.", None)
            .named("page-size", SyntaxShape::Int, "Rows a page, as the API counts them.", None)
            .named("starting-token", SyntaxShape::Any, "Begin where an earlier stream stopped.", None)
            .named("prefetch", SyntaxShape::Int, "Pages to fetch ahead of the reader.", None)
            .named("rows", SyntaxShape::String, "Path of the list whose elements are the rows.", None)
            .named(
                "columns",
                SyntaxShape::List(Box::new(SyntaxShape::String)),
                "Only these columns; paths such as State.Name reach into records.",
                None,
            )
            .switch("tidy", "Tags as records, plain DynamoDB values, parsed JSON (see `aws tidy`).", None)
            .named(
                "errors",
                SyntaxShape::String,
                "What an error becomes: raise (default), rows or ignore.",
                None,
            )
            .switch("meta", "A record for each page, {data, meta}: its rows, and how it came about.", None)
            .switch("dry-run", "Return the first request that would be sent, without sending it.", None)
            .input_output_types(vec![
                (Type::Nothing, Type::Any),
                (Type::record(), Type::Any),
                (Type::Any, Type::Any),
            ])
            .allow_variants_without_examples(true)
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["list", "paginate", "rows", "cloud"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example {
                example: "aws stream ec2 DescribeInstances | where State.Name == running",
                description: "All running instances",
                result: None,
            },
            Example {
                example: "aws stream s3 ListObjectsV2 {Bucket: my-bucket} | get Size | math sum",
                description: "The size of a bucket",
                result: None,
            },
            Example {
                example: "aws stream ec2 DescribeInstances --tidy --columns [InstanceId State.Name Tags.Name]",
                description: "Three columns, one from a tag",
                result: None,
            },
        ]
    }

    fn run(
        &self,
        app: &App,
        engine: &EngineInterface,
        call: &EvaluatedCall,
        input: PipelineData,
    ) -> Result<PipelineData, LabeledError> {
        pipe::guarded(|| run(app, engine, call, input).map_err(|error| pipe::labeled(&error, call.head)))
    }

    #[expect(deprecated, reason = "the completion API is marked experimental")]
    fn get_dynamic_completion(
        &self,
        app: &App,
        engine: &EngineInterface,
        call: nu_plugin::DynamicCompletionCall,
        argument: nu_protocol::engine::ArgType,
        _experimental: nu_protocol::engine::ExperimentalMarker,
    ) -> Option<Vec<nu_protocol::DynamicSuggestion>> {
        super::complete::operation(app, engine, &call, &argument)
    }
}

fn run(
    app: &App,
    engine: &EngineInterface,
    call: &EvaluatedCall,
    input: PipelineData,
) -> Result<PipelineData> {
    let invocation = Invocation::new(app, engine, call)?;
    let mut request = invocation.request(call, input)?;
    request.fill_tokens();
    let plan = RowPlan::new(&request, flag::<String>(call, "rows")?.as_deref())
        .map_err(|error| error.at(call.get_flag_span("rows").unwrap_or(request.span)))?;
    let limits = Limits {
        max_items: count(call, "max-items")?,
        max_pages: count(call, "max-pages")?,
        page_size: flag(call, "page-size")?,
        starting_token: flag(call, "starting-token")?,
    };
    let errors = error_mode(call)?;
    let prefetch = prefetch(call)?.unwrap_or(invocation.settings.prefetch);
    let caller = invocation.caller(&request)?;
    let circumstances = Circumstances::of(&caller, call.head);
    let columns = flag::<Vec<String>>(call, "columns")?;
    if let Some(names) = &columns {
        check_columns(names, &plan)
            .map_err(|error| error.at(call.get_flag_span("columns").unwrap_or(call.head)))?;
    }
    let headline = plan.headline().to_vec();
    let pager = Pager::new(caller.clone(), request, plan, limits)?;
    let first = pager.request();
    if switch(call, "dry-run")? {
        return Ok(PipelineData::value(caller.dry_run(&first)?, None));
    }
    invocation.authorise(&first, &caller)?;
    let scope = Scope::new(&invocation.environment, &invocation.settings);
    let wish = wish(call, Extent::Stream)?;
    let passage = app.keeper.passage(&caller, &first, scope.clone(), wish, &invocation.settings);
    let writing = app.keeper.writing(&caller, &first, &scope);
    let pager = pager.through(passage).during(writing);
    if let Some(renewal) = pager.renewal() {
        app.behind(async move { drop(renewal.keep().await) });
    }
    let name = first.name();
    let wrap = switch(call, "meta")?.then(|| wrapping(circumstances.clone(), call.head));
    let source = Source {
        runtime: invocation.runtime()?,
        liveness: invocation.liveness.clone(),
        prefetch,
        tidy: invocation.settings.tidy || switch(call, "tidy")?,
        columns: columns.map(Columns::new),
        errors,
        wrap,
        head: call.head,
    };
    let rows = RowStream::start(source, pager)?;
    let metadata = rows.first_page().map(|page| {
        warn_of_age(&name, &page.from);
        let metadata = metadata(page, &circumstances, call.head);
        metadata.with_table_width_priority_columns(call.head, headline)
    });
    warn_of_cache(app);
    let stream = ListStream::new(pipe::Guarded::new(rows, call.head), call.head, engine.signals().clone());
    Ok(PipelineData::list_stream(stream, metadata))
}

/// `--prefetch`, within the bounds of its setting.
fn prefetch(call: &EvaluatedCall) -> Result<Option<usize>> {
    let Some(pages) = flag::<i64>(call, "prefetch")? else { return Ok(None) };
    let knob = KNOBS.iter().find(|knob| knob.path == "stream.prefetch");
    let (least, most) = match knob.map(|knob| knob.range) {
        Some(Range::Integer(least, most)) => (least, most),
        _ => (1, 1),
    };
    match usize::try_from(pages) {
        Ok(count) if (least..=most).contains(&pages) => Ok(Some(count)),
        _ => Err(Error::invalid(format!("--prefetch is {pages} and must be between {least} and {most}"))
            .at(call.get_flag_span("prefetch").unwrap_or(call.head))),
    }
}

/// Two columns of one name make a record that Nushell's protocol refuses, and with it every stream of the plugin.
fn check_columns(names: &[String], plan: &RowPlan) -> Result<()> {
    if names.is_empty() {
        return Err(Error::invalid("--columns names no column").help("write --columns [Name State.Name]"));
    }
    for (place, name) in names.iter().enumerate() {
        if names.iter().take(place).any(|other| other == name) {
            return Err(Error::invalid(format!("column `{name}` is named twice")));
        }
    }
    plan.check_columns(names)
}

fn error_mode(call: &EvaluatedCall) -> Result<ErrorMode> {
    match flag::<String>(call, "errors")?.as_deref() {
        None | Some("raise") => Ok(ErrorMode::Raise),
        Some("rows") => Ok(ErrorMode::Rows),
        Some("ignore") => Ok(ErrorMode::Ignore),
        Some(other) => {
            Err(Error::invalid(format!("--errors is `{other}` and must be raise, rows or ignore"))
                .at(call.get_flag_span("errors").unwrap_or(call.head)))
        }
    }
}

/// What is known before the first row. `metadata | get aws_perf` shows it.
fn metadata(page: &Page, circumstances: &Circumstances, span: Span) -> PipelineMetadata {
    let mut known = circumstances.meta(&page.reply, &page.from);
    known.push("first_page", Value::record(page.scalars.clone(), span));
    let mut custom = Record::new();
    custom.push("aws_perf", Value::record(known, span));
    PipelineMetadata { custom, ..PipelineMetadata::default() }
}

/// How `--meta` makes one record of a page and its rows.
fn wrapping(circumstances: Circumstances, span: Span) -> pipe::Wrap {
    Box::new(move |page, rows| {
        let mut meta = circumstances.meta(&page.reply, &page.from);
        meta.push("page", Value::record(page.scalars.clone(), span));
        circumstances.wrap(Value::list(rows, span), meta)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefetch_flag_has_the_bounds_of_its_setting() {
        let asked = |pages: i64| {
            let value = Value::test_int(pages);
            let name = nu_protocol::Spanned { item: "prefetch".to_string(), span: Span::test_data() };
            prefetch(&EvaluatedCall::new(Span::test_data()).with_named(name, value))
        };
        assert_eq!(asked(64).unwrap(), Some(64));
        for pages in [-1, 0, 65, i64::MAX] {
            assert!(asked(pages).unwrap_err().message().contains("between 1 and 64"));
        }
    }
}
