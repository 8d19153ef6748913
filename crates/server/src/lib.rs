//! The composition root: the only crate that names every service.
//!
//! [`Server::start`] opens the data folder, builds the services, connects their ports, and serves
//! requests until [`Server::stop`]. What is read from files, flags and environment is read here and
//! in `cli`, and nowhere else.

mod blob_place;
#[cfg(test)]
mod composition;
mod config;
mod connection;
mod data_folder;
mod endpoint;
mod error;
mod front;
mod incoming;
mod inner_tls;
mod jobs_front;
mod limits;
mod metered;
mod metrics;
pub mod offline;
mod ports;
mod reply;
mod room;
mod server;
mod services;
mod snapshots;
mod snapshots_front;
mod store;
#[cfg(test)]
mod supported;

pub use config::{Config, Isolation};
pub use data_folder::Access;
pub use endpoint::Endpoint;
pub use error::Error;
pub use limits::Limits;
pub use server::Server;
