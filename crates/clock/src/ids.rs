use rand_chacha::{
    ChaCha12Rng,
    rand_core::{RngCore, SeedableRng},
};
use std::sync::{Mutex, PoisonError};
use types::RequestId;

/// A source of random ids: unpredictable with [`Ids::from_entropy`], repeatable with a seed.
#[derive(Debug)]
pub struct Ids(Mutex<ChaCha12Rng>);

impl Ids {
    /// Ids that nobody can guess, seeded by the system.
    ///
    /// # Errors
    /// The system has no entropy to give.
    pub fn from_entropy() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self::from_bytes(seed))
    }

    /// The same ids for the same seed, for tests and simulation.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(ChaCha12Rng::seed_from_u64(seed)))
    }

    /// The same ids for the same 32 bytes: a retried request draws what it drew before.
    #[must_use]
    pub fn from_bytes(seed: [u8; 32]) -> Self {
        Self(Mutex::new(ChaCha12Rng::from_seed(seed)))
    }

    /// Random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A random number below `bound`, which must not be zero. The bias is below 2^-32.
    #[must_use]
    pub fn below(&self, bound: u32) -> u32 {
        let draw = u128::from(u64::from_le_bytes(self.bytes()));
        ((draw * u128::from(bound)) >> 64) as u32
    }

    /// A version 4 UUID.
    #[must_use]
    pub fn uuid(&self) -> RequestId {
        RequestId::from_random(self.bytes())
    }

    /// `len` characters drawn from `alphabet`, which holds 1 to 256 of them.
    #[must_use]
    pub fn text(&self, len: usize, alphabet: &[u8]) -> String {
        (0..len).map(|_| char::from(alphabet[self.below(alphabet.len() as u32) as usize])).collect()
    }
}

/// Alphabets for [`Ids::text`].
impl Ids {
    /// `A-Z` and `2-7`, as in access key ids.
    pub const UPPER: &'static [u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    /// `a-z` and `0-9`.
    pub const LOWER: &'static [u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    /// Letters and digits.
    pub const ALPHANUMERIC: &'static [u8] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (one, two) = (Ids::from_seed(7), Ids::from_seed(7));
        assert_eq!(one.uuid(), two.uuid());
        assert_eq!(one.text(20, Ids::UPPER), two.text(20, Ids::UPPER));
        assert_ne!(one.uuid(), one.uuid());
    }

    #[test]
    fn a_draw_stays_below_its_bound() {
        let ids = Ids::from_seed(1);
        let mut seen = [false; 5];
        for _ in 0..500 {
            seen[ids.below(5) as usize] = true;
        }
        assert_eq!(seen, [true; 5]);
    }
}
