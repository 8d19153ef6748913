//! The front door over real sockets, with services made for it.

mod bodies;
mod heads;
mod peer;
mod replies;
mod services;
mod streams;
