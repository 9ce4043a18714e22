//! Checksums of bodies: which a request carries, and whether an answer's holds.
//!
//! The rules are botocore's (`httpchecksum.py`). A request's checksum goes in a header also where botocore puts it
//! behind a body in chunks, since the body is held whole: `docs/decisions/0004-checksums-in-headers.md`.

use super::{protocols::Encoded, session::Options};
use crate::{
    error::{Error, ErrorKind, Result},
    request::Request,
};
use aws_smithy_checksums::ChecksumAlgorithm;
use aws_smithy_runtime_api::http::Headers;
use base64::{Engine, engine::general_purpose::STANDARD};
use nu_protocol::Value;
use sha2::{Digest, Sha512};
use xxhash_rust::{xxh3::Xxh3, xxh64::Xxh64};

/// What every SDK takes where nothing else is asked for.
const DEFAULT: &str = "crc32";

/// Algorithms from the fastest to compute to the slowest: an answer that carries several is checked with the first.
const ALGORITHMS: [&str; 9] =
    ["xxhash128", "xxhash3", "crc64nvme", "xxhash64", "crc32c", "crc32", "sha1", "sha256", "sha512"];

const PREFIX: &str = "x-amz-checksum-";

/// A checksum in the making.
enum Running {
    Aws(Box<dyn aws_smithy_checksums::http::HttpChecksum>),
    Sha512(Box<Sha512>),
    Xxh3(Box<Xxh3>),
    Xxh128(Box<Xxh3>),
    Xxh64(Xxh64),
}

impl Running {
    /// `None` for an algorithm that nobody here computes.
    fn new(algorithm: &str) -> Option<Self> {
        Some(match algorithm {
            "sha512" => Self::Sha512(Box::default()),
            "xxhash3" => Self::Xxh3(Box::default()),
            "xxhash128" => Self::Xxh128(Box::default()),
            "xxhash64" => Self::Xxh64(Xxh64::default()),
            "crc32" | "crc32c" | "crc64nvme" | "sha1" | "sha256" => {
                Self::Aws(algorithm.parse::<ChecksumAlgorithm>().ok()?.into_impl())
            }
            _ => return None,
        })
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Aws(sum) => sum.update(bytes),
            Self::Sha512(sum) => sum.update(bytes),
            Self::Xxh3(sum) | Self::Xxh128(sum) => sum.update(bytes),
            Self::Xxh64(sum) => sum.update(bytes),
        }
    }

    /// In base64, as headers have it; numbers in network byte order.
    fn finish(self) -> String {
        match self {
            Self::Aws(sum) => STANDARD.encode(sum.finalize()),
            Self::Sha512(sum) => STANDARD.encode(sum.finalize()),
            Self::Xxh3(sum) => STANDARD.encode(sum.digest().to_be_bytes()),
            Self::Xxh128(sum) => STANDARD.encode(sum.digest128().to_be_bytes()),
            Self::Xxh64(sum) => STANDARD.encode(sum.digest().to_be_bytes()),
        }
    }
}

fn sum(algorithm: &str, body: &[u8]) -> Option<String> {
    let mut running = Running::new(algorithm)?;
    running.update(body);
    Some(running.finish())
}

/// Adds the checksum headers of a request, where its operation has any and none is given.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for an algorithm that is not computed here.
pub(super) fn add(request: &Request, encoded: &mut Encoded, options: &Options) -> Result<()> {
    let model = &request.operation.checksum;
    // Also the header that only names an algorithm, as of uploads in parts.
    let given = |(name, _): &(String, String)| name.to_ascii_lowercase().starts_with(PREFIX);
    if encoded.headers.iter().any(given) {
        return Ok(());
    }
    let asked = model.request_member.as_deref().and_then(|member| request.input.get(member));
    let asked = asked.filter(|value| !value.is_nothing());
    let (algorithm, span) = match asked {
        Some(value) => (value.as_str().unwrap_or_default().to_ascii_lowercase(), value.span()),
        None if model.required || model.request_member.is_some() && !options.checksums_when_required => {
            (DEFAULT.to_string(), request.span)
        }
        None => return Ok(()),
    };
    let Some(sum) = sum(&algorithm, &encoded.body) else {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("checksums of kind {algorithm} are not computed here"),
        )
        .at(span)
        .help(format!(
            "use one of {}, or give the checksum itself, as in ChecksumSHA256",
            ALGORITHMS.join(", ")
        )));
    };
    if asked.is_none()
        && let Some(name) = algorithm_header(request)
    {
        encoded.headers.push((name.into(), DEFAULT.to_ascii_uppercase()));
    }
    encoded.headers.push((format!("{PREFIX}{algorithm}"), sum));
    Ok(())
}

/// The header of the member that names the algorithm.
fn algorithm_header(request: &Request) -> Option<&str> {
    let name = request.operation.checksum.request_member.as_deref()?;
    let member =
        request.service.members(request.operation.input).iter().find(|member| &*member.name == name)?;
    member.location_name.as_deref()
}

/// Asks for checksums of the answer, as the SDKs do unless they are told otherwise.
pub(super) fn ask(request: &Request, input: &mut nu_protocol::Record, options: &Options) {
    if let Some(member) = request.operation.checksum.validation_member.as_deref()
        && !options.validation_when_required
        && input.get(member).is_none_or(Value::is_nothing)
    {
        input.insert(member, Value::string("ENABLED", request.span));
    }
}

/// The check of one answer's body.
pub(super) struct Check {
    algorithm: &'static str,
    running: Running,
    expected: String,
}

impl Check {
    /// The check that an answer asks for; `None` where it carries no checksum of its body that was asked for. A sum of
    /// the sums of an upload's parts (`…-3`) says nothing about the body as a whole.
    pub(super) fn of(request: &Request, headers: &Headers) -> Option<Self> {
        let model = &request.operation.checksum;
        let member = model.validation_member.as_deref()?;
        request.input.get(member).filter(|value| !value.is_nothing())?;
        let known = |algorithm: &&str| {
            model.response_algorithms.iter().any(|name| name.eq_ignore_ascii_case(algorithm))
        };
        ALGORITHMS.into_iter().filter(known).find_map(|algorithm| {
            let expected = headers.get(format!("{PREFIX}{algorithm}"))?;
            let running = Running::new(algorithm)?;
            (!expected.contains('-')).then(|| Self { algorithm, running, expected: expected.into() })
        })
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.running.update(bytes);
    }

    /// # Errors
    /// [`ErrorKind::BadAnswer`] where the body is not the one that was sent.
    pub(super) fn finish(self) -> Result<()> {
        let found = self.running.finish();
        if found == self.expected {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::BadAnswer,
            format!("the body's {} is {found}, and the answer says {}", self.algorithm, self.expected),
        )
        .help("the body was changed on its way: try again, and look at proxies between you and the endpoint"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Catalog, DataPaths};
    use nu_protocol::record;

    /// Values of Python's `zlib`, `hashlib` and of `awscrt.checksums`.
    #[test]
    fn sums_are_those_of_other_implementations() {
        for (algorithm, expected) in SUMS {
            assert_eq!(sum(algorithm, b"123456789").as_deref(), Some(expected), "{algorithm}");
        }
        assert_eq!(sum("md4", b""), None);
    }

    const SUMS: [(&str, &str); 9] = [
        ("crc32", "y/Q5Jg=="),
        ("crc32c", "4waSgw=="),
        ("crc64nvme", "rosUhgp5mIg="),
        ("sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        ("sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        (
            "sha512",
            "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==",
        ),
        ("xxhash128", "MxGUd+3l3NXpcWQnaB1YYA=="),
        ("xxhash3", "ctyxi2ehff8="),
        ("xxhash64", "jLhB20DmroM="),
    ];

    fn of(service: &str, operation: &str, input: nu_protocol::Record) -> Request {
        let service = Catalog::default().service(service, &DataPaths::default()).unwrap();
        let operation = service.operation(operation).unwrap().clone();
        Request { service, operation, input, span: nu_protocol::Span::test_data() }
    }

    fn headers(
        request: &Request,
        given: &[(&str, &str)],
        options: &Options,
    ) -> Result<Vec<(String, String)>> {
        let mut encoded = Encoded {
            method: "PUT".into(),
            uri: "/".into(),
            headers: given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: "123456789".into(),
        };
        add(request, &mut encoded, options).map(|()| encoded.headers)
    }

    #[test]
    fn a_sum_is_added_where_the_model_and_the_settings_say() {
        let (plain, required) =
            (Options::plain(), Options::of(&[("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")], ""));
        let put = of("s3", "PutObject", record! {});
        let own = |name: &str, value: &str| (name.to_string(), value.to_string());
        let default =
            vec![own("x-amz-sdk-checksum-algorithm", "CRC32"), own("x-amz-checksum-crc32", "y/Q5Jg==")];
        assert_eq!(headers(&put, &[], &plain).unwrap(), default);
        assert_eq!(headers(&put, &[], &required).unwrap(), []);
        assert_eq!(headers(&of("s3", "DeleteObjects", record! {}), &[], &required).unwrap(), default);
        let given = [("x-amz-checksum-sha1", "mine")];
        assert_eq!(headers(&put, &given, &plain).unwrap(), [own("x-amz-checksum-sha1", "mine")]);
        assert_eq!(headers(&of("ec2", "DescribeRegions", record! {}), &[], &plain).unwrap(), []);
        let asked = of("s3", "PutObject", record! { "ChecksumAlgorithm" => Value::test_string("SHA256") });
        let sum = own("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
        assert_eq!(headers(&asked, &[], &required).unwrap(), [sum]);
        let odd = of("s3", "PutObject", record! { "ChecksumAlgorithm" => Value::test_string("MD4") });
        assert_eq!(headers(&odd, &[], &plain).unwrap_err().kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn an_answer_is_checked_by_the_best_sum_it_carries() {
        let get = of("s3", "GetObject", record! { "ChecksumMode" => Value::test_string("ENABLED") });
        let checked = |sums: &[(&'static str, &'static str)], body: &[u8]| {
            let mut headers = Headers::new();
            for (name, sum) in sums {
                headers.insert(*name, *sum);
            }
            Check::of(&get, &headers).map(|mut check| {
                check.update(body);
                check.finish()
            })
        };
        checked(&[("x-amz-checksum-crc32", "y/Q5Jg==")], b"123456789").unwrap().unwrap();
        let error = checked(&[("x-amz-checksum-crc32", "y/Q5Jg==")], b"123456780").unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadAnswer);
        // The sum of parts is passed over for one of the whole.
        let both = [
            ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=-3"),
            ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        ];
        checked(&both, b"123456789").unwrap().unwrap();
        assert!(checked(&both[..1], b"x").is_none());
        let plain = of("s3", "GetObject", record! {});
        let mut headers = Headers::new();
        headers.insert("x-amz-checksum-crc32", "AAAAAA==");
        assert!(Check::of(&plain, &headers).is_none());
    }
}
