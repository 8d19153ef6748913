//! The tuple codec: keys whose byte order is the order of their elements.
//!
//! A key is a two-byte tag and then elements. Elements carry no type of their own: the tag fixes the
//! sequence of types, and the reader asks for the same sequence that the builder wrote.
//!
//! | element | bytes |
//! |---|---|
//! | tag | 2, big-endian |
//! | `u8`, `bool` | 1 |
//! | `u64` | 8, big-endian |
//! | `i64` | 8, big-endian, sign bit flipped |
//! | `fixed16`, stamp | 16 and 10, as they are |
//! | `str`, `bytes` | as they are with `00` written as `00 ff`, then `00 00` |

use bytes::Bytes;

use crate::{Error, Key, Range, Stamp};

const ESCAPE: u8 = 0x00;
const ESCAPED: u8 = 0xff;
const END: u8 = 0x00;

/// The two bytes that every key of one kind begins with. Permanent: assigned once, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u16);

impl Tag {
    /// Every key under the tag.
    #[must_use]
    pub fn range(self) -> Range {
        KeyBuilder::new(self).range()
    }
}

/// Builds a key, element by element.
///
/// ```
/// # use kv::{KeyBuilder, Tag};
/// let key = KeyBuilder::new(Tag(0x0102)).str("ab").u64(7).build();
/// assert_eq!(&key[..], b"\x01\x02ab\0\0\0\0\0\0\0\0\0\x07");
/// ```
#[derive(Debug, Clone)]
pub struct KeyBuilder(Vec<u8>);

impl KeyBuilder {
    /// Begins a key of the kind `tag`.
    #[must_use]
    pub fn new(tag: Tag) -> Self {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&tag.0.to_be_bytes());
        Self(bytes)
    }

    /// Appends a string; strings order by their UTF-8 bytes.
    #[must_use]
    pub fn str(self, value: &str) -> Self {
        self.bytes(value.as_bytes())
    }

    /// Appends bytes of any length.
    #[must_use]
    pub fn bytes(self, value: &[u8]) -> Self {
        let mut builder = self.bytes_prefix(value);
        builder.0.extend_from_slice(&[ESCAPE, END]);
        builder
    }

    /// Appends the beginning of a string: the [`range`](Self::range) of the result holds every key
    /// whose element here begins with `value`. Nothing may follow it.
    #[must_use]
    pub fn str_prefix(self, value: &str) -> Self {
        self.bytes_prefix(value.as_bytes())
    }

    /// As [`str_prefix`](Self::str_prefix), for bytes.
    #[must_use]
    pub fn bytes_prefix(mut self, value: &[u8]) -> Self {
        for &byte in value {
            self.0.push(byte);
            if byte == ESCAPE {
                self.0.push(ESCAPED);
            }
        }
        self
    }

    /// Appends one byte.
    #[must_use]
    pub fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    /// Appends a flag; `false` is first.
    #[must_use]
    pub fn bool(self, value: bool) -> Self {
        self.u8(u8::from(value))
    }

    /// Appends a number that is not negative.
    #[must_use]
    pub fn u64(mut self, value: u64) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Appends a number.
    #[must_use]
    pub fn i64(self, value: i64) -> Self {
        self.u64(value.cast_unsigned() ^ (1 << 63))
    }

    /// Appends exactly 16 bytes: a hash or a random id.
    #[must_use]
    pub fn fixed16(mut self, value: &[u8; 16]) -> Self {
        self.0.extend_from_slice(value);
        self
    }

    /// Appends a stamp that is already known. To have one filled in at commit, use
    /// [`crate::Transaction::put_versionstamped`].
    #[must_use]
    pub fn stamp(mut self, value: Stamp) -> Self {
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    /// The key.
    #[must_use]
    pub fn build(self) -> Key {
        self.0.into()
    }

    /// Every key that begins with the elements so far.
    #[must_use]
    pub fn range(self) -> Range {
        Range::prefix(&self.0)
    }
}

/// Reads a key that [`KeyBuilder`] built, element by element. Every method fails with
/// [`Error::Corrupt`] if the bytes are not such an element.
#[derive(Debug, Clone)]
pub struct KeyReader<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
}

impl<'a> KeyReader<'a> {
    /// Begins to read `key`, which must be of the kind `tag`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is not.
    pub fn new(tag: Tag, key: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Self { whole: key, rest: key };
        match u16::from_be_bytes(reader.array()?) {
            found if found == tag.0 => Ok(reader),
            found => Err(reader.corrupt(&format!("tag {found:#06x} is not {:#06x}", tag.0))),
        }
    }

    /// Reads a string.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn str(&mut self) -> Result<String, Error> {
        String::from_utf8(self.unescape()?).map_err(|_| self.corrupt("a string is not UTF-8"))
    }

    /// Reads bytes of any length.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn bytes(&mut self) -> Result<Bytes, Error> {
        self.unescape().map(Bytes::from)
    }

    /// Reads one byte.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn u8(&mut self) -> Result<u8, Error> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Reads a flag.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn bool(&mut self) -> Result<bool, Error> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt("a flag is neither 0 nor 1")),
        }
    }

    /// Reads a number that is not negative.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn u64(&mut self) -> Result<u64, Error> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// Reads a number.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn i64(&mut self) -> Result<i64, Error> {
        Ok((self.u64()? ^ (1 << 63)).cast_signed())
    }

    /// Reads 16 bytes.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn fixed16(&mut self) -> Result<[u8; 16], Error> {
        self.array()
    }

    /// Reads a stamp.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn stamp(&mut self) -> Result<Stamp, Error> {
        self.array().map(Stamp::from_bytes)
    }

    /// Ends the key.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if something is left.
    pub fn finish(self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.corrupt("bytes are left")) }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) =
            self.rest.split_first_chunk().ok_or_else(|| self.corrupt("an element is cut short"))?;
        self.rest = rest;
        Ok(*head)
    }

    fn unescape(&mut self) -> Result<Vec<u8>, Error> {
        let mut value = Vec::new();
        loop {
            match self.u8()? {
                ESCAPE => match self.u8()? {
                    END => return Ok(value),
                    ESCAPED => value.push(ESCAPE),
                    _ => return Err(self.corrupt("a zero byte is not escaped")),
                },
                byte => value.push(byte),
            }
        }
    }

    fn corrupt(&self, why: &str) -> Error {
        Error::Corrupt(format!("key {:02x?}: {why}", Bytes::copy_from_slice(self.whole)))
    }
}
