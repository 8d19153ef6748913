//! The endpoint over TLS.

use super::world::World;
use crate::inner_tls::InnerTls;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use stacks::{RESPONSES_HOST, RESPONSES_PATH};
use std::sync::Arc;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// Connects as a client that trusts this certificate and nothing else.
fn connector(certificate: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn over_tls_custom_resources_are_answered_and_nothing_else() {
    let world = World::new().await;
    let (tls, other) = (InnerTls::new().unwrap(), InnerTls::new().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(world.endpoint().inside().over_tls(tls.acceptor).serve(listener, stopped));
    let name = || ServerName::try_from(RESPONSES_HOST).unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let refused = connector(&other.certificate).connect(name(), stream).await.unwrap_err();
    assert!(refused.to_string().contains("certificate"), "{refused}");

    let stream = TcpStream::connect(address).await.unwrap();
    let stream = connector(&tls.certificate).connect(name(), stream).await.unwrap();
    let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let answer = format!("{RESPONSES_PATH}a/b/c/d/e?expires=1&token=0");
    for (method, path, text) in [
        ("GET", "/", "custom resources are answered and nothing else"),
        ("PUT", "/bucket/key", "custom resources are answered and nothing else"),
        ("PUT", answer.as_str(), "The token is not that of this URL."),
    ] {
        let request = Request::builder().method(method).uri(path).header("host", RESPONSES_HOST);
        let request = request.body(Full::new(Bytes::from_static(b"{}"))).unwrap();
        let reply = client.send_request(request).await.unwrap();
        assert_eq!(reply.status(), StatusCode::FORBIDDEN);
        let body = reply.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains(text), "{method} {path}: {body}");
    }
}
