"""Cards of models, and the models that come with the program."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import uproot
from conftest import built_program
from markdown_it import MarkdownIt

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(
    folder.name + ending
    for folder in (ROOT / "models").iterdir()
    for file, ending in (("model.onnx", ""), ("model.int8.onnx", ".int8"))
    if (folder / file).exists()
)
FIXTURE = ROOT / "tests" / "data" / "models"


def card_of(model: Path) -> dict[str, Any]:
    properties = onnx.load(model).metadata_props
    return json.loads(next(entry.value for entry in properties if entry.key == "card"))


@pytest.fixture(scope="module")
def tested_run(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Configuration of a copy of the run, which was tested at its end."""
    folder = tmp_path_factory.mktemp("tested")
    shutil.copytree(trained_run, folder / "run")
    config = folder / "run.yaml"
    text = (trained_run / "config.yaml").read_text()
    before = next(line for line in text.splitlines() if line.startswith("experiment_dir"))
    config.write_text(text.replace(before, f"experiment_dir: {folder}/run"))
    return config


def export(run: Run, config: Path, output: Path, *more: object, **keywords: Any) -> Any:
    return run("export", "-c", config, "-o", output, *more, **keywords)


def test_the_card_says_sample_results_and_texts(run: Run, tested_run: Path, tmp_path: Path) -> None:
    model = tmp_path / "mine.onnx"
    export(run, tested_run, model, "--license", "CC0", "--intended-use", "tests", "--limits", "all")
    card = card_of(model)
    metrics = json.loads((tested_run.parent / "run" / "test" / "metrics.json").read_text())
    assert card["training_sample"]["origin"] == "Toy simulation"
    assert card["test"]["true_hits"] == metrics["true_hits"]
    assert [point["purity"] for point in card["test"]["validation_thresholds"]] == [
        point["purity"] for point in metrics["validation_thresholds"]
    ]
    printed = run("inspect", model, "--card").stdout
    assert printed.startswith("# mine\n")
    for text in (
        "parameters, float32",
        "Toy simulation, \\<mu> = 20",
        "\n## Intended use\n\ntests\n",
        "\n## Limits\n\nall\n\nTrained on: Toy simulation.",
        "\n## License\n\nCC0\n",
        "| working point | logit > | efficiency here | purity |",
        "| localX | mm | ",
    ):
        assert text in printed, printed


HEADINGS = ["mine", "Intended use", "Limits", "Results", "Inputs", "License"]


def headings_without_tags(page: str) -> list[str]:
    """The headings of a page of Markdown, in which no text has become a tag, a link or code."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(page)
    parts = [part for token in tokens for part in (token, *(token.children or []))]
    wrong = {"html_inline", "html_block", "link_open", "image", "code_inline", "fence"}
    assert [part for part in parts if part.type in wrong] == []
    pairs = itertools.pairwise(tokens)
    return [text.content for before, text in pairs if before.type == "heading_open"]


def test_texts_of_a_foreign_model_are_texts(run: Run, tested_run: Path, tmp_path: Path) -> None:
    script = "<script>alert(1)</script>"
    model = tmp_path / "mine.onnx"
    export(run, tested_run, model, "--license", f"CC0 {script}", "--limits", "none\n## Results\n1")
    content = onnx.load(model)
    for entry in content.metadata_props:
        if entry.key == "card":
            card = json.loads(entry.value)
            card["intended_use"] = f"[all](javascript:x) ![x](y) {script}\n\n{script}\n==\n> `a`"
            for sample in ("training_sample", "validation_sample"):
                card[sample]["origin"] = f"a\n\n{script}"
            card["trained_by"] = card["exported_by"] = script
            entry.value = json.dumps(card)
        elif entry.key == "config_hash":
            entry.value = f"*{script}*"
    onnx.save(content, model)
    printed = run("inspect", model, "--card").stdout
    assert headings_without_tags(printed) == HEADINGS
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(printed)
    assert "Toy simulation" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 9
    assert "&lt;mu&gt; = 20" in page


class Tags(HTMLParser):
    """Names and attributes of the tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attrs)}


def test_names_of_runs_are_texts(run: Run, tested_run: Path, tmp_path: Path) -> None:
    runs = [tmp_path / "<b onclick=f()>a", tmp_path / "*c* | <script>d"]
    for folder in runs:
        shutil.copytree(tested_run.parent / "run", folder)
        run("test", "-c", tested_run, "--set", f"experiment_dir={folder}")
    output = tmp_path / "compared"
    run("compare", *runs, "-o", output, "--names", "*a*", "_d_")
    for page in (runs[0] / "report.html", runs[1] / "report.html", output / "compare.html"):
        assert not {"b", "onclick", "script"} & Tags(page.read_text()).found
    assert "&lt;b onclick=f()&gt;a" in (runs[0] / "report.html").read_text()
    assert "*c* | &lt;script&gt;d" in (runs[1] / "report.html").read_text()
    text = (output / "compare.md").read_text()
    assert headings_without_tags(text)[0] == "Comparison of runs"
    page = MarkdownIt("commonmark").enable("table").render(text)
    assert "<td>*a*</td>" in page and "<td>_d_</td>" in page


def test_what_a_card_lacks_is_said(run: Run, tested_run: Path, tmp_path: Path) -> None:
    """Another sample, no test, a test of another checkpoint."""
    model = tmp_path / "mine.onnx"
    test_split = next(
        line for line in tested_run.read_text().splitlines() if line.startswith("test_path")
    ).split(": ")[1]
    done = export(run, tested_run, model, "--set", f"train_path={test_split}")
    assert "the model card lacks the training sample: " in done.stderr
    assert "holds other events" in done.stderr
    assert "training_sample" not in card_of(model)
    assert "Training sample: not recorded" in run("inspect", model, "--card").stdout

    other = tmp_path / "run"
    shutil.copytree(tested_run.parent / "run", other)
    metrics = other / "test" / "metrics.json"
    content = json.loads(metrics.read_text())
    content["validation_thresholds"][0]["threshold"] += 0.5
    metrics.write_text(json.dumps(content))
    done = export(run, tested_run, model, "--set", f"experiment_dir={other}")
    assert "is the test of another checkpoint; stationhit test, then export again" in done.stderr
    assert "test" not in card_of(model)
    shutil.rmtree(other / "test")
    done = export(run, tested_run, model, "--set", f"experiment_dir={other}")
    assert "the model card lacks results: there is no " in done.stderr
    assert "No test is recorded." in run("inspect", model, "--card").stdout


def test_wrong_uses_of_cards(run: Run, tested_run: Path, tmp_path: Path) -> None:
    assert "no ONNX file" in run("inspect", tested_run, "--card", code=4).stderr
    model = tmp_path / "mine.onnx"
    export(run, tested_run, model)
    content = onnx.load(model)
    for entry in content.metadata_props:
        if entry.key == "card":
            entry.value = entry.value.replace('"training_sample":{', '"training_sample":[{"x":1},{')
    onnx.save(content, model)
    assert '"card"' in run("inspect", model, "--card", code=4).stderr
    for entry in content.metadata_props:
        if entry.key == "card":
            entry.value = "[" * 100 + "]" * 100
    onnx.save(content, model)
    assert "nested deeper" in run("inspect", model, "--card", code=4).stderr
    run("inspect", model)
    arguments = ("-q", "--model", model, "--license", "CC0")
    assert "--license" in run("export", "-c", tested_run, *arguments, code=2).stderr


def test_a_folder_of_models_is_used_by_name(
    run: Run, tested_run: Path, toy_file: Path, tmp_path: Path, stationhit: Path
) -> None:
    folder = tmp_path / "models" / "mine"
    folder.mkdir(parents=True)
    export(run, tested_run, folder / "model.onnx")
    shutil.copy(tested_run.parent / "run" / "checkpoints" / "best.safetensors", folder)
    work = tmp_path / "work"
    work.mkdir()
    environment = {**os.environ, "STATIONHIT_MODELS": str(folder.parent)}

    def call(*arguments: object, code: int = 0) -> str:
        return run(*arguments, code=code, env=environment, cwd=work).stdout

    assert call("models").splitlines()[1].startswith("mine ")
    call("infer", "mine", toy_file, "-o", "scored.root")
    call("bench", "mine", "--input", toy_file, "--events", "2", "--repetitions", "1")
    assert sorted(path.name for path in work.iterdir()) == ["mine.bench.json", "scored.root"]
    assert sorted(path.name for path in folder.iterdir()) == ["best.safetensors", "model.onnx"]
    assert call("inspect", "mine", "--card").startswith("# mine\n")
    failed = run("infer", "mein", toy_file, "-o", "x.root", code=4, env=environment, cwd=work)
    assert "did you mean 'mine'?" in failed.stderr


def scores_of(run: Run, name: str, output: Path, *more: str) -> np.ndarray:
    run("infer", name, FIXTURE / "events.root", "-o", output, "--quiet", *more)
    with uproot.open(output) as file:
        return np.concatenate(file["MuonHitDump"]["spacePoint_score"].array().to_list())


@pytest.mark.parametrize("name", NAMES)
def test_models_give_their_recorded_scores(run: Run, name: str, tmp_path: Path) -> None:
    """Of two toy events at <mu> = 200. int8 scores move with the rounding of one product."""
    recorded = np.load(FIXTURE / "scores.npz")[name]
    scores = scores_of(run, name, tmp_path / "scored.root")
    tolerance = 0.05 if name.endswith(".int8") else 1e-4
    np.testing.assert_allclose(scores, recorded, rtol=tolerance, atol=tolerance)
    assert f"# {name}\n" in run("inspect", name, "--card").stdout


def test_the_program_lists_its_models(run: Run) -> None:
    lines = run("models").stdout.splitlines()
    assert [line.split()[0] for line in lines[1 : len(NAMES) + 1]] == NAMES
    assert "two_stage" in NAMES


def test_first_stage_shares_of_two_stage(prepared: Path) -> None:
    """Fewer hits pass where less signal has to."""
    program = built_program("first_stage_shares")
    command = [program, ROOT / "models" / "two_stage" / "model.onnx", prepared / "val"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split("|") for line in done.stdout.splitlines() if line.startswith("| 0.")]
    hits = [int(row[3]) for row in rows]
    assert len(rows) == 7
    assert hits == sorted(hits, reverse=True)
    command[1] = ROOT / "models" / "dropin_fc8" / "model.onnx"
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "has no first stage; give a file of two_stage" in refused.stderr
