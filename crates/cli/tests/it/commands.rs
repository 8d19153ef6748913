use super::{Endpoint, Folder, Platform};
use std::{ffi::OsString, process::ExitCode};

fn run(line: &[&str], platform: &Platform) -> ExitCode {
    cli::run([&["pileus"], line].concat().into_iter().map(OsString::from), platform)
}

#[test]
fn the_flags_of_up_reach_the_platform_and_defaults_are_left_to_it() {
    let platform = Platform::default();
    let line = ["up", "--data", "d", "--listen", "127.0.0.1:0", "--isolation", "reduced", "--json"];
    assert_eq!(run(&line, &platform), ExitCode::SUCCESS);
    let options = platform.0.lock().unwrap().take().unwrap();
    let expected = cli::UpOptions {
        data: Some("d".into()),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        isolation: Some(cli::Isolation::Reduced),
        json: true,
        ..cli::UpOptions::default()
    };
    assert_eq!(options, expected);
}

#[test]
fn a_wrong_command_line_has_status_2_and_help_has_status_0() {
    let platform = Platform::default();
    assert_eq!(run(&["up", "--listen", "nowhere"], &platform), ExitCode::from(2));
    assert_eq!(run(&["frobnicate"], &platform), ExitCode::from(2));
    assert_eq!(run(&["deploy", "--help"], &platform), ExitCode::SUCCESS);
}

#[test]
fn an_installation_that_does_not_run_is_a_failure() {
    let folder = Folder::new("http://127.0.0.1:1", "");
    assert_eq!(folder.run(&["ls"]), ExitCode::FAILURE);
    assert_eq!(folder.run(&["env"]), ExitCode::SUCCESS);
    assert_eq!(folder.run(&["runtimes", "install", "x"]), ExitCode::FAILURE);
    assert_eq!(folder.run(&["runtimes", "list"]), ExitCode::SUCCESS);
}

#[test]
fn a_function_is_called_by_its_name_or_by_its_resource() {
    let endpoint = Endpoint::new(|request| {
        let resource = "<R><DescribeStackResourceResult><StackResourceDetail>\
            <PhysicalResourceId>shop-Hello-1</PhysicalResourceId></StackResourceDetail>\
            </DescribeStackResourceResult></R>";
        let invoked = request.path.ends_with("/invocations");
        (200, if invoked { "{}".to_owned() } else { resource.to_owned() })
    });
    let folder = Folder::new(&endpoint.url, "");
    assert_eq!(folder.run(&["invoke", "hello", "--async", "-p", "[1]"]), ExitCode::SUCCESS);
    assert_eq!(folder.run(&["invoke", "shop/Hello", "--log", "--json"]), ExitCode::SUCCESS);
    let requests = endpoint.requests();
    assert_eq!(requests[0].path, "/2015-03-31/functions/hello/invocations");
    assert_eq!(requests[0].text(), "[1]");
    assert!(requests[0].head.contains("x-amz-invocation-type: event"));
    assert_eq!(requests[2].path, "/2015-03-31/functions/shop-Hello-1/invocations");
    assert!(requests[2].head.contains("x-amz-log-type: tail"));
}

#[test]
fn a_log_is_read_to_its_last_page() {
    let endpoint = Endpoint::new(|request| {
        let last = request.text().contains("nextToken");
        let token = if last { "null" } else { "\"more\"" };
        (200, format!("{{\"events\": [], \"nextToken\": {token}}}"))
    });
    let folder = Folder::new(&endpoint.url, "");
    let line = ["logs", "hello", "--since", "2h", "--filter", "ERROR"];
    assert_eq!(folder.run(&line), ExitCode::SUCCESS);
    let texts: Vec<_> = endpoint.requests().iter().map(super::endpoint::Request::text).collect();
    assert_eq!(texts.len(), 3);
    assert!(texts[0].contains("\"logGroupNamePrefix\":\"hello\""));
    assert!(texts[1].contains("\"/aws/lambda/hello\"") && texts[1].contains("\"ERROR\""));
}

#[test]
fn everything_is_listed_with_one_command() {
    let endpoint = Endpoint::new(|request| {
        let stacks = "<R><DescribeStacksResult><Stacks/></DescribeStacksResult></R>";
        let query = request.text().starts_with("Action=");
        (200, if query { stacks.to_owned() } else { "{\"QueueUrls\": [\"http://q/0/a\"]}".into() })
    });
    let folder = Folder::new(&endpoint.url, "");
    for line in [&["ls"][..], &["ls", "--json"], &["ls", "queues"], &["ls", "jobs"]] {
        assert_eq!(folder.run(line), ExitCode::SUCCESS, "{line:?}");
    }
    let requests = endpoint.requests();
    assert!(
        requests.iter().any(|request| request.text().contains("\"QueueUrl\":\"http://q/0/a\""))
    );
    assert!(requests.iter().any(|request| request.path == "/_pileus/jobs"));
}

#[test]
fn top_reads_the_figures_of_the_node_and_shows_them_once() {
    let endpoint = Endpoint::new(|request| {
        let figures = r#"{"pileus_function_invocations_total":
            [{"labels": {"function": "hello"}, "value": 3}]}"#;
        let is_figures = request.path == "/_pileus/metrics";
        (200, if is_figures { figures.to_owned() } else { "{}".to_owned() })
    });
    let folder = Folder::new(&endpoint.url, "");
    for line in [&["top", "--once"][..], &["top", "--once", "--json"]] {
        assert_eq!(folder.run(line), ExitCode::SUCCESS);
    }
    let requests = endpoint.requests();
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("GET", "/_pileus/metrics")
    );
    assert!(requests[0].head.contains("authorization: aws4-hmac-sha256 "));
    assert_eq!(folder.run(&["top", "--interval", "0"]), ExitCode::from(2));
}
