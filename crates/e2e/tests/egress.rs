//! What functions reach when they may go out, in net namespaces that play the host and the internet.
//!
//! Nothing here touches the network of the machine: the node runs in a net namespace of its own,
//! whose only link leads to another one with the servers of `scripts/egress/world.py`. Both end
//! with the test.

use anyhow::{Context, Result, bail, ensure};
use e2e::{Node, binary, bring_runtimes, root, run, tools};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// What becomes the node, as root: its net namespace gets a link to the internet, and its
/// `resolv.conf` names a server on its own loopback, as on a desktop.
const HOST: &str = r#"
set -e
ip link set lo up
ip link add out type veth peer name in netns "$INTERNET"
ip address add 192.88.99.2/24 dev out
ip link set out up
nsenter --net="/proc/$INTERNET/ns/net" sh -ec '
  ip link set lo up
  ip address add 192.88.99.1/24 dev in
  ip address add 169.254.169.254/32 dev lo
  ip address add 10.9.8.7/32 dev lo
  ip link set in up'
ip route add default via 192.88.99.1
mount --bind "$RESOLV_CONF" /etc/resolv.conf
exec "$0" "$@"
"#;

/// The servers in one of the namespaces. They end with this.
struct World {
    child: Child,
    /// Whom they were asked by, and where.
    contacts: PathBuf,
}

impl World {
    /// Starts them through a command that goes into their namespace.
    fn start(mut command: Command, role: &str, folder: &Path) -> Result<Self> {
        let contacts = folder.join(format!("{role}.contacts"));
        let script = root().join("crates/e2e/tests/scripts/egress/world.py");
        let mut child = command
            .arg(tools().join("python/bin/python"))
            .arg(script)
            .args([role.as_ref(), contacts.as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(line == "ready\n", "the {role} does not come up: {line:?}");
        Ok(Self { child, contacts })
    }

    fn contacts(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.contacts)?)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A node in a namespace of its own, and the internet that it has.
struct Installation {
    node: Node,
    host: World,
    internet: World,
    folder: tempfile::TempDir,
}

impl Installation {
    fn start(egress: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path();
        let mut unshare = Command::new("unshare");
        unshare.arg("--net");
        let internet = World::start(unshare, "internet", path)?;
        let resolv_conf = path.join("resolv.conf");
        fs::write(&resolv_conf, "nameserver 127.0.0.53\n")?;
        let data = path.join("data");
        fs::create_dir(&data)?;
        bring_runtimes(&data)?;
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "sh", "-c", HOST]).arg(binary()?);
        command.env("INTERNET", internet.child.id().to_string()).env("RESOLV_CONF", resolv_conf);
        command.env("PILEUS_EGRESS", egress);
        let node = Node::start_as(command, &data, "127.0.0.1:0")?;
        let host = World::start(inside(&node, "nsenter"), "host", path)?;
        Ok(Self { node, host, internet, folder })
    }

    /// Runs `scripts/egress.py` in the namespace of the node.
    fn try_out(&self, mode: &str) -> Result<()> {
        let script = root().join("crates/e2e/tests/scripts/egress.py");
        let mut command = inside(&self.node, "nsenter");
        command.arg(tools().join("python/bin/python")).arg("-u").arg(script).arg(mode);
        run(&mut command).map(drop)
    }

    fn links(&self) -> Result<String> {
        run(inside(&self.node, "nsenter").args(["ip", "-oneline", "link"]))
    }

    /// Whoever was reached that nobody may reach.
    fn assert_never_reached(&self) -> Result<()> {
        let (host, internet) = (self.host.contacts()?, self.internet.contacts()?);
        ensure!(!host.contains("tcp") && !host.contains("echo"), "the host was reached: {host}");
        ensure!(!internet.contains("169.254"), "metadata was reached: {internet}");
        Ok(())
    }
}

/// A command with the environment of `pileus env`, in the net namespace of a node.
fn inside(node: &Node, program: &str) -> Command {
    let mut command = node.command(program);
    command.arg(format!("--net=/proc/{}/ns/net", node.pid()));
    command
}

#[test]
fn functions_reach_the_internet_and_its_names_but_no_host_no_neighbour_and_no_metadata()
-> Result<()> {
    let mut installation = Installation::start("internet")?;
    let links = installation.links()?;
    ensure!(installation.node.ready()["egress"] == serde_json::json!(["internet"]));
    installation.try_out("internet")?;
    installation.assert_never_reached()?;
    ensure!(installation.internet.contacts()?.contains("tcp 192.88.99.1"));
    ensure!(installation.host.contacts()?.contains("name www.internet.test"));
    ensure!(installation.links()? == links, "the host's devices changed");
    installation.node.kill()?;
    drop(installation.folder);
    Ok(())
}

#[test]
fn functions_reach_a_network_by_its_numbers_and_no_other() -> Result<()> {
    let mut installation = Installation::start("10.9.8.0/24")?;
    installation.try_out("network")?;
    installation.assert_never_reached()?;
    ensure!(!installation.internet.contacts()?.contains("192.88.99.1"));
    installation.node.stop()
}

#[test]
fn functions_reach_nothing_and_know_no_names_by_default() -> Result<()> {
    let mut installation = Installation::start("none")?;
    ensure!(installation.node.ready()["egress"] == serde_json::json!([]));
    installation.try_out("none")?;
    installation.assert_never_reached()?;
    ensure!(installation.internet.contacts()?.is_empty());
    ensure!(installation.host.contacts()?.is_empty(), "names were asked for");
    installation.node.stop()
}

#[test]
fn a_host_without_the_device_is_told_what_brings_it() -> Result<()> {
    let data = tempfile::tempdir()?;
    let hide = r#"mount -t tmpfs none /dev/net && exec "$0" "$@""#;
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-c", hide]).arg(binary()?).arg("up");
    command.args(["--listen", "127.0.0.1:0", "--egress", "internet", "--data"]).arg(data.path());
    let Err(error) = run(&mut command) else { bail!("it started") };
    let told = error.to_string();
    ensure!(told.contains("TUN device") && told.contains("modprobe tun"), "{told}");
    Ok(())
}
