//! The program that the tests run inside sandboxes: one attempt per run, told on standard output.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

fn main() -> io::Result<()> {
    let mut arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == "parent") {
        println!("parent {}", std::os::unix::process::parent_id());
        arguments.remove(1);
    }
    let argument = |index: usize| arguments.get(index).map_or("", String::as_str);
    match argument(1) {
        "echo" => {
            println!("{}", argument(2));
            eprintln!("and an error");
        }
        "environment" => std::env::vars().for_each(|(name, value)| println!("{name}={value}")),
        "list" => list(argument(2)),
        "read" => tell(fs::read_to_string(argument(2))),
        "write" => tell(fs::write(argument(2), "x").map(|()| "written".to_owned())),
        "fill" => fill(argument(2)),
        "connect" => connect(argument(2)),
        "call" => calls(),
        "open-files" => open_files(),
        "fork" => fork(),
        "eat" => eat(argument(2)),
        "orphan" => orphan()?,
        "ask" => ask(argument(2))?,
        "spin" => loop {
            std::hint::spin_loop();
        },
        "exit" => std::process::exit(argument(2).parse().unwrap_or(99)),
        "abort" => std::process::abort(),
        "sleep" => sleep(),
        other => println!("unknown attempt {other}"),
    }
    Ok(())
}

fn tell(result: io::Result<String>) {
    match result {
        Ok(text) => println!("{text}"),
        Err(error) => println!("error {:?} {}", error.kind(), error.raw_os_error().unwrap_or(0)),
    }
}

fn list(path: &str) {
    let names = fs::read_dir(path).map(|entries| {
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names.join(" ")
    });
    tell(names);
}

/// Writes to a new file until that fails, and says how much fitted.
fn fill(path: &str) {
    let chunk = vec![7; 1 << 16];
    let mut written = 0;
    let mut file = fs::File::create(path).expect("created");
    loop {
        match file.write(&chunk) {
            Ok(count) => written += count,
            Err(error) => {
                println!("{written} {:?}", error.kind());
                return;
            }
        }
    }
}

fn connect(address: &str) {
    let address = address.parse().expect("an address");
    let connected = TcpStream::connect_timeout(&address, Duration::from_secs(5));
    tell(connected.map(|_| "connected".to_owned()));
}

/// Connects, and prints what it is told.
fn ask(address: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"hello\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    println!("{answer}");
    Ok(())
}

/// Makes every call that could weaken the walls, and prints what came of it.
fn calls() {
    let new_user = i64::from(libc::CLONE_NEWUSER);
    let parents_child = i64::from(libc::CLONE_PARENT | libc::SIGCHLD);
    let attempts = [
        ("mount", libc::SYS_mount, [0; 3]),
        ("umount2", libc::SYS_umount2, [0; 3]),
        ("pivot_root", libc::SYS_pivot_root, [0; 3]),
        ("chroot", libc::SYS_chroot, [0; 3]),
        ("open_tree", libc::SYS_open_tree, [0; 3]),
        ("fsopen", libc::SYS_fsopen, [0; 3]),
        ("unshare", libc::SYS_unshare, [new_user, 0, 0]),
        ("clone", libc::SYS_clone, [new_user | i64::from(libc::SIGCHLD), 0, 0]),
        ("clone_parent", libc::SYS_clone, [parents_child, 0, 0]),
        ("setns", libc::SYS_setns, [0; 3]),
        ("ptrace", libc::SYS_ptrace, [0; 3]),
        ("process_vm_readv", libc::SYS_process_vm_readv, [1, 0, 0]),
        ("bpf", libc::SYS_bpf, [0; 3]),
        ("perf_event_open", libc::SYS_perf_event_open, [0; 3]),
        ("userfaultfd", libc::SYS_userfaultfd, [0; 3]),
        ("io_uring_setup", libc::SYS_io_uring_setup, [1, 0, 0]),
        ("keyctl", libc::SYS_keyctl, [0; 3]),
        ("add_key", libc::SYS_add_key, [0; 3]),
        ("kexec_load", libc::SYS_kexec_load, [0; 3]),
        ("reboot", libc::SYS_reboot, [0; 3]),
        ("open_by_handle_at", libc::SYS_open_by_handle_at, [0; 3]),
        ("socket_vsock", libc::SYS_socket, [i64::from(libc::AF_VSOCK), 1, 0]),
        ("socket_packet", libc::SYS_socket, [i64::from(libc::AF_PACKET), 3, 0]),
        ("socket_audit", libc::SYS_socket, [i64::from(libc::AF_NETLINK), 3, 9]),
        ("clone3", libc::SYS_clone3, [0; 3]),
        ("unknown", 1_000, [0; 3]),
    ];
    for (name, number, arguments) in attempts {
        println!("{name} {}", raw::call(number, arguments));
    }
}

mod raw {
    #![allow(unsafe_code)]

    /// The error number of a call that should fail, 0 if it did not.
    pub(crate) fn call(number: i64, [a, b, c]: [i64; 3]) -> i32 {
        // SAFETY: every pointer argument is null, which the kernel checks; the calls that would
        // change this process fail, which is what the test is about.
        match unsafe { libc::syscall(number, a, b, c, 0, 0) } {
            -1 => std::io::Error::last_os_error().raw_os_error().unwrap_or(0),
            _ => 0,
        }
    }
}

/// What its open descriptors are; the one that reads the directory is left out.
fn open_files() {
    let mut names = Vec::new();
    for entry in fs::read_dir("/proc/self/fd").expect("read").flatten() {
        let target = fs::read_link(entry.path()).expect("a link");
        let target = target.to_string_lossy().into_owned();
        if !target.contains("/proc/") {
            names.push(format!("{}={target}", entry.file_name().to_string_lossy()));
        }
    }
    names.sort();
    println!("{}", names.join("\n"));
}

/// Starts copies of itself that sleep until that fails, and says how many there were.
fn fork() {
    let mut children = Vec::new();
    loop {
        match Command::new("/proc/self/exe").arg("sleep").spawn() {
            Ok(child) => children.push(child),
            Err(error) => {
                println!("{} {:?}", children.len(), error.kind());
                return;
            }
        }
    }
}

/// Takes memory until it has this many mebibytes, and touches it.
fn eat(mebibytes: &str) {
    let mut eaten: Vec<Vec<u8>> = Vec::new();
    let wanted = mebibytes.parse().expect("a number");
    while eaten.len() < wanted {
        eaten.push(vec![1; 1 << 20]);
        std::hint::black_box(&eaten);
    }
    println!("ate {}", eaten.len());
}

/// Leaves a process behind that has left its session, and goes on.
fn orphan() -> io::Result<()> {
    let script = "/usr/bin/setsid /var/task/guest sleep </dev/null >/dev/null 2>&1 & echo left";
    Command::new("/bin/sh").args(["-c", script]).status()?;
    sleep();
    Ok(())
}

fn sleep() {
    loop {
        std::thread::sleep(Duration::from_secs(1000));
    }
}
