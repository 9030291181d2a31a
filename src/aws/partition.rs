//! The partitions of AWS: which regions they have, and how a text betrays which of them it speaks of.
//!
//! Source of names and suffixes: botocore's `partitions.json`. The European sovereign cloud and the air-gapped
//! partitions are not here: nobody could try them.

use crate::config::respond::Partition;
use std::fmt;

impl Partition {
    /// All that keyward knows.
    pub const ALL: [Self; 3] = [Self::Aws, Self::China, Self::UsGov];

    /// As ARNs name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::UsGov => "aws-us-gov",
        }
    }

    /// The region whose endpoint every key of the partition may ask: one that no account must opt into.
    #[must_use]
    pub fn home_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-north-1",
            Self::UsGov => "us-gov-west-1",
        }
    }

    /// The partition that a region lies in.
    #[must_use]
    pub fn of_region(region: &str) -> Self {
        match region.split('-').next() {
            Some("cn") => Self::China,
            Some("us") if region.starts_with("us-gov-") => Self::UsGov,
            _ => Self::Aws,
        }
    }

    /// The partitions that a text speaks of, by names of regions, suffixes of hosts and ARNs.
    #[must_use]
    pub fn named_in(text: &str) -> Vec<Self> {
        Self::ALL.into_iter().filter(|partition| partition.signs().iter().any(|sign| text.contains(sign))).collect()
    }

    fn signs(self) -> &'static [&'static str] {
        match self {
            Self::Aws => &[
                "arn:aws:",
                "us-east-",
                "us-west-",
                "eu-west-",
                "eu-central-",
                "eu-north-",
                "eu-south-",
                "ap-south",
                "ap-northeast-",
                "ap-east-",
                "ca-central-",
                "ca-west-",
                "sa-east-",
                "af-south-",
                "me-south-",
                "me-central-",
                "il-central-",
            ],
            Self::China => &["cn-north-1", "cn-northwest-1", ".com.cn", "arn:aws-cn:"],
            Self::UsGov => &["us-gov-", "arn:aws-us-gov:"],
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_lie_in_their_partitions() {
        for partition in Partition::ALL {
            assert_eq!(Partition::of_region(partition.home_region()), partition);
        }
        assert_eq!(Partition::of_region("us-gov-east-1"), Partition::UsGov);
        assert_eq!(Partition::of_region("eu-central-2"), Partition::Aws);
    }

    #[test]
    fn a_text_betrays_its_partitions() {
        assert_eq!(Partition::named_in("region = cn-north-1"), [Partition::China]);
        assert_eq!(Partition::named_in("https://s3.us-gov-west-1.amazonaws.com"), [Partition::UsGov]);
        assert_eq!(Partition::named_in("sts.amazonaws.com.cn and eu-west-1"), [Partition::Aws, Partition::China]);
        assert_eq!(Partition::named_in("AWS_ACCESS_KEY_ID=x"), []);
    }
}
