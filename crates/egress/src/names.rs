//! Questions for names, passed on to the servers that the host itself asks.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::host;
use crate::limits::{ANSWER_TIMEOUT, SERVERS_OF_NAMES};

/// The port of servers of names.
pub(crate) const PORT: u16 = 53;

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 64 << 10;

/// The servers of a `resolv.conf`. It is read for every question, because it changes when the host
/// moves to another network.
#[derive(Debug, Clone)]
pub(crate) struct Names(pub(crate) PathBuf);

impl Names {
    /// The servers in their order. As in the C library it is the host itself if none is named.
    /// Those on a link of IPv6 (`fe80::1%eth0`) are left out.
    pub(crate) fn servers(&self) -> Vec<SocketAddr> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        let servers = text.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let address = words.next().filter(|word| *word == "nameserver").and(words.next())?;
            Some(SocketAddr::new(address.parse::<IpAddr>().ok()?, PORT))
        });
        let servers: Vec<_> = servers.take(SERVERS_OF_NAMES).collect();
        if servers.is_empty() {
            return vec![(Ipv4Addr::LOCALHOST, PORT).into()];
        }
        servers
    }

    /// The answer to a question; one that says that it failed if no server gives one. `None` if the
    /// question is none.
    pub(crate) async fn ask(&self, question: &[u8]) -> Option<Vec<u8>> {
        let failed = failed(question)?;
        for server in self.servers() {
            let asked = tokio::time::timeout(ANSWER_TIMEOUT, ask(server, question)).await;
            if let Ok(Ok(answer)) = asked {
                return Some(answer);
            }
        }
        Some(failed)
    }
}

async fn ask(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let socket = host::datagrams(server).await?;
    socket.send(question).await?;
    let mut answer = vec![0; MAX_ANSWER];
    loop {
        let length = socket.recv(&mut answer).await?;
        // Another's answer, or a late one to an earlier socket on this port.
        if answer.get(..2) == question.get(..2) && length >= 12 {
            answer.truncate(length);
            return Ok(answer);
        }
    }
}

/// "The server failed", to this question (RFC 1035, 4.1.1).
fn failed(question: &[u8]) -> Option<Vec<u8>> {
    let mut answer = question.to_vec();
    let [_, _, flags, more, ..] = &mut answer[..] else { return None };
    let is_question = *flags & 0x80 == 0;
    *flags |= 0x80;
    *more = *more & 0x70 | 2;
    (is_question && question.len() >= 12).then_some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let servers = Names(file.path().to_owned()).servers();
        servers.iter().map(SocketAddr::to_string).collect()
    }

    #[test]
    fn the_servers_are_those_of_the_host_in_their_order() {
        let text = "# nameserver 9.9.9.9\nsearch a.example\nnameserver 127.0.0.53 # stub\n\
                    nameserver fe80::1%eth0\nnameserver 2001:db8::53\noptions edns0\n";
        assert_eq!(names(text), ["127.0.0.53:53", "[2001:db8::53]:53"]);
        assert_eq!(names("search a.example\n"), ["127.0.0.1:53"]);
        assert_eq!(names(&"nameserver 192.0.2.1\n".repeat(5)).len(), 3);
        let missing = Names(PathBuf::from("/nonexistent/resolv.conf")).servers();
        assert_eq!(missing, [SocketAddr::from(([127, 0, 0, 1], 53))]);
    }

    #[test]
    fn a_failure_answers_the_question_and_nothing_that_is_none() {
        let mut question = vec![7, 8, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        question.extend(b"\x01a\x00\x00\x01\x00\x01");
        let answer = failed(&question).unwrap();
        assert_eq!(answer[..4], [7, 8, 0x81, 2]);
        assert_eq!(answer[4..], question[4..]);
        assert!(failed(&answer).is_none(), "an answer is no question");
        assert!(failed(&question[..11]).is_none());
    }
}
