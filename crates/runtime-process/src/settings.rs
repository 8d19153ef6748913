//! What the engine is told, and its constants.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The hidden first argument that makes a program call [`crate::helper_main`].
pub const HELPER_ARGUMENT: &str = "sandbox-helper";

/// The port of the Runtime API on 127.0.0.1 inside every sandbox.
pub const RUNTIME_API_PORT: u16 = 9001;

/// Where the platform is reached over TLS inside every sandbox that can. Not 127.0.0.1, so that the
/// platform's public port can be 443 as well.
pub(crate) const TLS_ADDRESS: SocketAddr =
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), 443);

/// The file inside of sandboxes with [`Tls::certificate`].
pub const CERTIFICATE_FILE: &str = "/etc/pileus/certificate.pem";

/// The user and group that a program sees itself as: those of AWS Lambda.
pub(crate) const INSIDE_USER: (u32, u32) = (993, 990);
/// Their names in the sandbox's `/etc/passwd` and `/etc/group`.
pub(crate) const INSIDE_NAMES: (&str, &str) = ("sbx_user1051", "sbx_group990");
/// The host name that a program sees.
pub(crate) const INSIDE_HOST_NAME: &str = "function";

/// The user and group of an instance on the host are this plus the process id of its first
/// process, so two live instances of one host never share one. systemd leaves the range from
/// here to 2^31 unassigned: <https://systemd.io/UIDS-GIDS/>.
pub(crate) const FIRST_HOST_USER: u32 = 0x7000_0000;

/// The user and group of zygotes on the host, above those of all instances, and the owner of
/// sandboxes' user namespaces, which is what lets a zygote without any privilege enter them.
pub(crate) const ZYGOTE_USER: u32 = FIRST_HOST_USER + (1 << 22) + 1;

/// Memory of a zygote, in bytes. Python with boto3 takes 45 MB.
pub(crate) const ZYGOTE_MEMORY: u64 = 512 << 20;
/// The size of its `/tmp`, in bytes.
pub(crate) const ZYGOTE_TMP: u64 = 1 << 20;
/// How many of its forks may be on their way into sandboxes.
pub(crate) const ZYGOTE_PROCESSES: u32 = 1024;
/// How many files it may have open: as many as instances, since its forks cannot raise it.
pub(crate) const ZYGOTE_OPEN_FILES: u32 = 1024;
/// After a zygote could not be loaded, it is tried again after this time.
pub(crate) const ZYGOTE_RETRY: Duration = Duration::from_secs(60);
/// How old a zygote may become: what all its forks have in common, the layout of the address space
/// and the secrets of the process, lasts no longer.
pub(crate) const ZYGOTE_AGE: Duration = Duration::from_secs(60 * 60);
/// How many sandboxes start without a zygote while it is loaded; further ones wait for it.
pub(crate) const STARTS_WHILE_LOADING: usize = 8;

/// So many programs of one kind are parked as were started in this time; at least one.
pub(crate) const PARKING_DEMAND: Duration = Duration::from_secs(60);
/// Programs are parked when no start was wanted for so long.
pub(crate) const PARKING_QUIET: Duration = Duration::from_millis(50);
/// After a program could not be parked, it is tried again after this time.
pub(crate) const PARKING_RETRY: Duration = Duration::from_secs(60);
/// The default of [`Settings::parked`]. A Node that waits takes 25 to 45 MB.
const PARKED: usize = 4;
/// The default of [`Settings::ready`]. Each is one process that takes less than a megabyte.
const READY: usize = 8;

/// The period of the processor limit. Lambda's is 20 ms as well; a short one keeps pauses short.
pub(crate) const CPU_PERIOD: Duration = Duration::from_millis(20);
/// The kernel refuses a processor quota below this.
pub(crate) const MINIMUM_CPU_QUOTA: Duration = Duration::from_millis(1);

/// The default of [`Settings::zygote_idle`]: as long as idle instances are kept.
const ZYGOTE_IDLE: Duration = Duration::from_secs(600);

/// Where the host says which servers it asks for names.
pub(crate) const RESOLV_CONF: &str = "/etc/resolv.conf";

/// How long a helper or a sandbox may take to start. A busy host takes a second.
pub(crate) const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How [`crate::ProcessSandboxes`] works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The program that calls [`crate::helper_main`] when its first argument is
    /// [`HELPER_ARGUMENT`]. `/proc/self/exe` is this program itself, even after its file was
    /// replaced.
    pub helper: PathBuf,
    /// Where the platform is reached from inside.
    pub platform: Platform,
    /// How the platform is reached over TLS from inside; `None`: it is not.
    pub tls: Option<Tls>,
    /// Whether sandboxes are made on a host that lacks some part of the isolation.
    pub allow_reduced: bool,
    /// How long a zygote is kept after it was last used, and a parked program after the last start
    /// of its kind. Zero: there are none of both. Default: 10 minutes.
    pub zygote_idle: Duration,
    /// How many programs may be parked at once: started ahead of need, where their kind was wanted
    /// before. Zero: none. Default: 4.
    pub parked: usize,
    /// How many sandboxes without a program may be made ahead of need, where their kind was wanted
    /// before. Zero: none. Default: 8.
    pub ready: usize,
    /// What programs may reach beyond the platform. Default: nothing.
    pub egress: egress::Reach,
}

/// The platform's public host and port, which every sandbox has for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// A name or an IP address literal, as in `public_url`. A name resolves to 127.0.0.1 inside.
    pub host: String,
    /// The port. Not [`RUNTIME_API_PORT`] when the host is 127.0.0.1 or a name.
    pub port: u16,
}

/// The platform's listener for TLS, on port 443 of a name of its own in every sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// The name, which resolves to 127.0.0.2 inside.
    pub name: String,
    /// Its certificate in PEM, which every program can read in [`CERTIFICATE_FILE`].
    pub certificate: String,
}

impl Settings {
    /// Full isolation, with this program as its own helper.
    #[must_use]
    pub fn new(platform: Platform) -> Self {
        Self {
            helper: PathBuf::from("/proc/self/exe"),
            platform,
            tls: None,
            allow_reduced: false,
            zygote_idle: ZYGOTE_IDLE,
            parked: PARKED,
            ready: READY,
            egress: egress::Reach::default(),
        }
    }
}
