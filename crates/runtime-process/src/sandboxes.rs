//! The maker of sandboxes.

use std::path::{Component, Path};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use runtime::sandbox::{Isolation, Sandbox, SandboxError, SandboxSpec, Sandboxes};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::link::{Link, helper_gone, start_error};
use crate::parking::{Bounds, Class, Waiting, is_late};
use crate::parts::Part;
use crate::protocol::{Failure, Limits, Plan, Start};
use crate::sandbox::ProcessSandbox;
use crate::settings::{START_TIMEOUT, Settings};
use crate::way_out;
use crate::zygotes::Zygotes;
use crate::{output, plan_file};

/// Makes sandboxes with a helper process.
pub struct ProcessSandboxes {
    settings: Settings,
    isolation: Isolation,
    /// What carries what sandboxes send out, if they may.
    way_out: Option<Arc<egress::Gateway>>,
    link: Mutex<Arc<Link>>,
}

impl ProcessSandboxes {
    /// Starts the helper, which finds out what this host allows, and removes what a helper that
    /// was killed has left.
    ///
    /// # Errors
    /// When the helper cannot be started, the platform's address cannot be one, or the host lacks
    /// what a way out needs. What it lacks for isolation is no error here: it is in
    /// [`Sandboxes::isolation`].
    pub async fn start(settings: Settings) -> Result<Self, SandboxError> {
        let way_out = way_out::open(&settings)?;
        let link = Link::open(&settings, way_out.as_ref()).await?;
        let isolation = link.isolation.clone();
        Ok(Self { settings, isolation, way_out, link: Mutex::new(link) })
    }

    /// The running helper; a new one when the last has ended.
    async fn link(&self) -> Result<Arc<Link>, SandboxError> {
        let mut link = self.link.lock().await;
        if !link.is_open() {
            *link = Link::open(&self.settings, self.way_out.as_ref()).await?;
        }
        Ok(Arc::clone(&link))
    }

    async fn make(&self, spec: SandboxSpec) -> Result<Box<dyn Sandbox>, SandboxError> {
        if let Some(part) = self.isolation.missing().filter(|_| !self.settings.allow_reduced) {
            let (name, remedy) = (part.name.clone(), part.remedy.clone());
            return Err(SandboxError::Missing { name, remedy });
        }
        check(&spec)?;
        let link = self.link().await?;
        if let Some(parked) = self.take_parked(&link, &spec)
            && let Some(sandbox) = furnish(&link, parked, &spec, None).await
        {
            return Ok(sandbox);
        }
        let zygote = match spec.zygote.as_ref().filter(|_| self.may_fork()) {
            Some(zygote) => Zygotes::find(&link, zygote, self.settings.zygote_idle).await,
            None => None,
        };
        if let Some(empty) = self.take_empty(&link, &spec)
            && let Some(sandbox) = furnish(&link, empty, &spec, zygote).await
        {
            return Ok(sandbox);
        }
        let Some(id) = zygote else {
            return start(link, spec, None).await;
        };
        match start(Arc::clone(&link), spec.clone(), Some(id)).await {
            Err(error) => {
                tracing::warn!(%error, name = spec.name, "a zygote was not forked");
                start(link, spec, None).await
            }
            started => started,
        }
    }

    fn take_parked(&self, link: &Arc<Link>, spec: &SandboxSpec) -> Option<Waiting> {
        let bounds = self.bounds(self.settings.parked)?;
        link.parking.take(link, Class::of_program(spec)?, bounds)
    }

    fn take_empty(&self, link: &Arc<Link>, spec: &SandboxSpec) -> Option<Waiting> {
        let bounds = self.bounds(self.settings.ready)?;
        link.ready.take(link, Class::of_empty(spec), bounds)
    }

    fn bounds(&self, most: usize) -> Option<Bounds> {
        let bounds = Bounds { most, idle: self.settings.zygote_idle };
        (self.may_fork() && most > 0).then_some(bounds)
    }

    /// Whether anything shall be started ahead of need, and each instance has a user of its own:
    /// only then can a process from outside enter a sandbox.
    fn may_fork(&self) -> bool {
        let own_user = self.isolation.parts.iter().find(|part| part.name == Part::OwnUser.name());
        !self.settings.zygote_idle.is_zero() && own_user.is_some_and(|part| part.achieved)
    }
}

/// Gives what was made ahead of need its function. `None` if that failed; then it is killed.
async fn furnish(
    link: &Arc<Link>,
    waiting: Waiting,
    spec: &SandboxSpec,
    zygote: Option<u64>,
) -> Option<Box<dyn Sandbox>> {
    let (id, start) = (waiting.id, waiting.start(zygote));
    let furnished = match waiting.into_sandbox(link) {
        Ok(sandbox) => {
            let furnished = try_to_furnish(link, id, start, spec, zygote).await;
            furnished.map(|()| sandbox)
        }
        Err(error) => Err(error),
    };
    match furnished {
        Ok(sandbox) => Some(Box::new(sandbox)),
        Err(error) => {
            tracing::warn!(%error, name = spec.name, "what was made ahead of need was not used");
            None
        }
    }
}

async fn try_to_furnish(
    link: &Link,
    id: u64,
    start: Start,
    spec: &SandboxSpec,
    zygote: Option<u64>,
) -> Result<(), SandboxError> {
    let mut plan = plan(spec.clone(), start);
    plan.mounts.retain(|(_, target)| is_late(target));
    let plan = plan_file::write(&plan).map_err(start_error("write the plan"))?;
    let step = "furnish the sandbox";
    let Ok(furnished) = timeout(START_TIMEOUT, link.furnish(id, zygote, plan)?).await else {
        return Err(start_error(step)("it took too long"));
    };
    let furnished = furnished.map_err(|_| start_error(step)("it has ended"))?;
    furnished.map_err(|Failure { step, detail, .. }| start_error(&step)(detail))
}

/// Has a sandbox made, with its program forked from this zygote or else executed.
async fn start(
    link: Arc<Link>,
    spec: SandboxSpec,
    zygote: Option<u64>,
) -> Result<Box<dyn Sandbox>, SandboxError> {
    let limits = Limits {
        memory_bytes: spec.memory_bytes.saturating_add(spec.tmp_bytes),
        processes: spec.max_processes,
        open_files: spec.max_open_files,
        cpu_millis: spec.cpu_millis,
    };
    let (output, write) = output::pipe()?;
    let plan = plan(spec, if zygote.is_some() { Start::Fork } else { Start::Execute });
    let plan = plan_file::write(&plan).map_err(start_error("write the plan"))?;
    let pending = link.create(limits, zygote, vec![plan, write])?;
    let Ok(created) = timeout(START_TIMEOUT, pending.created).await else {
        link.kill(pending.id);
        // A zygote that hangs shall not hold up the next start as well.
        zygote.into_iter().for_each(|zygote| link.kill(zygote));
        return Err(start_error("wait for the sandbox")("it took too long"));
    };
    let created = created.map_err(|_| helper_gone())?;
    let created = created.map_err(|Failure { step, detail, .. }| start_error(&step)(detail))?;
    let sandbox = ProcessSandbox::new(link, pending.id, created, output, pending.gone);
    Ok(Box::new(sandbox?))
}

impl Sandboxes for ProcessSandboxes {
    fn create(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        self.make(spec).boxed()
    }

    fn isolation(&self) -> &Isolation {
        &self.isolation
    }
}

fn check(spec: &SandboxSpec) -> Result<(), SandboxError> {
    let wrong = |what: String| Err(start_error("check the specification")(what));
    if spec.argv.is_empty() {
        return wrong("there is no program".to_owned());
    }
    for path in spec.mounts.iter().map(|mount| &mount.target).chain([&spec.cwd]) {
        let mut components = Path::new(path).components();
        let absolute = components.next() == Some(Component::RootDir);
        if !absolute || !components.all(|component| matches!(component, Component::Normal(_))) {
            return wrong(format!("{path:?} is not an absolute path without `..`"));
        }
    }
    Ok(())
}

fn plan(spec: SandboxSpec, start: Start) -> Plan {
    Plan {
        argv: spec.argv,
        env: spec.env,
        cwd: spec.cwd,
        mounts: spec.mounts.into_iter().map(|mount| (mount.source, mount.target)).collect(),
        tmp_bytes: spec.tmp_bytes,
        open_files: spec.max_open_files,
        processes: spec.max_processes,
        start,
        input: String::new(),
    }
}
