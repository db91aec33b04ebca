"""What the functions logged while the other checks ran."""

import json

from sync import CANARY


def log_has_no_rows_and_no_write_keys(stack):
    lines = stack.log_lines()
    assert len(lines) > 100, f"{len(lines)} lines"
    for secret in (CANARY, "key-of-", "rotated-key"):
        found = [line for line in lines if secret in line]
        assert not found, found[:3]


def log_lines_are_json_and_name_sync_and_run_where_there_is_one(stack):
    own = [line for line in stack.log_lines() if not line.startswith(("START", "END", "REPORT", "INIT_START"))]
    for line in own:
        assert isinstance(json.loads(line), dict), line
    finished = [line for line in own if "run finished" in line]
    assert finished and all('"sync"' in line and '"run"' in line for line in finished), finished[:3]


def metrics_are_the_counts_of_the_reports(stack):
    metrics = [json.loads(line) for line in stack.log_lines() if '"_aws"' in line]
    told = [metric for metric in metrics if metric["sync"] == "accounted"]
    for metric in told:
        (defined,) = metric["_aws"]["CloudWatchMetrics"]
        assert defined["Namespace"] == "Backhaul" and defined["Dimensions"] == [["sync"]], metric
        assert all(isinstance(metric[one["Name"]], (int, float)) for one in defined["Metrics"]), metric
    (report,) = stack.reports("accounted")
    expected = {"Rows": 100, "Sent": 90, "Filtered": 0, "Rejected": 10, "Requests": report["requests"], "RunsPartial": 1, "RunsSucceeded": 0}
    sums = {name: sum(metric.get(name, 0) for metric in told) for name in expected}
    assert sums == expected, sums


CHECKS = [
    log_has_no_rows_and_no_write_keys,
    log_lines_are_json_and_name_sync_and_run_where_there_is_one,
    metrics_are_the_counts_of_the_reports,
]
