"""Routes that are answered before Streamlit's middleware, and what is not."""

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from views.serving.direct import Direct


async def _streamlit(scope, receive, send):
    await PlainTextResponse(f"{scope['method']} by Streamlit")(scope, receive, send)


@pytest.fixture(scope="module")
def ask():
    async def echo(request):
        return PlainTextResponse(f"direct {request.query_params}")

    app = Direct(_streamlit, [Route("/race", echo), Route("/player/{name}", echo)])

    async def fetch(method, path):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as one:
            return (await one.request(method, path)).text

    with start_blocking_portal() as portal:
        yield lambda method, path: portal.call(fetch, method, path)


def test_a_route_is_answered_directly(ask):
    assert ask("GET", "/race?a=1") == "direct a=1"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/race"), ("GET", "/races"), ("GET", "/"), ("GET", "/player/a.js")],
)
def test_all_else_goes_its_usual_way(ask, method, path):
    assert ask(method, path) == f"{method} by Streamlit"
