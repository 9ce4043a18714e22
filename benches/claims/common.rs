//! What the benchmarks share: a server with canned answers, medians, and tables of ratios.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// What a request is answered with: status, content type, body.
pub(super) type Answer = (u16, &'static str, Vec<u8>);

/// An HTTP/1.1 server on the loopback address that keeps connections open and answers from memory, so that what is
/// measured is the client. It lives as long as the process.
pub(super) fn serve(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || drop(converse(stream, &*answer)));
        }
    });
    port
}

fn converse(stream: TcpStream, answer: &dyn Fn(&str, &str) -> Answer) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
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
        let (status, kind, bytes) = answer(&head, &String::from_utf8_lossy(&body));
        let start = format!(
            "HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nx-amzn-RequestId: bench\r\n\r\n",
            bytes.len()
        );
        writer.write_all(start.as_bytes())?;
        writer.write_all(&bytes)?;
    }
}

/// Median of `times` runs.
pub(super) fn median(times: usize, mut run: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..times)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .collect();
    all.sort();
    all[all.len() / 2]
}

/// Medians of two things, measured in turn so that both see the same machine. Each runs once before it is measured: what
/// the other one left of caches, and a processor that slept meanwhile (which made bare `nu` take 36 ms instead of 8), is
/// neither's.
pub(super) fn in_turn(times: usize, mut one: impl FnMut(), mut other: impl FnMut()) -> (Duration, Duration) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..times {
        one();
        let started = Instant::now();
        one();
        ones.push(started.elapsed());
        other();
        let started = Instant::now();
        other();
        others.push(started.elapsed());
    }
    ones.sort();
    others.sort();
    (ones[ones.len() / 2], others[others.len() / 2])
}

/// How many times longer.
pub(super) fn ratio(long: Duration, short: Duration) -> f64 {
    long.as_secs_f64() / short.as_secs_f64()
}

/// One line of a result.
pub(super) fn line(what: &str, value: &str) {
    println!("{what:<62} {value}");
}

/// A page of `ListObjectsV2`.
pub(super) fn s3_page(keys: usize) -> Vec<u8> {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name><Prefix></Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>",
    );
    for i in 0..keys {
        let _ = write!(
            xml,
            "<Contents><Key>some/prefix/for/keys/file-{i:08}.parquet</Key><LastModified>2024-05-06T07:08:09.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            i * 1000
        );
    }
    (xml + "</ListBucketResult>").into_bytes()
}
