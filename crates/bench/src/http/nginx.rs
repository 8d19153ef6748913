use anyhow::{Context, Result};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How long it may take to listen.
const START: Duration = Duration::from_secs(5);

/// nginx with a file that holds an empty object: how fast this machine is, in terms that are known
/// elsewhere.
pub(crate) struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    /// Starts it in a folder of its own; `None` if it is not installed.
    pub(crate) fn start(folder: &Path) -> Result<Option<Self>> {
        // nginx takes no port 0, so a free one is looked for.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let html = folder.join("html");
        fs::create_dir_all(&html)?;
        fs::write(html.join("index"), "{}")?;
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration(folder, &html, address))?;
        let child = Command::new("nginx")
            .arg("-c")
            .arg(file.canonicalize()?)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = match child {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("nginx cannot be started"),
        };
        let nginx = Self { child, address };
        nginx.wait_until_it_listens()?;
        Ok(Some(nginx))
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    fn wait_until_it_listens(&self) -> Result<()> {
        let start = std::time::Instant::now();
        loop {
            match std::net::TcpStream::connect(self.address) {
                Ok(_) => return Ok(()),
                Err(error) if start.elapsed() > START => {
                    return Err(error).context("nginx does not listen");
                }
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers see that it is gone and end.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// A `POST` to a file answers 405, which the redirection turns into its content.
fn configuration(folder: &Path, html: &Path, address: SocketAddr) -> String {
    let (folder, html) = (folder.display(), html.display());
    format!(
        "worker_processes auto; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n\
         events {{ worker_connections 1024; }}\n\
         http {{ access_log off; keepalive_requests 1000000000; default_type application/json;\n\
         client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;\n\
         scgi_temp_path {folder}/scgi;\n\
         server {{ listen {address}; root {html}; location = / {{ try_files /index =404; error_page 405 =200 /index; }}\n\
         location / {{ }} }} }}\n"
    )
}
