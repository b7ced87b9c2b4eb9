"""The same in PyROOT: add_scores.py LIBRARY_FOLDER MODEL.onnx INPUT.root OUTPUT.root [THREADS]"""

import sys
from pathlib import Path

import ROOT


def main() -> None:
    library, model, source, output, *threads = sys.argv[1:]
    header = Path(__file__).with_name("score_column.hpp")
    ROOT.gSystem.Load(f"{library}/libscore_column.so")
    ROOT.gInterpreter.Declare(f'#include "{header}"')
    ROOT.gInterpreter.Declare(f'const example::ScoreColumn score_of(R"({model})");')
    if threads:
        ROOT.EnableImplicitMT(int(threads[0]))
    cut = ROOT.score_of.threshold("0.99")
    inputs = ", ".join(str(name) for name in ROOT.example.score_inputs)
    events = ROOT.RDataFrame("MuonHitDump", source)
    scored = events.Define("score", f"score_of({inputs})").Define(
        "n_kept", f"int(Sum(score > float({cut!r})))"
    )
    n_events, kept = scored.Count(), scored.Sum("n_kept")
    scored.Snapshot("scores", output, ["eventNumber", "score", "n_kept"])
    print(f"{n_events.GetValue()} events, {int(kept.GetValue())} hits above the cut {cut:.4f}")


if __name__ == "__main__":
    main()
