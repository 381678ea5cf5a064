"""Results: one format for whatever is computed, which its library reads back."""

import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from views.race import result_of, run_race
from views.result import ArraySpec, Result, above, pack, single, unpack
from views.setup import Setup

TWICE, _ = Setup.parse([("on", "adam,adam~2"), ("adam~2.lr", "0.01")])


def result_with(base=-0.5, **arrays) -> Result:
    """A result of two runs that have these arrays."""
    return Result(
        kind="fan",
        setup=TWICE,
        axes={"y": np.arange(3), "lr": np.array([1e-3, 0.1])},
        runs={"adam": arrays, "adam~2": {}},
        specs={name: ArraySpec(("y",), "1") for name in arrays},
        milliseconds=1.5,
        device="the CPU",
        shared={"factors": np.ones(2, "f4")},
        per_run={"adam": {"best": None}},
        meta={"base": base},
    )


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="f4").reshape(2, 3).T,
        np.arange(6.0).reshape(2, 3)[:, ::2],
        np.array([[np.nan, np.inf]], "f4"),
        np.zeros((3, 0), "u1"),
        np.array([65535, 0, 7], "u2"),
    ],
)
def test_what_is_packed_is_read_back_bit_by_bit(array):
    packed = pack(result_with(numbers=array))
    header, arrays = unpack(packed)
    assert arrays.keys() == {"adam/numbers", "axes/y", "axes/lr", "factors"}
    np.testing.assert_array_equal(arrays["adam/numbers"], array, strict=True)
    np.testing.assert_array_equal(load(packed)["adam/numbers"], array, strict=True)
    assert arrays["axes/y"].tolist() == [0, 1, 2]
    assert header["axes"] == ["y", "lr"], "in the order of the arrays' axes"
    assert header["arrays"] == {"numbers": {"axes": ["y"], "unit": "1"}}
    assert [run["key"] for run in header["runs"]] == ["adam", "adam~2"]
    labels = [run["look"]["label"] for run in header["runs"]]
    assert labels == ["Adam, α 0.2", "Adam, α 0.01"]
    assert (header["kind"], header["base"]) == ("fan", -0.5)
    assert header["setup"] == TWICE.query


def test_one_result_is_always_the_same_bytes():
    setup, _ = Setup.parse([("steps", "30")])
    race = run_race(setup)
    assert pack(result_of(race)) == pack(result_of(race))


def test_every_array_begins_where_an_array_of_its_kind_may():
    for name in ("steps", "a", "longer"):
        packed = pack(result_with(**{name: np.zeros(3, "u1"), "z": np.zeros(3)}))
        length = int.from_bytes(packed[:8], "little")
        described = json.loads(packed[8 : 8 + length])
        del described["__metadata__"]
        for key, array in load(packed).items():
            start = 8 + length + described[key]["data_offsets"][0]
            assert start % array.itemsize == 0


def test_a_header_that_is_no_json_is_refused():
    packed = save({"a": np.zeros(1)}, {"result": '{"base": NaN}'})
    with pytest.raises(ValueError, match="NaN is not JSON"):
        unpack(packed)
    with pytest.raises(ValueError, match="JSON"):
        pack(result_with(base=np.inf))


def test_numbers_beyond_float32_are_infinite():
    values = np.array([1e300, -1e300, np.nan, 1e-9])
    expected = np.array([np.inf, -np.inf, np.nan, 1e-9], "f4")
    np.testing.assert_array_equal(single(values), expected, strict=True)
    np.testing.assert_array_equal(above(-1.0, values)[:2], expected[:2])
    assert above(-5.0, np.array([-5.0 + 1e-9]))[0] == pytest.approx(1e-9, rel=1e-6)
