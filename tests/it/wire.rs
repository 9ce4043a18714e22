//! In the network's place: keeps what is sent to whatever host, and answers what a test says.

use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use std::{
    fmt,
    sync::{Arc, Mutex},
};

/// A request as it went out. Names of headers are in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Region and service that the request is signed for, as `us-east-1/s3`.
    pub(crate) fn scope(&self) -> String {
        let scope = self.header("authorization").and_then(|value| value.split_once("Credential="));
        let parts: Vec<&str> = scope.map_or("", |(_, scope)| scope).split('/').collect();
        parts.get(2..4).map(|parts| parts.join("/")).unwrap_or_default()
    }
}

/// Status, headers, body. Status 0 is no answer: the connection breaks; 1 is none in time, as the
/// connector has it; 2 is none ever.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) Vec<(String, String)>, pub(crate) Vec<u8>);

impl Answer {
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Self(status, headers, body.into())
    }
}

type Answering = Box<dyn FnMut(&Sent) -> Answer + Send>;

/// One wire for one client.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Mutex<(Answering, Vec<Sent>)>>);

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    pub(crate) fn new(answer: impl FnMut(&Sent) -> Answer + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new((Box::new(answer), Vec::new()))))
    }

    /// Gives these answers, the last one for ever.
    pub(crate) fn script(answers: Vec<Answer>) -> Self {
        let mut turn = 0;
        Self::new(move |_| {
            let answer = answers.get(turn).or(answers.last()).cloned().unwrap();
            turn += 1;
            answer
        })
    }

    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let wire = self.clone();
        http_client_fn(move |_, _| SharedHttpConnector::new(wire.clone()))
    }

    /// What was sent since the last time.
    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent = Sent {
            method: request.method().into(),
            url: request.uri().into(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_lowercase(), value.into()))
                .collect(),
            body: request.body().bytes().unwrap_or_default().into(),
        };
        let mut state = self.0.lock().unwrap();
        let Answer(status, headers, body) = (state.0)(&sent);
        state.1.push(sent);
        match status {
            0 => return HttpConnectorFuture::ready(Err(ConnectorError::io("broken".into()))),
            1 => return HttpConnectorFuture::ready(Err(ConnectorError::timeout("silent".into()))),
            2 => return HttpConnectorFuture::new(std::future::pending()),
            _ => (),
        }
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().append(name.to_lowercase(), value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}
