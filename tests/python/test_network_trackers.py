"""Trackers that send to a server: the program against servers on this machine, also such that are
slow, refuse or are not there. tests/python/test_tracking_services.py has the real services."""

from __future__ import annotations

import csv
import json
import math
import shutil
import ssl
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, TIMES, Run, tiny_run
from tracking_server import Request, Server, answer_as_comet, answer_as_mlflow, tracking_server

EPOCHS = 2
MLFLOW = {"training.epochs": EPOCHS, "trackers": "[mlflow]"}


@pytest.fixture(scope="module")
def untracked_run(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("untracked")
    options = tiny_run(folder, prepared, {"training.epochs": EPOCHS})
    for verb in ("stats", "train"):
        run(verb, *options)
    return folder


def environment(**variables: str) -> dict[str, str]:
    """Nothing of the user's own environment reaches a server."""
    return {"PATH": "/usr/bin:/bin", **variables}


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def assert_same_training(folder: Path, reference: Path) -> None:
    for row, expected in zip(rows_of(folder), rows_of(reference), strict=True):
        assert {key: value for key, value in row.items() if key not in TIMES} == {
            key: value for key, value in expected.items() if key not in TIMES
        }
    results = [json.loads((f / "test/metrics.json").read_text()) for f in (folder, reference)]
    assert results[0]["auc"] == results[1]["auc"]


def warnings_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if " warning " in line]


def train_with(
    run: Run, prepared: Path, folder: Path, settings: dict[str, Any], **variables: str
) -> subprocess.CompletedProcess[str]:
    options = tiny_run(folder, prepared, settings)
    run("stats", *options)
    return run("train", *options, env=environment(**variables))


def logged_metrics(server: Server) -> dict[str, list[tuple[int, Any]]]:
    """Steps and values by name, of the requests that an MLflow server got."""
    values: dict[str, list[tuple[int, Any]]] = {}
    for request in server.of("runs/log-batch"):
        for metric in request.json.get("metrics", []):
            values.setdefault(metric["key"], []).append((metric["step"], metric["value"]))
    return values


def assert_metrics(metrics: dict[str, list[tuple[int, Any]]], folder: Path) -> None:
    """They are those of metrics.csv by epoch, and of the test."""
    rows = rows_of(folder)
    for name in set(rows[0]) - {"epoch"}:
        assert [step for step, _ in metrics[name]] == list(range(1, EPOCHS + 1)), name
        for (_, value), row in zip(metrics[name], rows, strict=True):
            written = float(row[name])
            assert float(value) == pytest.approx(written, rel=1e-5) or math.isnan(written), name
    results = json.loads((folder / "test/metrics.json").read_text())
    assert metrics["test/auc"][-1][1] == pytest.approx(results["auc"]["value"])


def assert_complete(server: Server, folder: Path) -> None:
    """The server got everything that the run directory holds."""
    assert_metrics(logged_metrics(server), folder)
    figures = {path.name: path.read_bytes() for path in (folder / "plots").glob("*.png")}
    assert figures
    sent = {
        request.path.rpartition("/artifacts/")[2]: request.body
        for request in server.requests
        if request.method == "PUT"
    }
    assert sent.pop("config.yaml").decode() == (folder / "config.yaml").read_text()
    assert sent == {f"plots/{name}": content for name, content in figures.items()}
    parameters = {
        parameter["key"]: parameter["value"]
        for request in server.of("runs/log-batch")
        for parameter in request.json.get("params", [])
    }
    assert parameters["training.epochs"] == str(EPOCHS)
    assert parameters["model.architecture"] == "edgeconv"
    tags = {tag["key"]: tag["value"] for tag in server.of("runs/create")[0].json["tags"]}
    assert {"stationhit", "commit", "Torch", "host", "cores", "command"} <= set(tags)
    assert server.of("runs/update")[-1].json["status"] == "FINISHED"


def test_mlflow_gets_everything_and_the_training_is_the_same(
    run: Run, prepared: Path, tmp_path: Path, untracked_run: Path
) -> None:
    with tracking_server(answer_as_mlflow) as server:
        done = train_with(run, prepared, tmp_path, MLFLOW, MLFLOW_TRACKING_URI=server.address)
    assert warnings_of(done) == []
    assert_complete(server, tmp_path)
    assert_same_training(tmp_path, untracked_run)
    assert not (tmp_path / "mlflow/unsent.jsonl").exists()


def test_a_server_that_answers_after_10_s_changes_nothing(
    run: Run, prepared: Path, tmp_path: Path, untracked_run: Path
) -> None:
    begin = time.monotonic()
    with tracking_server(answer_as_mlflow, delay=10) as server:
        done = train_with(run, prepared, tmp_path, MLFLOW, MLFLOW_TRACKING_URI=server.address)
    assert time.monotonic() - begin < 200  # a minute of it waits for the server
    assert_same_training(tmp_path, untracked_run)
    assert len(warnings_of(done)) == 1
    assert "records were not sent within 60 s; what was not sent is kept in" in done.stderr
    kept = [
        json.loads(line) for line in (tmp_path / "mlflow/unsent.jsonl").read_text().splitlines()
    ]
    assert kept[-1]["body"]["status"] == "FINISHED"


def refuse(status: int, message: str = "no") -> Any:
    return lambda _request: (status, {"message": message})


@pytest.mark.parametrize("status", [401, 429, 500])
def test_what_a_server_refuses_is_kept_and_can_be_sent_later(
    run: Run, prepared: Path, tmp_path: Path, untracked_run: Path, status: int
) -> None:
    with tracking_server(refuse(status)) as server:
        done = train_with(run, prepared, tmp_path, MLFLOW, MLFLOW_TRACKING_URI=server.address)
    assert len(server.requests) == (1 if status == 401 else 3)
    assert len(warnings_of(done)) == 1
    assert f"answer {status}" in done.stderr
    assert_same_training(tmp_path, untracked_run)
    with tracking_server(answer_as_mlflow) as server:
        subprocess.run(
            [sys.executable, ROOT / "tools/send_to_mlflow.py", tmp_path],
            env=environment(MLFLOW_TRACKING_URI=server.address),
            check=True,
        )
    assert_complete(server, tmp_path)
    assert not (tmp_path / "mlflow/unsent.jsonl").exists()


def test_a_failure_in_the_middle_goes_on_in_the_same_run_later(
    run: Run, prepared: Path, tmp_path: Path
) -> None:
    def fail_at_figures(request: Request) -> tuple[int, dict[str, Any]]:
        return (403, {}) if request.path.endswith(".png") else answer_as_mlflow(request)

    with tracking_server(fail_at_figures) as server:
        train_with(run, prepared, tmp_path, MLFLOW, MLFLOW_TRACKING_URI=server.address)
        assert len(server.of("runs/create")) == 1
        assert not server.of("runs/update")
        known = json.loads((tmp_path / "mlflow/run.json").read_text())
        assert known["run_id"] == "r1"
    with tracking_server(answer_as_mlflow) as later:
        (tmp_path / "mlflow/run.json").write_text(json.dumps({**known, "server": later.address}))
        subprocess.run(
            [sys.executable, ROOT / "tools/send_to_mlflow.py", tmp_path],
            env=environment(MLFLOW_TRACKING_URI=later.address),
            check=True,
        )
    assert not later.of("runs/create")
    assert {request.json["run_id"] for request in later.of("runs/log-batch")} == {"r1"}
    assert later.of("runs/update")[-1].json["status"] == "FINISHED"


def test_what_was_kept_follows_no_redirect(tmp_path: Path) -> None:
    (tmp_path / "mlflow").mkdir()
    unsent = tmp_path / "mlflow/unsent.jsonl"
    creation = {"path": "runs/create", "body": {"experiment_name": "stationhit"}}
    unsent.write_text(json.dumps(creation) + "\n")
    with (
        tracking_server(answer_as_mlflow) as other,
        tracking_server(lambda _request: (302, {"location": other.address})) as server,
    ):
        variables = {"MLFLOW_TRACKING_URI": server.address, "MLFLOW_TRACKING_TOKEN": "secret"}
        done = subprocess.run(
            [sys.executable, ROOT / "tools/send_to_mlflow.py", tmp_path],
            env=environment(**variables),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "302" in done.stderr
    assert server.requests[0].headers["Authorization"] == "Bearer secret"
    assert other.requests == []
    assert unsent.exists()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "https://no-such-host.invalid"])
def test_a_server_that_is_not_there(
    run: Run, prepared: Path, tmp_path: Path, untracked_run: Path, address: str
) -> None:
    done = train_with(run, prepared, tmp_path, MLFLOW, MLFLOW_TRACKING_URI=address)
    assert len(warnings_of(done)) == 1
    assert "the tracker mlflow sends nothing more: GET " + address in done.stderr
    assert (tmp_path / "mlflow/unsent.jsonl").exists()
    assert_same_training(tmp_path, untracked_run)


def test_without_an_address_nothing_is_sent(run: Run, prepared: Path, tmp_path: Path) -> None:
    done = train_with(run, prepared, tmp_path, MLFLOW)
    assert len(warnings_of(done)) == 1
    assert "MLFLOW_TRACKING_URI is not set; set it to the address" in done.stderr
    assert not (tmp_path / "mlflow").exists()


COMET = {"training.epochs": EPOCHS, "use_comet": "True"}
API_KEY = "SecretKeyOfTheAccount1234"


def multipart_file(request: Request) -> bytes:
    """The one file of a form."""
    boundary = request.headers["Content-Type"].partition("boundary=")[2].encode()
    content = request.body.partition(b"\r\n\r\n")[2]
    assert content.endswith(b"\r\n--" + boundary + b"--\r\n")
    return content[: -len(b"\r\n--" + boundary + b"--\r\n")]


def comet_metrics(values: list[dict[str, Any]]) -> dict[str, list[tuple[int, Any]]]:
    """Steps and values by name, in the order of the steps."""
    metrics: dict[str, list[tuple[int, Any]]] = {}
    for value in values:
        metrics.setdefault(value["metricName"], []).append((value["step"], value["metricValue"]))
    return {name: sorted(points, key=lambda point: point[0]) for name, points in metrics.items()}


def assert_comet_has(
    folder: Path,
    metrics: dict[str, list[tuple[int, Any]]],
    parameters: dict[str, str],
    others: dict[str, str],
    assets: dict[str, bytes],
) -> None:
    assert_metrics(metrics, folder)
    rows = rows_of(folder)
    steps = [step for step, _ in metrics["step/train_loss"]]
    assert steps == sorted(set(steps)), "every step once"
    per_epoch = len(steps) // EPOCHS
    last_epoch = [float(value) for _, value in metrics["step/train_loss"][-per_epoch:]]
    mean = sum(last_epoch) / len(last_epoch)
    assert mean == pytest.approx(float(rows[-1]["train_loss"]), 0.2), "nodes weigh alike, not steps"
    assert parameters["training.epochs"] == str(EPOCHS)
    assert {"stationhit", "commit", "Torch", "host", "end_state"} <= set(others)
    assert others["end_state"] == "finished"
    figures = {path.name: path.read_bytes() for path in (folder / "plots").glob("*.png")}
    configuration = (folder / "config.yaml").read_bytes()
    assert assets == {"config.yaml": configuration, **figures}


def assert_key_is_nowhere(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert API_KEY not in done.stdout + done.stderr
    for file in folder.rglob("*"):
        assert file.is_dir() or API_KEY.encode() not in file.read_bytes(), file


def test_comet_gets_everything_and_the_key_stays_in_the_requests(
    run: Run, prepared: Path, tmp_path: Path, untracked_run: Path
) -> None:
    with tracking_server(answer_as_comet) as server:
        variables = {"COMET_API_KEY": API_KEY, "COMET_URL_OVERRIDE": server.address}
        done = train_with(run, prepared, tmp_path, COMET, **variables)
    assert warnings_of(done) == []
    assert all(request.headers["Authorization"] == API_KEY for request in server.requests)
    assert_comet_has(
        tmp_path,
        comet_metrics([request.json for request in server.of("/metric")]),
        {r.json["parameterName"]: r.json["parameterValue"] for r in server.of("/parameter")},
        {r.json["key"]: r.json["value"] for r in server.of("/log-other")},
        {r.query["fileName"]: multipart_file(r) for r in server.of("/upload-asset")},
    )
    assert server.of("/update-status")[-1].json["hasCrashed"] is False
    assert not list((tmp_path / "comet").glob("*.zip"))
    assert_key_is_nowhere(tmp_path, done)
    assert_same_training(tmp_path, untracked_run)


def test_without_network_comet_leaves_an_archive(
    run: Run, prepared: Path, tmp_path: Path, untracked_run: Path
) -> None:
    variables = {"COMET_API_KEY": API_KEY, "COMET_URL_OVERRIDE": "http://127.0.0.1:9/clientlib/"}
    done = train_with(run, prepared, tmp_path, COMET, **variables)
    assert len(warnings_of(done)) == 1
    assert "which the command comet upload sends" in done.stderr
    (archive,) = (tmp_path / "comet").glob("*.zip")
    with zipfile.ZipFile(archive) as content:
        assert content.testzip() is None
        experiment = json.loads(content.read("experiment.json"))
        messages = [json.loads(line) for line in content.read("messages.json").splitlines()]
        of_type: dict[str, list[dict[str, Any]]] = {}
        for message in messages:
            of_type.setdefault(message["type"], []).append(message["payload"])
        assets = {
            payload["file_path"]: content.read(payload["file_path"])
            for payload in of_type["file_upload"]
        }
    assert archive.name.startswith(experiment["offline_id"])
    assert experiment["project_name"] == "stationhit"
    parameters = [payload["param"] for payload in of_type["parameter_msg"]]
    assert_comet_has(
        tmp_path,
        comet_metrics([payload["metric"] for payload in of_type["metric_msg"]]),
        {parameter["paramName"]: parameter["paramValue"] for parameter in parameters},
        {payload["key"]: payload["value"] for payload in of_type["log_other"]},
        assets,
    )
    assert_key_is_nowhere(tmp_path, done)
    assert_same_training(tmp_path, untracked_run)


def test_comet_without_a_key_stays_local(run: Run, prepared: Path, tmp_path: Path) -> None:
    done = train_with(run, prepared, tmp_path, COMET)
    assert warnings_of(done) == [
        warning for warning in warnings_of(done) if "COMET_API_KEY is not set" in warning
    ]
    assert "so everything stays in the run directory" in done.stderr
    assert not (tmp_path / "comet").exists()
    assert (tmp_path / "report.html").exists()


def test_a_certificate_that_nobody_signed_gets_no_key(
    run: Run, prepared: Path, tmp_path: Path
) -> None:
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    folder = tmp_path / "run"
    with tracking_server(answer_as_comet, tls=context) as server:
        variables = {"COMET_API_KEY": API_KEY, "COMET_URL_OVERRIDE": server.address}
        done = train_with(run, prepared, folder, COMET, **variables)
    assert server.requests == []
    assert "certificate" in warnings_of(done)[0]
