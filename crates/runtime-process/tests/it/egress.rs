//! The way out of a sandbox, as far as it is closed. Where it is open is tested end to end, where
//! there is an internet to reach.

use std::net::{SocketAddr, TcpListener, UdpSocket};

use runtime::sandbox::Sandboxes;
use runtime_process::{ProcessSandboxes, Settings};
use tokio::io::AsyncReadExt;

use crate::support::{assert_full, guest, run, settings};

/// Sandboxes that may reach whatever anybody may.
async fn sandboxes() -> ProcessSandboxes {
    let egress = egress::Reach::try_from(vec!["0.0.0.0/0".to_owned()]).expect("a network");
    let settings = Settings { egress, ..settings() };
    let sandboxes = ProcessSandboxes::start(settings).await.expect("the helper starts");
    assert_full(sandboxes.isolation());
    sandboxes
}

/// An address of this host that is not on its loopback, where it has one.
fn own_address() -> SocketAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").expect("bound");
    // Nothing is sent: the kernel only says from where it would be.
    let _ = socket.connect("192.0.2.1:9");
    let address = socket.local_addr().expect("an address").ip();
    if address.is_unspecified() { ([127, 0, 0, 1], 0).into() } else { (address, 0).into() }
}

#[tokio::test]
async fn the_host_and_metadata_are_refused_to_those_who_may_reach_everything() {
    let sandboxes = sandboxes().await;
    let host = TcpListener::bind(own_address()).expect("bound");
    host.set_nonblocking(true).expect("set");
    let own = host.local_addr().expect("an address").to_string();
    let refused =
        if own.starts_with("127.") { "ConnectionRefused 111" } else { "HostUnreachable 113" };
    for (address, told) in [
        (own.as_str(), refused),
        ("127.0.0.1:22", "ConnectionRefused 111"),
        ("169.254.169.254:80", "HostUnreachable 113"),
        ("100.100.100.200:80", "HostUnreachable 113"),
        ("168.63.129.16:80", "HostUnreachable 113"),
        ("192.0.0.1:80", "HostUnreachable 113"),
        ("192.0.0.2:9001", "ConnectionRefused 111"),
        ("255.255.255.255:80", "NetworkUnreachable 101"),
        ("224.0.0.1:80", "NetworkUnreachable 101"),
        ("[2001:db8::1]:80", "NetworkUnreachable 101"),
    ] {
        let (text, _) = run(&sandboxes, guest(&["connect", address])).await;
        assert!(text.starts_with("error ") && text.contains(told), "{address}: {text}");
    }
    let error = host.accept().expect_err("nobody came");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn names_are_asked_for_at_the_gateway_after_those_of_the_platform() {
    let sandboxes = sandboxes().await;
    let (text, _) = run(&sandboxes, guest(&["read", "/etc/resolv.conf"])).await;
    assert_eq!(text.trim_end(), "nameserver 192.0.0.1");
    let mut sandbox =
        sandboxes.create(guest(&["connect", "127.0.0.1:4566"])).await.expect("created");
    let mut text = String::new();
    sandbox.output().expect("not taken").read_to_string(&mut text).await.expect("read");
    assert_eq!(text.trim_end(), "connected");
}

#[tokio::test]
async fn the_device_has_one_address_of_version_4_and_none_of_version_6() {
    let (text, _) = run(&sandboxes().await, guest(&["read", "/proc/net/if_inet6"])).await;
    let devices: Vec<_> = text.lines().filter_map(|line| line.split_whitespace().last()).collect();
    assert!(devices.iter().all(|device| *device == "lo"), "{text}");
    let (text, _) = run(&sandboxes().await, guest(&["read", "/proc/net/route"])).await;
    let routes: Vec<_> = text.trim_end().lines().skip(1).collect();
    assert!(matches!(routes[..], [only] if only.starts_with("eth0\t00000000\t")), "{text}");
}
