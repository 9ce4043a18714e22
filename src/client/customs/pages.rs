//! What an answer is by its first element.

/// Whether a successful answer is none: S3 sends the header early for long operations, and may find an error later.
pub(in crate::client) fn is_error_in_success(service: &str, body: &[u8]) -> bool {
    service == "s3" && root_is(body, "error")
}

/// Whether a proxy or a captive portal answered in AWS's place.
pub(in crate::client) fn is_web_page(body: &[u8]) -> bool {
    root_is(body, "html") || root_is(body, "!doctype html")
}

/// Whether the first element of a document has that name, in any case.
fn root_is(body: &[u8], name: &str) -> bool {
    let head = String::from_utf8_lossy(body.get(..512).unwrap_or(body)).to_ascii_lowercase();
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    while rest.starts_with("<?") {
        let Some((_, after)) = rest.split_once("?>") else { return false };
        rest = after.trim_start();
    }
    let Some(after) = rest.strip_prefix('<').and_then(|rest| rest.strip_prefix(name)) else { return false };
    after.starts_with(|next: char| next == '>' || next == '/' || next.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_an_answer_tells_what_it_is() {
        assert!(is_error_in_success(
            "s3",
            b"<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>"
        ));
        assert!(!is_error_in_success("s3", b"<CopyObjectResult/>"));
        assert!(!is_error_in_success("s3", b"<ErrorDocument/>"));
        assert!(is_web_page(b" <!DOCTYPE html><html>"));
        assert!(is_web_page(b"<HTML><body>"));
        assert!(!is_web_page(b"{\"html\": 1}"));
    }
}
