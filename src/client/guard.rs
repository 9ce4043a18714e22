//! Writes that cannot be repeated safely are not repeated.
//!
//! The SDK's standard mode retries every transient failure. For a write without an idempotency token a broken
//! connection may mean that it was carried out, so only two kinds of failure are retried: AWS said that it did not
//! take the request (throttling), or the request never left (no connection).

use super::{exchange::Refusal, failure::surely_undelivered};
use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use aws_smithy_runtime_api::client::{
    interceptors::context::InterceptorContext,
    retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority},
};

#[derive(Debug)]
pub(super) struct UnrepeatableWrites;

/// Codes beside throttling with which AWS refuses a request before it acts on it: the signature was refused; where the
/// clock is why, the next one is made with the right time.
const NOT_TAKEN: [&str; 5] = [
    "AccessDeniedException",
    "AuthFailure",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

fn was_not_taken(refusal: &Refusal) -> bool {
    let code = refusal.fault.code.as_str();
    THROTTLING_ERRORS.contains(&code) || NOT_TAKEN.contains(&code) || refusal.fault.status == 429
}

impl ClassifyRetry for UnrepeatableWrites {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let refused = error.as_operation_error().and_then(|error| error.downcast_ref::<Refusal>());
        let safe = match (refused, error.as_connector_error()) {
            (Some(refusal), _) => was_not_taken(refusal),
            (None, Some(error)) => surely_undelivered(error),
            (None, None) => false,
        };
        if safe { RetryAction::NoActionIndicated } else { RetryAction::RetryForbidden }
    }

    fn name(&self) -> &'static str {
        "unrepeatable writes"
    }

    fn priority(&self) -> RetryClassifierPriority {
        // Forbidding ends classification, so it must be heard first.
        RetryClassifierPriority::run_before(RetryClassifierPriority::http_status_code_classifier())
    }
}
