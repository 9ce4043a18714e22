//! Endpoints that a service tells itself: Timestream's calls go to the cell of the account, which it has to be asked for.

use super::{customs::Customs, endpoints::Endpoint, invoke::Caller, session};
use crate::{
    error::{Error, ErrorKind, Fault, Result},
    model::Service,
    request::Request,
    sync::lock,
};
use nu_protocol::{Record, Value};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The operation that tells where the others go.
const DISCOVERY: &str = "DescribeEndpoints";

/// Whether the model's `endpointdiscovery` is required. DynamoDB's is not, and no SDK uses it unasked.
pub(super) fn is_discovered(service: &Service) -> bool {
    matches!(&*service.name, "timestream-query" | "timestream-write")
}

/// The last endpoint that a service told, for as long as it said.
#[derive(Debug, Default)]
pub(super) struct Discovered(Mutex<Option<(String, Instant)>>);

impl Discovered {
    fn get(&self) -> Option<String> {
        let known = lock(&self.0);
        known.as_ref().filter(|(_, until)| Instant::now() < *until).map(|(url, _)| url.clone())
    }

    fn put(&self, url: String, minutes: u64) {
        let until = Instant::now().checked_add(Duration::from_secs(minutes.saturating_mul(60)));
        let known = until.map(|until| (url, until));
        *lock(&self.0) = known;
    }

    pub(super) fn forget(&self) {
        *lock(&self.0) = None;
    }
}

/// Whether a service says that its endpoint is no longer the right one.
pub(super) fn is_outdated(fault: &Fault) -> bool {
    fault.status == 421 || fault.code == "InvalidEndpointException"
}

impl Caller {
    /// The endpoint of a request, where the service tells it; `None` where the rules do. A custom endpoint stays.
    pub(super) async fn discover(&self, request: &Request, endpoint: &Endpoint) -> Result<Option<Endpoint>> {
        let asked_of_the_service = is_discovered(&request.service) && &*request.operation.name != DISCOVERY;
        if !asked_of_the_service || self.prepared.addressing.endpoint_url.is_some() || self.is_mocked() {
            return Ok(None);
        }
        let url = match self.prepared.discovered.get() {
            Some(url) => url,
            None => self.ask(request, endpoint).await?,
        };
        Ok(Some(Endpoint { url, ..endpoint.clone() }))
    }

    async fn ask(&self, request: &Request, endpoint: &Endpoint) -> Result<String> {
        let unknown = || {
            Error::new(ErrorKind::BadAnswer, format!("{} did not tell an endpoint", request.service.name))
                .help("try again, or pass --endpoint-url with the cell's own address")
        };
        let operation = request.service.operation(DISCOVERY).ok_or_else(unknown)?;
        let question = Customs::beside(request, operation, Record::new(), &self.session.options)?;
        let answer = Box::pin(self.send(&question, endpoint, &Arc::default())).await?.value;
        let first =
            answer.get_data_by_key("Endpoints").and_then(|list| list.as_list().ok()?.first().cloned());
        let told = first.as_ref().and_then(|first| {
            let address = first.get_data_by_key("Address")?.as_str().ok()?.to_string();
            let minutes = first.get_data_by_key("CachePeriodInMinutes");
            let minutes = minutes.and_then(|minutes: Value| u64::try_from(minutes.as_int().ok()?).ok());
            Some((address, minutes.unwrap_or_default()))
        });
        let (address, minutes) = told.ok_or_else(unknown)?;
        let url = if address.starts_with("http") { address } else { format!("https://{address}") };
        session::check_endpoint_url(&url).map_err(|error| unknown().source(error))?;
        self.prepared.discovered.put(url.clone(), minutes);
        Ok(url)
    }
}
