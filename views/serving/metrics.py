"""What Prometheus reads: requests, latencies, queues, compiled code, memory.

Off by default; else on a port of its own, which only Prometheus has to reach. Nothing
in it says where a request came from, or what was asked for.
"""

from collections.abc import Iterable
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Histogram,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from starlette.requests import Request
from starlette.responses import Response

from surfaces.budget import STORE, usage
from views.serving.server import Server
from views.serving.settings import PUBLIC

REQUESTS = Counter(
    "visualizer_requests", "Requests that were answered.", ("route", "status")
)
SECONDS = Histogram(
    "visualizer_request_seconds",
    "From a request to the end of its answer.",
    ("route",),
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 120),
)


class Collector:
    """Reads the figures of a server at the moment they are asked for."""

    def __init__(self, server: Server) -> None:
        """Reads nothing yet."""
        self._server = server

    def collect(self) -> Iterable[Any]:
        """All figures that are not counted request by request."""
        lanes = self._server.lanes
        for family, name, meaning in (
            (GaugeMetricFamily, "waiting", "Work that waits in a lane."),
            (GaugeMetricFamily, "running", "Work that is being done in a lane."),
            (CounterMetricFamily, "done", "Work that a lane has done."),
            (CounterMetricFamily, "refused", "Work that found a lane full."),
        ):
            figures = family(f"visualizer_{name}", meaning, labels=("lane",))
            for lane in lanes:
                figures.add_metric((lane.name,), getattr(lane, name))
            yield figures
        now = usage()
        for name, meaning, value in (
            ("compiled", "Compiled functions that are kept.", len(STORE)),
            ("compiled_formulas", "Those of typed formulas.", STORE.ephemeral),
            ("mappings", "Mappings of the process.", now.mappings),
            ("memory_bytes", "Resident memory of the process.", now.memory),
            ("unsent_bytes", "Held by answers not yet sent.", self._server.outbox.held),
        ):
            yield GaugeMetricFamily(f"visualizer_{name}", meaning, value)
        yield CounterMetricFamily(
            "visualizer_dropped", "Compiled functions that were dropped.", STORE.dropped
        )


def note_request(route: str, status: int, seconds: float) -> None:
    """Counts a request."""
    REQUESTS.labels(route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


async def metrics(request: Request) -> Response:
    """All figures, where they are asked for on the port of the page."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def serve_metrics(server: Server, where: str) -> None:
    """Begins to serve the figures.

    Args:
        server: Whose.
        where: "address:port" of their own, or "public", which leaves it to the route.
    """
    REGISTRY.register(Collector(server))
    if where != PUBLIC:
        address, _, port = where.rpartition(":")
        start_http_server(int(port), address.strip("[]"))
