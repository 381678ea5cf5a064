"""A page that several servers answer: one is lost, all are replaced by newer ones."""

from contextlib import suppress
from types import SimpleNamespace

import pytest
from playwright.sync_api import Error

from benchmarks.proxy import proxied, replicas
from tests.loopback import installed_nginx

# As if each page had been open for half a minute; how often one was loaded.
LATER = """const now = performance.now.bind(performance);
performance.now = () => now() + 30_000;
sessionStorage.setItem("loads", 1 + Number(sessionStorage.getItem("loads")));"""
LOADS = "Number(sessionStorage.getItem('loads'))"
VERSION = "document.documentElement.dataset.player"
AWAY = ("net::ERR_", "WebSocket", "502", "disconnected from server", "Client Error")
TABLE = b"1,2\n2,3\n4,5\n7,7\n"


@pytest.fixture(scope="module")
def two():
    """Replicas, and nginx before them."""
    installed_nginx()
    with replicas(2) as both, proxied([one.port for one in both]) as port:
        address = f"http://localhost:{port}"
        yield both, SimpleNamespace(address=address, check=lambda: None)


@pytest.fixture
def page(visits, two):
    """A page that nginx passes on."""
    _, server = two
    return visits("?momentum.beta=0.5", server=server, forgiven=AWAY)


def reloaded(visit, loads):
    """Waits until the page was loaded once more."""

    def more():
        try:
            return visit.js(LOADS) > loads
        except Error:  # It is being loaded.
            return False

    visit.eventually(more)


def answered(visit, *expressions):
    """What the page says of all, at one time, though it may just be loaded anew."""
    answers = []

    def asked():
        with suppress(Error):
            answers[:] = visit.js(f"[{', '.join(expressions)}]")
        return answers

    visit.eventually(asked)
    return answers


def replace(both, *, newer):
    for one in both:
        one.kill()
        one.start(newer=newer)
        one.wait()


def test_a_replica_that_is_killed_in_mid_drag_takes_nothing_along(page, two):
    both, _ = two
    page.js("document.querySelector('.player').same = true")
    # One of them has the page's connection. At the value that is shown, there would be
    # no other picture.
    for one, last in zip(both, (-2.9, -3), strict=True):
        page.drag("lr-adam", -2, -2.2, -2.4)
        pictures = page.pictures
        one.kill()
        page.drag("lr-adam", -2.6, -2.8, last)
        page.until_next_picture(pictures)
        one.start()
        one.wait()
    page.release("lr-adam")
    page.until_address(**{"adam.lr": "0.001", "momentum.beta": "0.5"})
    page.settle()
    assert page.js("document.querySelector('.player').same"), "another player"
    assert page.values["lr-adam-value"] == "0.001"


def test_a_table_goes_to_the_replica_that_has_the_session(page):
    for k in range(4):
        page.open("?surface=data&steps=50")
        page.page.get_by_role("button", name="Data: ").click()
        table = {"name": "t.csv", "mimeType": "text/csv", "buffer": TABLE * (k + 1)}
        page.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(table)
        page.page.get_by_role("button", name=f"Data: {4 * (k + 1)} rows").wait_for()


def test_a_page_of_an_older_version_reloads_itself_once_with_all_that_is_set(page, two):
    both, _ = two
    page.page.add_init_script(LATER)
    page.open("?momentum.beta=0.5")
    page.pause("End")
    older, loads = page.js(VERSION), page.js(LOADS)
    try:
        replace(both, newer=True)
        steps = page.page.get_by_role("textbox", name="Steps")
        steps.fill("700")
        page.drag("lr-adam", -2.8, -3)
        page.release("lr-adam")
        page.eventually(lambda: "a newer version" in page.status)
        for _ in range(8):
            page.settle()
        assert page.js(LOADS) == loads, "what is typed is not lost"
        assert steps.input_value() == "700"
        steps.press("Enter")
        steps.blur()
        reloaded(page, loads)
        page.ready()
        assert page.js(VERSION) != older
        page.until_address(
            **{"adam.lr": "0.001", "momentum.beta": "0.5", "steps": "700"}
        )
        assert page.values["lr-adam-value"] == "0.001"
        assert page.data["playing"] == "false"
        for _ in range(8):
            page.settle()
        assert page.js(LOADS) == loads + 1
    finally:
        replace(both, newer=False)


def test_while_versions_answer_in_turn_the_page_stays(page, two):
    both, _ = two
    page.page.add_init_script(LATER)
    page.open("?momentum.beta=0.5")
    loads = page.js(LOADS)
    older = page.js(VERSION)
    try:
        both[0].kill()
        both[0].start(newer=True)
        both[0].wait()
        for value in (-2, -2.5, -3):
            pictures = page.pictures
            page.drag("lr-adam", value)
            page.until_next_picture(pictures)
            page.release("lr-adam")
            page.settle()
        page.until_address(**{"adam.lr": "0.001", "momentum.beta": "0.5"})
        for _ in range(8):
            with suppress(Error):  # It may be loaded once, for its connection.
                page.settle()
        version, times = answered(page, VERSION, LOADS)
        assert times <= loads + 1, "at most for its connection"
        assert version == older or times == loads + 1
    finally:
        both[0].kill()
        both[0].start()
        both[0].wait()


def test_a_player_whose_files_are_gone_is_said_and_the_page_loads_again(visits, two):
    _, server = two
    visit = visits(server=server, forgiven=("404", *AWAY))
    visit.page.add_init_script(LATER)
    visit.page.route("**/packed.js*", lambda route: route.fulfill(status=404))
    visit.page.goto(server.address)
    said = visit.page.get_by_role("alert").filter(has_text="is being updated")
    said.wait_for()
    loads = visit.js(LOADS)
    visit.page.unroute("**/packed.js*")
    reloaded(visit, loads)
    visit.ready()
    assert visit.page.locator(".missing").count() == 0
