//! Proxies of either scheme, and trusted certificates, with servers of our own.

use crate::{
    client::{call_in, variables},
    server::{Act, Server, read_request},
};
use aws_perf::{
    client::Reply,
    config::Environment,
    error::{Error, ErrorKind},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use nu_protocol::Value;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};
use std::{
    fs,
    io::{self, BufReader, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

const CALLER: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

fn environment(more: &[(&str, &str)]) -> Environment {
    let mut all = variables("");
    all.retain(|(name, _)| name != "AWS_ENDPOINT_URL");
    all.push(("AWS_MAX_ATTEMPTS".into(), "1".into()));
    all.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    Environment::new(all, "/")
}

fn whoami(more: &[(&str, &str)]) -> Result<Reply, Error> {
    call_in(&environment(more), "sts", "GetCallerIdentity", &Value::test_nothing())
}

/// A proxy that keeps the head of each request and passes it on: as a tunnel, or with the URL made a path.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// `refuses` is the status line for those who bring no authorization.
    fn start(refuses: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy =
            Self { port: listener.local_addr().unwrap().port(), heads: Arc::new(Mutex::new(Vec::new())) };
        let heads = proxy.heads.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heads = heads.clone();
                thread::spawn(move || drop(pass_on(stream, &heads, refuses)));
            }
        });
        proxy
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn pass_on(mut client: TcpStream, heads: &Mutex<Vec<String>>, refuses: Option<&str>) -> io::Result<()> {
    let Some(request) = read_request(&mut BufReader::new(client.try_clone()?))? else { return Ok(()) };
    heads.lock().unwrap().push(request.clone());
    if let Some(status) = refuses {
        write!(client, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")?;
        return client.shutdown(Shutdown::Both);
    }
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    if method == "CONNECT" {
        let server = TcpStream::connect(target)?;
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        let (mut up, mut down) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || drop(io::copy(&mut up, &mut down)));
        io::copy(&mut &server, &mut client)?;
        return client.shutdown(Shutdown::Both);
    }
    let (host, path) = target.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut server = TcpStream::connect(host)?;
    server.write_all(request.replacen(target, &format!("/{path}"), 1).as_bytes())?;
    server.shutdown(Shutdown::Write)?;
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}

/// An https server that answers everybody alike, with a certificate that nobody knows.
struct Secure {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    certificate: PathBuf,
}

impl Secure {
    fn start(name: &str) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".into()]).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let certificate = folder.join(format!("{name}.pem"));
        fs::write(&certificate, cert.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config =
            config.unwrap().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
        let (config, heads) = (Arc::new(config), Arc::new(Mutex::new(Vec::new())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), heads: heads.clone(), certificate };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let mut tls = BufReader::new(StreamOwned::new(connection, stream));
                let Ok(Some(request)) = read_request(&mut tls) else { continue };
                heads.lock().unwrap().push(request);
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{CALLER}", CALLER.len());
                drop(tls.get_mut().write_all(answer.as_bytes()));
            }
        });
        server
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    fn bundle(&self) -> &str {
        self.certificate.to_str().unwrap()
    }
}

fn answering() -> Server {
    Server::start(vec![Act::Answer(200, "", CALLER.into())])
}

fn authorization(user: &str) -> String {
    format!("proxy-authorization: Basic {}", STANDARD.encode(user))
}

#[test]
fn each_scheme_goes_through_its_own_proxy() {
    let (server, secure) = (answering(), Secure::start("own-proxy"));
    let (plain, tunnel) = (Proxy::start(None), Proxy::start(None));
    let both = [
        ("HTTP_PROXY", plain.url()),
        ("https_proxy", tunnel.url()),
        ("AWS_CA_BUNDLE", secure.bundle().to_owned()),
    ];
    let mut all: Vec<(&str, &str)> = both.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (url, secure_url) = (server.url(), secure.url());
    all.push(("AWS_ENDPOINT_URL", &url));
    whoami(&all).unwrap();
    assert_eq!((plain.heads().len(), tunnel.heads().len(), server.count()), (1, 0, 1));
    assert!(plain.heads()[0].starts_with(&format!("POST {url}/ HTTP/1.1")), "{:?}", plain.heads());
    all.push(("AWS_ENDPOINT_URL", &secure_url));
    whoami(&all).unwrap();
    assert_eq!((plain.heads().len(), tunnel.heads().len()), (1, 1));
    assert!(tunnel.heads()[0].starts_with(&format!("CONNECT localhost:{} ", secure.port)));
    assert!(!tunnel.heads()[0].to_lowercase().contains("aws4-hmac"), "{:?}", tunnel.heads());
    assert_eq!(secure.heads.lock().unwrap().len(), 1);
}

#[test]
fn one_scheme_s_proxy_is_nothing_to_the_other() {
    let (server, secure) = (answering(), Secure::start("other-scheme"));
    let nowhere = "http://127.0.0.1:9";
    whoami(&[("AWS_ENDPOINT_URL", &server.url()), ("HTTPS_PROXY", nowhere)]).unwrap();
    let trusted = [("AWS_ENDPOINT_URL", &*secure.url()), ("AWS_CA_BUNDLE", secure.bundle())];
    whoami(&[&trusted[..], &[("HTTP_PROXY", nowhere)]].concat()).unwrap();
    let error = whoami(&[&trusted[..], &[("ALL_PROXY", nowhere)]].concat()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
    assert!(error.help_text().unwrap().contains("ALL_PROXY"), "{error:?}");
}

#[test]
fn an_endpoint_without_tls_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        }
    });
    let error = whoami(&[("AWS_ENDPOINT_URL", &*url)]).unwrap_err();
    assert!(error.help_text().unwrap().contains("does not speak TLS"), "{error:?}");
}

#[test]
fn hosts_of_no_proxy_and_metadata_services_are_asked_straight() {
    let (server, proxy) = (answering(), Proxy::start(None));
    let (url, proxy_url) = (server.url(), proxy.url());
    for rule in ["127.0.0.1", "127.0.0.0/8", "other, 127.0.0.1", "*"] {
        whoami(&[("AWS_ENDPOINT_URL", &url), ("HTTP_PROXY", &proxy_url), ("NO_PROXY", rule)]).unwrap();
    }
    assert_eq!((proxy.heads().len(), server.count()), (0, 4));
    whoami(&[("AWS_ENDPOINT_URL", &url), ("HTTP_PROXY", &proxy_url), ("no_proxy", "example.com")]).unwrap();
    assert_eq!((proxy.heads().len(), server.count()), (1, 5));
    // Nobody is there; what counts is that the proxy is not asked for credentials.
    let outside = [("HTTP_PROXY", &*proxy_url), ("AWS_EC2_METADATA_DISABLED", "false")];
    let mut environment = environment(&outside);
    environment.remove("AWS_ACCESS_KEY_ID");
    environment.set("AWS_ENDPOINT_URL_STS", &url);
    let error = call_in(&environment, "sts", "GetCallerIdentity", &Value::test_nothing()).unwrap_err();
    assert_eq!((error.kind(), proxy.heads().len()), (ErrorKind::MissingCredentials, 1), "{error:?}");
}

#[test]
fn a_proxy_gets_its_password_and_nobody_else_does() {
    let (server, secure, proxy) = (answering(), Secure::start("password"), Proxy::start(None));
    let with_user = format!("http://us%65r:p%40ss@127.0.0.1:{}", proxy.port);
    whoami(&[("AWS_ENDPOINT_URL", &server.url()), ("HTTP_PROXY", &with_user)]).unwrap();
    let trusted = [("AWS_ENDPOINT_URL", &*secure.url()), ("AWS_CA_BUNDLE", secure.bundle())];
    whoami(&[&trusted[..], &[("HTTPS_PROXY", &with_user)]].concat()).unwrap();
    let heads = proxy.heads();
    assert_eq!(heads.len(), 2);
    for head in &heads {
        assert!(head.to_lowercase().contains(&authorization("user:p@ss").to_lowercase()), "{head}");
    }
    let inside = secure.heads.lock().unwrap().join("").to_lowercase();
    assert!(!inside.contains("proxy-authorization"), "{inside}");
}

#[test]
fn a_proxy_that_refuses_is_told_without_its_password() {
    let secure = Secure::start("refusing");
    let proxy = Proxy::start(Some("407 Proxy Authentication Required"));
    let with_user = format!("http://user:secret-word@127.0.0.1:{}", proxy.port);
    let trusted = [("AWS_ENDPOINT_URL", &*secure.url()), ("AWS_CA_BUNDLE", secure.bundle())];
    let error = whoami(&[&trusted[..], &[("HTTPS_PROXY", &with_user)]].concat()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    let shown = format!("{error:?}");
    assert!(shown.contains("proxy") && !shown.contains("secret-word"), "{shown}");
    let error =
        whoami(&[&trusted[..], &[("HTTPS_PROXY", "http://user:secret-word@a b")]].concat()).unwrap_err();
    let shown = format!("{error:?}");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(shown.contains("HTTPS_PROXY") && !shown.contains("secret-word"), "{shown}");
    // Without a scheme it is http.
    let open = Proxy::start(None);
    let short = format!("127.0.0.1:{}", open.port);
    whoami(&[&trusted[..], &[("HTTPS_PROXY", &short)]].concat()).unwrap();
    assert_eq!(open.heads().len(), 1);
}

#[test]
fn certificates_are_checked_against_the_bundle_that_is_named() {
    let (secure, other) = (Secure::start("named"), Secure::start("another"));
    let url = secure.url();
    whoami(&[("AWS_ENDPOINT_URL", &url), ("AWS_CA_BUNDLE", secure.bundle())]).unwrap();
    let relative = secure.certificate.file_name().unwrap().to_str().unwrap();
    let mut environment = environment(&[("AWS_ENDPOINT_URL", &url), ("AWS_CA_BUNDLE", relative)]);
    let folder = secure.certificate.parent().unwrap().to_owned();
    environment =
        Environment::new(environment.iter().map(|(name, value)| (name.into(), value.into())), folder);
    call_in(&environment, "sts", "GetCallerIdentity", &Value::test_nothing()).unwrap();
    for untrusted in [vec![], vec![("AWS_CA_BUNDLE", other.bundle())]] {
        let error = whoami(&[vec![("AWS_ENDPOINT_URL", &*url)], untrusted].concat()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
        assert!(error.help_text().unwrap().contains("AWS_CA_BUNDLE"), "{error:?}");
    }
    assert_eq!(secure.heads.lock().unwrap().len(), 2, "nothing was sent to whom nobody knows");
    let empty = secure.certificate.with_file_name("empty.pem");
    fs::write(&empty, "no certificate").unwrap();
    for bundle in ["/nonexistent/bundle.pem", empty.to_str().unwrap()] {
        let error = whoami(&[("AWS_ENDPOINT_URL", &url), ("AWS_CA_BUNDLE", bundle)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{bundle}: {error:?}");
    }
}
