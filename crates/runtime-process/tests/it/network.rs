//! The net namespace of a sandbox.

use std::net::TcpListener as HostListener;

use futures_util::future::join_all;
use runtime::sandbox::{Sandbox, Sandboxes};
use runtime_process::{CERTIFICATE_FILE, Platform, ProcessSandboxes, Settings, Tls};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::support::{assert_full, attempt, guest, run, sandboxes, settings};

/// Answers one connection with a text.
async fn answer(listener: TcpListener, text: &str) {
    let (stream, _) = listener.accept().await.expect("a connection");
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.expect("a line");
    assert_eq!(line, "hello\n");
    stream.get_mut().write_all(text.as_bytes()).await.expect("written");
}

async fn output(sandbox: &mut Box<dyn Sandbox>) -> String {
    let mut text = String::new();
    sandbox.output().expect("not taken").read_to_string(&mut text).await.expect("read");
    text.trim_end().to_owned()
}

#[tokio::test]
async fn twenty_sandboxes_each_have_their_own_runtime_api_on_the_same_address() {
    let sandboxes = &sandboxes().await;
    let served = join_all((0..20).map(|number| async move {
        let spec = guest(&["ask", "127.0.0.1:9001"]);
        let mut sandbox = sandboxes.create(spec).await.expect("created");
        let listener = sandbox.runtime_api().expect("given once");
        assert!(sandbox.runtime_api().is_none());
        let text = format!("you are {number}");
        answer(listener, &text).await;
        (output(&mut sandbox).await, text)
    }));
    for (told, expected) in served.await {
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn the_platform_is_reached_by_its_public_name_and_port() {
    let sandboxes = sandboxes().await;
    let mut sandbox =
        sandboxes.create(guest(&["ask", "pileus.example:4566"])).await.expect("created");
    let listener = sandbox.platform().expect("given once");
    answer(listener, "the platform").await;
    assert_eq!(output(&mut sandbox).await, "the platform");
}

#[tokio::test]
async fn the_platform_is_reached_by_its_public_address_and_port() {
    for (host, port) in [("127.0.0.1", 4566), ("192.0.2.7", 443), ("2001:db8::7", 8443)] {
        let platform = Platform { host: host.to_owned(), port };
        let settings = Settings { platform, ..settings() };
        let sandboxes = ProcessSandboxes::start(settings).await.expect("started");
        assert_full(sandboxes.isolation());
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let spec = guest(&["ask", &format!("{host}:{port}")]);
        let mut sandbox = sandboxes.create(spec).await.expect("created");
        let listener = sandbox.platform().expect("given once");
        answer(listener, "the platform").await;
        assert_eq!(output(&mut sandbox).await, "the platform");
    }
}

#[tokio::test]
async fn the_platform_is_reached_over_tls_at_a_name_of_its_own_whose_certificate_is_there() {
    for (host, port) in [("pileus.example", 443), ("127.0.0.2", 4566)] {
        let platform = Platform { host: host.to_owned(), port };
        let tls = Tls { name: "tls.example".to_owned(), certificate: "a certificate".to_owned() };
        let settings = Settings { platform, tls: Some(tls), ..settings() };
        let sandboxes = ProcessSandboxes::start(settings).await.expect("started");
        let mut sandbox =
            sandboxes.create(guest(&["ask", "tls.example:443"])).await.expect("created");
        let listener = sandbox.platform_over_tls().expect("given once");
        assert!(sandbox.platform_over_tls().is_none());
        answer(listener, "over TLS").await;
        assert_eq!(output(&mut sandbox).await, "over TLS");
        let (text, _) = run(&sandboxes, guest(&["read", CERTIFICATE_FILE])).await;
        assert!(text.contains("a certificate"), "{text}");
    }
    let mut without = sandboxes().await.create(guest(&["sleep"])).await.expect("created");
    assert!(without.platform_over_tls().is_none());
}

#[tokio::test]
async fn the_place_of_tls_is_not_for_the_platform_as_well() {
    let platform = Platform { host: "127.0.0.2".to_owned(), port: 443 };
    let tls = Tls { name: "tls.example".to_owned(), certificate: String::new() };
    let settings = Settings { platform, tls: Some(tls), ..settings() };
    let refused = ProcessSandboxes::start(settings).await.err().expect("refused").to_string();
    assert!(refused.contains("127.0.0.2:443"), "{refused}");
}

#[tokio::test]
async fn a_listener_of_the_hosts_loopback_cannot_be_reached() {
    let host = HostListener::bind("127.0.0.1:0").expect("bound");
    let address = host.local_addr().expect("an address").to_string();
    assert_eq!(attempt(&["connect", &address]).await, "error ConnectionRefused 111");
    assert_eq!(attempt(&["connect", "192.0.2.1:80"]).await, "error NetworkUnreachable 101");
}

#[tokio::test]
async fn one_sandbox_cannot_reach_another() {
    let sandboxes = sandboxes().await;
    let mut first = sandboxes.create(guest(&["sleep"])).await.expect("created");
    let first_api = first.runtime_api().expect("given once");
    let mut second = sandboxes.create(guest(&["ask", "127.0.0.1:9001"])).await.expect("created");
    let second_api = second.runtime_api().expect("given once");
    answer(second_api, "the second").await;
    assert_eq!(output(&mut second).await, "the second");
    let nobody = futures_util::FutureExt::now_or_never(first_api.accept());
    assert!(nobody.is_none(), "the second sandbox reached the first's Runtime API");
}

#[tokio::test]
async fn unknown_names_fail_at_once_and_localhost_is_known() {
    let sandboxes = sandboxes().await;
    let (hosts, _) = run(&sandboxes, guest(&["read", "/etc/hosts"])).await;
    assert!(hosts.contains("127.0.0.1 localhost") && hosts.contains("pileus.example"), "{hosts}");
    let (text, _) = run(&sandboxes, guest(&["ask", "elsewhere.example:80"])).await;
    assert!(text.contains("failed to lookup address"), "{text}");
}
