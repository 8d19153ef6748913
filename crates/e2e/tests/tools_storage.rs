//! The tools that people move files with, as shipped: the AWS CLI's `s3`, and `s3cmd`.

use anyhow::{Result, ensure};
use e2e::{Node, run, tools};
use std::{fs, path::Path, process::Command};

/// What one part of a multipart upload has at least, and then some: both tools upload it in parts.
const LARGE_BYTES: usize = 20_000_000;

/// A tree of files with names that are hard to sign, one of them large.
fn fill(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("sub/deep"))?;
    fs::write(folder.join("a.txt"), "hello")?;
    fs::write(folder.join("empty"), "")?;
    fs::write(folder.join("q?x=1#frag%20.txt"), "query")?;
    fs::write(folder.join("sub/with space + plus & é.txt"), "space")?;
    fs::write(folder.join("sub/b.json"), "{}")?;
    let large: Vec<u8> = (0..LARGE_BYTES).map(|at| (at % 251) as u8).collect();
    Ok(fs::write(folder.join("sub/deep/large.bin"), large)?)
}

fn same(one: &Path, other: &Path) -> Result<()> {
    run(Command::new("diff").arg("-r").args([one, other])).map(drop)
}

/// The same work with either tool, in a folder that holds `in`. `list` gives a bucket's keys.
fn work(bed: &Bed, tool: &dyn Fn(&[&str]) -> Result<String>, words: &Words) -> Result<()> {
    let (bucket, local) = (words.bucket, bed.folder.path().join("in"));
    let at = |key: &str| format!("s3://{bucket}/{key}");
    fill(&local)?;
    tool(&["mb", &at("")])?;
    ensure!(tool(&["ls"])?.contains(bucket));

    tool(&["sync", "in/", &at("tree/")])?;
    tool(&["sync", &at("tree/"), "out/"])?;
    same(&local, &bed.folder.path().join("out"))?;
    // A tool that sees no difference moves nothing.
    let again = tool(&["sync", "in/", &at("tree/")])?;
    ensure!(!again.contains("upload:"), "{again}");
    fs::remove_file(local.join("a.txt"))?;
    fs::write(local.join("sub/b.json"), "changed it")?;
    tool(&["sync", words.delete, "in/", &at("tree/")])?;
    let listed = tool(&["ls", words.recursive, &at("tree/")])?;
    ensure!(!listed.contains("tree/a.txt") && listed.contains("é.txt"), "{listed}");

    tool(&["cp", &at("tree/sub/deep/large.bin"), &at("copy.bin")])?;
    tool(&["mv", &at("copy.bin"), &at("moved.bin")])?;
    tool(&[words.get, &at("moved.bin"), "moved.bin"])?;
    same(&local.join("sub/deep/large.bin"), &bed.folder.path().join("moved.bin"))?;
    ensure!(tool(&["mv", &at("copy.bin"), &at("x")]).is_err());

    let url = tool(&words.presign(&at("tree/sub/b.json")))?;
    let fetched = bed.python(&["-c", FETCH, url.trim()])?;
    ensure!(fetched == "changed it", "{url}: {fetched}");

    ensure!(tool(&["rb", &at("")]).is_err(), "a bucket that holds something was removed");
    tool(&["rb", words.recursive_removal, "--force", &at("")])?;
    ensure!(!tool(&["ls"])?.contains(bucket));
    Ok(())
}

/// Reads a URL as somebody without a key.
const FETCH: &str = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode(), end='')";

/// How a tool calls what both have.
struct Words {
    bucket: &'static str,
    delete: &'static str,
    recursive: &'static str,
    recursive_removal: &'static str,
    get: &'static str,
    presign: &'static [&'static str],
}

impl Words {
    fn presign<'a>(&self, url: &'a str) -> Vec<&'a str> {
        let word = |word: &&'static str| if *word == "URL" { url } else { *word };
        self.presign.iter().map(word).collect()
    }
}

struct Bed {
    node: Node,
    folder: tempfile::TempDir,
    _data: tempfile::TempDir,
}

impl Bed {
    fn new() -> Result<Self> {
        let (data, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
        Ok(Self { node: Node::start(data.path())?, folder, _data: data })
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.node.command(program);
        // No configuration of the person who runs the tests.
        command.current_dir(self.folder.path()).env("HOME", self.folder.path());
        command
    }

    fn python(&self, arguments: &[&str]) -> Result<String> {
        run(self.command(tools().join("python/bin/python")).args(arguments))
    }
}

#[test]
fn the_aws_cli_syncs_copies_moves_and_removes() -> Result<()> {
    let bed = Bed::new()?;
    // One request at a time, so that all share one connection.
    fs::create_dir(bed.folder.path().join(".aws"))?;
    let settings = "[default]\ns3 =\n  max_concurrent_requests = 1\n";
    fs::write(bed.folder.path().join(".aws/config"), settings)?;
    let aws = tools().canonicalize()?.join("python/bin/aws");
    let tool = |arguments: &[&str]| run(bed.command(&aws).arg("s3").args(arguments));
    let words = Words {
        bucket: "by-the-cli",
        delete: "--delete",
        recursive: "--recursive",
        recursive_removal: "--force",
        get: "cp",
        presign: &["presign", "URL"],
    };
    work(&bed, &tool, &words)
}

#[test]
fn s3cmd_of_debian_syncs_copies_moves_and_removes() -> Result<()> {
    let bed = Bed::new()?;
    let authority = bed.node.endpoint().trim_start_matches("http://").to_owned();
    let tool = |arguments: &[&str]| {
        let mut command = bed.command("s3cmd");
        // It reads no configuration, keys come from the environment, and buckets are in paths.
        command.args(["--config", "/dev/null", "--no-ssl", "--no-progress"]);
        command.args(["--host", &authority, "--host-bucket", &authority]);
        run(command.args(arguments))
    };
    let words = Words {
        bucket: "by-s3cmd",
        delete: "--delete-removed",
        recursive: "--recursive",
        recursive_removal: "--recursive",
        get: "get",
        presign: &["signurl", "URL", "+3600"],
    };
    work(&bed, &tool, &words)?;

    tool(&["mb", "s3://told"])?;
    fs::write(bed.folder.path().join("told.txt"), "told")?;
    tool(&["put", "told.txt", "s3://told/a"])?;
    for url in ["s3://told", "s3://told/a"] {
        let told = tool(&["info", url])?;
        ensure!(told.contains("FULL_CONTROL"), "{told}");
        tool(&["setacl", "--acl-private", url])?;
        ensure!(tool(&["setacl", "--acl-public", url]).is_err(), "{url} is public");
    }
    Ok(())
}
