"""Algorithms as papers and SciPy give them, in NumPy: generators of points."""

import warnings
from functools import lru_cache, partial

import jax
import numpy as np
import scipy.linalg
import scipy.optimize

from tests.rule_runs import STEPS


def sutskever_2013_nesterov(h, problem, w):
    v = np.zeros(2)
    while True:
        v = h.beta * v - h.lr * problem.gradient(w + h.beta * v)
        w = w + v
        yield w


def deep_learning_algorithm_8_6(h, problem, w):
    r, v = np.zeros(2), np.zeros(2)
    while True:
        ahead = w + h.beta * v
        g = problem.gradient(ahead)
        r = h.rho * r + (1 - h.rho) * g * g
        v = h.beta * v - h.lr / np.sqrt(h.eps + r) * g
        w = w + v
        yield w


def adam_as_its_bias_correction_says(h, problem, w):
    m, r, t = np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        r = h.beta2 * r + (1 - h.beta2) * g * g
        scale = 1.0
        if h.bias_correction:
            scale = np.sqrt(1 - h.beta2**t) / (1 - h.beta1**t)
        square = 1 - h.beta2**t if h.bias_correction else 1.0
        if h.eps_inside:
            w = w - h.lr * scale * m / np.sqrt(r + h.eps * square)
        else:
            w = w - h.lr * scale * m / (np.sqrt(r) + h.eps * np.sqrt(square))
        yield w


def reddi_2018_algorithm_2_corrected(h, problem, w):
    m, v, largest, t = np.zeros(2), np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        v = h.beta2 * v + (1 - h.beta2) * g**2
        largest = np.maximum(largest, v / (1 - h.beta2**t))
        w = w - h.lr * m / (1 - h.beta1**t) / (np.sqrt(largest) + h.eps)
        yield w


def dozat_2016_at_constant_beta1(h, problem, w):
    m, v, t = np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        v = h.beta2 * v + (1 - h.beta2) * g**2
        ahead = h.beta1 * m / (1 - h.beta1 ** (t + 1))
        ahead = ahead + (1 - h.beta1) * g / (1 - h.beta1**t)
        w = w - h.lr * ahead / (np.sqrt(v / (1 - h.beta2**t)) + h.eps)
        yield w


def liu_2020_algorithm_2(h, problem, w):
    m, v, t = np.zeros(2), np.zeros(2), 0
    rho_inf = 2 / (1 - h.beta2) - 1
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        v = h.beta2 * v + (1 - h.beta2) * g**2
        step = h.lr * m / (1 - h.beta1**t)
        rho = rho_inf - 2 * t * h.beta2**t / (1 - h.beta2**t)
        if rho >= 5:
            above = (rho - 4) * (rho - 2) * rho_inf
            below = (rho_inf - 4) * (rho_inf - 2) * rho
            step = step * np.sqrt(above / below)
            step = step / (np.sqrt(v / (1 - h.beta2**t)) + h.eps)
        w = w - step
        yield w


def chen_2023_algorithm_2(h, problem, w):
    m = np.zeros(2)
    while True:
        g = problem.gradient(w)
        sign = np.sign(h.beta1 * m + (1 - h.beta1) * g)
        m = h.beta2 * m + (1 - h.beta2) * g
        w = w - h.lr * (sign + h.weight_decay * w)
        yield w


def zhuang_2020_algorithm_2(h, problem, w):
    m, s, t = np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        s = h.beta2 * s + (1 - h.beta2) * (g - m) ** 2 + h.eps
        corrected = m / (1 - h.beta1**t), s / (1 - h.beta2**t)
        w = w - h.lr * corrected[0] / (np.sqrt(corrected[1]) + h.eps)
        yield w


def zaheer_2018_algorithm_2_corrected(h, problem, w):
    m, v, t = np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        v = v - (1 - h.beta2) * np.sign(v - g**2) * g**2
        size = np.sqrt(v / (1 - h.beta2**t)) + h.eps
        w = w - h.lr * m / (1 - h.beta1**t) / size
        yield w


def newton_by_scipy(h, problem, w):
    while True:
        matrix, g = problem.hessian(w) + h.damping * np.eye(2), problem.gradient(w)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scipy.linalg.LinAlgWarning)
            try:
                step = scipy.linalg.solve(matrix, g, assume_a="sym")
            except scipy.linalg.LinAlgError:
                # Singular to the last bit, as at a minimum that is flat along a line.
                step = scipy.linalg.pinvh(matrix) @ g
        w = w - step
        yield w


def bfgs_by_scipy(h, problem, w):
    # The matrix is SciPy's; the line search is algorithm 3.1.
    matrix = scipy.optimize.BFGS(min_curvature=0.0)
    matrix.initialize(2, "inv_hess")
    g = problem.gradient(w)
    while True:
        p = -matrix.dot(g)
        for length in h.first * 0.5 ** np.arange(41):
            bound = problem.value(w) + h.c1 * length * (g @ p)
            if problem.value(w + length * p) <= bound:
                s = length * p
                y = problem.gradient(w + s) - g
                if s @ y > 0:
                    matrix.update(s, y)
                w, g = w + s, g + y
                break
        yield w


@lru_cache(maxsize=4)
def normals(seed):
    key = jax.random.key(seed, impl="threefry2x32")
    keys = jax.vmap(partial(jax.random.fold_in, key))(np.arange(STEPS))
    return np.asarray(jax.vmap(lambda k: jax.random.normal(k, (2,), np.float64))(keys))


def matyas_1965(h, problem, w):
    lowest = problem.value(w)
    for z in normals(int(h.seed)):
        tried = w + h.sigma * z
        if problem.value(tried) < lowest:
            w, lowest = tried, problem.value(tried)
        yield w


def central_differences(h, problem, w):
    while True:
        g = np.zeros(2)
        for i, e in enumerate(np.eye(2)):
            g[i] = problem.value(w + h.h * e) - problem.value(w - h.h * e)
        w = w - h.lr * g / (2 * h.h)
        yield w


def central_differences_by_scipy(h, problem, w):
    while True:
        right = scipy.optimize.approx_fprime(w, problem.value, h.h)
        left = scipy.optimize.approx_fprime(w, problem.value, -h.h)
        w = w - h.lr * (right + left) / 2
        yield w
