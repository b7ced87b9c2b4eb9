"""Column audit: values and ranges that only signal or only background hits have, and the separation
that one column alone can reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_VALUES = 64  # a column with more distinct values is cut into ranges
RANGES = 50
REPEATED = 20  # a value that stands at least so often in a column is looked at by itself
SURPRISING = 10.0  # hits of the other class expected where there are none: chance e^-10
FEWEST_TRUE = 5


@dataclass
class Region:
    """A value (low = high) or a range low <= value < high of a column, with its hits."""

    low: float
    high: float
    true: int
    background: int

    def text(self) -> str:
        """For tables."""
        return f"{self.low:.6g}" if self.low == self.high else f"{self.low:.6g} .. {self.high:.6g}"


@dataclass
class ColumnAudit:
    """auc: of the best function of the column, from the fraction of signal hits per value or range
    of the same sample."""

    technology: str
    column: str
    auc: float
    only_true: list[Region]
    only_background: list[Region]


def values_of(column: np.ndarray, label: np.ndarray, least: int) -> list[Region]:
    """The distinct values that occur at least `least` times."""
    values, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    true = np.bincount(inverse, weights=label, minlength=len(values)).astype(int)
    return [
        Region(float(values[i]), float(values[i]), int(true[i]), int(counts[i] - true[i]))
        for i in np.flatnonzero(counts >= least)
    ]


def ranges_of(column: np.ndarray, label: np.ndarray) -> list[Region]:
    """Ranges with equal numbers of signal hits, and those below and above all signal hits."""
    quantiles = np.quantile(column[label], np.linspace(0, 1, RANGES + 1))
    quantiles[-1] = np.nextafter(quantiles[-1], np.inf)
    edges = np.unique(
        np.concatenate([[column.min()], quantiles, [np.nextafter(column.max(), np.inf)]])
    )
    which = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, len(edges) - 2)
    total = np.bincount(which, minlength=len(edges) - 1)
    true = np.bincount(which, weights=label, minlength=len(edges) - 1).astype(int)
    return [
        Region(float(edges[i]), float(edges[i + 1]), int(true[i]), int(total[i] - true[i]))
        for i in range(len(total))
        if total[i]
    ]


def best_auc(regions: list[Region]) -> float:
    """AUC with the fraction of signal hits as score, ties counted half."""
    ranked = sorted(regions, key=lambda r: r.true / max(1, r.true + r.background))
    true, background = (
        np.array([getattr(region, name) for region in ranked], dtype=float)
        for name in ("true", "background")
    )
    below = np.cumsum(background) - background / 2
    return float((true * below).sum() / (true.sum() * background.sum()))


def audit_column(
    technology: str, name: str, column: np.ndarray, label: np.ndarray, clump: float = 1.0
) -> ColumnAudit:
    """A region counts as one-sided when its hits would lead one to expect at least SURPRISING of
    the other class; signal hits come in clusters."""
    ratio = label.sum() / (~label).sum()
    distinct = values_of(column, label, 1 if len(np.unique(column)) <= MOST_VALUES else REPEATED)
    discrete = len(np.unique(column)) <= MOST_VALUES
    regions = distinct if discrete else ranges_of(column, label)
    looked_at = distinct if discrete else distinct + regions
    only_true = [
        r
        for r in looked_at
        if r.background == 0 and r.true >= FEWEST_TRUE and r.true / ratio >= SURPRISING
    ]
    only_background = [
        r for r in looked_at if r.true == 0 and r.background * ratio >= SURPRISING * clump
    ]
    return ColumnAudit(technology, name, best_auc(regions), only_true, only_background)


def audit_columns(
    technology: str, names: list[str], values: np.ndarray, label: np.ndarray, event: np.ndarray
) -> list[ColumnAudit]:
    """All columns that vary; empty if a class is missing."""
    if not label.any() or label.all():
        return []
    clump = label.sum() / len(np.unique(event[label]))
    return [
        audit_column(technology, name, values[:, i], label, clump)
        for i, name in enumerate(names)
        if np.ptp(values[:, i]) > 0
    ]
