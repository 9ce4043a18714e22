//! The request that would be sent, without sending it.

use super::{auth, customs::Customs, exchange, invoke::Caller, presign};
use crate::{
    error::{Error, ErrorKind, Result},
    request::Request,
};
use nu_protocol::{Record, Span, Value, record};
use std::sync::Arc;

impl Caller {
    /// The request that would be sent: `{method, url, headers, body}`, unsigned, without network or credentials.
    pub fn dry_run(&self, request: &Request) -> Result<Value> {
        let span = request.span;
        let customs =
            Customs::of(&Arc::new(request.clone()), &self.session.options).map_err(|error| error.at(span))?;
        let request = &*presign::unsigned(customs, self.region()).request;
        let mut http = exchange::encode(request, &self.session.options).map_err(|error| error.at(span))?;
        let addressing = &self.prepared.addressing;
        let place = self.place(request);
        let endpoint = addressing
            .resolve(request, place.as_deref(), self.session.options.account_id.as_deref())
            .map_err(|error| error.at(span))?;
        auth::choose(request, &endpoint, &self.session)?;
        let url = match addressing.host_prefix(request) {
            Some(prefix) => endpoint.url.replacen("://", &format!("://{prefix}"), 1),
            None => endpoint.url,
        };
        http.uri_mut().set_endpoint(&url).map_err(|error| {
            Error::new(ErrorKind::Configuration, format!("`{url}` is no endpoint URL")).at(span).source(error)
        })?;
        let mut headers = Record::new();
        for (name, value) in http.headers() {
            headers.insert(name.to_string(), Value::string(value, span));
        }
        for (name, values) in &endpoint.headers {
            headers.insert(name.clone(), Value::string(values.join(","), span));
        }
        Ok(Value::record(
            record! {
                "method" => Value::string(http.method(), span),
                "url" => Value::string(http.uri(), span),
                "headers" => Value::record(headers, span),
                "body" => body_value(http.body().bytes().unwrap_or_default(), span),
            },
            span,
        ))
    }
}

/// Text where it is text.
fn body_value(bytes: &[u8], span: Span) -> Value {
    match std::str::from_utf8(bytes) {
        Ok("") => Value::nothing(span),
        Ok(text) => Value::string(text, span),
        Err(_) => Value::binary(bytes, span),
    }
}
