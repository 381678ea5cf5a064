"""Routes that are answered before Streamlit's middleware, and what is not."""

import asyncio

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from views.serving.direct import Direct


async def _streamlit(scope, receive, send):
    answer = PlainTextResponse(f"{scope['method']} by Streamlit")
    await answer(scope, receive, send)


async def _echo(request):
    return PlainTextResponse(f"direct {request.query_params}")


async def _named(request):
    return PlainTextResponse(f"the file {request.path_params['name']}")


def app_of(later, page="/"):
    """An app with Streamlit at its end, as `st.App` makes it."""
    first = [Route(f"{page}player/{{name}}", _named)]
    direct = Middleware(Direct, page, first, later)
    return Starlette(routes=[Mount("/", _streamlit)], middleware=[direct])


async def fetch(app, path, method="GET"):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as one:
        answer = await one.request(method, path)
        return answer.status_code, answer.text


ROUTES = [Route("/race", _echo), Route("/race{rest:path}", _echo)]


@pytest.fixture(scope="module")
def ask():
    async def later():
        return ROUTES

    app = app_of(later)
    with start_blocking_portal() as portal:
        yield lambda path, method="GET": portal.call(fetch, app, path, method)


def test_a_route_is_answered_directly(ask):
    for _ in range(2):
        assert ask("/race?a=1") == (200, "direct a=1")
        assert ask("/races") == (200, "direct ")
        assert ask("/player/a.js") == (200, "the file a.js")


@pytest.mark.parametrize("path", ["/race", "/race.csv", "/player/a.js"])
def test_a_method_that_a_route_does_not_have_is_refused(ask, path):
    assert ask(path, "POST") == (405, "Method Not Allowed")


@pytest.mark.parametrize("path", ["/", "/static/js/a.js", "/other", "/player/a/b"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_all_else_goes_its_usual_way(ask, method, path):
    assert ask(path, method) == (200, f"{method} by Streamlit")


def test_the_page_waits_for_nothing_and_routes_for_their_import():
    async def run():
        there = asyncio.Event()

        async def later():
            await there.wait()
            return [Route("/below/race", _echo)]

        app = app_of(later, "/below/")
        for path in ("", "static/js/a.js", "_stcore/health", "favicon.png"):
            assert await fetch(app, f"/below/{path}") == (200, "GET by Streamlit")
        assert await fetch(app, "/below/player/a.js") == (200, "the file a.js")
        waiting = [
            asyncio.create_task(fetch(app, path))
            for path in ("/below/race", "/below/other")
        ]
        done, _ = await asyncio.wait(waiting, timeout=0.05)
        assert not done
        there.set()
        return [await one for one in waiting]

    assert asyncio.run(run()) == [(200, "direct "), (200, "GET by Streamlit")]
