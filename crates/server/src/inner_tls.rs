//! TLS inside of sandboxes, for functions whose answers go to port 443 and nowhere else.
//!
//! A node makes a key and a certificate for [`stacks::RESPONSES_HOST`] when it starts and forgets them
//! when it ends. That is all the life they need: its sandboxes, which alone reach the listener and
//! trust the certificate, end with it. The certificate is its own root and no authority: who had
//! the key could vouch for that one name.

use crate::Error;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use std::sync::Arc;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// What it takes to be [`stacks::RESPONSES_HOST`].
pub(crate) struct InnerTls {
    /// Speaks TLS on connections.
    pub(crate) acceptor: TlsAcceptor,
    /// The certificate in PEM.
    pub(crate) certificate: String,
}

impl InnerTls {
    /// With a new key.
    pub(crate) fn new() -> Result<Self, Error> {
        Self::make().map_err(|error| Error::Part {
            part: "TLS inside of sandboxes",
            reason: error.to_string(),
        })
    }

    fn make() -> Result<Self, Box<dyn std::error::Error>> {
        let key = KeyPair::generate()?;
        let certificate = parameters()?.self_signed(&key)?;
        let private = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, certificate: certificate.pem() })
    }
}

fn parameters() -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new([stacks::RESPONSES_HOST.to_owned()])?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, stacks::RESPONSES_HOST);
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // It ends with the process, so there is nothing to renew, whatever the clock says: the last
    // second is that of certificates without a date of expiry (RFC 5280, section 4.1.2.5).
    parameters.not_before = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(9999, 12, 31);
    Ok(parameters)
}
