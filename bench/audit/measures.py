"""Purity, rejection and AUC at a hit efficiency, with bootstrap intervals over events. Definitions:
docs/metrics.md."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

REPLICAS = 100
CONFIDENCE = 0.68


@dataclass
class Measure:
    """Values with the ends of their 68 % intervals."""

    hits: int
    true_hits: int
    efficiency: float
    purity: tuple[float, float, float]
    rejection: tuple[float, float, float]
    auc: tuple[float, float, float]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


class Ranking:
    """Hits sorted by decreasing score; hits of equal score form one step."""

    def __init__(self, score: np.ndarray, label: np.ndarray, event: np.ndarray) -> None:
        order = np.argsort(-score, kind="stable")
        self.label, self.event = label[order], event[order]
        self.n_events = int(event.max()) + 1
        ranked = score[order]
        self.starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))

    def steps(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Signal and background hits per step with weights per event."""
        per_hit = weight[self.event]
        return np.add.reduceat(per_hit * self.label, self.starts), np.add.reduceat(
            per_hit * ~self.label, self.starts
        )

    def values(self, efficiency: float, weight: np.ndarray) -> tuple[float, float, float, float]:
        """Efficiency, purity, rejection, AUC; NaN without signal or without background hits."""
        true, background = self.steps(weight)
        above = np.cumsum(true)
        if above[-1] == 0 or background.sum() == 0:
            return (np.nan,) * 4
        auc = float((background * (above - true / 2)).sum() / (above[-1] * background.sum()))
        last = int(np.searchsorted(above, np.ceil(efficiency * above[-1] - 1e-9)))
        kept_true, kept_background = above[last], background[: last + 1].sum()
        rejection = background.sum() / kept_background if kept_background > 0 else np.inf
        return (
            float(kept_true / above[-1]),
            float(kept_true / (kept_true + kept_background)),
            float(rejection),
            auc,
        )


def measure(
    score: np.ndarray, label: np.ndarray, event: np.ndarray, efficiency: float, seed: int = 42
) -> Measure | None:
    """Measures at the threshold that keeps `efficiency` of the signal hits; each replica has its
    own. None without signal or background hits."""
    if not label.any() or label.all():
        return None
    ranking = Ranking(score, label, event)
    central = ranking.values(efficiency, np.ones(ranking.n_events))
    random = np.random.default_rng(seed)
    draws = random.multinomial(
        ranking.n_events, np.full(ranking.n_events, 1 / ranking.n_events), size=REPLICAS
    )
    replicas = np.array([ranking.values(efficiency, draw.astype(float)) for draw in draws])
    low, high = np.nanquantile(replicas, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    purity, rejection, auc = ((central[i], float(low[i]), float(high[i])) for i in (1, 2, 3))
    return Measure(len(label), int(label.sum()), central[0], purity, rejection, auc)


def purity_curve(score: np.ndarray, label: np.ndarray, efficiencies: np.ndarray) -> np.ndarray:
    """Purity at each efficiency."""
    ranking = Ranking(score, label, np.zeros(len(label), dtype=np.int64))
    return np.array([ranking.values(efficiency, np.ones(1))[1] for efficiency in efficiencies])
