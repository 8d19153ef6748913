//! Checksums of objects and parts ("Checking object integrity in Amazon S3").

use super::Shared;
use crate::Error;
use base64::{Engine, engine::general_purpose::STANDARD};
use crc_fast::{CrcAlgorithm, Digest as Crc, checksum_combine};
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use xxhash_rust::{xxh3::Xxh3, xxh64::Xxh64};

/// The algorithms of checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    #[serde(rename = "CRC32")]
    Crc32,
    #[serde(rename = "CRC32C")]
    Crc32c,
    #[serde(rename = "CRC64NVME")]
    Crc64Nvme,
    #[serde(rename = "SHA1")]
    Sha1,
    #[serde(rename = "SHA256")]
    Sha256,
    #[serde(rename = "SHA512")]
    Sha512,
    #[serde(rename = "MD5")]
    Md5,
    #[serde(rename = "XXHASH64")]
    Xxh64,
    #[serde(rename = "XXHASH3")]
    Xxh3,
    #[serde(rename = "XXHASH128")]
    Xxh128,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 10] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Md5,
        Self::Xxh64,
        Self::Xxh3,
        Self::Xxh128,
    ];
    /// What S3 computes of an upload that brings no checksum.
    pub(crate) const DEFAULT: Self = Self::Crc64Nvme;

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Md5 => "MD5",
            Self::Xxh64 => "XXHASH64",
            Self::Xxh3 => "XXHASH3",
            Self::Xxh128 => "XXHASH128",
        }
    }

    /// The header or trailer that carries it.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::Md5 => "x-amz-checksum-md5",
            Self::Xxh64 => "x-amz-checksum-xxhash64",
            Self::Xxh3 => "x-amz-checksum-xxhash3",
            Self::Xxh128 => "x-amz-checksum-xxhash128",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        found.ok_or_else(|| {
            let valid = Self::ALL.map(Self::name).join(", ");
            Error::InvalidRequest(format!(
                "Checksum algorithm provided is unsupported. Please try again with any of the \
                 valid types: [{valid}]"
            ))
        })
    }

    /// Bytes of a checksum.
    fn len(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme | Self::Xxh64 | Self::Xxh3 => 8,
            Self::Md5 | Self::Xxh128 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 | Self::Sha512 | Self::Md5 => None,
            Self::Xxh64 | Self::Xxh3 | Self::Xxh128 => None,
        }
    }

    /// How a multipart upload adds up its parts' checksums when nobody says.
    pub(crate) fn default_kind(self) -> Kind {
        if self == Self::Crc64Nvme { Kind::FullObject } else { Kind::Composite }
    }

    /// Whether a multipart upload can have checksums of this kind.
    pub(crate) fn allows(self, kind: Kind) -> bool {
        match kind {
            Kind::FullObject => self.crc().is_some(),
            Kind::Composite => self != Self::Crc64Nvme,
        }
    }

    /// Checks the form of a checksum in base64 and gives its bytes.
    pub(crate) fn bytes(self, text: &str) -> Result<Vec<u8>, Error> {
        let bytes = STANDARD.decode(text).ok().filter(|bytes| bytes.len() == self.len());
        bytes.ok_or_else(|| {
            Error::InvalidRequest(format!("Value for {} header is invalid.", self.header()))
        })
    }
}

/// What a checksum is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Of all the bytes.
    #[serde(rename = "FULL_OBJECT")]
    FullObject,
    /// Of the checksums of the parts.
    #[serde(rename = "COMPOSITE")]
    Composite,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

/// A checksum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    /// In base64; a composite one ends with a hyphen and the number of parts.
    pub(crate) value: String,
}

/// Computes a checksum.
pub(crate) struct Hasher {
    algorithm: Algorithm,
    state: State,
}

enum State {
    Crc(Box<Crc>),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Box<Sha512>),
    Md5(Md5),
    Xxh64(Box<Xxh64>),
    /// Of 64 and 128 bits.
    Xxh3(Box<Xxh3>),
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let crc = |crc| State::Crc(Box::new(Crc::new(crc)));
        let state = match algorithm {
            Algorithm::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32c => crc(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme),
            Algorithm::Sha1 => State::Sha1(Sha1::new()),
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Sha512 => State::Sha512(Box::new(Sha512::new())),
            Algorithm::Md5 => State::Md5(Md5::new()),
            Algorithm::Xxh64 => State::Xxh64(Box::new(Xxh64::new(0))),
            Algorithm::Xxh3 | Algorithm::Xxh128 => State::Xxh3(Box::new(Xxh3::new())),
        };
        Self { algorithm, state }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Crc(crc) => crc.update(bytes),
            State::Sha1(sha) => sha.update(bytes),
            State::Sha256(sha) => sha.update(bytes),
            State::Sha512(sha) => sha.update(bytes),
            State::Md5(md5) => md5.update(bytes),
            State::Xxh64(xxh) => xxh.update(bytes),
            State::Xxh3(xxh) => xxh.update(bytes),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self.state {
            State::Crc(crc) => crc_bytes(self.algorithm, crc.finalize()),
            State::Sha1(sha) => sha.finalize().to_vec(),
            State::Sha256(sha) => sha.finalize().to_vec(),
            State::Sha512(sha) => sha.finalize().to_vec(),
            State::Md5(md5) => md5.finalize().to_vec(),
            State::Xxh64(xxh) => xxh.digest().to_be_bytes().to_vec(),
            State::Xxh3(xxh) if self.algorithm == Algorithm::Xxh128 => {
                xxh.digest128().to_be_bytes().to_vec()
            }
            State::Xxh3(xxh) => xxh.digest().to_be_bytes().to_vec(),
        }
    }

    /// The checksum of what was given, of all its bytes.
    pub(crate) fn finish(self) -> Checksum {
        let algorithm = self.algorithm;
        Checksum { algorithm, kind: Kind::FullObject, value: STANDARD.encode(self.bytes()) }
    }
}

fn crc_bytes(algorithm: Algorithm, value: u64) -> Vec<u8> {
    value.to_be_bytes()[8 - algorithm.len()..].to_vec()
}

/// The checksum of an object of parts, from theirs and their sizes, in order.
pub(crate) fn of_parts<'a>(
    algorithm: Algorithm,
    kind: Kind,
    parts: impl Iterator<Item = (&'a str, u64)>,
) -> Result<Checksum, Error> {
    let value = match (kind, algorithm.crc()) {
        (Kind::FullObject, Some(crc)) => full_object(algorithm, crc, parts)?,
        _ => composite(algorithm, parts)?,
    };
    Ok(Checksum { algorithm, kind, value })
}

fn composite<'a>(
    algorithm: Algorithm,
    parts: impl Iterator<Item = (&'a str, u64)>,
) -> Result<String, Error> {
    let (mut hasher, mut count) = (Hasher::new(algorithm), 0);
    for (value, _) in parts {
        hasher.update(&algorithm.bytes(value)?);
        count += 1;
    }
    Ok(format!("{}-{count}", STANDARD.encode(hasher.bytes())))
}

fn full_object<'a>(
    algorithm: Algorithm,
    crc: CrcAlgorithm,
    parts: impl Iterator<Item = (&'a str, u64)>,
) -> Result<String, Error> {
    let mut all = None;
    for (value, size) in parts {
        let bytes = algorithm.bytes(value)?;
        let part = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        all = Some(match all {
            None => part,
            Some(before) => checksum_combine(crc, before, part, size),
        });
    }
    Ok(STANDARD.encode(crc_bytes(algorithm, all.unwrap_or_default())))
}

/// The members by which requests and replies carry a checksum.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChecksumMembers {
    #[serde(rename = "ChecksumCRC32", skip_serializing_if = "Option::is_none")]
    crc32: Option<String>,
    #[serde(rename = "ChecksumCRC32C", skip_serializing_if = "Option::is_none")]
    crc32c: Option<String>,
    #[serde(rename = "ChecksumCRC64NVME", skip_serializing_if = "Option::is_none")]
    crc64nvme: Option<String>,
    #[serde(rename = "ChecksumSHA1", skip_serializing_if = "Option::is_none")]
    sha1: Option<String>,
    #[serde(rename = "ChecksumSHA256", skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(rename = "ChecksumSHA512", skip_serializing_if = "Option::is_none")]
    sha512: Option<String>,
    #[serde(rename = "ChecksumMD5", skip_serializing_if = "Option::is_none")]
    md5: Option<String>,
    #[serde(rename = "ChecksumXXHASH64", skip_serializing_if = "Option::is_none")]
    xxh64: Option<String>,
    #[serde(rename = "ChecksumXXHASH3", skip_serializing_if = "Option::is_none")]
    xxh3: Option<String>,
    #[serde(rename = "ChecksumXXHASH128", skip_serializing_if = "Option::is_none")]
    xxh128: Option<String>,
}

impl Shared for ChecksumMembers {
    const NAMES: &'static [&'static str] = &[
        "ChecksumCRC32",
        "ChecksumCRC32C",
        "ChecksumCRC64NVME",
        "ChecksumSHA1",
        "ChecksumSHA256",
        "ChecksumSHA512",
        "ChecksumMD5",
        "ChecksumXXHASH64",
        "ChecksumXXHASH3",
        "ChecksumXXHASH128",
    ];
}

impl ChecksumMembers {
    /// The members of one checksum's value.
    pub(crate) fn of(algorithm: Algorithm, value: &str) -> Self {
        let mut members = Self::default();
        *members.member(algorithm) = Some(value.to_owned());
        members
    }

    /// The member of an algorithm.
    pub(crate) fn member(&mut self, algorithm: Algorithm) -> &mut Option<String> {
        match algorithm {
            Algorithm::Crc32 => &mut self.crc32,
            Algorithm::Crc32c => &mut self.crc32c,
            Algorithm::Crc64Nvme => &mut self.crc64nvme,
            Algorithm::Sha1 => &mut self.sha1,
            Algorithm::Sha256 => &mut self.sha256,
            Algorithm::Sha512 => &mut self.sha512,
            Algorithm::Md5 => &mut self.md5,
            Algorithm::Xxh64 => &mut self.xxh64,
            Algorithm::Xxh3 => &mut self.xxh3,
            Algorithm::Xxh128 => &mut self.xxh128,
        }
    }

    fn get(&self, algorithm: Algorithm) -> Option<&str> {
        let member = match algorithm {
            Algorithm::Crc32 => &self.crc32,
            Algorithm::Crc32c => &self.crc32c,
            Algorithm::Crc64Nvme => &self.crc64nvme,
            Algorithm::Sha1 => &self.sha1,
            Algorithm::Sha256 => &self.sha256,
            Algorithm::Sha512 => &self.sha512,
            Algorithm::Md5 => &self.md5,
            Algorithm::Xxh64 => &self.xxh64,
            Algorithm::Xxh3 => &self.xxh3,
            Algorithm::Xxh128 => &self.xxh128,
        };
        member.as_deref()
    }

    /// The only checksum that a request says, if it says one.
    pub(crate) fn only(&self) -> Result<Option<(Algorithm, &str)>, Error> {
        let mut said = Algorithm::ALL
            .into_iter()
            .filter_map(|algorithm| Some((algorithm, self.get(algorithm)?)));
        match (said.next(), said.next()) {
            (Some(_), Some(_)) => {
                let text = "Expecting a single x-amz-checksum- header. Multiple checksum Types are \
                            not allowed.";
                Err(Error::InvalidRequest(text.to_owned()))
            }
            (one, _) => Ok(one),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish().value
    }

    /// The check values of the catalogues of CRCs, and the digests of the standards.
    #[test]
    fn every_algorithm_gives_its_published_check_value() {
        let hex = |algorithm| hex::encode(STANDARD.decode(of(algorithm, b"123456789")).unwrap());
        assert_eq!(hex(Algorithm::Crc32), "cbf43926");
        assert_eq!(hex(Algorithm::Crc32c), "e3069283");
        assert_eq!(hex(Algorithm::Crc64Nvme), "ae8b14860a799888");
        assert_eq!(hex(Algorithm::Sha1), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
        assert!(hex(Algorithm::Sha256).starts_with("15e2b0d3c33891eb"));
        assert!(hex(Algorithm::Sha512).starts_with("d9e6762dd1c8eaf6"));
        assert_eq!(hex(Algorithm::Md5), "25f9e794323b453885f5181f1b624d0b");
        // As the Python package `xxhash` gives them.
        assert_eq!(hex(Algorithm::Xxh64), "8cb841db40e6ae83");
        assert_eq!(hex(Algorithm::Xxh3), "72dcb18b67a17dff");
        assert_eq!(hex(Algorithm::Xxh128), "33119477ede5dcd5e9716427681d5860");
    }

    #[test]
    fn every_algorithm_has_its_member_and_its_names() {
        for algorithm in Algorithm::ALL {
            let sum = of(algorithm, b"x");
            assert_eq!(algorithm.bytes(&sum).unwrap().len(), algorithm.len());
            let members = ChecksumMembers::of(algorithm, &sum);
            assert_eq!(members.only().unwrap(), Some((algorithm, sum.as_str())));
            let said = serde_json::to_value(&members).unwrap();
            let name = format!("Checksum{}", algorithm.name());
            assert_eq!(said, serde_json::json!({ name.as_str(): sum }));
            assert!(ChecksumMembers::NAMES.contains(&name.as_str()));
            let lower = algorithm.name().to_ascii_lowercase();
            assert_eq!(algorithm.header(), format!("x-amz-checksum-{lower}"));
            assert_eq!(Algorithm::parse(algorithm.name()).unwrap(), algorithm);
        }
    }

    #[test]
    fn a_full_object_checksum_of_parts_is_that_of_their_bytes() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts: [&[u8]; 3] = [&[7; 1_000], b"", b"the last one"];
            let sums = parts.map(|part| (of(algorithm, part), part.len() as u64));
            let sums = sums.iter().map(|(sum, size)| (sum.as_str(), *size));
            let all = of_parts(algorithm, Kind::FullObject, sums).unwrap();
            assert_eq!(all.value, of(algorithm, &parts.concat()));
        }
    }

    #[test]
    fn a_composite_checksum_counts_its_parts() {
        let sum = of(Algorithm::Sha256, b"part");
        let parts = [(sum.as_str(), 4), (sum.as_str(), 4)];
        let all = of_parts(Algorithm::Sha256, Kind::Composite, parts.into_iter()).unwrap();
        let raw = STANDARD.decode(&sum).unwrap();
        let expected = STANDARD.encode(Sha256::digest([raw.clone(), raw].concat()));
        assert_eq!(all.value, format!("{expected}-2"));
    }

    #[test]
    fn two_checksums_in_one_request_are_refused() {
        let members = ChecksumMembers {
            crc32: Some("AAAAAA==".to_owned()),
            sha1: Some(String::new()),
            ..ChecksumMembers::default()
        };
        assert!(members.only().is_err());
        assert!(Algorithm::Crc32.bytes("AAAA").is_err());
    }
}
