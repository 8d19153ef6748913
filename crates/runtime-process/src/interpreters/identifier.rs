use runtime::LaunchError;

/// A runtime identifier of Lambda, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Identifier {
    /// `provided.<base>`: the code brings its own program.
    Provided(String),
    /// A language with a release: `python3.12` is 3, 12; `nodejs22.x` is 22.
    Versioned(Family, Vec<u32>),
}

/// A language with interpreters of its own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub(super) enum Family {
    Node,
    Python,
}

impl Identifier {
    pub(super) fn parse(runtime: &str) -> Result<Self, LaunchError> {
        Self::parts(runtime).ok_or_else(|| LaunchError::Unknown(runtime.into()))
    }

    fn parts(runtime: &str) -> Option<Self> {
        if let Some(base) = runtime.strip_prefix("provided") {
            let base = if base.is_empty() { "al2" } else { base.strip_prefix('.')? };
            return Some(Self::Provided(base.into()));
        }
        if let Some(release) = runtime.strip_prefix("python") {
            let (major, minor) = release.split_once('.')?;
            let release = vec![major.parse().ok()?, minor.parse().ok()?];
            return Some(Self::Versioned(Family::Python, release)).filter(|_| major == "3");
        }
        let major = runtime.strip_prefix("nodejs")?.strip_suffix(".x")?;
        Some(Self::Versioned(Family::Node, vec![major.parse().ok()?]))
    }
}

impl Family {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    /// What people call it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Node => "Node",
        }
    }

    /// The runtime identifier of this release.
    pub(super) fn runtime(self, release: &[u32]) -> String {
        let numbers: Vec<String> = release.iter().map(u32::to_string).collect();
        match self {
            Self::Python => format!("python{}", numbers.join(".")),
            Self::Node => format!("nodejs{}.x", numbers.join(".")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_identifiers_are_understood_and_others_refused() {
        let parse = |text| Identifier::parse(text).ok();
        assert_eq!(parse("python3.12"), Some(Identifier::Versioned(Family::Python, vec![3, 12])));
        assert_eq!(parse("nodejs22.x"), Some(Identifier::Versioned(Family::Node, vec![22])));
        assert_eq!(parse("provided.al2023"), Some(Identifier::Provided("al2023".into())));
        for unknown in ["python2.7", "nodejs", "nodejs22", "java21", "ruby3.3", "providedx", ""] {
            assert_eq!(parse(unknown), None, "{unknown}");
        }
    }
}
