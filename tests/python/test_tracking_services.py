"""Trackers with the programs of the services, which are too large for the test environment:

    python3 -m venv mlflow && mlflow/bin/pip install mlflow==3.17.2
    python3 -m venv comet && comet/bin/pip install comet_ml==3.58.8 jsonschema
    STATIONHIT_MLFLOW=mlflow/bin/mlflow STATIONHIT_COMET=comet/bin/python .deps/venv/bin/python -m pytest tests/python/test_tracking_services.py

The tests of a service are skipped where its variable is not set."""  # noqa: E501

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run, tiny_run
from side_by_side import free_port
from test_network_trackers import (
    API_KEY,
    COMET,
    MLFLOW,
    assert_comet_has,
    comet_metrics,
    environment,
    multipart_file,
    rows_of,
    train_with,
)
from tracking_server import Server, answer_as_comet, tracking_server


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert server.poll() is None, "the server has ended"
        try:
            read(f"{address}/health")
            return
        except OSError:
            time.sleep(1)
    pytest.fail("the server does not answer")


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an MLflow server with a data base of its own."""
    program = os.environ.get("STATIONHIT_MLFLOW")
    if program is None:
        pytest.skip("STATIONHIT_MLFLOW does not name the program mlflow")
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    options = {
        "--host": "127.0.0.1",
        "--port": port,
        "--workers": 1,
        "--backend-store-uri": f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination": folder / "artifacts",
    }
    command = [program, "server", *(str(part) for option in options.items() for part in option)]
    # Without jobs all of its processes end with it.
    variables = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    server = subprocess.Popen(command, env=variables)
    try:
        wait_until_healthy(address := f"http://127.0.0.1:{port}", server)
        yield address
    finally:
        server.terminate()
        server.wait()


def call(address: str, path: str, **query: str) -> dict[str, Any]:
    return json.loads(read(f"{address}/api/2.0/mlflow/{path}?{urllib.parse.urlencode(query)}"))


def assert_holds(address: str, folder: Path, status: str) -> None:
    """The server has in its run what the run directory holds."""
    known = json.loads((folder / "mlflow/run.json").read_text())
    run = call(address, "runs/get", run_id=known["run_id"])["run"]
    assert run["info"]["status"] == status
    assert run["info"]["run_name"] == folder.name
    parameters = {item["key"]: item["value"] for item in run["data"]["params"]}
    assert parameters["model.architecture"] == "edgeconv"
    assert {"commit", "Torch", "host"} <= {item["key"] for item in run["data"]["tags"]}
    rows = rows_of(folder)
    for name in set(rows[0]) - {"epoch"}:
        history = call(address, "metrics/get-history", run_id=known["run_id"], metric_key=name)[
            "metrics"
        ]
        assert [item["step"] for item in history] == list(range(1, len(rows) + 1)), name
        for item, row in zip(history, rows, strict=True):
            written = float(row[name])
            assert math.isnan(written) or item["value"] == pytest.approx(written, rel=1e-5), name
    results = json.loads((folder / "test/metrics.json").read_text())
    metrics = {item["key"]: item["value"] for item in run["data"]["metrics"]}
    assert metrics["test/auc"] == pytest.approx(results["auc"]["value"])
    root = known["artifact_uri"].removeprefix("mlflow-artifacts:/").strip("/")
    for file in [folder / "config.yaml", *(folder / "plots").glob("*.png")]:
        name = file.relative_to(folder)
        content = read(f"{address}/api/2.0/mlflow-artifacts/artifacts/{root}/{name}")
        assert content == file.read_bytes(), name


def test_mlflow_shows_a_continued_training_as_one_run(
    run: Run, prepared: Path, tmp_path: Path, mlflow: str
) -> None:
    variables = environment(MLFLOW_TRACKING_URI=mlflow)
    for epochs in (1, 2):
        options = tiny_run(tmp_path, prepared, {**MLFLOW, "training.epochs": epochs})
        run("stats", *options)
        done = run("train", *options, env=variables)
        assert " warning " not in done.stderr
    assert_holds(mlflow, tmp_path, "FINISHED")


def test_mlflow_takes_later_what_was_kept(
    run: Run, prepared: Path, tmp_path: Path, mlflow: str
) -> None:
    options = tiny_run(tmp_path, prepared, MLFLOW)
    run("stats", *options)
    run("train", *options, env=environment(MLFLOW_TRACKING_URI="http://127.0.0.1:9"))
    send = [sys.executable, ROOT / "tools/send_to_mlflow.py", tmp_path]
    subprocess.run(send, env=environment(MLFLOW_TRACKING_URI=mlflow), check=True)
    assert_holds(mlflow, tmp_path, "FINISHED")


@pytest.fixture(scope="module")
def comet() -> Path:
    """A Python with the official client of Comet."""
    program = os.environ.get("STATIONHIT_COMET")
    if program is None:
        pytest.skip("STATIONHIT_COMET does not name a Python with comet_ml")
    return Path(program).absolute()


def comet_variables(server: Server) -> dict[str, str]:
    return {
        "COMET_API_KEY": API_KEY,
        "COMET_URL_OVERRIDE": f"{server.address}/clientlib/",
        "COMET_ERROR_TRACKING_ENABLE": "0",
    }


def bodies(server: Server, path: str) -> list[dict[str, Any]]:
    """Without what no two experiments have in common."""
    ignored = {"experimentKey", "timestamp"}
    return sorted(
        (
            {key: value for key, value in r.json.items() if key not in ignored}
            for r in server.of(path)
        ),
        key=lambda body: json.dumps(body, sort_keys=True),
    )


def uploads(server: Server) -> dict[str, tuple[str, str, bytes]]:
    """Type, step and size of files by name."""
    return {
        r.query["fileName"]: (r.query["type"], r.query.get("step", ""), multipart_file(r))
        for r in server.of("write/experiment/upload-asset")
    }


def test_requests_to_comet_are_those_of_the_official_client(
    run: Run, prepared: Path, tmp_path: Path, comet: Path
) -> None:
    folder = tmp_path / "run"
    with tracking_server(answer_as_comet) as ours:
        train_with(run, prepared, folder, COMET, **comet_variables(ours))
    begin = ours.of("set-start-end-time")[0].json
    figures = [
        {"file": str(folder / "plots" / name), "name": name, "step": int(step)}
        for name, (kind, step, _) in uploads(ours).items()
        if kind == "image"
    ]
    content = {
        "name": folder.name,
        "parameters": {b["parameterName"]: b["parameterValue"] for b in bodies(ours, "/parameter")},
        "metrics": bodies(ours, "/metric"),
        "others": {body["key"]: body["value"] for body in bodies(ours, "/log-other")},
        "configuration": str(folder / "config.yaml"),
        "figures": figures,
        "start": begin["startTimeMillis"],
        "end": begin["endTimeMillis"],
    }
    description = tmp_path / "experiment.json"
    description.write_text(json.dumps(content))
    with tracking_server(answer_as_comet) as theirs:
        subprocess.run(
            [comet, ROOT / "tests/python/comet_client.py", description],
            env=environment(HOME=str(tmp_path), **comet_variables(theirs)),
            check=True,
        )
    for path in ("create", "parameter", "metric", "log-other", "update-status"):
        assert bodies(ours, f"write/experiment/{path}") == bodies(
            theirs, f"write/experiment/{path}"
        ), path
    assert uploads(ours) == uploads(theirs)
    assert {r.headers["Authorization"] for r in theirs.of("/metric")} == {API_KEY}


def test_comet_upload_takes_our_archive(
    run: Run, prepared: Path, tmp_path: Path, comet: Path
) -> None:
    folder = tmp_path / "run"
    unreachable = {"COMET_API_KEY": API_KEY, "COMET_URL_OVERRIDE": "http://127.0.0.1:9"}
    train_with(run, prepared, folder, COMET, **unreachable)
    (archive,) = (folder / "comet").glob("*.zip")
    subprocess.run([comet, ROOT / "tests/python/comet_archive_schemas.py", archive], check=True)
    with tracking_server(answer_as_comet) as server:
        subprocess.run(
            [comet.with_name("comet"), "upload", archive],
            env=environment(HOME=str(tmp_path), **comet_variables(server)),
            check=True,
        )
    parameters = [value for r in server.of("experiment/parameter") for value in r.json["values"]]
    figures = {f"{r.query['figName']}.png": r for r in server.of("visualizations/upload")}
    files = {r.query["fileName"]: r for r in server.of("asset/upload")}
    assert_comet_has(
        folder,
        comet_metrics(
            [value for r in server.of("experiment/metric") for value in r.json["values"]]
        ),
        {value["parameterName"]: value["parameterValue"] for value in parameters},
        {r.json["key"]: r.json["value"] for r in server.of("log-other")},
        {name: multipart_file(r) for name, r in {**files, **figures}.items()},
    )
    assert server.of("system-details")[0].json["osType"] == "Linux"
