//! What is there before anything is measured.

use super::requests::{self, Body};
use crate::http::{
    connection::Connection,
    report,
    template::{Expected, Signer, Template},
};
use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::future::try_join_all;
use http::Method;
use std::{net::SocketAddr, time::Instant};

/// Keys in one reply of a list.
pub(crate) const PAGE: usize = 1_000;
/// The bucket that every server is asked to list.
pub(crate) const FEW: &str = "few";
/// The one that only Pileus is asked to list.
pub(crate) const MANY: &str = "many";
/// Who fills a bucket at once.
const CLIENTS: usize = 64;
/// The content of an object that is only listed.
const CONTENT: &[u8] = b"16 bytes to list";

/// The key of an object that is listed.
pub(crate) fn listed(number: usize) -> String {
    format!("{number:08}")
}

/// Makes the buckets that every server has, with their objects.
pub(crate) async fn buckets(
    address: SocketAddr,
    signer: &Signer,
    bodies: &[Body],
    few: usize,
) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    for body in bodies {
        bucket(&mut connection, address, signer, body.bucket).await?;
        for template in &mut requests::puts(address, *body) {
            ask(&mut connection, template, signer).await?;
        }
    }
    fill(&mut connection, address, signer, (FEW, few)).await
}

/// Makes the large bucket of Pileus.
pub(crate) async fn many(address: SocketAddr, signer: &Signer, objects: usize) -> Result<()> {
    let (start, mut connection) = (Instant::now(), Connection::open(address).await?);
    report::line("");
    fill(&mut connection, address, signer, (MANY, objects)).await?;
    let seconds = start.elapsed().as_secs_f64();
    report::print(&format!("put {objects} objects, {CLIENTS} clients"), seconds, "s");
    Ok(())
}

async fn ask(connection: &mut Connection, template: &mut Template, signer: &Signer) -> Result<()> {
    let reply = connection.exchange(template.request(signer)?).await?;
    template.check(&reply)
}

async fn bucket(
    connection: &mut Connection,
    address: SocketAddr,
    signer: &Signer,
    name: &str,
) -> Result<()> {
    let path = format!("/{name}");
    let (body, expected) = (Bytes::new(), Expected::Anything);
    let mut create = requests::request(address, Method::PUT, &path, body, expected);
    ask(connection, &mut create, signer).await.with_context(|| format!("the bucket {name}"))
}

async fn fill(
    connection: &mut Connection,
    address: SocketAddr,
    signer: &Signer,
    (name, objects): (&str, usize),
) -> Result<()> {
    bucket(connection, address, signer, name).await?;
    let put = requests::put(address, &format!("/{name}/x"), Bytes::from_static(CONTENT));
    let clients = (0..CLIENTS).map(async |client| {
        let mut connection = Connection::open(address).await?;
        for number in (client..objects).step_by(CLIENTS) {
            let mut put = put.at(&format!("/{name}/{}", listed(number)))?;
            ask(&mut connection, &mut put, signer).await?;
        }
        Ok(())
    });
    try_join_all(clients).await.map(drop)
}
