//! How something is built.

use super::{node, python};
use crate::error::Error;
use std::path::Path;
use template::packaging::{Artifact, ArtifactKind};

/// What the code needs besides itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dependencies {
    /// Nothing.
    None,
    /// What its registry has.
    Registry,
    /// Something on this disk, outside of the folder.
    Outside,
}

/// A way to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// There is nothing to build.
    AsIs,
    /// pip installs the requirements beside the code.
    Python(Dependencies),
    /// npm installs the dependencies beside the code.
    Node(Dependencies),
    /// `make build-<LogicalId>`.
    Makefile,
    /// esbuild bundles the code with its dependencies.
    Esbuild,
}

impl Method {
    /// Chooses as `sam build` does: by the metadata of the resource, else by its runtime and what lies
    /// in its folder.
    pub(super) fn of(artifact: &Artifact, source: &Path, as_is: bool) -> Result<Self, Error> {
        if as_is {
            return Ok(Self::AsIs);
        }
        let runtime = artifact.runtime.as_deref().unwrap_or_default();
        let language = match (artifact.build_method.as_deref(), artifact.kind) {
            (Some("makefile"), _) => return Ok(Self::Makefile),
            (Some("esbuild"), ArtifactKind::FunctionCode) => return Ok(Self::Esbuild),
            (Some(method), _) if language(method).is_some() => method,
            (Some(method), _) => return Err(refused(artifact, method)),
            (None, ArtifactKind::LayerContent) => return Ok(Self::AsIs),
            (None, _) => runtime,
        };
        let method = match self::language(language) {
            Some("python") => Self::Python(python::dependencies(source)?),
            Some("nodejs") => Self::Node(node::dependencies(source)?),
            _ => Self::AsIs,
        };
        let needless = [Self::Python(Dependencies::None), Self::Node(Dependencies::None)];
        // A layer is moved to where its language looks, whether it has dependencies or not.
        let layer = artifact.kind == ArtifactKind::LayerContent;
        Ok(if needless.contains(&method) && !layer { Self::AsIs } else { method })
    }

    /// What a person knows it by.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AsIs => "as it is",
            Self::Python(_) => "pip",
            Self::Node(_) => "npm",
            Self::Makefile => "make",
            Self::Esbuild => "esbuild",
        }
    }

    /// What of the source folder is not looked at.
    pub(super) fn left_out(self) -> &'static [&'static str] {
        if matches!(self, Self::Node(_) | Self::Esbuild) { &["node_modules"] } else { &[] }
    }

    /// Whether the same folder gives the same result.
    pub(super) fn is_repeatable(self) -> bool {
        !matches!(self, Self::Node(Dependencies::Outside) | Self::Python(Dependencies::Outside))
    }
}

fn language(runtime: &str) -> Option<&'static str> {
    ["python", "nodejs"].into_iter().find(|language| runtime.starts_with(language))
}

fn refused(artifact: &Artifact, method: &str) -> Error {
    let (id, at) = (&artifact.logical_id, artifact.at);
    Error::new(format!("{id}: Metadata.BuildMethod {method} is not supported ({at})")).next(
        "build it with a makefile (BuildMethod: makefile), or build it yourself, let CodeUri name the \
         result, and deploy with --no-build",
    )
}
