//! Continuation tokens: opaque to callers, a place in a list to us.

use crate::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A place in a list, as a caller brings it back.
pub(crate) struct Token;

impl Token {
    pub(crate) fn write(place: &str) -> String {
        URL_SAFE_NO_PAD.encode(place)
    }

    pub(crate) fn read(text: &str) -> Result<String, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(Self::incorrect)
    }

    pub(crate) fn incorrect() -> Error {
        Error::InvalidArgument("The continuation token provided is incorrect".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        assert_eq!(Token::read(&Token::write("a/é b")).unwrap(), "a/é b");
        assert!(Token::read("?").is_err());
    }
}
