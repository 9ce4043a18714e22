//! In the network's place: keeps what is sent and answers what the case says.

use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};

/// A request as it went out. Names of headers are in lower case.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

#[derive(Debug, Default)]
struct State {
    operation: String,
    answer: Json,
    sent: Option<Sent>,
}

/// One wire for one client.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire(Arc<Mutex<State>>);

impl Wire {
    pub(super) fn http_client(&self) -> SharedHttpClient {
        let wire = self.clone();
        http_client_fn(move |_, _| SharedHttpConnector::new(wire.clone()))
    }

    /// Sets what is answered from now on.
    pub(super) fn answer(&self, operation: &str, answer: &Json) {
        *self.0.lock().unwrap() = State { operation: operation.into(), answer: answer.clone(), sent: None };
    }

    pub(super) fn take(&self) -> Option<Sent> {
        self.0.lock().unwrap().sent.take()
    }
}

/// What timestream tells of its cells, as calls.py has it.
const ENDPOINTS: &str = r#"{"Endpoints":[{"Address":"ingest-cell1.timestream.us-west-2.amazonaws.com","CachePeriodInMinutes":9}]}"#;

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.0.lock().unwrap();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if target.ends_with(".DescribeEndpoints") && state.operation != "DescribeEndpoints" {
            let found = json!({ "status": 200, "headers": {}, "body": STANDARD.encode(ENDPOINTS) });
            return HttpConnectorFuture::ready(Ok(response(&found)));
        }
        state.sent = Some(Sent {
            method: request.method().into(),
            url: request.uri().into(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_lowercase(), value.into()))
                .collect(),
            body: request.body().bytes().unwrap_or_default().into(),
        });
        HttpConnectorFuture::ready(Ok(response(&state.answer)))
    }
}

fn response(answer: &Json) -> HttpResponse {
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let body = if answer.is_null() { Vec::new() } else { bytes(&answer["body"]) };
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response.headers_mut().append(name.to_lowercase(), value.as_str().unwrap().to_owned());
    }
    response
}

pub(super) fn bytes(base64: &Json) -> Vec<u8> {
    STANDARD.decode(base64.as_str().unwrap()).unwrap()
}
