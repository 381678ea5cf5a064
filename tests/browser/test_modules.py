"""The player's modules by themselves, against what Python says."""

import base64
import itertools
import json
import math
import urllib.request

import numpy as np
import pytest
from safetensors.numpy import save

from optim import OPTIMIZERS
from surfaces import SURFACES, params, sample
from views.figures import relief_of
from views.player_files import PLAYER_PATH
from views.race import run_race
from views.setup import Setup
from views.stream import ANSWER


@pytest.fixture(scope="module")
def modules(context, server):
    """Runs code in an empty page; `load(name)` there gives a module of the player."""
    page = context.new_page()
    page.goto(f"{server.address}/_stcore/health")
    page.evaluate(
        "(path) => { window.load = (name) => import(`${path}/${name}.js`); }",
        f"/{PLAYER_PATH}",
    )
    yield page.evaluate
    page.close()


def test_races_arrive_as_they_were_packed(modules, server):
    query = "?surface=beale&steps=30&on=adam,gradient_descent&gradient_descent.lr=1"
    read = modules(
        """async (address) => {
          const { distanceToNearest } = await load("race");
          const { readAnswer, understand } = await load("result");
          const race = understand(await readAnswer(await fetch(address), () => {}));
          return {
            base: race.base, start: race.start, steps: race.steps,
            runs: race.runs.map((run) => ({
              key: run.key, text: run.text, step: run.step,
              points: [...run.points].map(String), excess: [...run.excess].map(String),
              distance: distanceToNearest(run, 30, [[3, 0.5], [0, 0]]),
            })),
          };
        }""",
        f"/race{query}",
    )
    setup, problems = Setup.parse(
        [pair.split("=") for pair in query.removeprefix("?").split("&")]
    )
    assert not problems
    race = run_race(setup)
    assert read["steps"] == 30
    assert read["start"] == list(setup["start"])
    assert read["base"] == race.base
    assert [run["key"] for run in read["runs"]] == ["gradient_descent", "adam"]
    for run in read["runs"]:
        expected = race.runs[run["key"]]
        assert run["text"] == expected.outcome.text
        assert run["step"] == expected.outcome.step
        with np.errstate(over="ignore"):
            points = expected.points.astype(np.float32).ravel()
            excess = (expected.losses - race.base).astype(np.float32)
        for name, numbers in (("points", points), ("excess", excess)):
            sent = [float(t.replace("Infinity", "inf")) for t in run[name]]
            np.testing.assert_array_equal(np.float32(sent), numbers)
        if run["key"] == "adam":
            ends = np.hypot(*(points[-2:] - [[3, 0.5], [0, 0]]).T)
            assert run["distance"] == pytest.approx(ends.min(), rel=1e-5)


def test_a_result_is_read_wherever_its_arrays_begin(modules):
    """The header is of any length: what another library writes is read, too."""
    arrays = {
        "axes/lr": np.array([1e-3, 0.1]),
        "adam~2/points": np.array([[0.1, 0.2], [0.3, np.inf]], "f4"),
        "adam~2/steps": np.array([3, 65535], "u2"),
        "batches": np.array([[1, 0, 1]], "u1"),
    }
    result = {"axes": ["lr"], "runs": [{"key": "adam"}, {"key": "adam~2"}]}
    packed = save(arrays, {"result": json.dumps(result)})
    length = int.from_bytes(packed[:8], "little")
    for more in (0, 1, 2, 4):
        header = packed[8 : 8 + length] + b" " * more
        moved = len(header).to_bytes(8, "little") + header + packed[8 + length :]
        read = modules(
            """async (bytes) => {
              const { understand } = await load("result");
              bytes = Uint8Array.from(bytes);
              const result = understand({ bytes, refused: false });
              const [adam, { points, steps }] = result.runs;
              return {
                adam, lr: result.axes.lr, points: [...points].map(String),
                steps: [...steps], batches: [...result.batches],
                kinds: [points, steps, result.batches].map((a) => a.constructor.name),
              };
            }""",
            list(moved),
        )
        points = np.float32(
            [float(t.replace("Infinity", "inf")) for t in read["points"]]
        )
        np.testing.assert_array_equal(points, arrays["adam~2/points"].ravel())
        assert read["adam"] == {"key": "adam"}
        assert read["lr"] == [1e-3, 0.1]
        assert (read["steps"], read["batches"]) == ([3, 65535], [1, 0, 1])
        assert read["kinds"] == ["Float32Array", "Uint16Array", "Uint8Array"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.05", 0.05), ("0,05", 0.05), (" 1,5 ", 1.5), ("−1,5", -1.5), ("–2", -2),
        ("1e-3", 1e-3), ("1,5E–3", 1.5e-3), ("+.5", 0.5), ("5.", 5),
        ("1e999", math.inf),
        ("", None), ("1,2,3", None), ("1.2,3", None), ("1 5", None), ("0x10", None),
        ("fast", None), ("Infinity", None), ("1_0", None), ("-", None), (".", None),
    ],
)  # fmt: skip
def test_a_typed_number_has_a_comma_or_a_point(modules, text, value):
    read = modules(
        """async (text) => String((await load("slider")).typedNumber(text))""", text
    )
    read = float(read.replace("Infinity", "inf"))
    assert math.isnan(read) if value is None else read == value


@pytest.mark.parametrize("surface_key", SURFACES)
def test_heights_are_those_of_the_pictures(modules, surface_key):
    surface = SURFACES[surface_key]
    grid = sample(surface, 31)
    relief = relief_of(surface, grid)
    losses = grid.z.ravel()[::37]
    heights, back = modules(
        """async ([relief, losses]) => {
          const { height, lossAt } = await load("relief");
          const heights = losses.map((loss) => height(relief, loss - relief.base));
          return [heights, heights.map((h) => lossAt(relief, h))];
        }""",
        [
            {"level": relief.level, "base": relief.base, "unit": relief.unit},
            losses.tolist(),
        ],
    )
    np.testing.assert_allclose(heights, relief.height(losses), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(back, losses, rtol=1e-9, atol=1e-9)


def test_segments_are_cut_at_the_border(modules):
    """Against a walk along each segment, in small steps."""
    rng = np.random.default_rng(0)
    ends = rng.uniform(-2, 2, (200, 2, 2))
    ends[:20, :, 0] = ends[:20, :1, 0]  # some upright
    cut = modules(
        """async (ends) => {
          const { inside } = await load("geometry");
          return ends.map(([from, to]) => inside(from, to, [[-1, 1], [-0.5, 1]]));
        }""",
        ends.tolist(),
    )
    t = np.linspace(0, 1, 2001)
    for (start, end), span in zip(ends, cut, strict=True):
        walk = start + t[:, None] * (end - start)
        within = (np.abs(walk[:, 0]) <= 1) & (walk[:, 1] >= -0.5) & (walk[:, 1] <= 1)
        if span is None:
            assert within.sum() <= 2
        else:
            assert span[0] <= span[1]
            if within.any():
                assert span == pytest.approx(
                    [t[within].min(), t[within].max()], abs=1e-3
                )
            else:
                assert span[1] - span[0] < 1e-3
    nowhere = modules(
        """async () => {
          const { inside } = await load("geometry");
          const box = [[-1, 1], [-1, 1]];
          return [[NaN, 0], [Infinity, 0], [0, -Infinity]]
            .map((to) => inside([0, 0], to, box));
        }"""
    )
    assert nowhere == [None, None, None]


def test_a_change_is_kept_until_the_page_has_confirmed_it(modules):
    seen = modules(
        """async () => {
          const { Setup } = await load("setup");
          const setup = new Setup(), sent = [], log = [];
          const send = (name, value) => sent.push([name, structuredClone(value)]);
          const page = (query, edits_seen) =>
            setup.receive({ query, landscape: ["surface", "kappa"], edits_seen }, send);
          page("surface=ravine&kappa=5&view=side", 0);
          log.push(setup.query, setup.landscapeQuery);
          setup.change("adam.lr", "0.1");
          log.push(setup.query, sent.length);
          setup.commit();
          page("surface=ravine&kappa=5", 0);       // an answer that is behind
          log.push(setup.query);
          setup.change("kappa", null);
          setup.commit();
          page("surface=ravine&kappa=5&adam.lr=0.1", 1);  // confirms the first only
          log.push(setup.query, setup.changed("adam.lr"), setup.changed("kappa"));
          page("surface=ravine&adam.lr=0.1", 2);
          log.push(setup.query, setup.changed("kappa") === undefined);
          setup.commit();                          // nothing left to send
          setup.change("steps", "77");
          setup.commit();
          setup.remind();                          // too soon
          const now = performance.now;
          performance.now = () => now.call(performance) + 11000;
          setup.goneBack();                        // the page is not late yet
          setup.remind();
          performance.now = () => now.call(performance) + 29000;
          setup.remind();                          // too soon: it has twice the time
          performance.now = () => now.call(performance) + 32000;
          setup.remind();
          setup.goneBack();
          const refuse = () => {
            throw new Error("no connection");
          };
          setup.receive({ query: "", landscape: [], edits_seen: 2 }, refuse);
          setup.change("steps", "78");
          setup.commit();
          page("surface=ravine&adam.lr=0.1", 2);
          performance.now = () => now.call(performance) + 35000;
          setup.remind();
          performance.now = now;
          return [log, sent];
        }"""
    )
    both = "surface=ravine&kappa=5&adam.lr=0.1"
    assert seen[0] == [
        "surface=ravine&kappa=5", "surface=ravine&kappa=5",
        both, 0,
        both,
        "surface=ravine&adam.lr=0.1", "0.1", None,
        "surface=ravine&adam.lr=0.1", True,
    ]  # fmt: skip
    assert seen[1] == [
        ["edits", {"n": 1, "changes": {"adam.lr": "0.1"}}],
        ["edits", {"n": 2, "changes": {"adam.lr": "0.1", "kappa": None}}],
        ["edits", {"n": 3, "changes": {"steps": "77"}}],
        # Said again it has the same number: who has seen it does not take it twice.
        ["edits", {"n": 3, "changes": {"steps": "77"}, "again": 1, "backs": 1}],
        ["edits", {"n": 3, "changes": {"steps": "77"}, "again": 2, "backs": 1}],
        # Beside what is said again, going back has to be said.
        ["edits", {"n": 3, "changes": {"steps": "77"}, "again": 2, "backs": 2}],
        # What was refused is sent again soon.
        ["edits", {"n": 4, "changes": {"steps": "78"}, "again": 1, "backs": 2}],
    ]


def test_an_answer_that_comes_whole_is_the_one_that_fetch_gives(modules):
    for address, status in (
        ("/description?surface=beale", 200),
        ("/race?surface=atlantis", 400),
        ("/race.nothing", 404),
    ):
        by_fetch, whole = modules(
            """async (address) => {
              const { whole } = await load("whole");
              const seen = async (ask) => {
                const response = await ask(address, { headers: { "x-page": "here" } });
                const { status, headers } = response;
                const names = ["content-type", "x-player", "x-frame-options"];
                const values = names.map((name) => headers.get(name));
                return [status, values, await response.text()];
              };
              return [await seen(fetch), await seen(whole)];
            }""",
            address,
        )
        assert whole == by_fetch
        assert whole[0] == status
        assert whole[2], "what it says"


def test_what_comes_whole_is_given_up_as_with_fetch(modules):
    name, later = modules(
        """async () => {
          const { whole } = await load("whole");
          const race = "/race?surface=beale";
          const [first, second] = [new AbortController(), new AbortController()];
          const name = whole(race, { signal: first.signal }).catch(({ name }) => name);
          const other = whole(race, { signal: second.signal });
          first.abort();
          return [await name, (await other).status];
        }"""
    )
    assert name == "AbortError"
    assert later == 200, "only that one"


# A page in which a `Live` asks, and the test's own script answers.
LIVE = """async () => {
          const { Live } = await load("live");
          const asked = [], shown = [], troubles = [], pending = [];
          const fetched = window.fetch;
          window.fetch = (url, { signal }) => new Promise((answer, fail) => {
            asked.push(new URL(url).search);
            pending.push({ answer, fail });
            signal.addEventListener("abort", () => fail(signal.reason));
          });
          const until = async (holds) => {
            for (let k = 0; !holds(); k += 1) {
              if (k > 2000) throw new Error(`never: ${holds}`);
              await new Promise((done) => setTimeout(done));
            }
          };
          const answer = async (text, status = 200) => {
            await until(() => pending.length);
            pending.shift().answer(new Response(text, { status }));
          };
          const clock = performance.now;
          const later = (ms) => {
            performance.now = () => clock.call(performance) + ms;
          };
          let understand = (text) => text, receive = () => {};
          const live = new Live((r) => r.text(), (text) => understand(text),
            (text) => { shown.push(text); return receive(text); },
            (trouble) => troubles.push(trouble));
          const fail = async () => {
            await until(() => pending.length);
            pending.shift().fail(new TypeError("gone"));
          };
"""


def test_what_is_not_wanted_any_more_is_given_up_in_time(modules):
    asked, shown = modules(
        LIVE
        + """
          live.ask("seeds?1");
          live.ask("seeds?2");  // too soon to give the first up
          const early = pending.length;
          later(2000);
          live.abortStale();  // nothing new is asked, and yet
          await until(() => asked.length === 2);
          pending.shift();
          await answer("two");
          await until(() => shown.length === 1);
          performance.now = clock;
          window.fetch = fetched;
          return [asked, shown];
        }"""
    )
    assert asked == ["?1", "?2"]
    assert shown == ["two"]


def test_a_refusal_leaves_what_is_shown_outdated(modules):
    seen = modules(
        LIVE
        + """
          const seen = [];
          const note = () => seen.push([live.outdated, live.refused]);
          live.ask("basins?1&size=64");
          await answer("one");
          await until(() => shown.length === 1);
          live.ask("basins?1&size=256");
          note();  // finer, but the same
          await answer("finer");
          await until(() => shown.length === 2);
          note();
          live.ask("basins?2&size=256");
          await answer("Too much.", 400);
          await until(() => troubles.at(-1) === "Too much.");
          note();
          live.ask("basins?2&size=256");  // once is enough
          await new Promise((done) => setTimeout(done, 20));
          window.fetch = fetched;
          return [seen, asked.length];
        }"""
    )
    assert seen == [[[False, None], [False, None], [True, "Too much."]], 3]


def test_what_was_cancelled_is_asked_for_again_by_one_loop_only(modules):
    asked, shown, cancelled = modules(
        LIVE
        + """
          live.ask("swarm?1");
          await fail();
          await until(() => troubles.length === 1);
          await until(() => pending.length);  // it tries again
          live.cancel();
          const cancelled = live.cancelled;
          await until(() => live.progress === null);
          live.retry();
          live.retry();
          pending.length = 0;
          await until(() => pending.length);
          await new Promise((done) => setTimeout(done, 50));
          const once = pending.length;
          await answer("one");
          await until(() => shown.length === 1);
          live.ask("swarm?2");
          await answer("two");
          await until(() => shown.length === 2);
          window.fetch = fetched;
          return [asked, shown, [cancelled, once]];
        }"""
    )
    assert asked == ["?1", "?1", "?1", "?2"]
    assert shown == ["one", "two"]
    assert cancelled == [True, 1]


def test_one_request_at_a_time_and_the_latest_wins(modules):
    asked, shown, troubles = modules(
        LIVE
        + """
          live.ask("race?1");
          for (const k of [2, 3, 4]) live.ask(`race?${k}`);
          await answer("one");
          await until(() => asked.length === 2);
          live.ask("race?4");  // on its way already
          await answer("four");
          await until(() => shown.length === 2);
          live.ask("race?4");  // shown already
          live.ask("race?5");
          await answer("Too much.", 400);
          await until(() => troubles.length === 3);
          live.ask("race?6");
          await fail();
          await answer("six");  // it asks again by itself
          await until(() => shown.length === 3);
          window.fetch = fetched;
          return [asked, shown, troubles];
        }"""
    )
    assert asked == ["?1", "?4", "?5", "?6", "?6"]
    assert shown == ["one", "four", "six"]
    assert troubles[:3] == [None, None, "Too much."]
    assert troubles[3].startswith("Reconnecting")
    assert troubles[4] is None


def test_what_the_server_cannot_answer_is_said_and_not_asked_for_again(modules):
    asked, shown, troubles, refused = modules(
        LIVE
        + """
          understand = (text) => {
            if (text === "broken") throw new RangeError("cut");
            return text;
          };
          live.ask("race?1&size=256", "race?1&size=64");
          await answer("An error.", 500);
          await until(() => troubles.length === 1);
          const refused = live.refused;
          live.ask("race?2");
          await answer("broken");
          await until(() => troubles.length === 2);
          await new Promise((done) => setTimeout(done, 900));
          live.ask("race?3");
          await answer("three");
          await until(() => shown.length === 1);
          window.fetch = fetched;
          return [asked, shown, troubles, refused];
        }"""
    )
    assert asked == ["?1&size=256", "?2", "?3"]
    assert shown == ["three"]
    assert "error 500" in troubles[0]
    assert refused == troubles[0]
    assert "reload" in troubles[1]
    assert troubles[2] is None


def test_a_view_that_fails_at_an_answer_gets_the_next_one(modules):
    shown, troubles = modules(
        LIVE
        + """
          receive = () => { throw new Error("no room"); };
          live.ask("race?1");
          await answer("one");
          await until(() => troubles.length === 2);
          receive = async () => { throw new Error("no time"); };
          live.ask("race?2");
          await answer("two");
          await until(() => troubles.length === 4);
          receive = () => {};
          live.ask("race?3");
          await answer("three");
          await until(() => shown.length === 3);
          window.fetch = fetched;
          return [shown, troubles];
        }"""
    )
    assert shown == ["one", "two", "three"]
    assert [bool(trouble) for trouble in troubles] == [False, True, False, True, False]


def test_a_server_that_stays_away_is_asked_less_often(modules):
    pauses, troubles, shown, hurried = modules(
        LIVE
        + """
          const wait = window.setTimeout, pauses = [];
          let held = false;
          window.setTimeout = (act, ms) => {
            if (!(ms >= 100)) return wait(act, ms);
            pauses.push(ms);
            return held ? 0 : wait(act, 0);
          };
          live.ask("race?1");
          for (let k = 0; k < 13; k += 1) await fail();
          await until(() => pending.length);
          held = true;  // nothing but a word of the server ends the next pause
          await fail();
          await until(() => pauses.length === 14);
          const before = asked.length;
          live.hurry();
          await answer("back");
          await until(() => shown.length === 1);
          window.setTimeout = wait;
          window.fetch = fetched;
          return [pauses, troubles, shown, asked.length - before];
        }"""
    )
    assert pauses[:5] == [500, 1000, 2000, 4000, 8000]
    assert max(pauses[:10]) == 8000
    assert set(pauses[10:]) == {30000}
    assert "Reconnecting" in troubles[0]
    assert "half minute" in troubles[12]
    assert troubles[-1] is None
    assert (shown, hurried) == (["back"], 1)


def test_what_fails_is_left_out_until_there_is_something_new(modules):
    log, said = modules(
        """async () => {
          const { Guard } = await load("trouble");
          const log = [], said = [];
          const guard = new Guard((sentence) => said.push(sentence));
          let broken = true;
          const draw = () => {
            guard.do("map", () => {
              log.push("map");
              if (broken) throw new Error("made to fail");
            });
            guard.do("cards", () => log.push("cards"));
          };
          draw();
          draw();
          guard.again();
          broken = false;
          draw();
          return [log, said];
        }"""
    )
    assert log == ["map", "cards", "cards", "map", "cards"]
    assert "map" in said[0]
    assert said[1:] == [""]


def test_many_moves_of_one_slider_are_one_step_back(modules):
    grown = modules(
        """async () => {
          const { gatherEntries } = await load("address");
          const clock = performance.now;
          let later = 0;
          performance.now = () => clock.call(performance) + later;
          gatherEntries();
          const before = history.length, grown = [];
          const push = (query) => {
            history.pushState({}, "", `${location.pathname}${query}`);
            grown.push([history.length - before, location.search]);
          };
          push("?a=1");
          push("?a=2");
          push("");          // back at its default: the same slider
          push("?b=1");      // another
          push("?a=3&b=1");
          later = 3000;
          push("?a=4&b=1");  // long after
          delete history.pushState;
          performance.now = clock;
          return grown;
        }"""
    )
    assert grown == [
        [1, "?a=1"], [1, "?a=2"], [1, ""], [2, "?b=1"], [3, "?a=3&b=1"],
        [4, "?a=4&b=1"],
    ]  # fmt: skip


def test_numbers_in_few_characters(modules):
    numbers = [
        "NaN",
        "Infinity",
        "-Infinity",
        "0",
        "1.23456",
        "-0.001",
        "2e-7",
        "123456",
    ]
    shown = modules(
        """async (numbers) => {
          const { short, decadeTexts } = await load("axis");
          const decades = [decadeTexts([2])[0], decadeTexts([-5])[0]];
          return [...numbers.map((n) => short(Number(n))), ...decades];
        }""",
        numbers,
    )
    assert shown == [
        "not a number", "beyond 3e38", "below −3e38", "0", "1.23", "−0.001", "2.0e−7",
        "1.2e5", "100", "10⁻⁵",
    ]  # fmt: skip


def test_ticks_are_round_and_inside(modules):
    for low, high in ((0, 800), (-4, 4), (0.1, 0.37), (-1e-9, 1e-9)):
        ticks = modules(
            "async (range) => (await load('axis')).linearTicks(...range, 6)",
            [low, high],
        )
        assert 2 <= len(ticks) <= 14
        slack = 1e-6 * (high - low)
        assert low - slack <= min(ticks) <= max(ticks) <= high + slack
        step = ticks[1] - ticks[0]
        digit = step / 10 ** math.floor(math.log10(step) + 1e-9)
        assert min(abs(digit - d) for d in (1, 2, 5)) < 1e-6


def test_every_setting_that_can_be_swept_has_an_axis(modules):
    """Round values on its own scale, all of them within it and no two alike."""
    for name in Setup().fields["second"].choices:
        key, name = name.split(".")
        param = params(OPTIMIZERS[key].hypers)[name]
        ticks = modules(
            """async ([scale, low, high]) => {
              const { Rows } = await load("plane");
              const rows = new Rows(scale, [low, high], { top: 0, bottom: 300 });
              return rows.ticks(24);
            }""",
            [param.scale, param.low, param.high],
        )
        assert len(ticks) >= 3, (key, name)
        assert all(-1e-6 <= tick["at"] <= 300 + 1e-6 for tick in ticks)
        assert len({tick["text"] for tick in ticks}) == len(ticks)


PLACES = """async ([count, ratio, width, height, margin]) => {
  const { panelPlaces, heightFor } = await load("panels");
  const places = (most) => panelPlaces(count, ratio, width, most, margin);
  const needed = heightFor(count, ratio, width, height, margin);
  return [places(height), places(needed), needed];
}"""


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("box", [(960, 344), (374, 600), (1500, 250)], ids=str)
def test_panels_are_as_large_as_their_place_allows(modules, count, box):
    """No number of columns would make them larger, and none of the height is lost."""
    (width, height), ratio = box, 1.25
    margin = {"left": 8, "right": 8, "top": 20, "bottom": 8}
    places, tight, needed = modules(PLACES, [count, ratio, width, height, margin])
    most = max(
        min((width / columns - 16) / ratio, height / math.ceil(count / columns) - 28)
        for columns in range(1, count + 1)
    )
    for some, bottom in ((places, height), (tight, needed)):
        assert len(some) == count
        for place in some:
            assert place["height"] == pytest.approx(most)
            assert place["width"] == pytest.approx(most * ratio)
            assert 0 <= place["left"] <= width - place["width"]
            assert 20 <= place["top"] <= bottom - place["height"]
        for a, b in itertools.combinations(some, 2):
            across = abs(a["left"] - b["left"]) - most * ratio
            down = abs(a["top"] - b["top"]) - most
            assert max(across, down) > 0, "they do not overlap"
    rows = len({place["top"] for place in places})
    assert needed == pytest.approx(rows * (most + 28))
    assert needed <= height + 1e-9


LOSS_AXIS = """async ([values, first, known]) => {
  const { lossAxis } = await load("axis");
  const place = { from: 100, to: 0 };
  const numbers = values.map(Number);
  const axis = lossAxis({ series: [numbers], first, known, room: 10, ...place });
  return [first, ...numbers].map((value) => axis.at(value));
}"""


@pytest.mark.parametrize("known", [True, False])
def test_a_loss_axis_holds_what_a_run_begins_with(modules, known):
    begun, *left = modules(LOSS_AXIS, [[784, 700, 3, 1e30], 784, known])
    assert 0 < begun < 50
    assert all(0 <= at <= 100 for at in left[:3])
    assert left[3] < 0, "what is far above leaves"


def test_a_loss_axis_holds_what_begins_at_the_minimum(modules):
    # Noise takes a run away from there: that is what there is to see.
    _, *seen, far = modules(LOSS_AXIS, [[0, 3e-4, 2e-3, 5e-3, 1e30], 0, True])
    assert all(0 <= at <= 100 for at in seen[1:])
    assert len(set(seen[1:])) == 3
    assert far < 0
    assert len(modules(LOSS_AXIS, [[0, 0], 0, True])) == 3, "and where nothing moves"


@pytest.mark.parametrize("first", [0, -3, 5])
def test_a_loss_axis_takes_what_is_finite(modules, first):
    losses = ["Infinity", "-Infinity", "NaN", "-7", "2"]
    *_, low, high = modules(LOSS_AXIS, [losses, first, False])
    assert 0 <= high < low <= 100


def test_what_is_no_number_diverges_too(modules):
    ends = ["descending", "left", "undefined", "diverged"]
    read = modules(
        """async (ends) => {
          const { diverges } = await load("study");
          const study = { ends, first_end: 200 };
          return [0, 200, 201, 202, 203].map((code) => diverges(study, code));
        }""",
        ends,
    )
    assert read == [False, False, False, True, True]


def test_the_best_of_a_fair_race_are_equal_but_for_rounding(modules):
    best = modules(
        """async ([losses, ...setups]) => {
          const { winners } = await load("fair");
          const best = (loss, key) => ({ loss, steps: key >> 1 });
          const runs = losses.map((loss, key) => ({ key, best: best(loss, key) }));
          const keys = (how) => winners({ runs: [...runs, { best: null }], ...how });
          return setups.map((how) => keys(how).map(({ key }) => key));
        }""",
        [
            [7.9e-31, 0, 1e-9, -2],
            {"objective": "loss", "known": True, "base": 0},
            {"objective": "loss", "known": False, "base": 0},
            {"objective": "steps", "known": True, "base": 0},
        ],
    )
    assert best == [[0, 1, 3], [3], [0, 1]]


def test_each_of_five_rates_has_a_pattern_of_its_own(modules):
    """Not by how bright it is: by dots and dashes, and how many in turn."""
    dashes = modules(
        "async () => (await load('curves')).STYLES.map(({ dash }) => dash)"
    )
    kinds = [
        "".join("." if length <= 2 else "-" for length in dash[::2]) for dash in dashes
    ]
    assert kinds == [".", "-", "", "-.", "-.."]
    assert all(sum(dash) <= 18 for dash in dashes), "a whole turn fits beside a rate"


PLACED = """async ([heads, area, times]) => {
  const { placeLabels } = await load("labels");
  let places = heads.map(() => ({ spot: null }));
  const began = performance.now();
  for (let k = 0; k < times; k += 1) {
    const now = heads.map((head, i) => ({ ...head, spot: places[i].spot }));
    places = placeLabels(now, area);
  }
  return [places, (performance.now() - began) / times];
}"""
AREA = {"left": 0, "top": 0, "right": 340, "bottom": 340}


@pytest.mark.parametrize("at", [(170, 170), (0, 0), (340, 340), (338, 10)], ids=str)
def test_eight_labels_around_one_place(modules, at):
    """As when all runs end together: no two on one another, and all in the picture."""
    heads = [{"x": at[0], "y": at[1], "width": 40 + 8 * k} for k in range(8)]
    places, milliseconds = modules(PLACED, [heads, AREA, 200])
    assert milliseconds < 1, "sixty pictures a second have 16, for three pictures"
    boxes = [
        (place["left"], place["top"], place["left"] + head["width"], place["top"] + 14)
        for head, place in zip(heads, places, strict=True)
    ]
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= 340
        assert bottom <= 340
        assert not (left < at[0] < right and top < at[1] < bottom)
    for one, other in itertools.combinations(boxes, 2):
        across = min(one[2], other[2]) - max(one[0], other[0])
        down = min(one[3], other[3]) - max(one[1], other[1])
        assert min(across, down) <= 0


def test_a_label_stays_while_its_place_is_free_and_comes_back(modules):
    alone = {"x": 100, "y": 100, "width": 40}
    other = {"x": 130, "y": 100, "width": 40}
    (first,), _ = modules(PLACED, [[alone], AREA, 1])
    assert (first["left"], first["aside"]) == (112, False)
    code = PLACED.replace("({ spot: null })", "({ spot: 30 })")
    (back,), _ = modules(code, [[alone], AREA, 2])
    assert not back["aside"], "a nearer place is free again"
    code = PLACED.replace("({ spot: null })", "({ spot: 1 })")
    (left, _), _ = modules(code, [[alone, other], AREA, 3])
    assert left["spot"] == 1, "as near as any: it does not jump"


INK = """async ([losses, places]) => {
  const { Axis } = await load("axis");
  const { strokeLosses } = await load("curves");
  const { Paper } = await load("paper");
  const context = new OffscreenCanvas(300, 200).getContext("2d");
  const scale = "linear";
  const x = new Axis({ scale, low: 0, high: losses.length, from: 0, to: 300 });
  const y = new Axis({ scale, low: 0, high: 200, from: 200, to: 0 });
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  strokeLosses(new Paper(context, {}), Float32Array.from(losses), "#ffffff", x, y);
  return places.map((at) => context.getImageData(...at, 1, 1).data[3]);
}"""


def test_no_extreme_is_lost_where_steps_are_many(modules):
    """Ten steps a pixel: a clear line through a faint band, with every peak on it."""
    losses = 100 + 20 * np.sin(2.5 * np.arange(3000))
    losses[1500], losses[1800] = 190, 10
    line, band, beyond, top, bottom = modules(
        INK,
        [losses.tolist(), [[60, 100], [60, 84], [60, 70], [150, 12], [180, 188]]],
    )
    assert line > 200
    assert beyond == 0
    assert 30 < band < 100
    assert 30 < top < 100
    assert 30 < bottom < 100


def test_a_smooth_curve_shows_each_step(modules):
    places = [[step // 10, 199 - step // 20] for step in range(100, 3000, 100)]
    inked = modules(INK, [(np.arange(3000) / 20).tolist(), places])
    assert min(inked) > 100


def test_the_header_is_as_long_as_it_says(server):
    with urllib.request.urlopen(f"{server.address}/race?on=&steps=10") as answer:
        data = answer.read()
    _, _, packed = data.partition(ANSWER)
    length = int.from_bytes(packed[:8], "little")
    assert len(packed) == 8 + length + 4 * 10, "only the schedule's factors follow"


@pytest.mark.parametrize("key", [k for k, s in SURFACES.items() if s.data])
def test_models_are_those_of_the_surfaces(modules, key):
    data = SURFACES[key].data
    inputs = np.linspace(-3, 3, 13)
    for point in ((0.7, -1.3), (0.0, 0.0), (-2.0, 0.4)):
        drawn = modules(
            """async ([model, [a, b], inputs]) => {
              const { MODELS } = await load("fit");
              return inputs.map((x) => MODELS[model](a, b, x));
            }""",
            [data.model, point, inputs.tolist()],
        )
        predicted = data.predict(np.array(point), inputs)
        np.testing.assert_allclose(drawn, predicted, rtol=1e-12, atol=1e-15)


# What `Trails` draws, and beside it the same drawn step by step.
DRAWN_TWICE = """async ([address, [x0, x1, y0, y1], part]) => {
  const { readAnswer, understand } = await load("result");
  const { track } = await load("geometry");
  const { addMark } = await load("marks");
  const { projection } = await load("panels");
  const { Trails } = await load("trails");
  const race = understand(await readAnswer(await fetch(address), () => {}));
  const [width, height] = [600, 400];
  const frame = { left: 0, top: 0, width, height, x: [x0, x1], y: [y0, y1] };
  const tracks = race.runs.map((run) => {
    const read = (i, out) => [out[0], out[1]] = run.points.subarray(2 * i, 2 * i + 2);
    const rows = run.points.length / 2;
    return {
      ...track(rows, read, [frame.x, frame.y], projection(frame)),
      ...run.look, label: null, contains: () => true,
    };
  });
  const host = document.createElement("div");
  document.body.append(host);
  const trails = new Trails(host);
  trails.resize(width, height);
  const now = Math.round(part * race.steps);
  trails.show(tracks, now);

  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const plain = canvas.getContext("2d", { willReadFrequently: true });
  const steps = (segments, from, to) => {
    plain.beginPath();
    for (let i = 4 * from; i < 4 * to; i += 4) {
      if (Number.isNaN(segments[i])) continue;
      const joined = i > 4 * from
        && segments[i] === segments[i - 2] && segments[i + 1] === segments[i - 1];
      if (!joined) plain.moveTo(segments[i], segments[i + 1]);
      plain.lineTo(segments[i + 2], segments[i + 3]);
    }
    plain.stroke();
  };
  plain.lineWidth = 1;
  plain.globalAlpha = 0.5;
  for (const { segments, colour } of tracks) {
    plain.strokeStyle = colour;
    steps(segments, now, segments.length / 4);
  }
  plain.globalAlpha = 1;
  for (const { segments, heads, colour, mark } of tracks) {
    plain.strokeStyle = plain.fillStyle = colour;
    for (const by of [-0.35, 0.35]) {
      plain.setTransform(1, 0, 0, 1, by, by);
      steps(segments, 0, now);
    }
    plain.resetTransform();
    let since = 0;
    plain.beginPath();
    for (let i = 0; i < 4 * now; i += 4) {
      const [fromX, fromY, x, y] = segments.subarray(i, i + 4);
      if (Number.isNaN(x)) continue;
      const length = Math.hypot(x - fromX, y - fromY);
      since += length;
      if (heads[i / 2 + 2] !== x || heads[i / 2 + 3] !== y) continue;
      if (since >= 70) addMark(plain, mark, x, y, 3.6);
      else if (length >= 9) addMark(plain, "circle", x, y, 2.1);
      if (since >= 70) since = 0;
    }
    plain.fill();
  }
  host.remove();
  const text = (data) => btoa(Array.from(data, (v) => String.fromCharCode(v)).join(""));
  const pixels = (one) => text(one.getImageData(0, 0, width, height).data);
  return [trails.context, plain].map(pixels);
}"""


@pytest.mark.parametrize("part", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(
    "query",
    [
        "surface=rosenbrock&steps=3000",
        "surface=himmelblau&steps=3000&noise=5",
        "surface=linear_regression&steps=2000&batch=1",
        # Momentum's and gradient descent's borders of stability: they swing for ever.
        "surface=ravine&steps=5000&on=gradient_descent&kappa=20&gradient_descent.lr=0.0999",
        "surface=rastrigin&steps=3000&on=gradient_descent,adam&gradient_descent.lr=0.02",
    ],
)
def test_thinned_trails_look_as_every_step_drawn(modules, query, part):
    surface = Setup.parse([pair.split("=") for pair in query.split("&")])[0].surface
    corners = list(surface.view_domain)
    drawn = modules(DRAWN_TWICE, [f"/race?{query}", corners, part])
    thin, plain = (
        np.frombuffer(base64.b64decode(text), np.uint8).reshape(400, 600, 4) / 255
        for text in drawn
    )
    seen, expected = thin[..., 3], plain[..., 3]
    assert expected.sum() > 300, "nothing to see"
    assert not ((expected > 0.5) & (seen < 0.25)).any(), "a step is missing"
    assert not ((seen > 0.5) & (expected < 0.25)).any(), "a step is not of the run"
    off = np.abs(thin * seen[..., None] - plain * expected[..., None]).max(axis=2)
    # Equal strokes over one another end up opaque, at the border of a line, too.
    assert (off > 0.5).sum() <= 4
    assert off.sum() < 0.015 * expected.sum()
