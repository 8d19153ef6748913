//! A real PostgreSQL of one test, over TCP, with a certificate of an authority of its own or without
//! encryption. It ends with the test.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::postgres::{is_root, programs, unprivileged};

/// How long it may take to start on a busy machine.
const START: Duration = Duration::from_secs(120);

/// What its log says when it serves.
const READY: &str = "database system is ready to accept connections";

/// Serves until its input ends.
const SERVER: &str = r#"
set -e
bin="$1" port="$2" ssl="$3" allow="$4"
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -days 2 -subj "/CN=an authority" -keyout ca.key -out ca.pem
openssl req $key -subj "/CN=localhost" -keyout server.key -out server.csr
echo "subjectAltName=DNS:localhost" > names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile names -out server.pem
"$bin/initdb" --pgdata=data --auth=trust --username=pileus --encoding=UTF8 --no-locale --no-sync
echo "$allow all all 127.0.0.1/32 trust" > data/pg_hba.conf
"$bin/postgres" -D data -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= \
    -c ssl="$ssl" -c ssl_cert_file="$PWD/server.pem" -c ssl_key_file="$PWD/server.key" \
    -c shared_buffers=16MB </dev/null &
server=$!
read -r _ || true
kill -INT "$server"
wait "$server"
"#;

/// The server.
#[derive(Debug)]
pub struct TcpServer {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl TcpServer {
    /// One that takes encrypted connections only. Its certificate is for `localhost`.
    ///
    /// # Panics
    /// There is no PostgreSQL or no OpenSSL on this host, or it does not start.
    #[must_use]
    pub fn encrypted() -> Self {
        Self::start(["on", "hostssl"])
    }

    /// One that knows no encryption.
    ///
    /// # Panics
    /// As [`TcpServer::encrypted`].
    #[must_use]
    pub fn plain() -> Self {
        Self::start(["off", "host"])
    }

    /// The URL of it under a name of this host.
    #[must_use]
    pub fn url(&self, host: &str, options: &str) -> String {
        format!("postgres://pileus@{host}:{}/postgres?hostaddr=127.0.0.1{options}", self.port)
    }

    /// The certificate of its authority, in PEM.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    fn start(settings: [&str; 2]) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("pileus-tcp-postgres-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        // A process of the same number may have left one behind.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        // It takes no port 0, so a free one is looked for.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(folder.join("log")).unwrap();
        let mut server = Command::new("sh");
        server.args(["-c", SERVER, "pileus-tcp-postgres"]).arg(programs());
        server.arg(port.to_string()).args(settings).current_dir(&folder);
        server.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        if is_root() {
            let (user, group) = unprivileged();
            chown(&folder, Some(user), Some(group)).unwrap();
            server.uid(user).gid(group);
        }
        let mut started = Self { child: server.spawn().unwrap(), folder, port };
        started.wait_until_it_is_ready();
        started
    }

    /// It listens before it serves, so its log is asked.
    fn wait_until_it_is_ready(&mut self) {
        let deadline = Instant::now() + START;
        loop {
            let log = fs::read_to_string(self.folder.join("log")).unwrap();
            if log.contains(READY) {
                return;
            }
            let ended = self.child.try_wait().unwrap().is_some();
            assert!(!ended && Instant::now() < deadline, "PostgreSQL did not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for TcpServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // A test that fails is not to fail here once more.
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
