"""A scrape as Prometheus makes it, parsed by Prometheus's own parser."""

import os
import sys
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

url, token = sys.argv[1], open(sys.argv[2]).read()


def scrape(**headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60)


for headers in [{}, {"Authorization": "Bearer wrong"}, {"Authorization": token}]:
    try:
        scrape(**headers)
        raise SystemExit(f"a scrape with {headers} was answered")
    except urllib.error.HTTPError as refused:
        assert refused.code == 401, refused.code

with scrape(Authorization=f"Bearer {token}") as answer:
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {f.name: f for f in text_string_to_metric_families(answer.read().decode())}


def value(family, name, **labels):
    found = [s.value for s in families[family].samples
             if s.name == name and labels.items() <= s.labels.items()]
    assert found, (family, name, labels)
    return sum(found)


def of(name, **labels):
    return value(f"pileus_function_{name}", f"pileus_function_{name}_total",
                 function="counted", **labels)


assert families["pileus_function_invocations"].type == "counter"
assert families["pileus_function_duration_seconds"].type == "histogram"
assert of("invocations") == 4, of("invocations")
assert of("errors") == 1 and of("cold_starts") == 1
for phase in ["queue", "sandbox", "init"]:
    assert of("cold_start_seconds", phase=phase) > 0, phase
durations = "pileus_function_duration_seconds"
assert value(durations, f"{durations}_count", function="counted") == 4
assert value(durations, f"{durations}_bucket", function="counted", le="+Inf") == 4
invoked = {"service": "lambda", "operation": "Invoke"}
assert value("pileus_requests", "pileus_requests_total", status="200", **invoked) == 4
assert value("pileus_requests", "pileus_requests_total", status="404", **invoked) == 1
assert value("pileus_request_duration_seconds", "pileus_request_duration_seconds_count",
             **invoked) == 5
assert value("pileus_store_commits", "pileus_store_commits_total", result="done") > 0
assert value("pileus_panics", "pileus_panics_total") == 0
assert value("pileus_instances", "pileus_instances", state="idle") == 1
print(os.path.basename(url), len(families))
