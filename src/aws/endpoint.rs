//! Where a question goes: to AWS, or to where the user's environment or profile says instead.
//!
//! An endpoint of somebody's own is a thing that people must see, because a verdict is worth no more than who gave it.
//! Nothing goes over plain HTTP but to this very machine.

use crate::error::{Error, Result};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Where a service is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// At AWS, by region.
    Aws,
    /// At this URL.
    Overridden(String),
}

impl Endpoint {
    /// The endpoint that `setting` says, if it says one.
    ///
    /// # Errors
    /// Where it is no URL of HTTP, carries a name or a password, or would send what is asked in the clear.
    pub fn parse(setting: Option<&str>) -> Result<Self> {
        let Some(url) = setting.filter(|url| !url.is_empty()) else { return Ok(Self::Aws) };
        let refused = |why: &str, hint: &str| {
            Err(Error::new("the endpoint that AWS_ENDPOINT_URL or the profile names cannot be used")
                .because(why)
                .hint(hint))
        };
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return refused("there is a name or a password in it", "leave out what stands before the @");
        }
        let host = host(authority);
        if host.is_empty() || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refused("it is no URL", "write it as https://HOST[:PORT]");
        }
        match scheme {
            "https" => Ok(Self::Overridden(url.to_owned())),
            "http" if is_loopback(host) => Ok(Self::Overridden(url.to_owned())),
            "http" => refused(&format!("{url} is plain HTTP, and not this machine"), "use https://"),
            _ => refused("it is neither https:// nor http://", "write it as https://HOST[:PORT]"),
        }
    }

    /// The URL that is asked instead of AWS's own.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Aws => None,
            Self::Overridden(url) => Some(url),
        }
    }

    /// Is it on this machine, and asked without TLS?
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.url().is_some_and(|url| url.starts_with("http://"))
    }
}

/// What is added to a verdict: nothing where AWS was asked as usual.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Overridden(url) = self else { return Ok(()) };
        let (_, rest) = url.split_once("://").unwrap_or(("", url));
        let host = host(rest.split(['/', '?', '#']).next().unwrap_or_default()).to_ascii_lowercase();
        let is_of_aws = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|suffix| host.ends_with(suffix));
        write!(f, "asked {url}")?;
        if is_of_aws { Ok(()) } else { f.write_str(", not AWS") }
    }
}

/// The host of `host:port`; of an address of IPv6 what stands in the brackets.
fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for url in ["http://127.0.0.1:4566", "http://127.9.9.9/", "http://localhost:1", "http://[::1]:5000/x"] {
            assert_eq!(Endpoint::parse(Some(url)).unwrap(), Endpoint::Overridden(url.to_owned()));
        }
        for url in [
            "http://sts.amazonaws.com",
            "http://127.0.0.1.example.org",
            "http://localhost.example.org",
            "http://10.0.0.1:4566",
            "http://[fe80::1]/",
        ] {
            assert!(Endpoint::parse(Some(url)).unwrap_err().is_about("plain HTTP"), "{url}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_and_a_password_never_repeated() {
        let error = Endpoint::parse(Some("https://user:password@host/")).unwrap_err();
        assert!(!error.to_string().contains("password@"), "{error}");
        for url in ["localhost:4566", "ftp://host", "https://", "https:///path", "file:///etc/passwd", "https://a b"] {
            assert!(Endpoint::parse(Some(url)).is_err(), "{url}");
        }
    }

    #[test]
    fn who_was_asked_is_said_unless_it_was_aws_as_usual() {
        let said = |url| Endpoint::parse(Some(url)).unwrap().to_string();
        assert_eq!(said(""), "");
        assert_eq!(said("http://127.0.0.1:4566"), "asked http://127.0.0.1:4566, not AWS");
        assert_eq!(said("https://sts.eu-west-1.amazonaws.com"), "asked https://sts.eu-west-1.amazonaws.com");
        assert_eq!(said("https://amazonaws.com.evil.org"), "asked https://amazonaws.com.evil.org, not AWS");
    }
}
