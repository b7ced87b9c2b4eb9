"""Random configurations, taken through all verbs; what has to agree is compared.

A configuration goes through stats, train with its test, export, infer with both backends, bench and
the Python package; some also through a kill, two threads, a materialized set and prune. Faults are
results that differ, crashes, and refusals that come after `train` has accepted a configuration."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml
from safetensors.numpy import load_file

from .configuration_sample import read_scores
from .drawing import draw_configuration
from .program import Program, settings
from .recomputed_inputs import (
    make_features,
    make_neighbors,
    make_nodes,
    statistics_differences,
)
from .recomputed_numbers import Sample, area_under_curve, metrics_differences, threshold_of
from .trial import BaseTrial, FailedError, Inputs, RefusedError, Scores, Tried

TOLERANCE = 1e-4  # of scores, in units of max(1, |logit|)
INT8_TOLERANCE = 0.25


class Trial(BaseTrial):
    """One configuration in its folder, and the checks on it."""

    engine: Scores  # of the engine, on the test split

    def run(self) -> None:
        self.write("run")
        self.write("other", "other", normalization_stats="other_normalization.yaml", threads=2)
        self.may("stats", "-c", "run.yaml")
        self.check_statistics()
        self.may("train", "-c", "run.yaml")
        self.export()
        self.check_checkpoint()
        self.check_test()
        self.check_scores()
        self.check_inputs()
        self.check_package()
        self.check_bench()
        for name, check in MORE.items():
            if name in self.drawn.more:
                check(self)

    def check_statistics(self) -> None:
        self.must("stats", "-c", "other.yaml")
        files = ("normalization.yaml", "other_normalization.yaml")
        first, second = (
            yaml.safe_load((self.folder / file).read_text())["features"] for file in files
        )
        for one, two in zip(first, second, strict=True):
            near = one["name"] == two["name"] and all(
                abs(one[key] - two[key]) <= 1e-11 * max(abs(one["std"]), abs(one[key]))
                for key in one
                if key != "name"
            )
            self.same("statistics of other shards", near, f"{one} and {two}")
        tables = [
            make_features(event, make_nodes(event, self.graph), self.names)
            for event in self.inputs.events["train"].values()
        ]
        texts = statistics_differences(np.concatenate(tables), self.names, first)
        self.same("statistics", not texts, "; ".join(texts))

    def export(self) -> None:
        options = [
            "export",
            "-c",
            "run.yaml",
            "--interface",
            self.drawn.interface,
            "-o",
            "model.onnx",
        ]
        options += ["--quantize", "--latency-events", "2"] if self.drawn.quantized else []
        ended = self.call(*options)
        if ended.code != 0 and self.drawn.interface in ended.errors[0]:
            self.tried.checks["refused interface"] += 1
            self.drawn.interface = "table"
            options[4] = "table"
            ended = self.call(*options)
        if ended.code != 0:
            self.fault(f"{' '.join(options)}: {ended.errors[0]}")
            raise FailedError
        self.model = self.folder / "model.onnx"

    def check_checkpoint(self) -> None:
        """Thresholds, numbers of the validation and weight of the signal, from other sides."""
        found = self.metadata()
        values = self.drawn.settings
        overfit = values.get("training.overfit_batches", 0)
        if values.get("training.loss.pos_weight") == "auto" and not values["training.events"]:
            nodes = signal = 0
            for event in self.inputs.events["train"].values():
                hit = make_nodes(event, self.graph).hit
                nodes += len(hit)
                signal += int(np.sum(event.hits["truthLink"][hit] >= 0))
            expected = (nodes - signal) / signal
            if not overfit and self.drawn.network != "two_stage":
                near = abs(found["pos_weight"] - expected) < 1e-6 * expected
                self.same("pos_weight", near, f"{found['pos_weight']}, recomputed {expected}")
        if overfit:
            return
        self.must("infer", self.model, self.inputs.sample / "prepared" / "val", "-o", "val.root")
        scores = read_scores(self.folder / "val.root")
        batches = values.get("training.limit_val_batches", 0) * values["training.batch_size"]
        events = list(self.inputs.events["val"].items())[: batches or None]
        sample = Sample([event for _, event in events], [scores[number] for number, _ in events])
        auc = area_under_curve(sample.score, sample.signal)
        self.near("AUC of the validation", found["metrics"]["val_auc"], auc, 1e-4)
        for share, threshold in found["thresholds"].items():
            cut = float(threshold_of(sample.score, sample.signal, float(share)))
            self.near("thresholds", threshold, cut, TOLERANCE * max(1, abs(cut)))
        kept = sample.score > threshold_of(sample.score, sample.signal, 0.99)
        purity = float(np.mean(sample.signal[kept]))
        allowed = 4 / int(kept.sum())  # scores that are equal to 1e-7 are in either order
        self.near("purity of the validation", found["metrics"]["val_purity_0.99"], purity, allowed)

    def check_test(self) -> None:
        scores = read_scores(self.folder / "run" / "test" / "scores.root")
        events = self.inputs.events["test"]
        self.same("events of the test", list(scores) == list(events))
        metrics = json.loads((self.folder / "run" / "test" / "metrics.json").read_text())
        sample = Sample(list(events.values()), [scores[number] for number in events])
        texts = metrics_differences(sample, metrics)
        self.same("numbers of the test", not texts, "; ".join(texts))
        nodes = [make_nodes(event, self.graph).hit for event in events.values()]
        counts = (sum(map(len, nodes)), metrics["per_node"]["nodes"])
        self.same("nodes of the test", counts[0] == counts[1], f"{counts}")

    def check_scores(self) -> None:
        self.engine = self.infer("prepared/test", "--backend", "engine", "--threads", 1)
        tested = read_scores(self.folder / "run" / "test" / "scores.root")
        self.compare_scores("network and engine", self.engine, tested, TOLERANCE)
        if not self.drawn.interface.startswith("fused"):
            runtime = self.infer("prepared/test", "--backend", "onnxruntime", "--threads", 1)
            self.compare_scores("ONNX Runtime and engine", runtime, self.engine, TOLERANCE)
        other = self.infer("other/test", "--threads", 2)
        self.compare_scores("other shards", other, self.engine, 0)
        permuted = self.infer("permuted.root", "--threads", 2)
        ordered = {
            number: permuted[number][np.argsort(self.inputs.order[number])]
            for number in self.engine
        }
        self.compare_scores("permuted hits", ordered, self.engine, 0)
        if self.drawn.quantized:
            self.check_quantized()

    def check_quantized(self) -> None:
        """The int8 file. Backends differ by rounding, and an activation at the edge of a step then
        moves to the next one, so only large differences are faults."""
        float_model = self.model
        (self.model,) = self.folder.glob("onnx_benchmarking*/*.int8.onnx")
        split = self.inputs.sample / "prepared" / "test"
        ended = self.call("infer", self.model, split, "-o", "int8.root", "--backend", "engine")
        if ended.code != 0 and "the engine cannot run this file" in ended.errors[0]:
            self.infer("prepared/test")
            self.tried.checks["int8, not in the engine"] += 1
        elif ended.code != 0:
            self.fault(f"int8: {ended.errors[0]}")
        else:
            engine = read_scores(self.folder / "int8.root")
            if not self.drawn.interface.startswith("fused"):
                runtime = self.infer("prepared/test", "--backend", "onnxruntime")
                self.compare_scores("int8", runtime, engine, INT8_TOLERANCE)
            other = self.infer("other/test", "--backend", "engine", "--threads", 2)
            self.compare_scores("int8, other shards", other, engine, 0)
        self.model = float_model

    def check_inputs(self) -> None:
        """What the model gets of one event."""
        events = self.inputs.events["test"]
        place = self.tried.index % len(events)
        self.must(
            *("infer", self.model, self.inputs.sample / "prepared" / "test", "-o", "dumped.root"),
            *("--dump-inputs", "dump.safetensors", "--dump-event", place),
        )
        dump = load_file(self.folder / "dump.safetensors")
        number, event = list(events.items())[place]
        nodes = make_nodes(event, self.graph)
        self.same("nodes", np.array_equal(dump["node_hit"], nodes.hit), f"event {number}")
        if not np.array_equal(dump["node_hit"], nodes.hit):
            return
        self.same("groups", np.array_equal(dump["group_offsets"], nodes.offsets), f"event {number}")
        expected = make_features(event, nodes, self.names)
        for column, name in enumerate(self.names):
            scale = np.maximum(np.abs(expected[:, column]), 1e-3)
            off = np.abs(dump["features"][:, column] - expected[:, column]) / scale
            self.same(f"feature {name}", off.max(initial=0) < 1e-5, f"event {number}: {off.max()}")
        if "neighbours" in dump and self.graph["edges"] != "fully_connected":
            table = make_neighbors(event, nodes, self.graph)
            found = dump["neighbours"]
            good = np.array_equal(found, table[:, : found.shape[1]])
            self.same("neighbors", good, f"event {number}, {self.graph}")
        logits = np.full(len(event), -np.inf, np.float32)
        np.maximum.at(logits, nodes.hit, dump["logits"].ravel())
        dumped = {number: read_scores(self.folder / "dumped.root")[number]}
        self.compare_scores("score of a hit", {number: logits}, dumped, 0)

    def check_package(self) -> None:
        if self.inputs.package is None:
            return
        classifier = self.inputs.package.HitClassifier(str(self.model))
        rows = classifier.scores_of_events(self.inputs.rows, threads=1)
        found = {
            int(number): np.asarray(scores)
            for number, scores in zip(self.inputs.rows.eventNumber, rows, strict=True)
        }
        self.compare_scores("Python package", found, self.engine, 0)

    def check_bench(self) -> None:
        options = ["--events", 4, "--repetitions", 1, "--warmup", 0, "--threads", 1]
        if not self.drawn.interface.startswith("fused"):
            options += ["--compare", self.model, "--compare-backend", "onnxruntime"]
        checkpoint = self.folder / "run" / "checkpoints" / "best.safetensors"
        options += ["--checkpoint", checkpoint, "-o", "bench.json"]
        self.must(
            "bench", self.model, "--input", self.inputs.sample / "prepared" / "test", *options
        )
        self.tried.checks["bench"] += 1

    def same_training(self, what: str, run: str) -> None:
        """The same weights, epochs and numbers of the test."""
        first, second = self.tensors("run"), self.tensors(run)
        equal = first.keys() == second.keys() and all(
            first[name].tobytes() == second[name].tobytes() for name in first
        )
        self.same(what, equal, "other weights")
        tests = [
            json.loads((self.folder / name / "test" / "metrics.json").read_text())
            for name in ("run", run)
        ]
        numbers = [[test["auc"], test["per_node"]] for test in tests]
        self.same(what, numbers[0] == numbers[1], "other numbers of the test")

    def check_killed(self) -> None:
        """Killed twice at random, then run to the end; with two threads."""
        self.write("killed", threads=2)
        random = np.random.default_rng(self.tried.index)
        for _ in range(2):
            seconds = float(random.uniform(0.1, 1.5))
            self.program.run(["train", "-c", "killed.yaml"], self.folder, kill_after=seconds)
        self.must("train", "-c", "killed.yaml")
        if not (self.folder / "killed" / "test" / "metrics.json").exists():
            self.must("test", "-c", "killed.yaml")
        self.same_training("killed and resumed with two threads", "killed")

    def check_materialized(self) -> None:
        self.must("prepare", "--materialize", "run.yaml", "-o", "set")
        self.write("parts")
        paths = settings(
            **{f"{split}_path": self.folder / "set" / split for split in ("train", "val", "test")}
        )
        self.must("train", "-c", "parts.yaml", *paths)
        self.same_training("materialized set", "parts")

    def check_pruned(self) -> None:
        ended = self.call("prune", "-c", "run.yaml")
        if ended.code != 0:
            self.tried.checks[f"prune refused: {ended.errors[0]}"] += 1
            return
        for checkpoint in sorted((self.folder / "run" / "prune").rglob("best.safetensors")):
            configuration = checkpoint.parents[1] / "config.yaml"
            self.must("export", "-c", configuration, "-o", "pruned.onnx")
            self.tried.checks["pruned"] += 1


MORE: dict[str, Callable[[Trial], None]] = {
    "kill": Trial.check_killed,
    "materialize": Trial.check_materialized,
    "prune": Trial.check_pruned,
}


def try_configuration(
    program: Program, inputs: Inputs, work: Path, seed: int, index: int, keep: bool
) -> Tried:
    tried = Tried(index, draw_configuration(seed, index))
    folder = work / f"{seed}-{index}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with contextlib.suppress(RefusedError, FailedError):
        Trial(program, inputs, folder, tried).run()
    if not keep and not tried.faults:
        shutil.rmtree(folder)
    return tried
