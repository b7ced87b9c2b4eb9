#!/usr/bin/env python3
"""Sends what a training could not send to MLflow (RUN_DIR/mlflow/unsent.jsonl) to the server of
MLFLOW_TRACKING_URI: into the run that the training began, else into a new one.

usage: MLFLOW_TRACKING_URI=http://HOST:PORT tools/send_to_mlflow.py RUN_DIR
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an error: it would take the credentials to another address."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


class Server:
    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.opener = urllib.request.build_opener(NoRedirects)

    def request(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.address}/api/2.0/{path}", body, method=method)
        request.add_header("Content-Type", "application/json")
        if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
            request.add_header("Authorization", f"Bearer {token}")
        elif user := os.environ.get("MLFLOW_TRACKING_USERNAME"):
            password = os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            request.add_header("Authorization", f"Basic {basic}")
        with self.opener.open(request, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.request("POST", f"mlflow/{path}", json.dumps(body).encode())


def experiment_id(server: Server, name: str) -> str:
    query = urllib.parse.urlencode({"experiment_name": name})
    try:
        found = server.request("GET", f"mlflow/experiments/get-by-name?{query}")
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return server.post("experiments/create", {"name": name})["experiment_id"]
    return found["experiment"]["experiment_id"]


def find_or_create_run(server: Server, file: Path, lines: list[dict[str, Any]]) -> dict[str, str]:
    if file.exists():
        known = json.loads(file.read_text())
        if known["server"] == server.address:
            return known
    body = next(line["body"] for line in lines if line.get("path") == "runs/create")
    name = body.pop("experiment_name")
    created = server.post("runs/create", {**body, "experiment_id": experiment_id(server, name)})
    info = created["run"]["info"]
    known = {
        "server": server.address,
        "run_id": info["run_id"],
        "artifact_uri": info["artifact_uri"],
    }
    file.write_text(json.dumps(known, indent=2) + "\n")
    return known


def send_line(server: Server, run: dict[str, str], line: dict[str, Any]) -> None:
    if "artifact" in line:
        content = line["content"].encode() if "content" in line else Path(line["file"]).read_bytes()
        scheme, _, root = run["artifact_uri"].partition(":/")
        if scheme == "mlflow-artifacts":
            place = f"{root.strip('/')}/{line['artifact']}"
            server.request("PUT", f"mlflow-artifacts/artifacts/{place}", content)
    elif line["path"] != "runs/create":
        server.post(line["path"], {**line["body"], "run_id": run["run_id"]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("run_directory", type=Path)
    folder = parser.parse_args().run_directory / "mlflow"
    address = os.environ.get("MLFLOW_TRACKING_URI", "")
    if not address.startswith(("http://", "https://")):
        sys.exit("error: set MLFLOW_TRACKING_URI to the address of the server, http://HOST:PORT")
    unsent = folder / "unsent.jsonl"
    if not unsent.exists():
        sys.exit(f"error: {unsent} does not exist: nothing is left to send")
    lines = [json.loads(line) for line in unsent.read_text().splitlines()]
    server = Server(address)
    try:
        run = find_or_create_run(server, folder / "run.json", lines)
        for line in lines:
            send_line(server, run, line)
    except urllib.error.HTTPError as error:
        sys.exit(f"error: {error.url}: {error}: {error.read().decode(errors='replace')[:300]}")
    except OSError as error:
        sys.exit(f"error: {address}: {error}; nothing is lost, {unsent} stays")
    unsent.rename(folder / "sent.jsonl")
    print(f"{len(lines)} records sent to run {run['run_id']}")


if __name__ == "__main__":
    main()
