"""A server of HTTP on this machine that keeps every request and answers by a function."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


# Status and body of the answer to a request; for a redirect, the body says its "location".
Answer = Callable[[Request], tuple[int, dict[str, Any]]]


@dataclass
class Server:
    address: str
    requests: list[Request] = field(default_factory=list)

    def of(self, path: str) -> list[Request]:
        """The requests to paths that end so, in their order."""
        return [request for request in self.requests if request.path.endswith(path)]


def answer_as_mlflow(request: Request) -> tuple[int, dict[str, Any]]:
    """What an MLflow server answers that has no experiment yet."""
    if request.path.endswith("get-by-name"):
        return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST"}
    if request.path.endswith("experiments/create"):
        return 200, {"experiment_id": "7"}
    if request.path.endswith("runs/create"):
        place = "mlflow-artifacts:/7/r1/artifacts"
        return 200, {"run": {"info": {"run_id": "r1", "artifact_uri": place}}}
    return 200, {}


def answer_as_comet(request: Request) -> tuple[int, dict[str, Any]]:
    """What Comet answers, to its REST interface and to its own client (/clientlib/)."""
    path = request.path
    if path.endswith("account-details"):
        return 200, {"userName": "me", "defaultWorkspaceName": "home"}
    if path.endswith("experiment/create"):
        return 200, {"experimentKey": "e" * 32, "link": "https://example.org/x"}
    if path.endswith(("add/run", "get/run")):
        key = request.json.get("experimentKey") or request.json.get("offline_id")
        limits = {
            "upload_file_size_limit_in_mb": 500,
            "asset_upload_file_size_limit_in_mb": 500,
        }
        place = {"runId": key, "project_id": "p1", "focusUrl": "http://127.0.0.1/x/"}
        return 200, {**place, **limits, "lastOffset": 0, "featureToggles": [], "name": "n"}
    if path.endswith("isAlive/ver"):
        return 200, {"version": "9.9.9", "msg": "9.9.9"}
    if path.endswith("metadata"):
        place = {"workspaceName": "home", "projectName": "stationhit", "projectId": "p1"}
        key = request.query.get("experimentKey")
        return 200, {**place, "experimentKey": key, "throttle": False, "archived": False}
    if path.endswith("status-report/update"):
        return 200, {
            "is_alive_beat_duration_millis": 10000,
            "gpu_monitor_interval_millis": 60000,
            "cpu_monitor_interval_millis": 60000,
            "parameter_update_interval_millis": 10000,
            "pending_rpcs": False,
        }
    return 200, {"msg": "ok", "code": 200, "assetId": "a1", "imageId": "i1", "link": "x"}


def read_body(handler: BaseHTTPRequestHandler) -> bytes:
    body = b""
    if handler.headers.get("Transfer-Encoding", "").lower() == "chunked":
        while size := int(handler.rfile.readline().strip() or b"0", 16):
            body += handler.rfile.read(size)
            handler.rfile.readline()
        handler.rfile.readline()
    else:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    return gzip.decompress(body) if handler.headers.get("Content-Encoding") == "gzip" else body


@contextmanager
def tracking_server(
    answer: Answer, delay: float = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Every answer comes after `delay` seconds."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: object) -> None:
            pass

        def handle_request(self) -> None:
            url = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            body = read_body(self)
            request = Request(self.command, url.path, query, dict(self.headers), body)
            with lock:
                server.requests.append(request)
                status, content = answer(request)
            time.sleep(delay)
            text = json.dumps(content).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                if "location" in content:
                    self.send_header("Location", content["location"])
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                self.close_connection = True  # the client has gone

        do_GET = do_POST = do_PUT = handle_request  # noqa: N815

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(f"http://127.0.0.1:{http.server_port}")
    if tls is not None:
        # The handshake belongs to the thread of the connection: here it would hold up all others.
        http.socket = tls.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
        server.address = server.address.replace("http:", "https:")
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
