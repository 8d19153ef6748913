//! What this host allows, found by doing it: everything is set up, and a trial sandbox is made.

use std::os::fd::OwnedFd;

use super::Workshop;
use super::cgroup::Groups;
use super::device;
use super::instance::{Handed, Instance};
use super::network::Home;
use super::users::Users;
use crate::inside::{Etc, Filters};
use crate::parts::{Lack, Part};
use crate::protocol::{Cause, Configuration, During, Event, Failure, Limits, Plan, Report, Start};
use crate::settings::{INSIDE_HOST_NAME, TLS_ADDRESS};

/// The id of the trial. Sandboxes' ids start above it.
const TRIAL: u64 = 0;

/// The order in which a sandbox needs the parts that it cannot do without.
const NEEDED: [Part; 5] =
    [Part::Network, Part::Namespaces, Part::Root, Part::FileRules, Part::SystemCalls];

/// Sets everything up and says what is missing.
pub(super) fn set_up(configuration: Configuration) -> (Result<Workshop, Failure>, Event) {
    let root = rustix::process::geteuid().is_root();
    let mut lacks = Vec::new();
    let workshop = open(configuration, &mut lacks);
    let tried = workshop.as_ref().map_err(Clone::clone).and_then(try_out);
    let mut no_egress = None;
    match tried {
        Ok(()) => {}
        Err(failure) if failure.step == device::STEP => no_egress = Some(failure.detail),
        Err(failure) => lacks.extend(lacks_after(&failure)),
    }
    (workshop, Event::Ready { lacks, root, no_egress })
}

fn open(configuration: Configuration, lacks: &mut Vec<Lack>) -> Result<Workshop, Failure> {
    // Before the user changes: afterwards the control groups are someone else's.
    let (groups, missing) = Groups::set_up();
    lacks.extend(missing);
    let before = Home::remember()?;
    let (users, lack) = Users::prepare()?;
    lacks.extend(lack);
    // Who is not root cannot go back, and stays in its own net namespace.
    let home = if before.enter().is_ok() { before } else { Home::remember()? };
    let filters = Filters::compile().during(Part::SystemCalls, "compile the filters")?;
    let certificate = configuration.tls.as_ref().map(|tls| tls.certificate.clone());
    let (hosts, resolv_conf) = (hosts(&configuration), resolv_conf(&configuration));
    let etc = Etc { hosts, resolv_conf, certificate };
    Ok(Workshop { configuration, etc, home, users, groups, filters })
}

/// The part whose step failed is missing, and what comes after it was not tried.
fn lacks_after(failure: &Failure) -> Vec<Lack> {
    let failed = failure.part.filter(|part| NEEDED.contains(part)).unwrap_or(NEEDED[0]);
    let first = NEEDED.iter().position(|part| *part == failed).unwrap_or(0);
    let what = format!("{}: {}", failure.step, failure.detail);
    NEEDED[first..]
        .iter()
        .map(|part| {
            let detail = if *part == failed { &what } else { "not tried without the part before" };
            Lack { part: *part, detail: detail.to_owned() }
        })
        .collect()
}

/// Makes a sandbox that runs nothing.
fn try_out(workshop: &Workshop) -> Result<(), Failure> {
    let plan = Plan {
        argv: Vec::new(),
        env: Vec::new(),
        cwd: "/".to_owned(),
        mounts: Vec::new(),
        tmp_bytes: 1 << 20,
        open_files: 64,
        processes: 8,
        start: Start::Execute,
        input: String::new(),
    };
    let limits = Limits { memory_bytes: 64 << 20, processes: 8, open_files: 64, cpu_millis: None };
    let (output, _) = trial_output()?;
    let handed = Handed { plan: in_memory(&plan)?, output, rest: None };
    let mut instance = Instance::start(workshop, TRIAL, limits, handed)?;
    instance.reap();
    let (reports, _) = instance.read_reports();
    // What stays is swept by the next helper.
    let _ = instance.group.remove();
    for report in reports {
        match report {
            Report::Started | Report::Ready => {}
            Report::Failed(failure) => return Err(failure),
            Report::Ended(Cause::Code(0)) => return Ok(()),
            Report::Ended(cause) => {
                return Err(Failure::new(None, "try a sandbox", format!("{cause:?}")));
            }
        }
    }
    Err(Failure::new(None, "try a sandbox", "it ended early"))
}

fn trial_output() -> Result<(OwnedFd, OwnedFd), Failure> {
    let pipe = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC);
    pipe.map(|(read, write)| (write, read)).during(Part::Namespaces, "make a pipe")
}

fn in_memory(plan: &Plan) -> Result<OwnedFd, Failure> {
    crate::plan_file::write(plan).map_err(|error| Failure::new(None, "write the plan", error))
}

/// `/etc/resolv.conf`: the other end of the way out, if there is one.
fn resolv_conf(configuration: &Configuration) -> String {
    if !configuration.egress {
        return String::new();
    }
    format!("nameserver {}\n", egress::GATEWAY)
}

/// `/etc/hosts`: this host, and the platform.
fn hosts(configuration: &Configuration) -> String {
    let mut hosts = format!("127.0.0.1 localhost {INSIDE_HOST_NAME}\n");
    match &configuration.name {
        Some(name) if name != "localhost" => {
            hosts.push_str(&format!("{} {name}\n", configuration.address));
        }
        _ => {}
    }
    if let Some(tls) = &configuration.tls {
        hosts.push_str(&format!("{} {}\n", TLS_ADDRESS.ip(), tls.name));
    }
    hosts
}
