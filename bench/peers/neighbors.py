"""Compares the neighbor table of one event made in Python (SciPy k-d tree per bucket, brute force
per bucket) with ours, which is given.

Ours is timed by build/release/bin/bench_graph on events of the same size."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from timing import interleaved, print_table


def brute_force(points: np.ndarray, hits: np.ndarray, offsets: np.ndarray, k: int) -> np.ndarray:
    """Exact table; ties by node order, which is canonical inside a bucket. Nodes of the same hit
    are not neighbors."""
    table = np.full((len(points), k), -1, np.int32)
    for begin, end in zip(offsets[:-1], offsets[1:], strict=True):
        p = points[begin:end]
        d2 = np.zeros((end - begin, end - begin), np.float32)
        for axis in range(p.shape[1]):
            d2 += (p[:, None, axis] - p[None, :, axis]) ** 2
        d2[hits[begin:end, None] == hits[None, begin:end]] = np.inf
        order = np.argsort(d2, 1, kind="stable")[:, :k]
        found = np.take_along_axis(d2, order, 1)
        table[begin:end, : order.shape[1]] = np.where(np.isfinite(found), order + begin, -1)
    return table


def kd_tree(points: np.ndarray, offsets: np.ndarray, k: int) -> np.ndarray:
    """One tree per bucket; ties in the tree's own order."""
    table = np.full((len(points), k), -1, np.int32)
    for begin, end in zip(offsets[:-1], offsets[1:], strict=True):
        n = end - begin
        _, found = cKDTree(points[begin:end]).query(points[begin:end], min(k + 1, n))
        found = np.asarray(found).reshape(n, -1)[:, 1:]
        table[begin:end, : found.shape[1]] = found + begin
    return table


def run(points: np.ndarray, hits: np.ndarray, offsets: np.ndarray, ours: np.ndarray) -> None:
    """Checks every entry of our table against brute force, then times the Python versions."""
    k = ours.shape[1]
    reference = brute_force(points, hits, offsets, k)
    wrong = np.flatnonzero((reference != ours).any(1))
    if len(wrong):
        node = wrong[0]
        raise SystemExit(
            f"{len(wrong)} rows of our table differ from brute force, first node {node}: "
            f"{ours[node]} against {reference[node]}"
        )
    timings = interleaved(
        {
            "scipy cKDTree per bucket": lambda: kd_tree(points, offsets, k),
            "NumPy brute force per bucket": lambda: brute_force(points, hits, offsets, k),
        }
    )
    print_table(
        f"Neighbour table in Python, {len(points)} nodes, k = {k}",
        timings,
        "scipy cKDTree per bucket",
        "; our table equals brute force",
    )
