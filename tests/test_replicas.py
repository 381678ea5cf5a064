"""More than one server: nginx before replicas, and what starts them elsewhere."""

import http.client
import os
import re
import resource
import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import compose_spec
import kubernetes_validate
import pytest
import yaml

from benchmarks.attacks import in_threads
from benchmarks.proxy import (
    ANYWHERE,
    NEWER,
    STICKY,
    TEMPLATE,
    configuration,
    proxied,
    replicas,
)
from benchmarks.server import OURS, serving
from tests.loopback import PATIENCE, installed_nginx

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
KUBERNETES = (ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8")


@pytest.fixture(scope="session", autouse=True)
def nginx():
    return installed_nginx()


def get(port, path, method="GET", body=None, **headers):
    """The status, the headers and the body of an answer."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        line.request(method, f"/{path}", body, named)
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        line.close()


# -- what nginx passes on -------------------------------------------------------------


@contextmanager
def recorded(count, *answers):
    """Servers that note what they are asked, and nginx before them.

    Args:
        count: How many.
        answers: By path, what each of them does with a request.
    """
    asked, acts = [], dict(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            name = self.path.partition("?")[0]
            self.rfile.read(int(self.headers.get("content-length", 0)))
            if not name.endswith("/health"):
                asked.append((self.server.server_port, self.headers))
            acts.get(name, say)(self)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *_):
            pass

    with ExitStack() as stack:
        ports = []
        for _ in range(count):
            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            ports.append(server.server_port)
        yield stack.enter_context(proxied(ports)), asked


def say(request, status=200, text=b"yes", **headers):
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("content-length", str(len(text)))
    request.end_headers()
    request.wfile.write(text)


def leave(request):
    request.close_connection = True


def test_who_asks_cannot_name_another():
    with recorded(1) as (port, asked):
        get(port, "race", X_Forwarded_For="9.9.9.9", X_Forwarded_Proto="https")
    (_, headers), = asked  # fmt: skip
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https", "that, a proxy before this one says"
    assert headers["host"] == f"127.0.0.1:{port}"


def test_a_get_is_passed_on_and_what_changes_something_is_not():
    with recorded(3, ("/race", leave), ("/lesson", leave)) as (port, asked):
        assert get(port, "race")[0] == 502
        assert len({replica for replica, _ in asked}) == 3, "each of them was asked"
    with recorded(3, ("/race", leave), ("/lesson", leave)) as (port, asked):
        assert get(port, "lesson", "POST", b"# A lesson")[0] == 502
        assert len(asked) == 1


def test_a_replica_that_is_busy_says_so_itself():
    busy = ("/race", lambda request: say(request, 503, b"Later.", retry_after="2"))
    with recorded(3, busy) as (port, asked):
        for k in range(1, 6):
            status, headers, body = get(port, "race")
            assert (status, headers["retry-after"], body) == (503, "2", b"Later.")
            assert len(asked) == k, "all of them are still asked"


def test_a_file_that_one_replica_does_not_have_is_looked_for_at_the_others():
    def sometimes(request):
        first = request.server.server_port == min(ports)
        say(request, 200 if first else 404)

    paths = ("player/1/packed.js", "static/js/a.js", "media/b.svg", "base/static/c.js")
    acts = ((f"/{path}", sometimes) for path in (*paths, "race"))
    with recorded(3, *acts) as (port, asked):
        for _ in range(9):
            get(port, "look")
        ports = {replica for replica, _ in asked}
        assert len(ports) == 3
        for path in paths:
            assert {get(port, path)[0] for _ in range(6)} == {200}
        assert 404 in {get(port, "race")[0] for _ in range(6)}


def test_a_session_stays_at_one_replica_and_all_else_is_spread():
    with recorded(3) as (port, asked):
        _, headers, _ = get(port, "")
        cookie = headers["set-cookie"].partition(";")[0]
        assert re.fullmatch(r"replica=[0-9a-f]{32}", cookie)
        assert get(port, "", Cookie=cookie)[1]["set-cookie"] is None
        asked.clear()
        for path in ("_stcore/stream", "_stcore/upload_file/1/2") * 4:
            get(port, path, "PUT", b"x,y", Cookie=cookie)
        assert len({replica for replica, _ in asked}) == 1
        asked.clear()
        for _ in range(9):
            get(port, "race", Cookie=cookie)
        assert len({replica for replica, _ in asked}) == 3


def test_progress_is_passed_on_as_it_comes():
    seen = threading.Event()

    def slowly(request):
        request.send_response(200)
        request.send_header("content-length", "2")
        request.end_headers()
        request.wfile.write(b"\1")
        request.wfile.flush()
        assert seen.wait(PATIENCE)
        request.wfile.write(b"\0")

    with recorded(1, ("/basins", slowly)) as (port, _):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        line.request("GET", "/basins")
        answer = line.getresponse()
        assert answer.read(1) == b"\1"
        seen.set()
        assert answer.read() == b"\0"
        line.close()


@pytest.mark.parametrize("balance", [ANYWHERE, STICKY])
def test_nginx_has_no_complaint(nginx, balance, tmp_path):
    (tmp_path / "nginx.conf").write_text(configuration(8080, [8501, 8502], balance))
    tested = subprocess.run(
        [nginx, "-t", "-p", tmp_path, "-c", "nginx.conf", "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stderr
    assert "[emerg]" not in tested.stderr


# -- real replicas --------------------------------------------------------------------


@pytest.fixture(scope="module")
def three():
    """Replicas of the app, and nginx before them: without and with sticky sessions."""
    with replicas(3) as all_of_them:
        ports = [one.port for one in all_of_them]
        with proxied(ports) as port, proxied(ports, STICKY) as sticky:
            yield all_of_them, port, sticky


def test_any_replica_answers_the_same(three):
    all_of_them, port, _ = three

    def numbers(port):
        lines = get(port, "race.csv?momentum.beta=0.7")[2].splitlines()
        assert len(lines) > 5 * 800
        return tuple(line for line in lines if not line.startswith(b"#"))

    own = {numbers(one.port) for one in all_of_them}
    assert len(own) == 1
    assert {numbers(port) for _ in range(4)} == own
    for path in ("", "race", "landscape", "health", "ready", "_stcore/health"):
        assert get(port, path)[0] == 200, path


def test_links_in_files_name_the_address_that_was_asked(three):
    _, port, _ = three
    headers = {"Host": "surfaces.example.org", "X_Forwarded_Proto": "https"}
    assert b"https://surfaces.example.org/\n" in get(port, "race.py", **headers)[2]


def test_no_race_is_lost_with_the_replica_that_computes_it(three):
    all_of_them, port, _ = three
    seen = Counter()

    def drag(client, stop):
        for k in range(10**6):
            if stop.is_set():
                return
            try:
                seen[get(port, f"race?adam.lr=0.{client + 1}{k:04}")[0]] += 1
            except (http.client.IncompleteRead, ConnectionError):
                seen["cut off"] += 1  # The player asks again (live.js).

    def answers(count):
        enough = threading.Event()
        while seen[200] < count:
            assert not enough.wait(0.05)
            assert threading.active_count() > 1

    with in_threads(4, drag):
        answers(40)
        all_of_them[0].kill()
        answers(seen[200] + 80)
        all_of_them[0].start()
        all_of_them[0].wait()
        answers(seen[200] + 40)
    assert seen.pop("cut off", 0) <= 4, "those that were being sent"
    assert set(seen) == {200}


def test_while_one_is_newer_both_find_their_files(three):
    all_of_them, port, sticky = three
    older = all_of_them[1].version
    all_of_them[0].kill()
    all_of_them[0].start(newer=True)
    all_of_them[0].wait()
    newer = all_of_them[0].version
    assert newer != older
    assert get(all_of_them[0].port, f"player/{older}/packed.js")[0] == 404
    for version in (older, newer):
        found = {get(port, f"player/{version}/packed.js")[0] for _ in range(6)}
        assert found == {200}
    assert {get(port, "race")[1]["x-player"] for _ in range(9)} == {older, newer}
    homes = []
    for browser in range(20):
        cookie = f"replica={browser}"
        seen = {get(sticky, "race", Cookie=cookie)[1]["x-player"] for _ in range(3)}
        assert len(seen) == 1
        homes += seen
    assert set(homes) == {older, newer}


# -- how a server is started elsewhere ------------------------------------------------


def test_what_computes_is_healthy(three):
    one = three[0][1]
    check = ROOT / "deploy" / "ready.py"

    def status(port):
        environment = os.environ | {"STREAMLIT_SERVER_PORT": str(port)}
        command = [sys.executable, str(check)]
        return subprocess.run(
            command, env=environment, stderr=subprocess.DEVNULL, check=False
        ).returncode

    assert status(one.port) == 0
    assert status(9) != 0
    assert "deploy/ready.py" in (ROOT / "Dockerfile").read_text("utf-8")


def test_it_answers_where_nothing_can_be_written():
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit[1]))
    try:
        # What is started now has this limit; this process writes nothing meanwhile.
        started = serving(OURS, XDG_CACHE_HOME="/nowhere", HOME="/nowhere")
        server = started.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    try:
        server.wait("ready")
        for path in ("", "race", "race.csv"):
            assert get(server.port, path)[0] == 200, path
    finally:
        started.__exit__(None, None, None)


def composed():
    """The services, as compose reads them where nothing is set."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", COMPOSE)
    compose_spec.PyCompose.from_yaml(text).validate()
    return yaml.safe_load(text)["services"]


def test_compose_reads_its_file_and_a_mistake_in_it_is_one():
    assert set(composed()) == {"app", "nginx", "redis"}
    for wrong in ("restrat: always", "read_only: maybe"):
        text = "services: {app: {image: a, " + wrong + "}}"
        with pytest.raises(ValueError, match="app"):
            compose_spec.PyCompose.from_yaml(text)


def test_each_service_may_do_little():
    for name, service in composed().items():
        assert service["restart"] == "unless-stopped", name
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["user"].split(":")[0] != "0"
        assert service["deploy"]["resources"]["limits"]["memory"].endswith(("g", "m"))
    app = composed()["app"]
    for hidden in (app, composed()["redis"]):
        assert "ports" not in hidden
        assert hidden["networks"] == ["inside"]
    assert f"USER {app['user'].split(':')[0]}" in (ROOT / "Dockerfile").read_text()


def test_compose_fills_in_all_of_the_template():
    names = set(re.findall(r"\$\{(\w+)\}", TEMPLATE.read_text("utf-8")))
    given = composed()["nginx"]["environment"]
    assert names <= set(given)
    assert given["BALANCE"] == ANYWHERE


@pytest.mark.parametrize("version", ["1.30", "1.33", "1.37"])
def test_kubernetes_knows_every_field_of_the_manifest(version):
    kinds = []
    for document in yaml.safe_load_all(KUBERNETES):
        kubernetes_validate.validate(document, version, strict=True)
        kinds.append(document["kind"])
    pages = ["Deployment", "PodDisruptionBudget", "Service", "Ingress"]
    assert kinds == [*pages, "Deployment", "Service"]
    broken = next(yaml.safe_load_all(KUBERNETES)) | {"spec": {"rulez": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, version, strict=True)


def test_the_manifest_fits_together():
    deployment, budget, service, ingress, *redis = yaml.safe_load_all(KUBERNETES)
    pod = deployment["spec"]["template"]
    labels = pod["metadata"]["labels"]
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        budget["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
    ):
        assert selector == labels
    (app,) = pod["spec"]["containers"]
    assert app["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert app["livenessProbe"]["httpGet"]["path"] == "/health"
    assert app["securityContext"]["readOnlyRootFilesystem"] is True
    (rule,) = ingress["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == service["metadata"]["name"]
    assert backend["port"]["name"] == service["spec"]["ports"][0]["name"]
    (port,) = app["ports"]
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    store, at = redis
    labels = store["spec"]["template"]["metadata"]["labels"]
    assert at["spec"]["selector"] == labels
    (port,) = at["spec"]["ports"]
    address = f"redis://{at['metadata']['name']}:{port['port']}/0"
    assert {"name": "VISUALIZER_REDIS", "value": address} in app["env"]


def test_the_newer_version_differs_in_its_version_only():
    """What the tests take for a newer version is this one, under another address."""
    assert "race.js" in NEWER
    assert (ROOT / "views" / "player" / "race.js").is_file()
