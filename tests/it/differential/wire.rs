//! The wire of a case: answers what it says.

use crate::wire::{Answer, Sent, Wire as AnyWire};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value as Json;
use std::sync::{Arc, Mutex};

/// One wire for one client.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    wire: AnyWire,
    case: Arc<Mutex<(String, Json)>>,
}

/// What timestream tells of its cells, as calls.py has it.
const ENDPOINTS: &str = r#"{"Endpoints":[{"Address":"ingest-cell1.timestream.us-west-2.amazonaws.com","CachePeriodInMinutes":9}]}"#;

impl Default for Wire {
    fn default() -> Self {
        let case = Arc::new(Mutex::new((String::new(), Json::Null)));
        let shared = case.clone();
        let wire = AnyWire::new(move |sent| {
            let case = shared.lock().unwrap();
            let asks_where =
                sent.header("x-amz-target").is_some_and(|target| target.ends_with(".DescribeEndpoints"));
            if asks_where && case.0 != "DescribeEndpoints" {
                return Answer::new(200, &[], ENDPOINTS);
            }
            answer(&case.1)
        });
        Self { wire, case }
    }
}

impl Wire {
    pub(super) fn http_client(&self) -> SharedHttpClient {
        self.wire.http_client()
    }

    /// Sets what is answered from now on.
    pub(super) fn answer(&self, operation: &str, answer: &Json) {
        *self.case.lock().unwrap() = (operation.into(), answer.clone());
        self.wire.take();
    }

    pub(super) fn take(&self) -> Option<Sent> {
        self.wire.take().pop()
    }
}

fn answer(case: &Json) -> Answer {
    let status = case["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let headers = case["headers"].as_object().into_iter().flatten();
    let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    Answer(status, headers, if case.is_null() { Vec::new() } else { bytes(&case["body"]) })
}

pub(super) fn bytes(base64: &Json) -> Vec<u8> {
    STANDARD.decode(base64.as_str().unwrap()).unwrap()
}
