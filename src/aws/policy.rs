//! What a policy lets somebody do that makes a leaked key worse than others: read from its document alone.
//!
//! This is an upper bound, told for people to decide what comes first. Conditions, denials elsewhere, boundaries and
//! the organisation's own policies may take away from it; `SimulatePrincipalPolicy` knows, and few may call it.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::fmt;

/// Something wide that a policy allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// All actions on all resources.
    Everything,
    /// All actions on all resources, but for these.
    EverythingBut(Vec<String>),
    /// To change who may do what, by these actions of IAM.
    Identities(Vec<&'static str>),
    /// To hand a role to a service, and with which actions of the same policy that runs code as the role.
    PassRole(Vec<&'static str>),
    /// To take on any role that lets the account in.
    AssumeRole,
    /// All actions of a service on all resources.
    Service(String),
}

/// Actions that end in more rights than one had. Source: Rhino Security Labs, "AWS IAM privilege escalation methods".
const ESCALATIONS: [&str; 16] = [
    "iam:CreateAccessKey",
    "iam:CreateUser",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreateServiceSpecificCredential",
    "iam:UpdateAccessKey",
];

/// Actions that run code as a role that is handed over. Same source.
const LAUNCHES: [&str; 9] = [
    "ec2:RunInstances",
    "lambda:CreateFunction",
    "cloudformation:CreateStack",
    "ecs:RunTask",
    "glue:CreateJob",
    "glue:CreateDevEndpoint",
    "sagemaker:CreateNotebookInstance",
    "codebuild:CreateProject",
    "datapipeline:CreatePipeline",
];

/// Managed policies of AWS's that are known by name, so that they need not be read.
#[must_use]
pub fn of_aws(arn: &str) -> Option<Vec<Power>> {
    let (owner, name) = arn.split_once(":iam::aws:policy/")?;
    if !owner.starts_with("arn:aws") {
        return None;
    }
    Some(match name {
        "AdministratorAccess" => vec![Power::Everything],
        "PowerUserAccess" => {
            vec![Power::EverythingBut(["iam:*", "organizations:*", "account:*"].map(str::to_owned).to_vec())]
        }
        "IAMFullAccess" => vec![Power::Identities(ESCALATIONS.to_vec())],
        _ if is_quarantine(name) => Vec::new(),
        _ => return None,
    })
}

/// Is it the policy that AWS attaches to users whose key it has seen in public? There are three versions of it by now.
#[must_use]
pub fn is_quarantine(name: &str) -> bool {
    name.starts_with("AWSCompromisedKeyQuarantine")
}

/// The wide powers in a policy's document, as IAM sends it: JSON, in places percent-encoded. Nothing if it cannot be
/// read.
#[must_use]
pub fn powers(document: &str) -> Option<Vec<Power>> {
    let is_json = document.trim_start().starts_with('{');
    let decoded = if is_json { document.into() } else { percent_decode_str(document).decode_utf8().ok()? };
    let document: Value = serde_json::from_str(&decoded).ok()?;
    let statements = several(document.get("Statement")?);
    let allowed: Vec<_> = statements.into_iter().filter_map(Allowed::of).collect();
    if allowed.iter().any(Allowed::is_everything) {
        return Some(vec![Power::Everything]);
    }
    let mut powers: Vec<_> = allowed.iter().flat_map(Allowed::of_one_statement).collect();
    let may = |actions: &[&'static str]| -> Vec<&'static str> {
        actions.iter().copied().filter(|action| allowed.iter().any(|allowed| allowed.includes(action))).collect()
    };
    let escalations = may(&ESCALATIONS);
    if !escalations.is_empty() {
        powers.push(Power::Identities(escalations));
    }
    if !may(&["iam:PassRole"]).is_empty() {
        powers.push(Power::PassRole(may(&LAUNCHES)));
    }
    powers.sort();
    powers.dedup();
    Some(powers)
}

impl Power {
    /// Does it let somebody get more than this, or stay after the key is off?
    #[must_use]
    pub fn is_grave(&self) -> bool {
        !matches!(self, Self::Service(_))
    }

    /// May it make keys, users and passwords?
    #[must_use]
    pub fn makes_identities(&self) -> bool {
        match self {
            Self::Everything | Self::Identities(_) => true,
            Self::EverythingBut(spared) => !spared.iter().any(|pattern| matches(pattern, "iam:CreateAccessKey")),
            Self::PassRole(_) | Self::AssumeRole | Self::Service(_) => false,
        }
    }
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("do everything"),
            Self::EverythingBut(spared) => write!(f, "do everything but {}", spared.join(", ")),
            Self::Identities(actions) if actions.len() == ESCALATIONS.len() => {
                f.write_str("change who may do what (all of IAM)")
            }
            Self::Identities(actions) => write!(f, "change who may do what ({})", some(actions)),
            Self::PassRole(launches) if launches.is_empty() => f.write_str("hand roles to services (iam:PassRole)"),
            Self::PassRole(launches) => {
                write!(f, "run code as roles that it hands over (iam:PassRole with {})", some(launches))
            }
            Self::AssumeRole => f.write_str("take on other roles (sts:AssumeRole)"),
            Self::Service(service) => write!(f, "do everything in {service}"),
        }
    }
}

/// The first two, and how many more.
fn some(actions: &[&str]) -> String {
    match actions {
        [first, second, rest @ ..] if !rest.is_empty() => format!("{first}, {second} and {} more", rest.len()),
        _ => actions.join(", "),
    }
}

/// What one statement allows.
struct Allowed {
    actions: Actions,
    /// On all resources?
    everywhere: bool,
}

enum Actions {
    These(Vec<String>),
    AllBut(Vec<String>),
}

impl Allowed {
    fn of(statement: &Value) -> Option<Self> {
        if statement.get("Effect")?.as_str()? != "Allow" {
            return None;
        }
        let patterns = |value: &Value| -> Vec<String> {
            several(value).into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let actions = match (statement.get("Action"), statement.get("NotAction")) {
            (Some(these), _) => Actions::These(patterns(these)),
            (None, Some(spared)) => Actions::AllBut(patterns(spared)),
            (None, None) => return None,
        };
        let everywhere = match statement.get("Resource") {
            Some(resources) => patterns(resources).iter().any(|resource| is_wide(resource)),
            None => true,
        };
        Some(Self { actions, everywhere })
    }

    fn includes(&self, action: &str) -> bool {
        match &self.actions {
            Actions::These(patterns) => patterns.iter().any(|pattern| matches(pattern, action)),
            Actions::AllBut(patterns) => !patterns.iter().any(|pattern| matches(pattern, action)),
        }
    }

    fn is_everything(&self) -> bool {
        let is_all = |pattern: &String| pattern.chars().all(|letter| matches!(letter, '*' | ':'));
        self.everywhere && matches!(&self.actions, Actions::These(patterns) if patterns.iter().any(is_all))
    }

    fn of_one_statement(&self) -> Vec<Power> {
        if !self.everywhere {
            return Vec::new();
        }
        let mut powers = match &self.actions {
            Actions::AllBut(spared) => vec![Power::EverythingBut(spared.clone())],
            Actions::These(patterns) => {
                let services = patterns.iter().filter_map(|pattern| pattern.strip_suffix(":*"));
                let services =
                    services.filter(|service| !matches!(service.to_ascii_lowercase().as_str(), "iam" | "sts"));
                services.map(|service| Power::Service(service.to_ascii_lowercase())).collect()
            }
        };
        if matches!(self.actions, Actions::These(_)) && self.includes("sts:AssumeRole") {
            powers.push(Power::AssumeRole);
        }
        powers
    }
}

/// `*`, or everything of some kind: `arn:aws:iam::*:role/*`.
fn is_wide(resource: &str) -> bool {
    resource == "*"
        || (resource.starts_with("arn:*") || resource.ends_with(":*"))
        || (resource.starts_with("arn:") && resource.ends_with(":role/*"))
}

/// A value that may stand alone or in a list.
fn several(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

/// Does a pattern of IAM's, with `*` and `?`, match the whole of `action`? Case does not count.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase().into_bytes(), action.to_ascii_lowercase().into_bytes());
    let (mut at, mut place) = (0, 0);
    // Where the last star stands, and how much of the action it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while place < action.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(&letter) if letter == b'?' || letter == action[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                place = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|&letter| letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statement: &str) -> String {
        let document = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{statement}}}");
        let said: Vec<_> = powers(&document).unwrap().iter().map(ToString::to_string).collect();
        said.join("; ")
    }

    #[test]
    fn wide_grants_are_named() {
        for (statement, said) in [
            (r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, "do everything"),
            (r#"[{"Effect":"Allow","Action":["s3:Get*","*:*"],"Resource":["*"]}]"#, "do everything"),
            (
                r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#,
                "change who may do what (all of IAM); hand roles to services (iam:PassRole)",
            ),
            (
                r#"{"Effect":"Allow","Action":"IAM:Create?ser","Resource":"*"}"#,
                "change who may do what (iam:CreateUser)",
            ),
            (
                r#"{"Effect":"Allow","Action":["iam:PassRole","lambda:*"],"Resource":"*"}"#,
                "run code as roles that it hands over (iam:PassRole with lambda:CreateFunction); do everything in lambda",
            ),
            (r#"{"Effect":"Allow","NotAction":["iam:*"],"Resource":"*"}"#, "do everything but iam:*"),
            (
                r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/*"}"#,
                "take on other roles (sts:AssumeRole)",
            ),
            (r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#, "do everything in s3"),
        ] {
            assert_eq!(of(statement), said, "{statement}");
        }
    }

    #[test]
    fn what_is_narrow_or_denied_is_not() {
        for statement in [
            r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::uploads/*"}"#.replace("\"*\",\"R", "\"s3:*\",\"R").as_str(),
            r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/deploy"}"#,
            "{}",
        ] {
            assert_eq!(of(statement), "", "{statement}");
        }
    }

    #[test]
    fn a_document_comes_encoded_too_and_what_is_none_is_not_known() {
        assert_eq!(
            powers(
                "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D"
            ),
            Some(vec![Power::Everything])
        );
        assert_eq!((powers(""), powers("{"), powers("%ff"), powers("{}")), (None, None, None, None));
    }

    #[test]
    fn policies_of_aws_are_known_by_name_but_not_by_a_name_alone() {
        assert_eq!(of_aws("arn:aws:iam::aws:policy/AdministratorAccess"), Some(vec![Power::Everything]));
        assert_eq!(of_aws("arn:aws-cn:iam::aws:policy/AdministratorAccess"), Some(vec![Power::Everything]));
        assert_eq!(of_aws("arn:aws:iam::123456789012:policy/AdministratorAccess"), None);
        assert_eq!(of_aws("arn:aws:iam::aws:policy/AmazonS3FullAccess"), None);
    }

    #[test]
    fn a_pattern_matches_the_whole_or_not_at_all() {
        for (pattern, action, is_match) in [
            ("iam:*", "iam:CreateUser", true),
            ("iam:*Access*", "iam:CreateAccessKey", true),
            ("iam:Create*Key", "iam:CreateAccessKey", true),
            ("iam:Create", "iam:CreateUser", false),
            ("*", "", true),
            ("?", "", false),
            ("**a", "ba", true),
        ] {
            assert_eq!(matches(pattern, action), is_match, "{pattern} {action}");
        }
    }
}
