//! Which interpreters exist on this host, and how each starts inside a sandbox.
//!
//! Everything lies in one folder, `<data>/runtimes`, which [`install`] fills and which
//! [`Installed`] reads. A component is one folder there, named after what it was made from and
//! complete from the moment at which it has that name.

mod component;
mod identifier;
mod install;
mod node;
mod provided;
mod python;

pub use install::{InstallError, Progress, Selection, install};

use component::Component;
use identifier::{Family, Identifier};
use runtime::{InstanceSpec, Interpreters, Launch, LaunchError, Substitution};
use std::path::{Path, PathBuf};

/// Where Node finds certificates that it trusts beside its own:
/// <https://nodejs.org/api/cli.html#node_extra_ca_certsfile>.
const NODE_TRUST: &str = "NODE_EXTRA_CA_CERTS";

/// The interpreters of one runtimes folder. Reads it at every start of an instance, so that an
/// installation shows at once.
#[derive(Debug, Clone)]
pub struct Installed {
    folder: PathBuf,
    trusts_platform: bool,
}

/// One interpreter, for `pileus runtimes list`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Interpreter {
    /// `python` or `node`.
    pub family: &'static str,
    /// Its full version: `3.11.2`.
    pub version: String,
    /// Its program on this host.
    pub program: PathBuf,
    /// The runtime identifier that it is the exact version for: `python3.11`.
    pub runtime: String,
}

impl Installed {
    /// The interpreters of this folder, which may not exist yet.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), trusts_platform: false }
    }

    /// Lets interpreters trust [`crate::CERTIFICATE_FILE`] beside what they trust anyway: Node, which
    /// alone can be told so. A function that names another file in `NODE_EXTRA_CA_CERTS` has that
    /// one.
    #[must_use]
    pub fn trusting_the_platform(self) -> Self {
        Self { trusts_platform: true, ..self }
    }

    /// All interpreters, those of one family together, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Interpreter> {
        let mut all = component::list(&self.folder);
        all.retain(Component::is_usable);
        all.sort_by(|a, b| (a.family, &a.release).cmp(&(b.family, &b.release)));
        all.into_iter().map(Interpreter::from).collect()
    }

    /// Another version that stands in for this runtime, if one does.
    ///
    /// # Errors
    /// As [`Interpreters::resolve`], without a look at any code.
    pub fn substitution(&self, runtime: &str) -> Result<Option<Substitution>, LaunchError> {
        match Identifier::parse(runtime)? {
            Identifier::Provided(_) => Ok(None),
            Identifier::Versioned(family, wanted) => {
                let component = self.find(runtime, family, &wanted)?;
                Ok(component.substitution(runtime, &wanted))
            }
        }
    }

    /// The wanted release, else the nearest newer one, else the newest.
    fn find(
        &self,
        runtime: &str,
        family: Family,
        wanted: &[u32],
    ) -> Result<Component, LaunchError> {
        let mut all = component::list(&self.folder);
        all.retain(|component| component.family == family && component.is_usable());
        all.sort_by(|a, b| a.release.cmp(&b.release));
        let newer = all.iter().position(|component| component.release.as_slice() >= wanted);
        let index = newer.or(all.len().checked_sub(1));
        index.map(|index| all.swap_remove(index)).ok_or_else(|| LaunchError::NotInstalled {
            runtime: runtime.into(),
            remedy: "pileus runtimes install".into(),
        })
    }
}

impl Interpreters for Installed {
    fn resolve(&self, spec: &InstanceSpec) -> Result<Launch, LaunchError> {
        match Identifier::parse(&spec.runtime)? {
            Identifier::Provided(base) => provided::launch(spec, base),
            Identifier::Versioned(family, wanted) => {
                let component = self.find(&spec.runtime, family, &wanted)?;
                let mut launch = match family {
                    Family::Python => python::launch(&component, &spec.runtime),
                    Family::Node => node::launch(&self.folder, &component, &wanted, spec),
                }?;
                if self.trusts_platform && family == Family::Node {
                    // A parked Node has read it before it knows its function.
                    let parked = launch.parked.as_mut().map(|parked| &mut parked.env);
                    for env in [&mut launch.env].into_iter().chain(parked) {
                        env.push((NODE_TRUST.into(), crate::CERTIFICATE_FILE.into()));
                    }
                }
                launch.substitution = component.substitution(&spec.runtime, &wanted);
                Ok(launch)
            }
        }
    }
}

impl From<Component> for Interpreter {
    fn from(component: Component) -> Self {
        let runtime = component.family.runtime(&component.release);
        Self {
            family: component.family.name(),
            version: component.version,
            program: component.program,
            runtime,
        }
    }
}

fn not_installed(runtime: &str, folder: &Path) -> LaunchError {
    LaunchError::NotInstalled {
        runtime: runtime.into(),
        remedy: format!("pileus runtimes install (into {})", folder.display()),
    }
}
