"""Films: frames as the page sends them, the files made of them, and what is refused."""

import io
import json
import struct
import zlib
from dataclasses import replace

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

from views.films import route
from views.films.encode import encoded
from views.films.frames import MOST_FRAMES, described, frames_of
from views.mark import mark, marked
from views.routes import ROUTES
from views.stream import ANSWER, REFUSAL, Refused

SIZE = WIDTH, HEIGHT = 64, 48
SETUP = mark("surface=ravine&kappa=100&on=adam,momentum")
RED, BLUE, PANEL = (199, 20, 30), (10, 60, 210), (17, 21, 29)
ABOUT = {
    "format": "gif",
    "width": WIDTH,
    "height": HEIGHT,
    "frames": 12,
    "fps": 12.5,
    "loop": True,
    "title": "Ravine: map, α = 1 & more",
    "mark": SETUP,
    "colours": ["#c7141e", "#0a3cd2", "#11151d"],
}
STILL = 5
"""The frame that is like the one before."""


def drawn(count=12):
    """Frames with a line that grows, and a dot that moves; one shows nothing new."""
    frame = np.full((HEIGHT, WIDTH, 4), (*PANEL, 255), np.uint8)
    frames = []
    for i in range(count):
        at = i - (i >= STILL)
        frame[10, : 4 * at + 4] = (*RED, 255)
        shown = frame.copy()
        shown[30:34, 4 * at : 4 * at + 4] = (*BLUE, 255)
        frames.append(shown)
    return frames


def sent(shown, **others):
    """The body of a request."""
    text = json.dumps(ABOUT | others).encode()
    before = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    parts = []
    for frame in shown:
        changed = frame ^ before
        bands = [top for top in range(0, HEIGHT, 16) if changed[top : top + 16].any()]
        parts.append(struct.pack("<I", len(bands)))
        for top in bands:
            columns = np.flatnonzero(changed[top : top + 16].any(axis=(0, 2)))
            left, end = columns[0], columns[-1] + 1
            parts.append(struct.pack("<4I", top, 16, left, end - left))
            parts.append(changed[top : top + 16, left:end].tobytes())
        before = frame
    return struct.pack("<I", len(text)) + text + zlib.compress(b"".join(parts))


def film(form, **others):
    return encoded(sent(drawn(), format=form, **others), lambda part: None)


def test_frames_arrive_as_they_were_drawn():
    about, compressed = described(sent(drawn()))
    assert about.title == ABOUT["title"]
    for expected, (pixels, _) in zip(
        drawn(), frames_of(about, compressed), strict=True
    ):
        np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("loop", [True, False])
def test_a_gif_has_its_frames_its_time_and_its_colours(loop):
    data = film("gif", loop=loop)
    assert marked(data) == "surface=ravine&kappa=100&on=adam,momentum"
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == SIZE
        assert picture.info.get("loop") == (0 if loop else None)
        assert picture.n_frames == 11, "what shows nothing new makes the last longer"
        durations = []
        for number, expected in enumerate(
            one for i, one in enumerate(drawn()) if i != STILL
        ):
            picture.seek(number)
            durations.append(picture.info["duration"])
            seen = np.asarray(picture.convert("RGB"))
            np.testing.assert_array_equal(seen, expected[:, :, :3])
    assert sum(durations) == 960
    assert durations[4] == 160
    assert set(durations) == {80, 160}


@pytest.mark.parametrize("loop", [True, False])
def test_a_webp_has_its_frames_and_its_time(loop):
    data = film("webp", loop=loop)
    assert marked(data) is not None
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == SIZE
        assert picture.info["loop"] == (0 if loop else 1)
        total = 0
        for number in range(picture.n_frames):
            picture.seek(number)
            picture.load()
            total += picture.info["duration"]
        seen = np.asarray(picture.convert("RGB")).astype(int)
    assert total == 960
    assert np.abs(seen - drawn()[-1][:, :, :3]).mean() < 12


def test_an_mp4_has_its_frames_its_time_and_its_setup():
    data = film("mp4", fps=25)
    assert marked(data) is not None
    with av.open(io.BytesIO(data)) as container:
        assert container.metadata["title"] == ABOUT["title"]
        (stream,) = container.streams.video
        assert float(stream.average_rate) == 25
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p", "as slides can show it"
        frames = [
            frame.to_ndarray(format="rgb24") for frame in container.decode(stream)
        ]
    assert len(frames) == 12
    assert frames[0].shape == (HEIGHT, WIDTH, 3)
    assert np.abs(frames[-1].astype(int) - drawn()[-1][:, :, :3]).mean() < 12
    assert data.index(b"moov") < data.index(b"mdat"), "a page can begin to play it"


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"format": "exe"}, "gif, webp, mp4"),
        ({"width": 63}, "even number"),
        ({"width": 10**6}, "even number"),
        ({"width": "64"}, "width of a film is a number"),
        ({"fps": float("nan")}, "frames a second"),
        ({"fps": 1000}, "frames a second"),
        ({"frames": 0}, "1 to"),
        ({"frames": MOST_FRAMES + 1}, "1 to"),
        ({"frames": 100, "fps": 1}, "60 seconds"),
        ({"frames": 1500, "fps": 30, "width": 1920, "height": 1080}, "too many pixels"),
        ({"title": "x" * 10**5}, "this is no film|too long"),
        ({"colours": ["url(http://x)"]}, "written as"),
        ({"colours": ["#123456"] * 101}, "at most 100"),
        ({"more": 1}, "no description"),
    ],
)
def test_what_is_wrong_with_a_film_is_said_before_the_work(others, words):
    with pytest.raises(Refused, match=f"(?i){words}") as refused:
        described(sent([], **others))
    assert str(refused.value).endswith(".")


def framed(*numbers):
    """A film of one frame, of these numbers and a hundred bytes."""
    frame = zlib.compress(struct.pack(f"<{len(numbers)}I", *numbers) + bytes(100))
    return sent([], frames=1).removesuffix(zlib.compress(b"")) + frame


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xff\xff\xff",
        struct.pack("<I", 2) + b"[]",
        struct.pack("<I", 4) + b"\xff{}x",
        sent(drawn())[:-40],
        sent(drawn(11)),
        sent(drawn())[:300] + b"damaged" + sent(drawn())[307:],
        sent([], frames=1)[:-8]
        + zlib.compress(struct.pack("<5I", 1, 40, 9, 0, 1) + bytes(99)),
        sent([], frames=1)[:-8] + zlib.compress(struct.pack("<5I", 1, 0, 1, 63, 2)),
        sent([], frames=1)[:-8] + zlib.compress(struct.pack("<I", 2**32 - 1)),
        struct.pack("<I", 50_000) + b"[" * 50_000,
    ],
)
def test_what_is_no_film_is_refused(body):
    with pytest.raises(Refused):
        encoded(body, lambda part: None)


def test_a_short_text_cannot_ask_for_much_work():
    """Of parts that overlap, each would be unpacked whole."""
    part = struct.pack("<4I", 0, 40, 0, 64) + bytes(4 * 40 * 64)
    frame = zlib.compress(struct.pack("<I", 40) + 40 * part)
    body = sent([], frames=1)[:-8] + frame
    assert len(body) < 3_000
    with pytest.raises(Refused, match="overlap"):
        encoded(body, lambda part: None)


def test_a_film_says_how_far_it_is_and_can_be_ended():
    for form in ("gif", "webp", "mp4"):
        parts = []
        encoded(sent(drawn(), format=form), parts.append)
        assert parts == sorted(parts)
        assert len(parts) >= 12

        def end(part):
            raise InterruptedError

        with pytest.raises(InterruptedError):
            encoded(sent(drawn(), format=form), end)


def asked(body, headers=None):
    async def post():
        app = httpx.ASGITransport(app=Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=app, base_url="http://test") as client:
            given = {"content-type": route.BODIES.kind} if headers is None else headers
            return await client.post("/film", content=body, headers=given)

    import asyncio

    return asyncio.run(post())


def test_the_route_answers_a_film():
    answer = asked(sent(drawn()))
    assert answer.status_code == 200
    body = answer.content.lstrip(bytes(range(1, 100)))
    assert body[:1] == ANSWER
    assert body[1:7] == b"GIF89a"


def test_the_route_refuses_in_a_sentence(monkeypatch):
    wrong = asked(sent([], width=63))
    assert wrong.status_code == 400
    assert "even number" in wrong.text
    damaged = asked(sent(drawn(3)))
    assert damaged.status_code == 400 or damaged.content[:1] == REFUSAL
    assert "missing" in damaged.text
    other = {"content-type": route.BODIES.kind, "sec-fetch-site": "cross-site"}
    for headers in (other, {"content-type": "text/plain"}):
        assert asked(sent(drawn()), headers).status_code == 403
    monkeypatch.setattr(route, "BODIES", replace(route.BODIES, most_bytes=100))
    large = asked(sent(drawn()))
    assert large.status_code == 413
    assert large.text.endswith("shorter.")


def test_the_route_takes_one_film_of_each_visitor(monkeypatch):
    monkeypatch.setitem(route.BODIES._taken, "127.0.0.1", 1)
    busy = asked(sent(drawn()))
    assert busy.status_code == 503
    assert "busy" in busy.text
