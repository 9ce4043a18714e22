//! What the AWS SDKs do to certain calls because the models do not say it: botocore's handlers, kept in one place.
//!
//! Three moments: before an input is encoded ([`Customs::of`]), before a request is addressed ([`encoded`],
//! [`endpoint`]), and after an answer is read ([`Customs::answer`]). `docs/HANDLERS.md` lists all of botocore's, with
//! what is done here for each.

mod glacier;
mod keys;
mod pages;
mod s3;
mod s3control;

pub(super) use pages::{is_error_in_success, is_web_page};

use super::{checksums, protocols::Encoded, session::Options};
use crate::{
    error::{Error, Result},
    model::Operation,
    request::Request,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use nu_protocol::{Record, Value};
use std::sync::Arc;

/// A request with its customs.
#[derive(Debug, Clone)]
pub(super) struct Customs {
    pub(super) request: Arc<Request>,
    /// Keys come URL-encoded because we asked for it, not the caller.
    decode_keys: bool,
}

impl Customs {
    /// The request as it goes to the codec.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::error::ErrorKind::InvalidInput) for what the service would refuse in a way
    /// that says nothing.
    pub(super) fn of(request: &Arc<Request>, options: &Options) -> Result<Self> {
        let mut customs = Self { request: request.clone(), decode_keys: false };
        match &*request.service.name {
            "s3" => s3::check(request)?,
            "s3control" | "ec2" | "autoscaling" | "glacier" | "route53" => {}
            _ if request.operation.checksum.validation_member.is_some() => {}
            _ => return Ok(customs),
        }
        let mut input = request.input.clone();
        match &*request.service.name {
            "s3" => {
                s3::copy_source(request, &mut input)?;
                s3::customer_keys(request, &mut input);
                customs.decode_keys = keys::ask_encoded(request, &mut input);
            }
            "s3control" => s3control::account(request, &mut input)?,
            "ec2" | "autoscaling" => user_data(request, &mut input),
            "glacier" => glacier::account(&mut input, request),
            "route53" => route53_ids(request, &mut input),
            _ => {}
        }
        checksums::ask(request, &mut input, options);
        Ok(if input == request.input { customs } else { customs.with_input(input) })
    }

    /// A question of the client's own, of the same service, that a call cannot do without.
    pub(super) fn beside(
        request: &Request,
        operation: &Operation,
        input: Record,
        options: &Options,
    ) -> Result<Self> {
        Self::of(&Arc::new(with_operation(request, operation, input)), options)
    }

    /// The same with another input.
    pub(super) fn with_input(self, input: Record) -> Self {
        let request = with_operation(&self.request, &self.request.operation, input);
        Self { request: Arc::new(request), ..self }
    }

    /// The answer as the caller gets it.
    pub(super) fn answer(&self, value: Value) -> Value {
        let Value::Record { val, internal_span, .. } = value else { return value };
        let mut record = val.into_owned();
        if self.decode_keys {
            keys::decode(&self.request.operation.name, &mut record);
        }
        match (&*self.request.service.name, &*self.request.operation.name) {
            ("ec2", "GetConsoleOutput") => change(&mut record, "Output", console_output),
            ("cloudformation", "GetTemplate") => change(&mut record, "TemplateBody", template),
            _ => {}
        }
        Value::record(record, internal_span)
    }
}

fn with_operation(request: &Request, operation: &Operation, input: Record) -> Request {
    Request { service: request.service.clone(), operation: operation.clone(), input, span: request.span }
}

/// A request between its codec and its address.
pub(super) fn encoded(request: &Request, encoded: &mut Encoded) {
    match &*request.service.name {
        "glacier" => glacier::headers(request, encoded),
        // Without it the service answers in HAL, which no model describes.
        "apigateway" => add_header(encoded, "Accept", "application/json"),
        "cloudsearchdomain" if &*request.operation.name == "Search" => form_instead_of_query(encoded),
        _ => {}
    }
    let tells_endpoints =
        &*request.service.name == "dynamodb" || super::discovery::is_discovered(&request.service);
    if &*request.operation.name == "DescribeEndpoints" && tells_endpoints {
        add_header(encoded, "x-amz-api-version", &request.service.meta.api_version);
    }
}

/// Where a request goes by its own words, whatever the rules say.
pub(super) fn endpoint(request: &Request) -> Option<Result<String>> {
    if &*request.service.name != "machinelearning" || &*request.operation.name != "Predict" {
        return None;
    }
    let given = request.input.get("PredictEndpoint")?;
    let url = given.as_str().ok().and_then(|text| text.parse::<http::Uri>().ok());
    let parts = url.as_ref().and_then(|url| Some((url.scheme_str()?, url.authority()?)));
    Some(match parts {
        Some((scheme @ ("http" | "https"), authority)) => Ok(format!("{scheme}://{authority}")),
        _ => Err(Error::invalid("PredictEndpoint must be a URL")
            .at(given.span())
            .help("GetMLModel tells it as EndpointInfo.EndpointUrl")),
    })
}

fn add_header(encoded: &mut Encoded, name: &str, value: &str) {
    if !encoded.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
        encoded.headers.push((name.into(), value.into()));
    }
}

/// Searches may be longer than a URL may be.
fn form_instead_of_query(encoded: &mut Encoded) {
    if encoded.method == "GET"
        && let Some((path, query)) = encoded.uri.clone().split_once('?')
    {
        encoded.method = "POST".into();
        encoded.uri = path.into();
        encoded.body = query.to_string().into();
        add_header(encoded, "Content-Type", "application/x-www-form-urlencoded");
    }
}

/// Operations whose user data AWS wants in base64, and SDK users give plain.
fn user_data(request: &Request, input: &mut Record) {
    if !matches!(&*request.operation.name, "RunInstances" | "CreateLaunchConfiguration") {
        return;
    }
    if let Some(Value::String { val, .. }) = input.get_mut("UserData") {
        *val = STANDARD.encode(&*val);
    }
}

/// Route 53 answers with `/hostedzone/Z1` and takes `Z1`: what one call gave, the next one must take. The shapes are
/// those that botocore and the AWS SDKs trim.
fn route53_ids(request: &Request, input: &mut Record) {
    for member in request.service.members(request.operation.input) {
        let shape = request.service.shape(member.shape);
        let trimmed =
            shape.is_some_and(|shape| matches!(&*shape.name, "ResourceId" | "DelegationSetId" | "ChangeId"));
        if let (true, Some(Value::String { val, .. })) = (trimmed, input.get_mut(&*member.name))
            && let Some((_, id)) = val.rsplit_once('/')
        {
            *val = id.to_string();
        }
    }
}

/// Changes a text where it is there and `with` can.
fn change(record: &mut Record, name: &str, with: fn(&str, &Value) -> Option<Value>) {
    if let Some(value) = record.get_mut(name)
        && let Ok(text) = value.as_str()
        && let Some(changed) = with(text, value)
    {
        *value = changed;
    }
}

/// Consoles print what they like: bytes that are no text are shown as such.
fn console_output(base64: &str, value: &Value) -> Option<Value> {
    let bytes = STANDARD.decode(base64).ok()?;
    Some(Value::string(String::from_utf8_lossy(&bytes), value.span()))
}

/// Templates in JSON are records; those in YAML stay text.
fn template(text: &str, value: &Value) -> Option<Value> {
    super::protocols::json_text(text, value.span())
}

#[cfg(test)]
mod tests;
