//! The instance's metadata service, asked so that a machine which is no instance waits 2 s, not 10.

use crate::{
    config::Environment,
    error::{Error, ErrorKind, Result},
};
use aws_config::{
    imds::{self, credentials::ImdsCredentialsProvider},
    provider_config::ProviderConfig,
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::time::Duration;

/// One try of one second for the token and one for the role: botocore's own timeout and attempts.
const TIMEOUT: Duration = Duration::from_secs(1);

pub(super) fn provider(
    environment: &Environment,
    http: &SharedHttpClient,
) -> Result<ImdsCredentialsProvider> {
    let config =
        ProviderConfig::without_region().with_http_client(http.clone()).with_sleep_impl(TokioSleep::new());
    let number = |name: &str| environment.get(name).and_then(|text| text.parse::<u32>().ok());
    let timeout = number("AWS_METADATA_SERVICE_TIMEOUT").map_or(TIMEOUT, |s| Duration::from_secs(s.into()));
    let mut builder = imds::Client::builder()
        .configure(&config)
        .max_attempts(number("AWS_METADATA_SERVICE_NUM_ATTEMPTS").unwrap_or(1).max(1))
        .connect_timeout(timeout)
        .read_timeout(timeout);
    if let Some(endpoint) = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") {
        builder = builder.endpoint(endpoint).map_err(|error| {
            Error::new(
                ErrorKind::Configuration,
                format!("AWS_EC2_METADATA_SERVICE_ENDPOINT is `{endpoint}`, which is no URL"),
            )
            .source(error)
        })?;
    }
    Ok(ImdsCredentialsProvider::builder().configure(&config).imds_client(builder.build()).build())
}
