"""Tables (Markdown, JSON, CSV) and figures (PNG) of the audit."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from columns import ColumnAudit
from measures import Measure, purity_curve

Table = dict[str, dict[str, Measure | None]]  # model -> "all" or technology -> measure
MODEL_HEADER = ("model", "hits of", "true hits", "efficiency", "purity", "1/eps_b", "AUC")
COLUMN_HEADER = (
    "technology",
    "column",
    "AUC of the column alone",
    "only true hits",
    "only background hits",
)
MOST_REGIONS = 3
# Colors of M. Okabe and K. Ito with line styles of ROOT: lines can be told apart in gray too.
LINES = (
    ("#000000", 1),
    ("#0072B2", 7),
    ("#D55E00", 9),
    ("#009E73", 1),
    ("#CC79A7", 2),
    ("#56B4E9", 1),
    ("#E69F00", 7),
)


def interval(values: tuple[float, float, float], digits: int) -> str:
    """value [low, high]."""
    return "{:.{d}f} [{:.{d}f}, {:.{d}f}]".format(*values, d=digits)


def model_rows(table: Table) -> list[list[str]]:
    """One row per model and technology."""
    rows = []
    for model, parts in table.items():
        for part, m in parts.items():
            cells = ["-"] * 5
            if m:
                cells = [
                    str(m.true_hits),
                    f"{m.efficiency:.4f}",
                    interval(m.purity, 4),
                    interval(m.rejection, 1),
                    interval(m.auc, 5),
                ]
            rows.append([model, part, *cells])
    return rows


def regions_text(audit: ColumnAudit, side: str) -> str:
    """The regions with most hits and their numbers of hits."""
    regions = sorted(getattr(audit, f"only_{side}"), key=lambda region: -getattr(region, side))
    shown = [f"{region.text()} ({getattr(region, side)})" for region in regions[:MOST_REGIONS]]
    return "; ".join(
        shown + ([f"and {len(regions) - MOST_REGIONS} more"] if len(regions) > MOST_REGIONS else [])
    )


def column_rows(audits: list[ColumnAudit]) -> list[list[str]]:
    """One row per technology and column, the strongest columns first."""
    ranked = sorted(audits, key=lambda audit: -audit.auc)
    return [
        [
            a.technology,
            a.column,
            f"{a.auc:.4f}",
            regions_text(a, "true"),
            regions_text(a, "background"),
        ]
        for a in ranked
    ]


def markdown(header: tuple[str, ...], rows: list[list[str]]) -> str:
    """A table."""
    return (
        "\n".join(
            "| " + " | ".join(cells) + " |"
            for cells in [list(header), ["---"] * len(header), *rows]
        )
        + "\n"
    )


def write(path: Path, text: str) -> None:
    """Aside, then renamed."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.rename(path)


def write_csv(path: Path, header: tuple[str, ...], rows: list[list[str]]) -> None:
    """Aside, then renamed."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    partial.rename(path)


def write_tables(folder: Path, title: str, table: Table, audits: list[ColumnAudit]) -> str:
    """audit.md, audit.json, models.csv, columns.csv; returns the text of audit.md."""
    one_sided = [audit for audit in audits if audit.only_true or audit.only_background]
    strongest = sorted(
        (audit for audit in audits if audit.technology == "all"), key=lambda audit: -audit.auc
    )[:15]
    text = f"# Shortcut audit\n\n{title}\n\n{markdown(MODEL_HEADER, model_rows(table))}\n"
    text += (
        "## Values and ranges of one class\n\n"
        f"{markdown(COLUMN_HEADER, column_rows(one_sided)) if one_sided else 'none'}\n"
    )
    text += f"\n## Strongest single columns\n\n{markdown(COLUMN_HEADER, column_rows(strongest))}"
    write(folder / "audit.md", text)
    write_csv(folder / "models.csv", MODEL_HEADER, model_rows(table))
    write_csv(folder / "columns.csv", COLUMN_HEADER, column_rows(audits))
    models = {
        model: {part: m.as_dict() if m else None for part, m in parts.items()}
        for model, parts in table.items()
    }
    write(folder / "audit.json", json.dumps({"title": title, "models": models}, indent=2) + "\n")
    return text


def draw_purity(path: Path, scores: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Purity against hit efficiency, one line per model; the y axis is logarithmic."""
    import ROOT

    ROOT.gROOT.SetBatch(True)
    ROOT.gErrorIgnoreLevel = ROOT.kWarning
    canvas = ROOT.TCanvas("purity", "", 1000, 700)
    canvas.SetLogy()
    canvas.SetLeftMargin(0.13)
    canvas.SetRightMargin(0.29)  # the legend stands there, on no curve
    canvas.SetTicks()
    frame = canvas.DrawFrame(0.95, 0.003, 1.0, 1.5, ";Hit efficiency;Purity")
    frame.GetXaxis().SetNdivisions(505)
    frame.GetXaxis().SetTitleSize(0.045)
    frame.GetYaxis().SetTitleSize(0.045)
    legend = ROOT.TLegend(0.72, 0.5, 0.99, 0.85)
    legend.SetBorderSize(0)
    legend.SetTextSize(0.035)
    efficiencies = np.append(np.arange(0.95, 0.998, 0.002), 0.998)
    graphs = []
    for i, (model, (score, label)) in enumerate(scores.items()):
        graph = ROOT.TGraph(
            len(efficiencies), efficiencies, purity_curve(score, label, efficiencies)
        )
        color, style = LINES[i % len(LINES)]
        graph.SetLineColor(ROOT.TColor.GetColor(color))
        graph.SetLineStyle(style)
        graph.SetLineWidth(3)
        graph.Draw("L")
        legend.AddEntry(graph, model, "l")
        graphs.append(graph)
    legend.Draw()
    label = next(iter(scores.values()))[1]
    hits = f"{len(label)} hits, {np.count_nonzero(label)} of signal"
    text = ROOT.TLatex()
    text.SetTextSize(0.04)
    text.DrawLatexNDC(0.14, 0.92, f"#it{{Toy simulation}}, #sqrt{{s}} = 14 TeV, {hits}")
    canvas.SaveAs(str(path))


def draw_columns(path: Path, audits: list[ColumnAudit], shown: int = 20) -> None:
    """AUC of the strongest single columns over all technologies."""
    import ROOT

    ROOT.gROOT.SetBatch(True)
    ROOT.gErrorIgnoreLevel = ROOT.kWarning
    ranked = sorted(
        (audit for audit in audits if audit.technology == "all"), key=lambda audit: audit.auc
    )[-shown:]
    canvas = ROOT.TCanvas("columns", "", 900, 700)
    canvas.SetLeftMargin(0.2)
    canvas.SetTicks()
    bars = ROOT.TH1F("bars", ";;AUC of the column alone", len(ranked), 0, len(ranked))
    bars.SetStats(False)
    bars.SetFillColor(ROOT.kAzure - 4)
    bars.SetBarWidth(0.8)
    bars.SetBarOffset(0.1)
    for i, audit in enumerate(ranked):
        bars.SetBinContent(i + 1, audit.auc)
        bars.GetXaxis().SetBinLabel(i + 1, audit.column)
    bars.GetYaxis().SetRangeUser(0.5, 1)
    bars.Draw("HBAR")
    ROOT.TLatex().DrawLatexNDC(0.2, 0.92, "#it{Toy simulation}, #sqrt{s} = 14 TeV")
    canvas.SaveAs(str(path))
