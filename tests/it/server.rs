//! A local HTTP server that does what a script says: answers, throttles, stalls, cuts.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What happens to one request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Status, extra headers, body.
    Answer(u16, &'static str, Vec<u8>),
    /// Says that more will come than comes, and closes.
    Truncate(Vec<u8>),
    /// Bytes that are no HTTP.
    Garbage,
    /// Reads the request and closes without a word.
    Reset,
    /// Says nothing for that long, then closes.
    Stall(Duration),
    /// These bytes with a pause before each portion, and then closes.
    Raw(Vec<(Duration, Vec<u8>)>),
    /// These bytes, and keeps the connection for the next request.
    Keep(Vec<u8>),
    /// The first bytes, and then the second ones again and again for as long as somebody reads.
    Endless(Vec<u8>, Vec<u8>),
}

impl Act {
    pub(crate) fn json(body: &str) -> Self {
        Self::Answer(200, "x-amzn-RequestId: r-1\r\n", body.into())
    }

    pub(crate) fn refuse(status: u16, body: &str) -> Self {
        Self::Answer(status, "x-amzn-RequestId: r-e\r\n", body.into())
    }

    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Raw(vec![(Duration::ZERO, bytes.into())])
    }
}

type Decide = dyn Fn(usize, &str) -> Act + Send + Sync;

/// The server: the last act is repeated for ever.
pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    count: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(script: Vec<Act>) -> Self {
        Self::deciding(move |turn, _| script.get(turn).or(script.last()).cloned().unwrap_or(Act::Reset))
    }

    /// Acts as `decide` says of the number and text of each request.
    pub(crate) fn deciding(decide: impl Fn(usize, &str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (requests, count) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let server = Self { port, requests: requests.clone(), count: count.clone() };
        let decide: Arc<Decide> = Arc::new(decide);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (decide, requests, count) = (decide.clone(), requests.clone(), count.clone());
                thread::spawn(move || drop(converse(&stream, &*decide, &requests, &count)));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Requests seen so far: head and body of each.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

fn converse(
    stream: &TcpStream,
    decide: &Decide,
    requests: &Mutex<Vec<String>>,
    count: &AtomicUsize,
) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read_request(&mut reader)? {
        let turn = count.fetch_add(1, Ordering::SeqCst);
        let act = decide(turn, &request);
        requests.lock().unwrap().push(request);
        match act {
            Act::Answer(status, headers, body) => {
                write!(writer, "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len())?;
                writer.write_all(&body)?;
            }
            Act::Truncate(body) => {
                write!(writer, "HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n", body.len() + 100)?;
                writer.write_all(&body)?;
                return stream.shutdown(std::net::Shutdown::Both);
            }
            Act::Garbage => {
                writer.write_all(b"SSH-2.0-OpenSSH_9.2\r\n")?;
                return stream.shutdown(std::net::Shutdown::Both);
            }
            Act::Stall(time) => {
                thread::sleep(time);
                return stream.shutdown(std::net::Shutdown::Both);
            }
            Act::Raw(portions) => {
                for (pause, bytes) in portions {
                    thread::sleep(pause);
                    writer.write_all(&bytes)?;
                }
                return stream.shutdown(std::net::Shutdown::Both);
            }
            Act::Keep(bytes) => writer.write_all(&bytes)?,
            Act::Endless(first, again) => {
                writer.write_all(&first)?;
                loop {
                    writer.write_all(&again)?;
                }
            }
            Act::Reset => return stream.shutdown(std::net::Shutdown::Both),
        }
    }
    Ok(())
}

/// Head and body of the next request of a connection.
pub(crate) fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(head + "\r\n" + &String::from_utf8_lossy(&body)))
}
