//! The glue between the SDK's orchestrator and our codecs: input -> HTTP request, HTTP response -> value or refusal.

use super::{
    body,
    checksums::{self, Check},
    compress,
    customs::{self, Customs},
    protocols::{self, Answer, Decoding},
    redirect,
    session::{Options, Session},
    trace::Trace,
};
use crate::{
    error::{Error, ErrorKind as Kind, Fault},
    request::Request,
    sync::lock,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::context::{Error as ErasedError, Input, Output},
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        ser_de::{DeserializeResponse, SerializeRequest},
    },
};
use aws_smithy_types::{
    body::SdkBody,
    config_bag::ConfigBag,
    error::metadata::{ErrorMetadata, ProvideErrorMetadata},
    retry::{ErrorKind, ProvideErrorKind},
};
use nu_protocol::{Span, Value};
use std::{
    fmt,
    sync::{Arc, Mutex},
};

/// The longest message of a server that is shown.
const MESSAGE_LIMIT: usize = 4000;

/// A server's text without what would move the cursor or colour the terminal, and of bearable length.
fn printable(text: &str) -> String {
    let clean = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    let mut shown: String = text.chars().take(MESSAGE_LIMIT).map(clean).collect();
    if shown.len() < text.len() && text.chars().nth(MESSAGE_LIMIT).is_some() {
        shown.push('…');
    }
    shown
}

/// What AWS answered when it refused: the error type that the SDK's retry classifiers read.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) fault: Fault,
    pub(super) message: String,
    metadata: ErrorMetadata,
    kind: Option<ErrorKind>,
}

impl Refusal {
    /// `retryable` is the model's word: `Some(true)` for throttling.
    pub(super) fn new(fault: Fault, message: String, retryable: Option<bool>) -> Self {
        let metadata = ErrorMetadata::builder().code(&fault.code).message(&message).build();
        let kind =
            retryable.map(
                |throttling| {
                    if throttling { ErrorKind::ThrottlingError } else { ErrorKind::TransientError }
                },
            );
        Self { fault, message, metadata, kind }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.fault.code, self.fault.status, self.message)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorKind for Refusal {
    fn retryable_error_kind(&self) -> Option<ErrorKind> {
        self.kind
    }

    fn code(&self) -> Option<&str> {
        self.metadata.code()
    }
}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

/// The decoded answer, with the body that was left on the wire where the operation streams one.
pub(super) struct Decoded {
    pub(super) value: Value,
    pub(super) body: Option<SdkBody>,
    /// What the body is checked against, once it is there.
    pub(super) check: Option<Check>,
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decoded")
    }
}

/// What a mock connector wants said in place of a decoded body.
pub(super) type Scripted = Arc<Mutex<Option<Result<Value, Refusal>>>>;

/// One call's codec, in the two roles that the orchestrator knows.
#[derive(Clone)]
pub(super) struct Exchange {
    pub(super) customs: Customs,
    pub(super) trace: Arc<Trace>,
    pub(super) span: Span,
    pub(super) typed: bool,
    pub(super) session: Arc<Session>,
    pub(super) scripted: Option<Scripted>,
    /// Bytes of an answer at most.
    pub(super) body_cap: u64,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchange")
    }
}

/// Encodes a request: all but endpoint and signature.
pub(super) fn encode(request: &Request, options: &Options) -> Result<HttpRequest, Error> {
    let mut encoded = protocols::encode(&request.service, &request.operation, &request.input)?;
    customs::encoded(request, &mut encoded);
    compress::compress(&request.operation, &mut encoded, options)?;
    checksums::add(request, &mut encoded, options)?;
    let broken = |what: &str, error: BoxError| {
        Error::new(Kind::InvalidInput, format!("the request's {what} cannot be sent"))
            .help("an input that travels in the URL or a header holds characters that are not allowed there")
            .source(error)
    };
    let mut http = HttpRequest::new(SdkBody::from(encoded.body));
    http.set_method(&encoded.method).map_err(|error| broken("method", error.into()))?;
    http.set_uri(encoded.uri.as_str()).map_err(|error| broken("URL", error.into()))?;
    for (name, value) in encoded.headers {
        http.headers_mut().try_append(name, value).map_err(|error| broken("headers", error.into()))?;
    }
    let length = http.body().bytes().map_or(0, <[u8]>::len);
    if length > 0 && http.headers().get("content-length").is_none() {
        http.headers_mut().insert("content-length", length.to_string());
    }
    Ok(http)
}

impl SerializeRequest for Exchange {
    fn serialize_input(&self, _input: Input, _config: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        encode(&self.customs.request, &self.session.options).map_err(|error| self.trace.fail(error).into())
    }
}

impl Exchange {
    fn decode(
        &self,
        response: &HttpResponse,
        bytes: &[u8],
        body: Option<SdkBody>,
    ) -> Result<Output, OrchestratorError<ErasedError>> {
        let answer = Answer { status: response.status().as_u16(), headers: response.headers(), body: bytes };
        let mut check = Check::of(&self.customs.request, response.headers());
        if body.is_none()
            && let Some(mut check) = check.take()
        {
            check.update(bytes);
            check.finish().map_err(|error| OrchestratorError::response(self.trace.fail(error).into()))?;
        }
        let how = Decoding { span: self.span, typed: self.typed };
        match protocols::decode(&self.customs.request.service, &self.customs.request.operation, &answer, how)
        {
            Ok(value) => Ok(Output::erase(Decoded { value: self.customs.answer(value), body, check })),
            Err(error) => Err(OrchestratorError::response(self.trace.fail(error).into())),
        }
    }

    fn refuse(&self, response: &HttpResponse) -> Refusal {
        if &*self.customs.request.service.name == "s3"
            && let Some(region) = redirect::region_told(response)
        {
            self.trace.set_bucket_region(region);
        }
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers(),
            body: response.body().bytes().unwrap_or_default(),
        };
        let (fault, message, retryable) = protocols::decode_fault(
            &self.customs.request.service,
            &self.customs.request.operation,
            &answer,
            self.span,
        );
        // An error in a successful answer is a failure of the service: botocore calls it a 500.
        let retryable = if response.status().is_success() { retryable.or(Some(false)) } else { retryable };
        Refusal::new(fault, printable(&message), retryable)
    }

    fn note_request_id(&self, response: &HttpResponse) {
        let id = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
            .iter()
            .find_map(|name| response.headers().get(*name));
        if let Some(id) = id {
            self.trace.set_request_id(id.to_string());
        }
    }

    /// The mock transport's word, where it has one.
    fn scripted(&self) -> Option<Result<Output, OrchestratorError<ErasedError>>> {
        let said = lock(self.scripted.as_ref()?).take()?;
        Some(match said {
            Ok(value) => Ok(Output::erase(Decoded { value, body: None, check: None })),
            Err(refusal) => Err(OrchestratorError::operation(ErasedError::erase(refusal))),
        })
    }
}

impl DeserializeResponse for Exchange {
    fn deserialize_streaming(
        &self,
        response: &mut HttpResponse,
    ) -> Option<Result<Output, OrchestratorError<ErasedError>>> {
        self.trace.answered();
        self.note_request_id(response);
        self.trace.set_status(response.status().as_u16());
        if self.scripted.is_some() {
            return None;
        }
        if !response.status().is_success() {
            body::limit(response, self.body_cap);
            return None;
        }
        if self.customs.request.streaming_output().is_none() {
            body::limit(response, self.body_cap);
            return None;
        }
        let body = std::mem::replace(response.body_mut(), SdkBody::taken());
        Some(self.decode(response, &[], Some(body)))
    }

    fn deserialize_nonstreaming(
        &self,
        response: &HttpResponse,
    ) -> Result<Output, OrchestratorError<ErasedError>> {
        if let Some(said) = self.scripted() {
            return said;
        }
        let body = response.body().bytes().unwrap_or_default();
        self.trace.received(body.len());
        let refused = !response.status().is_success()
            || customs::is_error_in_success(&self.customs.request.service.name, body);
        if refused {
            return Err(OrchestratorError::operation(ErasedError::erase(self.refuse(response))));
        }
        if customs::is_web_page(body) {
            let error = Error::new(Kind::BadAnswer, "the endpoint answered with a web page").help(
                "a proxy or a login page stands between you and AWS, or the endpoint URL is not an API's",
            );
            return Err(OrchestratorError::response(self.trace.fail(error).into()));
        }
        if body.is_empty() && !self.customs.request.operation.rows.is_empty() {
            // An empty list has a body; nothing at all would pass for the end of one.
            let error = Error::new(Kind::BadAnswer, "the endpoint answered a list with nothing at all")
                .help("try again; if it persists, look at proxies between you and the endpoint");
            return Err(OrchestratorError::response(self.trace.fail(error).into()));
        }
        self.decode(response, body, None)
    }
}
