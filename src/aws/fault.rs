//! What went wrong with a question: whether AWS said no and in which words, or somebody else answered, or nobody.
//!
//! The difference decides about verdicts: only a refusal in the shape of AWS's says anything about a key. The SDK
//! reads a code only from bodies exactly as AWS writes them; what it cannot read is looked at once more here, because
//! proxies and servers that stand in for AWS wrap the same words differently.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use quick_xml::events::Event;
use std::error::Error as _;

/// Bytes of a body that are looked at; errors of AWS are shorter by far.
const BODY_BYTES: usize = 64 << 10;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// AWS, or who speaks like it, said no.
    Refused(Refusal),
    /// Something answered that does not speak like AWS.
    Foreign {
        /// The status of HTTP.
        status: u16,
        /// What it sent, in a few words.
        what: &'static str,
    },
    /// Nothing answered in time.
    TimedOut,
    /// Nothing could be reached: no network, no name, no connection, no trust.
    Unreachable(String),
    /// The question could not be put at all.
    NotSent(String),
}

/// A refusal in the shape of AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status of HTTP.
    pub status: u16,
    /// `InvalidClientTokenId` and the like.
    pub code: String,
    /// The sentence beside it.
    pub message: String,
    /// What the service calls the request.
    pub request_id: Option<String>,
}

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// No active key of this ID is known, or its token is not the right one.
    NoSuchKey,
    /// The key is known and active, and the secret is not its secret.
    WrongSecret,
    /// The clocks differ.
    Clock,
    /// Temporary credentials that are over.
    Expired,
    /// The caller is known, and may not.
    Denied,
    /// Too many questions.
    Throttled,
    /// The service has trouble of its own.
    Unavailable,
    /// Something else.
    Other,
}

impl Refusal {
    /// What it is about.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        match self.code.as_str() {
            _ if self.status >= 500 => Meaning::Unavailable,
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "SlowDown"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "PriorRequestNotComplete" => Meaning::Throttled,
            "InvalidClientTokenId" | "InvalidAccessKeyId" | "UnrecognizedClientException" | "InvalidToken" => {
                Meaning::NoSuchKey
            }
            "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => Meaning::Clock,
            "SignatureDoesNotMatch" | "InvalidSignatureException" if self.speaks_of_time() => Meaning::Clock,
            "SignatureDoesNotMatch" | "InvalidSignatureException" => Meaning::WrongSecret,
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Meaning::Expired,
            "AccessDenied" | "AccessDeniedException" => Meaning::Denied,
            _ => Meaning::Other,
        }
    }

    fn speaks_of_time(&self) -> bool {
        ["Signature expired", "not yet current", "is now earlier than", "is now later than"]
            .iter()
            .any(|words| self.message.contains(words))
    }
}

/// What an error of AWS means, for people who meet it in a log; nothing for those that explain themselves.
#[must_use]
pub fn explanation(code: &str) -> Option<&'static str> {
    Some(match code {
        "InvalidClientTokenId" => {
            "\"The security token included in the request is invalid\": AWS knows no active key of this ID here. It was \
             deleted or switched off, or belongs to another partition, or it is temporary and came with another's token. \
             It says nothing of expiry."
        }
        "InvalidAccessKeyId" => {
            "S3's name for InvalidClientTokenId: AWS knows no active key of this ID here. It was deleted or switched off, \
             or belongs to another partition or another provider."
        }
        "SignatureDoesNotMatch" => {
            "The key ID is known and active, and the secret is not the one that belongs to it: another key's, cut short, \
             or altered by escapes. The key itself is live, whoever holds its secret."
        }
        "AccessDenied" => {
            "AWS knows who asks and does not allow this call, by a policy of the user, of the organisation or of the \
             network. It does not mean that the key is dead."
        }
        "ExpiredToken" => {
            "Temporary credentials that were good once and are over. Whoever made them may make new ones: look at the role \
             or user behind them."
        }
        _ => return None,
    })
}

impl Fault {
    /// What `error` comes down to. Never printed as the SDK would: that holds whole responses.
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::TimedOut,
            SdkError::DispatchFailure(failure) => {
                let root = failure.as_connector_error().and_then(|error| error.source()).map(root_cause);
                Self::Unreachable(root.unwrap_or_else(|| "no connection".to_owned()))
            }
            SdkError::ServiceError(failure) => Self::answered(failure.raw()),
            SdkError::ResponseError(failure) => Self::answered(failure.raw()),
            _ => Self::NotSent("the request could not be made".to_owned()),
        }
    }

    fn answered(response: &HttpResponse) -> Self {
        let status = response.status().as_u16();
        let body = response.body().bytes().unwrap_or_default();
        let header = |name| response.headers().get(name).map(str::to_owned);
        let request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
        Self::of_answer(status, body, request_id)
    }

    /// What an answer of this status with this body comes down to.
    fn of_answer(status: u16, body: &[u8], request_id: Option<String>) -> Self {
        let body = &body[..body.len().min(BODY_BYTES)];
        match Shape::read(body) {
            Shape { code: Some(code), message, request_id: inside } if status >= 400 => {
                let request_id = inside.or(request_id);
                Self::Refused(Refusal { status, code, message: message.unwrap_or_default(), request_id })
            }
            _ => Self::Foreign { status, what: kind(body) },
        }
    }
}

/// The innermost cause, in a line: the outer ones say only that something failed.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

fn kind(body: &[u8]) -> &'static str {
    let start = body.trim_ascii_start().to_ascii_lowercase();
    match start.first() {
        None => "nothing in it",
        Some(b'<') if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") => "a web page",
        Some(b'<') => "XML of another kind",
        Some(b'{') => "JSON",
        Some(_) => "text of another kind",
    }
}

/// What stands where AWS writes code, message and request ID.
#[derive(Default)]
struct Shape {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

impl Shape {
    /// Reads the forms `<ErrorResponse><Error>` (STS, IAM), the same with `<Errors>` around, `<Response><Errors>` (EC2)
    /// and a bare `<Error>` (S3); of any other document nothing.
    fn read(body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let mut reader = quick_xml::Reader::from_str(&body);
        let (mut path, mut shape) = (Vec::<String>::new(), Self::default());
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => path.push(tag.local_name().as_ref().to_owned()),
                Ok(Event::End(_)) => {
                    path.pop();
                    if path.is_empty() {
                        break;
                    }
                }
                Ok(Event::Text(text)) => shape.take(&path, &text),
                Ok(Event::CData(text)) => shape.take(&path, &text),
                Ok(Event::GeneralRef(name)) => shape.take(&path, entity(&name)),
                Ok(Event::Eof) | Err(_) => break,
                Ok(_) => {}
            }
        }
        shape
    }

    fn take(&mut self, path: &[String], text: &str) {
        let names: Vec<_> = path.iter().map(String::as_str).collect();
        let (["ErrorResponse", "Error", place]
        | ["ErrorResponse" | "Response", "Errors", "Error", place]
        | ["Error", place]
        | ["ErrorResponse" | "Response", place @ ("RequestId" | "RequestID")]) = names[..]
        else {
            return;
        };
        let field = match place {
            "Code" => &mut self.code,
            "Message" => &mut self.message,
            "RequestId" | "RequestID" => &mut self.request_id,
            _ => return,
        };
        field.get_or_insert_default().push_str(text.trim_matches(['\n', '\r']));
    }
}

fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Option<Refusal> {
        match Fault::of_answer(status, body.as_bytes(), None) {
            Fault::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    #[test]
    fn the_words_of_aws_are_read_in_every_wrapping() {
        let error = "<Error><Code>InvalidClientTokenId</Code><Message>a &amp; b</Message></Error>";
        for body in [
            format!("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">{error}</ErrorResponse>"),
            format!("<?xml version=\"1.0\"?>\n<ErrorResponse>\n  <Errors>\n{error}</Errors></ErrorResponse>"),
            format!("<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"),
            error.to_owned(),
        ] {
            let refusal = refusal(403, &body).unwrap();
            assert_eq!((&*refusal.code, &*refusal.message), ("InvalidClientTokenId", "a & b"), "{body}");
            assert_eq!(refusal.meaning(), Meaning::NoSuchKey);
        }
    }

    #[test]
    fn a_page_that_quotes_aws_is_not_aws() {
        for body in [
            "<html><body><Error><Code>InvalidClientTokenId</Code></Error></body></html>",
            "<!DOCTYPE html><title>403</title><pre>&lt;Code&gt;InvalidClientTokenId&lt;/Code&gt;</pre>",
            "InvalidClientTokenId",
            "{\"Code\":\"InvalidClientTokenId\"}",
            "<ErrorResponse><Code>InvalidClientTokenId</Code></ErrorResponse>",
            "",
        ] {
            assert_eq!(refusal(403, body), None, "{body}");
        }
        assert_eq!(refusal(200, "<Error><Code>InvalidClientTokenId</Code></Error>"), None);
    }

    #[test]
    fn a_signature_that_is_late_is_about_the_clock() {
        let said = |message: &str| {
            let body = format!("<Error><Code>SignatureDoesNotMatch</Code><Message>{message}</Message></Error>");
            refusal(403, &body).unwrap().meaning()
        };
        assert_eq!(said("Signature expired: 20260101T000000Z is now earlier than 20261124T000000Z"), Meaning::Clock);
        assert_eq!(said("Signature not yet current: 2027 is still later than 2026"), Meaning::Clock);
        assert_eq!(said("The request signature we calculated does not match"), Meaning::WrongSecret);
    }

    #[test]
    fn trouble_of_the_service_is_never_about_the_key() {
        let body = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>";
        assert_eq!(refusal(503, body).unwrap().meaning(), Meaning::Unavailable);
        let body = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";
        assert_eq!(refusal(400, body).unwrap().meaning(), Meaning::Throttled);
    }

    #[test]
    fn hostile_bodies_end() {
        let deep = "<Error>".repeat(100_000);
        for body in
            [deep.as_str(), "<Error><Code>", "<Error><Code>\u{0}</Code>", "<Error><!DOCTYPE x [<!ENTITY a \"b\">]>"]
        {
            let _ = Fault::of_answer(403, body.as_bytes(), None);
        }
    }
}
