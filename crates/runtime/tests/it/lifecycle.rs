use crate::fake::{World, code, echo, invocation, spec, world};
use runtime::{
    InstanceSpec, Invocation, InvokeError, LogFormat, LogLevel, Outcome, PoolsConfig, Share,
    sandbox::{Exit, ExitCause},
};
use std::{sync::Arc, time::Duration};

async fn invoke(world: &World, spec: InstanceSpec) -> Outcome {
    world.pools.invoke(Arc::new(spec), invocation("id-1", "{}")).await.unwrap()
}

fn payload(outcome: &Outcome) -> &str {
    std::str::from_utf8(&outcome.payload).unwrap()
}

#[tokio::test]
async fn a_cold_and_a_warm_call_leave_lambdas_lines_around_the_output() {
    let world = world(PoolsConfig::default(), async |mut inside| {
        inside.print("starting\n").await;
        let mut client = inside.client().await;
        loop {
            let id = client.next().await.id();
            inside.print(&format!("working on {id}\nwithout a newline")).await;
            client.respond(&id, b"1").await;
        }
    });
    let spec = Arc::new(spec("1"));
    let cold = world.pools.invoke(spec.clone(), invocation("id-1", "{}")).await.unwrap();
    let warm = world.pools.invoke(spec, invocation("id-2", "{}")).await.unwrap();
    let log = world.fake.log();
    let expected = [
        "INIT_START Runtime Version: provided:al2023",
        "starting",
        "START RequestId: id-1 Version: $LATEST",
        "working on id-1",
        "without a newline",
        "END RequestId: id-1",
        "REPORT RequestId: id-1\tDuration: ",
        "START RequestId: id-2 Version: $LATEST",
        "working on id-2",
        "without a newline",
        "END RequestId: id-2",
        "REPORT RequestId: id-2\tDuration: ",
    ];
    assert_eq!(log.len(), expected.len(), "{log:#?}");
    for (line, start) in log.iter().zip(expected) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(log[6].contains("Memory Size: 128 MB\tMax Memory Used: 21 MB\tInit Duration: "));
    assert!(!log[11].contains("Init Duration"));
    assert_eq!(cold.log_tail.unwrap(), log[..7].join("\n") + "\n");
    assert_eq!(warm.log_tail.unwrap(), log[7..].join("\n") + "\n");
    assert!(cold.report.init.is_some() && warm.report.init.is_none());
    assert!(cold.log_stream.starts_with("2023/11/14/[$LATEST]"));
    assert_eq!(cold.log_stream, warm.log_stream);
}

#[tokio::test]
async fn a_json_log_has_records_of_its_levels_around_what_the_function_prints() {
    let world = world(PoolsConfig::default(), async |mut inside| {
        let format = inside.spec.env.iter().find(|(name, _)| name == "AWS_LAMBDA_LOG_FORMAT");
        inside.print(&format!("{}\n", format.unwrap().1)).await;
        let mut client = inside.client().await;
        let id = client.next().await.id();
        inside
            .print("{\"timestamp\": \"t\", \"level\": \"DEBUG\"}\n{\"level\": \"DEBUG\"}\n")
            .await;
        client.respond(&id, b"1").await;
        client.next().await;
        Exit { cause: ExitCause::Code(1), out_of_memory: false }
    });
    let log_format = LogFormat::Json { application: LogLevel::Info, system: LogLevel::Info };
    let spec = Arc::new(InstanceSpec { log_format, ..spec("1") });
    for id in ["id-1", "id-2"] {
        world.pools.invoke(spec.clone(), invocation(id, "{}")).await.unwrap();
    }
    let told = world.fake.log().into_iter().map(|line| {
        let record: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        match record["type"].as_str() {
            Some(kind) => format!("{kind} {}", record["record"]["status"]),
            None => line,
        }
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "platform.initStart null",
            "JSON",
            "platform.start null",
            "{\"level\": \"DEBUG\"}",
            "platform.report \"success\"",
            "platform.start null",
            "platform.runtimeDone \"error\"",
            "platform.report \"error\"",
        ]
    );
}

#[tokio::test]
async fn every_start_and_every_invocation_is_observed_once() {
    let config = PoolsConfig { max_instances: 1, ..PoolsConfig::default() };
    let world = world(config, async |inside| {
        let mut client = inside.client().await;
        let event = client.next().await;
        client.respond(&event.id(), b"1").await;
        client.next().await;
        Exit { cause: ExitCause::Code(1), out_of_memory: false }
    });
    let spec = Arc::new(spec("1"));
    for (id, share) in [("1", Share::Common(1)), ("2", Share::Common(0)), ("3", Share::Common(1))] {
        let invocation = Invocation { share, ..invocation(id, "{}") };
        drop(world.pools.invoke(spec.clone(), invocation).await);
    }
    let observed = world.fake.observed.lock().unwrap().clone();
    let expected = ["Queue", "Sandbox", "Init", "f well", "f refused", "f failed"];
    assert_eq!(observed, expected);
    assert!(world.pools.busy().is_empty());
}

#[tokio::test]
async fn output_of_an_invocation_precedes_its_end_however_much_it_is() {
    let world = world(PoolsConfig::default(), async |mut inside| {
        let mut client = inside.client().await;
        let mut round = 0;
        loop {
            let id = client.next().await.id();
            round += 1;
            inside.print(&format!("{round}\n").repeat(5_000)).await;
            client.respond(&id, b"1").await;
        }
    });
    let spec = Arc::new(spec("1"));
    for _ in 0..20 {
        world.pools.invoke(spec.clone(), invocation("id", "{}")).await.unwrap();
    }
    let log = world.fake.log();
    let mut round = 0;
    let mut count = 0;
    for line in &log[1..] {
        match line.split(' ').next().unwrap() {
            "START" => (round, count) = (round + 1, 0),
            "END" => assert_eq!(count, 5_000),
            "REPORT" => {}
            number => {
                assert_eq!(number.parse::<i32>().unwrap(), round);
                count += 1;
            }
        }
    }
    assert_eq!(round, 20);
}

#[tokio::test]
async fn the_environment_is_lambdas_and_reserved_names_win() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = inside.client().await;
        let id = client.next().await.id();
        let text: Vec<String> =
            inside.spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        client.respond(&id, text.join("\n").as_bytes()).await;
        std::future::pending().await
    });
    let mut spec = spec("1");
    spec.environment.push(("_HANDLER".into(), types::Secret::new("forged")));
    let outcome = invoke(&world, spec).await;
    for expected in [
        "_HANDLER=app.handler",
        "AWS_ACCESS_KEY_ID=ASIA1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
        "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001",
        "LANG=from the runtime",
        "LAMBDA_TASK_ROOT=/var/task",
        "TABLE=users",
    ] {
        assert!(payload(&outcome).lines().any(|line| line == expected), "{expected}");
    }
}

#[tokio::test]
async fn an_invocation_past_its_timeout_is_killed_and_says_so_in_lambdas_words() {
    let world = world(PoolsConfig::default(), async |mut inside| {
        let mut client = inside.client().await;
        client.next().await;
        inside.print("thinking\n").await;
        std::future::pending().await
    });
    let mut spec = spec("1");
    spec.timeout = Duration::from_millis(50);
    let outcome = invoke(&world, spec).await;
    assert!(world.fake.has_ended(0));
    assert_eq!(
        payload(&outcome),
        r#"{"errorMessage":"RequestId: id-1 Error: Task timed out after 0.05 seconds","errorType":"Sandbox.Timedout"}"#
    );
    let log = world.fake.log();
    assert_eq!(log[2], "thinking");
    assert_eq!(log[3], "2023-11-14T22:13:20.000Z id-1 Task timed out after 0.05 seconds");
    assert!(log[5].contains("\tStatus: timeout\t"), "{}", log[5]);
    assert_eq!(world.pools.status().instances, 0);
}

async fn exit_after_the_event(exit: Exit) -> Outcome {
    let world = world(PoolsConfig::default(), move |inside| async move {
        inside.client().await.next().await;
        exit
    });
    invoke(&world, spec("1")).await
}

#[tokio::test]
async fn a_runtime_that_exits_in_an_invocation_fails_it_at_once() {
    let outcome = exit_after_the_event(code(1)).await;
    assert_eq!(
        payload(&outcome),
        r#"{"errorMessage":"RequestId: id-1 Error: Runtime exited with error: exit status 1","errorType":"Runtime.ExitError"}"#
    );
    let outcome = exit_after_the_event(code(0)).await;
    assert!(payload(&outcome).contains("Runtime exited without providing a reason"));
    let outcome = exit_after_the_event(Exit { out_of_memory: true, ..crate::fake::KILLED }).await;
    assert_eq!(
        payload(&outcome),
        r#"{"errorMessage":"RequestId: id-1 Error: Runtime exited with error: signal: killed","errorType":"Runtime.OutOfMemory"}"#
    );
}

#[tokio::test]
async fn a_start_that_reports_its_failure_is_answered_with_it_at_once() {
    let world = world(PoolsConfig::default(), async |mut inside| {
        inside.print("no such module\n").await;
        let header = "Lambda-Runtime-Function-Error-Type: Runtime.ImportModuleError\r\n";
        let body = br#"{"errorType":"Runtime.ImportModuleError","errorMessage":"no app"}"#;
        inside.client().await.call("POST", "init/error", header, body).await;
        std::future::pending().await
    });
    let outcome = invoke(&world, spec("1")).await;
    assert_eq!(outcome.error.as_ref().unwrap().error_type, "Runtime.ImportModuleError");
    assert!(payload(&outcome).contains("no app"));
    let log = world.fake.log();
    assert_eq!(log[1], "no such module");
    assert!(log[2].starts_with("INIT_REPORT Init Duration: "));
    assert!(log[2].ends_with("Status: error\tError Type: Runtime.ImportModuleError"));
    world.fake.ended(0).await;
    assert_eq!(world.pools.status().instances, 0);
}

#[tokio::test]
async fn a_start_that_exits_or_hangs_is_answered_in_lambdas_words() {
    let exits = world(PoolsConfig::default(), async |_| code(3));
    assert_eq!(
        payload(&invoke(&exits, spec("1")).await),
        r#"{"errorMessage":"RequestId: id-1 Error: Runtime exited with error: exit status 3","errorType":"Runtime.ExitError"}"#
    );
    let hangs = world(PoolsConfig::default(), async |_| std::future::pending().await);
    let mut spec = spec("1");
    (spec.init_timeout, spec.timeout) = (Duration::from_millis(20), Duration::from_millis(50));
    let outcome = invoke(&hangs, spec).await;
    assert_eq!(
        payload(&outcome),
        r#"{"errorMessage":"RequestId: id-1 Error: Task timed out after 0.05 seconds","errorType":"Sandbox.Timedout"}"#
    );
    // The second start was a part of the invocation.
    assert!(outcome.report.duration >= Duration::from_millis(50) && outcome.report.init.is_none());
    hangs.fake.ended(1).await;
    let log = hangs.fake.log();
    let reports: Vec<_> = log.iter().filter(|line| line.starts_with("INIT_REPORT")).collect();
    let [first, second] = &reports[..] else { panic!("{log:#?}") };
    assert!(first.contains("\tPhase: init\tStatus: timeout"), "{first}");
    assert!(second.contains("\tPhase: invoke\tStatus: timeout"), "{second}");
    assert_eq!(hangs.pools.status().instances, 0);
}

#[tokio::test]
async fn a_start_that_takes_too_long_is_done_again_in_the_time_of_the_invocation() {
    let world = world(PoolsConfig::default(), async |inside| match inside.number {
        0 => std::future::pending().await,
        _ => echo(inside).await,
    });
    let mut spec = spec("1");
    (spec.init_timeout, spec.timeout) = (Duration::from_millis(20), Duration::from_secs(600));
    let outcome = invoke(&world, spec.clone()).await;
    assert_eq!(outcome.error, None, "{:?}", outcome.payload);
    assert_eq!(outcome.report.init, None);
    assert!(world.fake.has_ended(0) && !world.fake.has_ended(1));
    let streams: Vec<String> =
        world.fake.lines.lock().unwrap().iter().map(|(stream, _)| stream.clone()).collect();
    assert!(streams.iter().all(|stream| *stream == streams[0]), "{streams:?}");
    // It is an instance as any other.
    assert_eq!(invoke(&world, spec).await.error, None);
    assert_eq!(world.fake.created(), 2);
    assert_eq!(world.pools.status().instances, 1);
}

#[tokio::test]
async fn what_cannot_start_is_the_functions_failure_or_a_clear_refusal() {
    let world = world(PoolsConfig::default(), echo);
    let mut empty = spec("1");
    empty.runtime = "empty".into();
    assert_eq!(
        payload(&invoke(&world, empty).await),
        r#"{"errorMessage":"RequestId: id-1 Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap]","errorType":"Runtime.InvalidEntrypoint"}"#
    );
    let mut unknown = spec("2");
    unknown.runtime = "cobol85".into();
    let error = world.pools.invoke(Arc::new(unknown), invocation("i", "")).await.unwrap_err();
    assert_eq!(error.to_string(), "the runtime cobol85 is not supported");
    let mut bare = spec("3");
    bare.function_name = "unsandboxable".into();
    let error = world.pools.invoke(Arc::new(bare), invocation("i", "")).await.unwrap_err();
    assert!(matches!(error, InvokeError::Sandbox(_)));
    assert!(error.to_string().contains("user namespaces"));
    assert_eq!(world.pools.status().instances, 0);
}

#[tokio::test]
async fn a_client_context_that_no_header_can_carry_is_refused() {
    let world = world(PoolsConfig::default(), echo);
    let mut call = invocation("id-1", "{}");
    call.client_context = Some("{\n}".into());
    let error = world.pools.invoke(Arc::new(spec("1")), call).await.unwrap_err();
    assert_eq!(error, InvokeError::Header("the client context"));
}
