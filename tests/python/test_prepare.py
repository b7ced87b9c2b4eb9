"""The verb prepare against an independent reading of the same ROOT file."""

import json
import resource
import signal
import subprocess
import time
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
import xxhash

TECHNOLOGIES = {0: "MDT", 1: "CSC", 2: "RPC", 3: "TGC", 4: "sTGC", 5: "MM"}
SPLITS = ("train", "val", "test")


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


# ---- the rules, written again from the definitions ----


def mix(a: int, b: int) -> int:
    return xxhash.xxh3_64_intdigest(int(b).to_bytes(8, "little"), seed=a)


def rank(seed: int, file_name: str, run: int, event: int) -> int:
    return mix(mix(mix(seed, xxhash.xxh3_64_intdigest(file_name.encode())), run), event)


def splits_of(file: Path, tree, seed: int, train: float, validation: float) -> list[str]:
    runs = tree["runNumber"].array(library="np")
    events = tree["eventNumber"].array(library="np")
    ranks = [rank(seed, file.name, int(r), int(e)) for r, e in zip(runs, events, strict=True)]
    n = len(ranks)
    ends = (round(n * train), round(n * (train + validation)))
    names = [""] * n
    for place, entry in enumerate(sorted(range(n), key=lambda i: (ranks[i], i))):
        names[entry] = "train" if place < ends[0] else "val" if place < ends[1] else "test"
    return names


def select(links: np.ndarray, pt: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """New links and the surviving muons of one event."""
    hits = np.array([np.count_nonzero(links == m) for m in range(len(pt))], dtype=int)
    good = (pt >= np.float32(5)) & (np.abs(eta) <= np.float32(2.7)) & (hits >= 3)
    new_index = np.where(good, np.cumsum(good) - 1, -1)
    new_links = np.array([new_index[k] if k >= 0 else -1 for k in links], dtype=int)
    return new_links, np.flatnonzero(good)


class Expected:
    """What prepare has to make of a file: kept entries per split, their links and muons."""

    def __init__(self, file: Path, seed: int = 42, train: float = 0.7, validation: float = 0.15):
        tree = uproot.open(file)["MuonHitDump"]
        self.arrays = tree.arrays()
        self.entries: dict[str, list[int]] = {name: [] for name in SPLITS}
        self.links: dict[int, np.ndarray] = {}
        self.muons: dict[int, np.ndarray] = {}
        names = splits_of(file, tree, seed, train, validation)
        for entry in range(len(self.arrays)):
            event = self.arrays[entry]
            links, muons = select(
                np.asarray(event["spacePoint_truthLink"]),
                np.asarray(event["truthMuon_pt"]),
                np.asarray(event["truthMuon_eta"]),
            )
            if len(muons) == 0:
                continue
            self.entries[names[entry]].append(entry)
            self.links[entry] = links
            self.muons[entry] = muons

    def counts(self, split: str) -> dict:
        entries = self.entries[split]
        technologies: dict[str, dict[str, int]] = {}
        for entry in entries:
            codes = np.asarray(self.arrays["spacePoint_technology"][entry])
            for code in np.unique(codes):
                counts = technologies.setdefault(
                    TECHNOLOGIES[int(code)], {"hits": 0, "true_hits": 0}
                )
                counts["hits"] += int(np.count_nonzero(codes == code))
                counts["true_hits"] += int(
                    np.count_nonzero((codes == code) & (self.links[entry] >= 0))
                )
        hits = sum(c["hits"] for c in technologies.values())
        true_hits = sum(c["true_hits"] for c in technologies.values())
        return {
            "events": len(entries),
            "hits": hits,
            "true_hits": true_hits,
            "background_hits": hits - true_hits,
            "muons": sum(len(self.muons[e]) for e in entries),
            "technologies": technologies,
        }


@pytest.fixture(scope="module")
def expected(toy_file: Path) -> Expected:
    return Expected(toy_file)


# ---- content ----


def test_counts_equal_those_recomputed_from_the_ntuple(prepared: Path, expected: Expected):
    manifest = manifest_of(prepared)
    for split in SPLITS:
        assert manifest["splits"][split] == expected.counts(split)
        assert manifest_of(prepared / split)["counts"] == expected.counts(split)
    kept = sum(len(e) for e in expected.entries.values())
    assert 0 < kept < len(expected.arrays), "the sample has both kept and dropped events"
    counts = manifest["input_counts"]
    assert counts["kept_events"] == kept
    assert counts["events"] == len(expected.arrays)
    assert counts["hits"] == int(ak.sum(ak.num(expected.arrays["spacePoint_time"])))
    assert (
        counts["events_without_muon"] + sum(counts["dropped_by"].values())
        == len(expected.arrays) - kept
    )


def shard_arrays(folder: Path) -> ak.Array:
    shards = [
        uproot.open(folder / s["file"])["events"].arrays() for s in manifest_of(folder)["shards"]
    ]
    return ak.concatenate(shards)


@pytest.mark.parametrize("split", SPLITS)
def test_shards_hold_the_selected_events(prepared: Path, expected: Expected, split: str):
    found = shard_arrays(prepared / split)
    entries = expected.entries[split]
    original = expected.arrays[entries]
    assert len(found) == len(entries)
    for field in expected.arrays.fields:
        if field.startswith("truthMuon_"):
            wanted = ak.Array(
                [np.asarray(expected.arrays[field][e])[expected.muons[e]] for e in entries]
            )
        elif field == "spacePoint_truthLink":
            wanted = ak.Array([expected.links[e] for e in entries])
        elif field == "bucket_spacePoints":
            assert ak.all(found["bucket_nSpacePoints"] == ak.num(original[field], axis=2))
            wanted = ak.flatten(original[field], axis=2)
        else:
            wanted = original[field]
        assert ak.all(found[field] == wanted), field


def test_checksums_are_those_of_the_columns(prepared: Path):
    shard = manifest_of(prepared / "val")["shards"][0]
    arrays = uproot.open(prepared / "val" / shard["file"])["events"].arrays()
    types = {
        "spacePoint_PositionX": "<f4",
        "spacePoint_channel": "<u2",
        "spacePoint_truthLink": "<i1",
        "truthMuon_q": "<i4",
    }
    for column, dtype in types.items():
        state = xxhash.xxh3_64()
        for values in arrays[column]:
            state.update(len(values).to_bytes(8, "little"))
            state.update(np.asarray(values).astype(dtype).tobytes())
        assert shard["columns"][column] == state.hexdigest(), column


def test_small_samples_are_part_of_their_split(prepared: Path):
    for split in SPLITS:
        whole = shard_arrays(prepared / split)["eventNumber"].tolist()
        small = shard_arrays(prepared / f"{split}_small")["eventNumber"].tolist()
        assert len(small) == min(20, len(whole))
        assert set(small) <= set(whole)


# ---- interruption ----


def journal_lines(folder: Path) -> int:
    journal = folder / "prepare.journal"
    return len(journal.read_text().splitlines()) if journal.exists() else 0


def kill_after_chunks(command: list[str], folder: Path, chunks: int) -> None:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while (
            journal_lines(folder) < 1 + chunks
            and process.poll() is None
            and time.monotonic() < deadline
        ):
            time.sleep(0.001)
        process.kill()
        process.wait()
        assert process.returncode == -signal.SIGKILL, "the run ended before it could be killed"


def test_a_killed_run_continues_to_the_same_set(
    run, stationhit: Path, toy_file: Path, tmp_path: Path
):
    settings = [str(toy_file), "--set", "events_per_shard=4", "--threads", "2"]
    run("prepare", *settings, "-o", tmp_path / "whole")
    killed = tmp_path / "killed"
    for chunks in (2, 6):
        kill_after_chunks(
            [str(stationhit), "prepare", *settings, "-o", str(killed)], killed, chunks
        )
        assert not (killed / "manifest.json").exists()
        finished = journal_lines(killed) - 1
        assert finished >= chunks
    run("prepare", *settings, "-o", killed)
    assert manifest_of(killed) == manifest_of(tmp_path / "whole")
    assert not list(killed.rglob("*.partial"))
    assert not (killed / "prepare.journal").exists()


def test_threads_and_order_of_files_change_nothing(run, tmp_path: Path):
    for i in range(3):
        run(
            "simulate",
            "--set",
            f"output={tmp_path}/zmumu_PU5_skip{i}.root",
            "--set",
            "events=20",
            "--set",
            "mu=5",
            "--set",
            f"first_event={20 * i}",
        )
    files = sorted(tmp_path.glob("*.root"))
    run("prepare", *files, "-o", tmp_path / "a", "--threads", "1", "--set", "events_per_shard=7")
    run(
        "prepare",
        *reversed(files),
        "-o",
        tmp_path / "b",
        "--threads",
        "4",
        "--set",
        "events_per_shard=7",
    )
    run(
        "prepare",
        f"{tmp_path}/*.root",
        "-o",
        tmp_path / "c",
        "--threads",
        "2",
        "--set",
        "events_per_shard=7",
    )
    first = manifest_of(tmp_path / "a")
    assert first == manifest_of(tmp_path / "b") == manifest_of(tmp_path / "c")


# ---- bad input ----


def test_all_events_failing_the_cuts(run, toy_file: Path, tmp_path: Path):
    done = run(
        "prepare", toy_file, "-o", tmp_path / "out", "--set", "selection.min_pt=10000", code=4
    )
    assert "no event passes the selection: of 120 events" in done.stderr
    assert "failed pT >= 10000 GeV" in done.stderr
    assert not list((tmp_path / "out").rglob("*.root"))


def test_another_set_in_the_output_folder(run, toy_file: Path, prepared: Path):
    before = manifest_of(prepared)
    done = run("prepare", toy_file, "-o", prepared, "--set", "split.seed=1", code=4)
    assert "holds a set prepared with other settings or other input files" in done.stderr
    assert manifest_of(prepared) == before


def test_not_a_root_file(run, tmp_path: Path):
    (tmp_path / "text.root").write_text("no ROOT file\n" * 100)
    assert (
        "text.root" in run("prepare", tmp_path / "text.root", "-o", tmp_path / "out", code=4).stderr
    )
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize("part", [0.05, 0.5, 0.999])
def test_truncated_root_file(run, toy_file: Path, tmp_path: Path, part: float):
    content = toy_file.read_bytes()
    (tmp_path / "cut.root").write_bytes(content[: int(len(content) * part)])
    assert (
        "cut.root" in run("prepare", tmp_path / "cut.root", "-o", tmp_path / "out", code=4).stderr
    )
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_no_such_tree(run, toy_file: Path, tmp_path: Path):
    done = run("prepare", toy_file, "-o", tmp_path / "out", "--set", "tree=Dump", code=4)
    assert "Dump" in done.stderr
    assert "MuonHitDump" in done.stderr, "the trees that there are"


def test_no_input_match(run, tmp_path: Path):
    done = run("prepare", f"{tmp_path}/*.root", "-o", tmp_path / "out", code=4)
    assert "matches no file" in done.stderr


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def test_a_full_disk_leaves_nothing_half_written(run, toy_file: Path, tmp_path: Path):
    # A limit on the size of files acts as a full disk does; Python ignores SIGXFSZ and hands that
    # down.
    out = tmp_path / "out"
    done = run(
        "prepare",
        toy_file,
        "-o",
        out,
        "--threads",
        "2",
        code=4,
        preexec_fn=limit_file_size,
        restore_signals=False,
    )
    assert "shard_" in done.stderr
    assert "disk" in done.stderr
    assert not (out / "manifest.json").exists()
    assert not list(out.rglob("*.partial"))
    run("prepare", toy_file, "-o", out, "--threads", "2")
    assert manifest_of(out)["input_counts"]["events"] == 120
