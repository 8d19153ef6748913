//! Messages with file descriptors over a Unix socket that keeps their boundaries.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use serde::{Serialize, de::DeserializeOwned};

/// The longest message, in bytes. Paths and error texts are the only long things in one.
const MAXIMUM_MESSAGE: usize = 32 * 1024;
/// The most file descriptors in one message.
const MAXIMUM_FDS: usize = 16;

/// Both ends of a new channel. Neither is inherited by a program that is started later.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?)
}

/// Sends one message.
///
/// # Errors
/// `WouldBlock` when the socket does not block and the other side is behind, `BrokenPipe` when
/// it has gone.
pub(crate) fn send<T: Serialize>(
    socket: BorrowedFd<'_>,
    message: &T,
    fds: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let text = serde_json::to_vec(message)?;
    if text.len() > MAXIMUM_MESSAGE {
        return Err(io::Error::other("the message is too long"));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAXIMUM_FDS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(io::Error::other("the message has too many file descriptors"));
    }
    rustix::net::sendmsg(socket, &[IoSlice::new(&text)], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives one message; `None` when the other side has gone.
///
/// # Errors
/// `WouldBlock` when the socket does not block and there is none, `InvalidData` when it is not a
/// message of this type.
pub(crate) fn receive<T: DeserializeOwned>(
    socket: BorrowedFd<'_>,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut text = vec![0; MAXIMUM_MESSAGE];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAXIMUM_FDS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = match rustix::net::recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut text)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC,
    ) {
        Ok(received) => received,
        // It went without reading everything that it was sent.
        Err(rustix::io::Errno::CONNRESET) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut fds = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            fds.extend(rights);
        }
    }
    if received.bytes == 0 {
        return Ok(None);
    }
    if received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a message was cut"));
    }
    Ok(Some((serde_json::from_slice(&text[..received.bytes])?, fds)))
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn a_message_arrives_with_its_file_descriptors_and_then_the_end() {
        let (left, right) = pair().expect("a pair");
        let (reader, writer) = rustix::pipe::pipe().expect("a pipe");
        send(left.as_fd(), &"one", &[writer.as_fd()]).expect("sent");
        send(left.as_fd(), &"two", &[]).expect("sent");
        drop((left, writer));
        let (text, fds) = receive::<String>(right.as_fd()).expect("received").expect("one");
        assert_eq!((text.as_str(), fds.len()), ("one", 1));
        rustix::io::write(&fds[0], b"x").expect("the descriptor works");
        let mut byte = [0];
        assert_eq!(rustix::io::read(&reader, &mut byte).expect("read"), 1);
        let (text, fds) = receive::<String>(right.as_fd()).expect("received").expect("two");
        assert_eq!((text.as_str(), fds.len()), ("two", 0));
        assert!(receive::<String>(right.as_fd()).expect("received").is_none());
    }
}
