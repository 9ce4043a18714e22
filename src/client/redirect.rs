//! S3 buckets in other regions: S3 says where a bucket is, and the call goes there, once.
//!
//! The request goes to the endpoint that the rules give for that region, never to an address from an answer: a
//! `Location` is not followed, so no signature reaches a host that AWS's rules do not name.

use super::{customs::Customs, invoke::Caller, trace::Trace};
use crate::{
    error::{Fault, Result},
    request::Request,
    sync::lock,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use nu_protocol::record;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// Buckets that turned out to be elsewhere, by session and configured region.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<String, String>>);

/// More buckets in other regions than a shell's day meets; beyond it the memo starts anew.
const MEMO_LIMIT: usize = 4096;

impl Places {
    fn get(&self, bucket: &str) -> Option<String> {
        lock(&self.0).get(bucket).cloned()
    }

    fn put(&self, bucket: &str, region: &str) {
        let mut known = lock(&self.0);
        if known.len() >= MEMO_LIMIT {
            known.clear();
        }
        known.insert(bucket.into(), region.into());
    }
}

/// The bucket that a request is about, where it may be in another region. An access point's ARN names its own.
fn bucket(request: &Request) -> Option<&str> {
    if &*request.service.name != "s3" {
        return None;
    }
    let bucket = request.input.get("Bucket")?.as_str().ok()?;
    (!bucket.starts_with("arn:")).then_some(bucket)
}

/// The region that an answer of S3 names: in a header, or in the error itself.
pub(super) fn region_told(response: &HttpResponse) -> Option<String> {
    if let Some(region) = response.headers().get("x-amz-bucket-region") {
        return Some(region.to_string());
    }
    let body = String::from_utf8_lossy(response.body().bytes()?);
    let (_, rest) = body.split_once("<Region>")?;
    let (region, _) = rest.split_once("</Region>")?;
    Some(region.trim().to_string())
}

/// Whether S3 says that the bucket is elsewhere. A HEAD's answer has no body to say it, so that a 400 may mean it.
fn is_redirect(operation: &str, fault: &Fault, told: bool) -> bool {
    match (fault.code.as_str(), operation) {
        ("PermanentRedirect", _) | ("400", "HeadObject") => true,
        ("AuthorizationHeaderMalformed", _) | ("400", "HeadBucket") => told,
        ("IllegalLocationConstraintException", operation) => operation != "CreateBucket",
        _ => matches!(fault.status, 301 | 302 | 307),
    }
}

impl Caller {
    /// The region of a request's bucket, where it is known to be another than the configured one.
    pub(super) fn place(&self, request: &Request) -> Option<String> {
        self.prepared.places.get(bucket(request)?)
    }

    /// The region to try next after a refusal; `None` where the refusal stands.
    pub(super) async fn other_place(
        &self,
        request: &Request,
        fault: &Fault,
        trace: &Trace,
    ) -> Result<Option<String>> {
        let Some(bucket) = bucket(request) else { return Ok(None) };
        let told = trace.take_bucket_region();
        if !is_redirect(&request.operation.name, fault, told.is_some()) {
            return Ok(None);
        }
        let region = match told {
            Some(region) => Some(region),
            None => self.ask_region(request, bucket).await?,
        };
        let Some(region) = region.filter(|region| Some(region.as_str()) != self.region()) else {
            return Ok(None);
        };
        super::endpoints::check_region(&region)?;
        self.prepared.places.put(bucket, &region);
        Ok(Some(region))
    }

    /// Asks S3 with `HeadBucket`, whose answer names the region even where it refuses.
    async fn ask_region(&self, request: &Request, bucket: &str) -> Result<Option<String>> {
        let Some(operation) = request.service.operation("HeadBucket") else { return Ok(None) };
        let input = record! { "Bucket" => nu_protocol::Value::string(bucket, request.span) };
        let question = Customs::beside(request, operation, input, &self.session.options)?;
        let endpoint = self.prepared.addressing.resolve(&question.request, None, None)?;
        let trace = Arc::new(Trace::default());
        let answered = Box::pin(self.send(&question, &endpoint, &trace)).await;
        let told = answered.ok().and_then(|decoded| decoded.value.get_data_by_key("BucketRegion"));
        Ok(told
            .and_then(|region| region.as_str().ok().map(String::from))
            .or_else(|| trace.take_bucket_region()))
    }
}
