//! The deterministic in-memory engine: for simulation, for tests, and as the oracle that other
//! engines are compared with. No threads, no time, no randomness of its own: a commit is done when
//! its future is first polled.
//!
//! [`Faulty`] wraps any engine and makes it fail as a real one may: conflicts, commits of unknown
//! outcome, delays, a crash. All of it follows from a seed.

mod engine;
mod faulty;
mod versions;

pub use engine::MemoryEngine;
pub use faulty::{Faults, Faulty};
