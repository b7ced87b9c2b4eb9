"""Random configurations of runs: values of the keys that change a network, its input, its training
or what is made of it. They follow the rules between keys, except for a share of `wild` ones, which
the program may refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

DISCRETE = ("technology", "stationIndex", "stationPhi", "stationEta")
MAP_FEATURES = ("phi", "theta", "stationLayer", "nBuckets")
FEATURES = (
    *("localX", "localY", "localZ", "stationIndex", "stationPhi", "stationEta", "driftR"),
    *("relative_layer", "neighbors", "bucket_density", "isolation", "covX", "covY", "covXY"),
    *("globX", "globY", "globZ", "r", "theta", "phi", "eta", "edgeLength", "edgeDirX", "edgeDirY"),
    *("edgeDirZ", "technology", "layer", "channel", "time", "stationLayer", "nBuckets"),
    *("readOutSide", "measEta", "measPhi", "nEtaInUse", "nPhiInUse"),
)
METRICS = ("localX", "localY", "localZ", "globX", "globY", "globZ")
INTERFACES = ("table", "edges", "fused", "fused_edges")
Settings = dict[str, Any]


@dataclass
class Drawn:
    """A configuration, and how its network is written and run."""

    settings: Settings
    interface: str
    quantized: bool
    wild: bool
    more: set[str] = field(default_factory=set)  # what else is tried with it

    @property
    def network(self) -> str:
        return str(self.settings["model.architecture"])


class Draw:
    """Draws values with one generator."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random

    def one_of(self, *values: Any) -> Any:
        return values[int(self.random.integers(len(values)))]

    def some_of(self, values: tuple[Any, ...], least: int, most: int) -> list[Any]:
        number = int(self.random.integers(least, min(most, len(values)) + 1))
        return [values[i] for i in self.random.permutation(len(values))[:number]]

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def number(self, low: float, high: float) -> float:
        """Log-uniform, with few digits."""
        return float(f"{np.exp(self.random.uniform(np.log(low), np.log(high))):.3g}")

    def integer(self, low: int, high: int) -> int:
        """Low to high, both included."""
        return int(self.random.integers(low, high + 1))


def draw_configuration(seed: int, index: int, wild_share: float = 0.1) -> Drawn:
    """Configuration `index` of this seed."""
    draw = Draw(np.random.default_rng([seed, index]))
    wild = draw.chance(wild_share)
    architecture = draw.one_of(
        *("mlp", "edgeconv", "edgeconv", "edgeconv_gat", "edgeconv_attention", "two_stage")
    )
    settings: Settings = {"seed": draw.integer(0, 1000), "model.architecture": architecture}
    settings["features"] = draw_features(draw, architecture, wild)
    settings |= draw_graph(draw, architecture, wild)
    settings |= draw_model(draw, settings, wild)
    settings |= draw_training(draw, settings, wild)
    settings |= draw_results(draw, settings)
    drawn = Drawn(settings, draw_interface(draw, settings, wild), draw.chance(0.25), wild)
    for name, share in (("kill", 0.3), ("materialize", 0.3), ("prune", 0.15)):
        if draw.chance(share):
            drawn.more.add(name)
    return drawn


def draw_features(draw: Draw, architecture: str, wild: bool) -> list[str]:
    features = draw.some_of(FEATURES, 1, 14)
    if architecture == "two_stage" and not wild:
        features += [name for name in MAP_FEATURES if name not in features]
        features = [features[i] for i in draw.random.permutation(len(features))]
    return features


def draw_graph(draw: Draw, architecture: str, wild: bool) -> Settings:
    edges = draw.one_of("knn", "knn", "knn", "radius", "fully_connected")
    if architecture == "two_stage" and edges == "fully_connected" and not wild:
        edges = "knn"
    graph: Settings = {
        "graph.grouping": draw.one_of("bucket", "bucket", "bucket", "sector", "event"),
        "graph.buckets": draw.one_of("auto", "file", "build"),
        "graph.edges": edges,
    }
    if edges != "fully_connected" or wild:
        graph["graph.k"] = draw.integer(1, 24)
        graph["graph.metric"] = draw.some_of(METRICS, 1, 4)
    if edges == "radius":
        graph["graph.radius"] = draw.number(0.5, 500)
    return graph


def draw_encoding(draw: Draw, features: list[str], types: tuple[str, ...]) -> Settings:
    encoding: Settings = {"type": draw.one_of(*types)}
    encoding["base"] = draw.integer(2, 5)
    first = draw.integer(-4, 2)
    encoding["scales"] = list(range(first, first + draw.integer(1, 5)))
    if draw.chance(0.2):
        draw.random.shuffle(encoding["scales"])
    encoding["discrete"] = draw.one_of("encoded", "encoded", "one_hot", "embedding")
    if encoding["discrete"] == "embedding":
        encoding["embedding_width"] = draw.integer(1, 6)
    if draw.chance(0.25):
        encoding["features"] = draw.some_of(tuple(features), 1, len(features))
    if draw.chance(0.3):
        encoding["limit"] = draw.number(0.5, 20)
    return encoding


def draw_convolution(
    draw: Draw, settings: Settings, encoding: Settings, activation: str, wild: bool
) -> Settings:
    """What the EdgeConv of a network, or of a first stage, has."""
    encoded: list[str] = encoding["features"] if "features" in encoding else settings["features"]
    numbers = tuple(
        name
        for name in encoded
        if wild or encoding["discrete"] == "encoded" or name not in DISCRETE
    )
    layers = draw.integer(1, 2)
    aggregation = draw.one_of("max", "mean", "sum")
    smooth = activation in ("gelu", "silu")
    if smooth and layers == 1 and aggregation == "max" and not wild:
        layers = 2
    model: Settings = {"message_layers": layers, "aggregation": aggregation}
    has_edges = settings["graph.edges"] != "fully_connected"
    if wild or (has_edges and settings["model.architecture"] != "mlp"):
        if numbers and draw.chance(0.3):
            model["edge_features"] = draw.some_of(numbers, 1, 4)
        if draw.chance(0.3):
            model["neighbors"] = draw.integer(0, settings.get("graph.k", 4))
    if draw.chance(0.5):
        model["head"] = [draw.integer(1, 12) for _ in range(draw.integer(1, 2))]
    return model


def draw_model(draw: Draw, settings: Settings, wild: bool) -> Settings:
    architecture = settings["model.architecture"]
    features = settings["features"]
    types = ("fourier", "learned", "hybrid", "linear", "none")
    banded = architecture == "edgeconv_attention" and not wild
    encoding = draw_encoding(draw, features, types[:2] if banded else types)
    if settings["model.architecture"] == "edgeconv_attention" and not wild:
        bands = draw.one_of(*(n for n in (1, 2, 4) if n <= len(encoding["scales"])))
    else:
        bands = draw.one_of(1, 2, 4)
    activation = draw.one_of("relu", "leaky_relu", "gelu", "silu")
    model: Settings = {f"encoding.{key}": value for key, value in encoding.items()}
    model |= draw_convolution(draw, settings, encoding, activation, wild)
    model |= {
        "width": draw.one_of(4, 8, 12, 16, 20),
        "blocks": draw.integer(0 if architecture == "mlp" else 1, 3),
        "activation": activation,
        "residual": draw.chance(0.6),
        "layer_norm": draw.chance(0.5),
        "dropout": draw.one_of(0, 0, 0.1, 0.5),
        "heads": draw.one_of(1, 2, 4),
        "bands": bands,
        "feed_forward": draw.integer(1, 24),
    }
    if architecture == "two_stage":
        model |= draw_two_stages(draw, settings, activation, wild)
    if wild and draw.chance(0.5):
        model["width"] = draw.integer(1, 20)
    return {f"model.{key}": value for key, value in model.items()}


def draw_two_stages(draw: Draw, settings: Settings, activation: str, wild: bool) -> Settings:
    types = ("fourier", "learned", "hybrid", "linear", "none")
    encoding = draw_encoding(draw, settings["features"], types)
    first = {f"encoding.{key}": value for key, value in encoding.items()}
    first |= draw_convolution(draw, settings, encoding, activation, wild)
    first |= {"width": draw.integer(1, 12), "blocks": draw.integer(1, 2)}
    first["signal_kept"] = draw.one_of(0.9995, 0.997)
    if not wild:
        first.setdefault("neighbors", 0)
    stages: Settings = {f"first_stage.{key}": value for key, value in first.items()}
    stages["map.phi_cells"] = draw.integer(3, 40)
    stages["map.theta_cells"] = draw.integer(3, 40)
    stages["map.channels"] = draw.integer(1, 6)
    stages["map.convolutions"] = draw.integer(1, 3)
    return stages


def draw_training(draw: Draw, settings: Settings, wild: bool) -> Settings:
    two_stage = settings["model.architecture"] == "two_stage"
    training: Settings = {
        "epochs": draw.integer(1, 3),
        "batch_size": draw.integer(1, 6),
        "accumulate_batches": draw.one_of(1, 1, 2, 3),
        "events": draw.one_of(0, 0, 20),
        "sanity_val_batches": draw.integer(0, 2),
        "monitor": draw.one_of("val_loss", "val_auc", "train_loss", "val_purity_0.99"),
        "optimizer.name": draw.one_of("adamw", "adam", "sgd", "lion"),
        "optimizer.learning_rate": draw.number(1e-4, 1e-2),
        "optimizer.weight_decay": draw.one_of(0, 0.01, 0.1),
        "optimizer.gradient_clip": draw.one_of(0, 0.5, 5),
        "scheduler.name": draw.one_of("reduce_lr_on_plateau", "one_cycle", "cosine", "none"),
        "early_stopping.enabled": draw.chance(0.5),
        "early_stopping.patience": draw.integer(1, 3),
        "callbacks": draw.some_of(("keep_best", "ema", "norms", "steps"), 0, 3),
        "loss.name": draw.one_of("bce", "focal"),
        "background_share": draw.one_of(1, 1, 0.3),
        "memory_limit": draw.one_of(0, 1024),
        "prefetch_batches": draw.integer(1, 4),
    }
    for limit in ("limit_train_batches", "limit_val_batches", "overfit_batches"):
        if draw.chance(0.15):
            training[limit] = draw.integer(2, 5)
    if "ema" in training["callbacks"]:
        training["ema.decay"] = draw.one_of(0.5, 0.9, 0.999)
    if training["loss.name"] == "focal":
        training |= {"loss.alpha": draw.number(0.1, 0.9), "loss.gamma": draw.one_of(0, 1, 2)}
    else:
        training["loss.pos_weight"] = draw.one_of("auto", "auto", 1, 5.5)
    if two_stage:
        training["first_stage_epochs"] = draw.integer(1, 2)
        training["missing_stations"] = draw.one_of(0, 0.2)
        if not wild and training["monitor"] == "val_purity_0.99":
            training["monitor"] = "val_auc"
    return {f"training.{key}": value for key, value in training.items()}


def draw_results(draw: Draw, settings: Settings) -> Settings:
    results: Settings = {"normalization": "standard"}
    if settings.get("model.encoding.limit") and draw.chance(0.5):
        first = "model.first_stage.encoding.limit"
        if settings["model.architecture"] != "two_stage" or settings.get(first):
            results["normalization"] = "robust"
    points = draw.one_of([0.985, 0.99, 0.995], [0.9], [0.5, 0.97], [0.8, 0.9, 0.95, 0.995])
    results["working_points"] = points
    results |= {
        "quantization.method": draw.one_of("static", "static", "dynamic"),
        "quantization.calibration": draw.one_of("minmax", "percentile"),
        "quantization.calibration_events": draw.integer(2, 10),
        "quantization.validation_events": draw.integer(4, 12),
        "quantization.target_cpu": draw.one_of("any", "vnni"),
        "quantization.tolerance": draw.one_of(0.01, 0.2, 1),
        "prune.steps": 1,
        "prune.epochs": 1,
        "prune.events": 5,
        "prune.keep": draw.one_of(0.5, 0.8),
        "prune.parts": draw.some_of(("channels", "heads", "scales"), 1, 3),
    }
    return results


def draw_interface(draw: Draw, settings: Settings, wild: bool) -> str:
    interface = draw.one_of(*INTERFACES)
    if wild or settings["model.architecture"] != "two_stage":
        return str(interface)
    return draw.one_of("table", "fused")


def nested(settings: Settings) -> dict[str, Any]:
    """The sections of a YAML file out of key paths."""
    result: dict[str, Any] = {}
    for key, value in settings.items():
        *sections, last = key.split(".")
        place = result
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    return result
