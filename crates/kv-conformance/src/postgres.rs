//! A real PostgreSQL for tests: one for all test processes of a user, started by the first that needs
//! it and ended, its data removed, ten seconds after the last that used it is gone.
//!
//! Debian's package `postgresql` is enough. The server listens on a socket in the folder
//! `pileus-postgres-<user>` of the system's folder for temporary files, which the processes lock
//! while they use it. As root, the server runs as `postgres` or `nobody`, because it refuses root.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

/// How long a server may take to start on a busy machine.
const START: Duration = Duration::from_secs(120);

/// Starts the server, and ends it when nobody has locked the file of its users any more.
const KEEPER: &str = r#"
bin="$1" folder="$2" users="$3"
exec 9<"$users"
rm -rf "$folder/data"
"$bin/initdb" --pgdata="$folder/data" --auth=trust --username=pileus --encoding=UTF8 --no-locale \
    --no-sync || exit 1
"$bin/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder" \
    -c max_connections=400 -c shared_buffers=64MB -c max_wal_size=4GB 9<&- &
server=$!
trap 'kill -INT "$server"' TERM INT HUP
while kill -0 "$server" 2>/dev/null; do
    sleep 10 9<&-
    if flock --exclusive --nonblock 9; then
        kill -INT "$server"
        wait "$server"
        rm -rf "$folder/data"
        exit 0
    fi
done
"#;

/// The server, which stays for as long as this process.
struct Server {
    /// Where its socket is.
    folder: PathBuf,
    /// Locked, so that the server stays.
    _users: File,
}

/// A part of the server's database of a test's own.
#[derive(Debug)]
pub struct Database {
    schema: String,
    url: String,
}

impl Database {
    /// Makes one, and starts the server if it does not run.
    ///
    /// # Panics
    /// There is no PostgreSQL on this host, or it does not start.
    pub async fn create() -> Self {
        let folder = &server().folder;
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let schema = format!("test_{}_{number}", std::process::id());
        let url = format!("postgres:///postgres?host={}&user=pileus", folder.display());
        let client = connect(&url).await;
        // A process of the same number may have left one behind.
        let make = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        client.batch_execute(&make).await.unwrap();
        Self { url: format!("{url}&options=-csearch_path%3D{schema}"), schema }
    }

    /// How to connect to it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection to it, for what only a test does.
    ///
    /// # Panics
    /// The server is gone.
    pub async fn client(&self) -> Client {
        connect(&self.url).await
    }

    /// The socket of the server, for a test that stands between it and the engine.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        socket(&server().folder)
    }

    /// Removes it. What a failed test leaves goes with the server.
    ///
    /// # Panics
    /// The server is gone.
    pub async fn remove(self) {
        let client = self.client().await;
        let remove = format!("DROP SCHEMA {} CASCADE", self.schema);
        client.batch_execute(&remove).await.unwrap();
    }
}

/// Also waits for a server that is about to start.
async fn connect(url: &str) -> Client {
    let deadline = Instant::now() + START;
    loop {
        match tokio_postgres::connect(url, NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                return client;
            }
            Err(error) => {
                assert!(Instant::now() < deadline, "PostgreSQL cannot be reached: {error:?}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> Server {
    let user = user();
    let base = std::env::temp_dir().join(format!("pileus-postgres-{user}"));
    fs::create_dir_all(&base).unwrap();
    let users = File::create(base.join("users")).unwrap();
    // Waits while the last server of others is being ended.
    users.lock_shared().unwrap();
    let starting = File::create(base.join("starting")).unwrap();
    starting.lock().unwrap();
    let folder = base.join("server");
    if UnixStream::connect(socket(&folder)).is_err() {
        launch(&base, &folder, user == 0);
        let deadline = Instant::now() + START;
        while UnixStream::connect(socket(&folder)).is_err() {
            let log = || fs::read_to_string(base.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PostgreSQL did not start: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    Server { folder, _users: users }
}

fn user() -> u32 {
    fs::metadata("/proc/self").unwrap().uid()
}

/// Whether the tests run as root, as which PostgreSQL does not run.
pub(crate) fn is_root() -> bool {
    user() == 0
}

fn socket(folder: &Path) -> PathBuf {
    folder.join(".s.PGSQL.5432")
}

fn launch(base: &Path, folder: &Path, root: bool) {
    fs::create_dir_all(folder).unwrap();
    let log = File::create(base.join("log")).unwrap();
    let mut keeper = Command::new("sh");
    keeper.args(["-c", KEEPER, "pileus-test-postgres"]);
    keeper.args([&programs(), folder, &base.join("users")]);
    keeper.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    // It outlives the test that starts it.
    keeper.process_group(0).current_dir("/");
    if root {
        let (user, group) = unprivileged();
        chown(folder, Some(user), Some(group)).unwrap();
        keeper.uid(user).gid(group);
    }
    drop(keeper.spawn().unwrap());
}

/// The folder of the newest `postgres` and `initdb` on this host.
pub(crate) fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    let newest = folders.filter(|bin| bin.join("initdb").exists()).max();
    newest.expect("PostgreSQL is missing. Run: sudo apt-get install -y postgresql")
}

/// The user and group that the server runs as, where the tests run as root.
pub(crate) fn unprivileged() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let find = |name: &str| {
        let line = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let mut fields = line.split(':').skip(1).map(str::parse);
        Some((fields.next()?.ok()?, fields.next()?.ok()?))
    };
    find("postgres").or_else(|| find("nobody")).expect("there is a user without privileges")
}
