//! Bodies are read into memory, up to a cap.

use crate::error::{Error, ErrorKind, Result};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use http_body_util::Limited;

/// Cuts what the runtime reads of an answer by itself; a body that goes on behind `cap` breaks off with
/// [`http_body_util::LengthLimitError`].
pub(super) fn limit(response: &mut HttpResponse, cap: u64) {
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    *response.body_mut() = if body.bytes().is_some() {
        body
    } else {
        SdkBody::from_body_1_x(Limited::new(body, usize::try_from(cap).unwrap_or(usize::MAX)))
    };
}

/// The error for what is larger than `cap` bytes.
pub(super) fn too_large(name: &str, cap: u64) -> Error {
    Error::new(ErrorKind::TooLarge, format!("the answer to `{name}` is larger than the cap of {cap} bytes"))
        .help("raise the cap with AWS_PERF_BODY_CAP, or ask for less at a time")
}

/// The whole body, or an error that names the cap.
pub(super) async fn collect(body: SdkBody, cap: u64, name: &str) -> Result<Vec<u8>> {
    let mut stream = ByteStream::new(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| {
            Error::new(
                ErrorKind::BadAnswer,
                format!("the body of `{name}` broke off after {} bytes", bytes.len()),
            )
            .help("try again; if it persists, look at proxies between you and the endpoint")
            .source(super::failure::Flat::of(&error))
        })?;
        let total = (bytes.len() as u64).saturating_add(chunk.len() as u64);
        if total > cap {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("the body of `{name}` is larger than the cap of {cap} bytes"),
            )
            .help("raise the cap with AWS_PERF_BODY_CAP, or ask for a part of it with Range: \"bytes=0-1048575\""));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(body: SdkBody, cap: u64) -> Result<Vec<u8>> {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(collect(
            body,
            cap,
            "s3 GetObject",
        ))
    }

    #[test]
    fn the_cap_is_exact_and_named() {
        assert_eq!(run(SdkBody::from("12345"), 5).unwrap(), b"12345");
        let error = run(SdkBody::from("12345"), 4).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.message().contains("cap of 4 bytes"), "{error}");
    }
}
