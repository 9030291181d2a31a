//! A server in front of moto for what moto cannot do: refuse inactive keys, be busy, be late, be something else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What came.
#[derive(Debug, Clone)]
pub struct Request {
    /// The first line and the headers.
    pub head: String,
    /// The rest.
    pub body: String,
}

impl Request {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (header, value) = line.split_once(':')?;
            header.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The ID of the key that signed it.
    pub fn key_id(&self) -> &str {
        let authorization = self.header("authorization").unwrap_or_default();
        authorization.split("Credential=").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default()
    }

    /// The region that it was signed for.
    pub fn region(&self) -> &str {
        let authorization = self.header("authorization").unwrap_or_default();
        authorization.split("Credential=").nth(1).and_then(|rest| rest.split('/').nth(2)).unwrap_or_default()
    }

    /// `GetCallerIdentity` and the like.
    pub fn action(&self) -> &str {
        self.body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default()
    }
}

/// What is done about it.
#[derive(Clone)]
pub enum Reply {
    /// This status, type and body.
    Answer(u16, &'static str, String),
    /// The same with headers of its own.
    AnswerWith(u16, Vec<(&'static str, String)>, String),
    /// What the server behind it says.
    Forward,
    /// The server behind it gets it, and the answer is this instead.
    Both(Box<Reply>),
    /// Nothing, and the connection stays open.
    Hang,
    /// Nothing, and the connection is closed.
    Close,
}

impl Reply {
    /// An error as AWS writes it.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let fault = if status < 500 { "Sender" } else { "Receiver" };
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>{fault}</Type>\n    \
             <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  \
             <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>\n</ErrorResponse>\n"
        );
        Self::Answer(status, "text/xml", body)
    }
}

impl Reply {
    /// An answer of IAM's to `action`.
    pub fn result(action: &str, content: &str) -> Self {
        let body = format!(
            "<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <{action}Result>{content}</{action}Result>\n  \
             <ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>\n\
             </{action}Response>\n"
        );
        let id = ("x-amzn-requestid", "01234567-89ab-cdef-0123-456789abcdef".to_owned());
        Self::AnswerWith(200, vec![("content-type", "text/xml".to_owned()), id], body)
    }
}

/// The server. It ends with the tests.
pub struct Stub {
    /// Where it is.
    pub url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    /// A server in front of `behind` that does what `reply` says of a request and of how many came before.
    pub fn before(behind: &str, reply: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let behind = behind.trim_start_matches("http://").to_owned();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (noted, reply) = (Arc::clone(&seen), Arc::new(reply));
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (noted, reply, behind) = (Arc::clone(&noted), Arc::clone(&reply), behind.clone());
                thread::spawn(move || serve(&connection.unwrap(), &behind, &noted, &*reply));
            }
        });
        Self { url, seen }
    }

    /// A server with nothing behind it.
    pub fn alone(reply: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::before("", reply)
    }

    /// All that came.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// `ACTION KEYID` of all that came.
    pub fn calls(&self) -> Vec<String> {
        self.seen().iter().map(|request| format!("{} {}", request.action(), request.key_id())).collect()
    }
}

fn serve(
    connection: &TcpStream,
    behind: &str,
    seen: &Mutex<Vec<Request>>,
    reply: &(dyn Fn(&Request, usize) -> Reply + Send + Sync),
) {
    let Some(request) = read(connection) else { return };
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let mut reply = reply(&request, before);
    if let Reply::Both(instead) = reply {
        forward(&request, behind);
        reply = *instead;
    }
    let answer = match reply {
        Reply::Answer(status, kind, body) => response(status, &[("content-type", kind.to_owned())], &body),
        Reply::AnswerWith(status, headers, body) => response(status, &headers, &body),
        Reply::Forward => forward(&request, behind),
        Reply::Hang => {
            thread::sleep(Duration::from_mins(1));
            return;
        }
        Reply::Close | Reply::Both(_) => return,
    };
    // The other side may have given up.
    let _ = (&mut &*connection).write_all(&answer);
}

/// A request, with a body of the length that it says.
fn read(connection: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(connection);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let request = Request { head, body: String::new() };
    let mut body = vec![0; request.header("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Request { body: String::from_utf8(body).unwrap(), ..request })
}

fn response(status: u16, headers: &[(&str, String)], body: &str) -> Vec<u8> {
    let mut lines = vec![format!("HTTP/1.1 {status} -"), format!("content-length: {}", body.len())];
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.push("connection: close\r\n\r\n".to_owned());
    (lines.join("\r\n") + body).into_bytes()
}

/// What the server behind answers to the same request: its headers are signed, so they stay as they are.
fn forward(request: &Request, behind: &str) -> Vec<u8> {
    let mut server = TcpStream::connect(behind).unwrap();
    let head = request.head.strip_suffix("\r\n").unwrap();
    write!(server, "{head}connection: close\r\n\r\n{}", request.body).unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).unwrap();
    answer
}
