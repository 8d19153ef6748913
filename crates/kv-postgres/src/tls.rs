//! Encrypted connections to the database.
//!
//! | `sslmode` | is the connection encrypted? | who may answer? |
//! |---|---|---|
//! | `disable` | no | anybody |
//! | `prefer` (default) | if the database offers it | anybody |
//! | `require` | yes | anybody |
//! | `verify-full` | yes | who has a certificate for the URL's host |
//!
//! They are libpq's words ("SSL Support" in the manual of PostgreSQL), which `tokio-postgres` knows in
//! part only. `sslrootcert=FILE` names the certificates that `verify-full` trusts, in PEM; without
//! it, or as `system`, they are the host's.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, io};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kv::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as RustlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};

/// What a URL says of encryption.
#[derive(Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) mode: SslMode,
    /// Who is trusted, where it is asked who answers.
    trust: Option<Trust>,
}

#[derive(Debug, PartialEq)]
enum Trust {
    Host,
    File(PathBuf),
}

impl Wanted {
    /// Takes it out of the query of a URL; the answer has the rest of it.
    pub(crate) fn take(url: &str) -> Result<(Self, String), Error> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => roots = Some(value),
                _ => rest.push(pair),
            }
        }
        let wanted = Self::of(mode.unwrap_or("prefer"), roots)?;
        let mark = if rest.is_empty() { "" } else { "?" };
        Ok((wanted, format!("{base}{mark}{}", rest.join("&"))))
    }

    fn of(mode: &str, roots: Option<&str>) -> Result<Self, Error> {
        let unasked = |mode| match roots {
            None => Ok(Self { mode, trust: None }),
            Some(_) => Err(refused("sslrootcert is used with sslmode=verify-full only")),
        };
        match mode {
            "disable" => unasked(SslMode::Disable),
            "prefer" => unasked(SslMode::Prefer),
            "require" => unasked(SslMode::Require),
            "verify-full" => {
                let trust = match roots {
                    None | Some("system") => Trust::Host,
                    Some(path) => Trust::File(decoded(path)?),
                };
                Ok(Self { mode: SslMode::Require, trust: Some(trust) })
            }
            // It may be a password at the wrong place.
            _ => Err(refused("sslmode is one of disable, prefer, require and verify-full")),
        }
    }

    /// What makes such connections.
    pub(crate) fn tls(&self) -> Result<Tls, Error> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone());
        let config = config.with_safe_default_protocol_versions();
        let config = config.map_err(|error| refused(&error.to_string()))?;
        let config = match &self.trust {
            Some(trust) => config.with_root_certificates(trust.roots()?),
            None => {
                let anybody = Arc::new(Anybody(provider));
                config.dangerous().with_custom_certificate_verifier(anybody)
            }
        };
        Ok(Tls(Arc::new(config.with_no_client_auth())))
    }
}

impl Trust {
    fn roots(&self) -> Result<RootCertStore, Error> {
        let mut roots = RootCertStore::empty();
        let found = match self {
            Self::Host => rustls_native_certs::load_native_certs().certs,
            Self::File(path) => {
                let named = |error: &dyn fmt::Display| {
                    refused(&format!("the certificates in {}: {error}", path.display()))
                };
                let read = CertificateDer::pem_file_iter(path).map_err(|error| named(&error))?;
                read.collect::<Result<_, _>>().map_err(|error| named(&error))?
            }
        };
        if roots.add_parsable_certificates(found).0 == 0 {
            return Err(refused("sslmode=verify-full finds no certificates that it may trust"));
        }
        Ok(roots)
    }
}

/// The path in a query.
fn decoded(text: &str) -> Result<PathBuf, Error> {
    let text = percent_encoding::percent_decode_str(text).decode_utf8();
    text.map(|text| PathBuf::from(&*text)).map_err(|_| refused("sslrootcert is no text"))
}

fn refused(reason: &str) -> Error {
    Error::Unavailable(format!("the database: {reason}"))
}

/// Makes connections encrypted.
#[derive(Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

/// Makes one of them encrypted.
pub(crate) struct Connect(TlsConnector, ServerName<'static>);

impl<S> MakeTlsConnect<S> for Tls
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Stream<S>;
    type TlsConnect = Connect;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Connect, InvalidDnsNameError> {
        // A socket in a folder has no name, and is never asked for one.
        let host = if host.is_empty() { "localhost" } else { host };
        Ok(Connect(self.0.clone().into(), ServerName::try_from(host)?.to_owned()))
    }
}

impl<S> TlsConnect<S> for Connect
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Stream<S>>>;

    fn connect(self, stream: S) -> Self::Future {
        async move { Ok(Stream(Box::new(self.0.connect(self.1, stream).await?))) }.boxed()
    }
}

/// An encrypted connection.
pub(crate) struct Stream<S>(Box<RustlsStream<S>>);

impl<S> TlsStream for Stream<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S> AsyncRead for Stream<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S> AsyncWrite for Stream<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Asks nobody who they are: what `prefer` and `require` mean.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(query: &str) -> Result<(Wanted, String), Error> {
        Wanted::take(&format!("postgres://me:secret@db/x{query}"))
    }

    #[test]
    fn what_a_url_says_of_encryption_is_taken_out_of_it() {
        let rest = |query: &str| format!("postgres://me:secret@db/x{query}");
        for (query, mode, trust, left) in [
            ("", SslMode::Prefer, None, ""),
            ("?sslmode=disable", SslMode::Disable, None, ""),
            ("?a=b&sslmode=require&c=d", SslMode::Require, None, "?a=b&c=d"),
            ("?sslmode=verify-full", SslMode::Require, Some(Trust::Host), ""),
            ("?sslrootcert=system&sslmode=verify-full", SslMode::Require, Some(Trust::Host), ""),
            (
                "?sslmode=verify-full&sslrootcert=%2Fa%20b",
                SslMode::Require,
                Some(Trust::File("/a b".into())),
                "",
            ),
        ] {
            assert_eq!(take(query).unwrap(), (Wanted { mode, trust }, rest(left)), "{query}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused_and_not_repeated() {
        for query in ["?sslmode=allow", "?sslmode=hunter2", "?sslrootcert=/x&sslmode=require"] {
            let error = take(query).unwrap_err().to_string();
            assert!(error.contains("ssl") && !error.contains("hunter2"), "{error}");
        }
        let missing = take("?sslmode=verify-full&sslrootcert=/missing.pem").unwrap().0;
        let error = missing.tls().err().unwrap().to_string();
        assert!(error.contains("/missing.pem"), "{error}");
    }
}
