#!/usr/bin/env python3
"""Makes a small HepMC3 file with Pythia 8: pp at 14 TeV, J/psi -> mumu, Z -> mumu and dileptonic
ttbar in turn.

    # Pythia 8.317, compiled; then its settings and particle data (share/Pythia8)
    pip install 'chromo==0.11.0'
    pip download --no-deps --no-binary :all: pythia8mc==8.317.0
    tar xzf pythia8mc-8.317.0.tar.gz --wildcards '*/share/Pythia8/*'
    tools/make_hepmc_sample.py pythia8mc-8.317.0/pythia8317/share/Pythia8/xmldoc \\
        tests/data/pythia8_mix.hepmc3.gz

Of an event only the beam protons, the final-state muons and the particles that they come from are
written, so that a few hundred events are a few tens of kB. Event n is of process n modulo 3;
signal_process_id is the mcChannelNumber of the toy generator for this process. The same seed gives
the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

COMMON = ["Print:quiet = on", "Random:setSeed = on", "Beams:eCM = 14000."]


@dataclass(frozen=True)
class Process:
    """Settings of Pythia and the pT in GeV that the two hardest muons of an accepted event have at
    least (|eta| < 2.7)."""

    channel: int
    settings: tuple[str, ...]
    min_pt: tuple[float, float]


PROCESSES = (
    Process(
        999001,
        ("Charmonium:all = on", "PhaseSpace:pTHatMin = 8.", "443:onMode = off", "443:onIfAny = 13"),
        (6.0, 3.5),
    ),
    Process(
        999002,
        (
            "WeakSingleBoson:ffbar2gmZ = on",
            "PhaseSpace:mHatMin = 60.",
            "23:onMode = off",
            "23:onIfAny = 13",
        ),
        (5.0, 0.0),
    ),
    Process(
        999003,
        ("Top:gg2ttbar = on", "Top:qqbar2ttbar = on", "24:onMode = off", "24:onIfAny = 11 13 15"),
        (5.0, 0.0),
    ),
)


@dataclass
class Record:
    """Columns of Pythia's event record, one row per particle; mother = row of the first mother, -1
    for the beams."""

    pid: np.ndarray
    status: np.ndarray
    momentum: np.ndarray  # [n, 5]: px, py, pz, e, m in GeV
    vertex: np.ndarray  # [n, 4]: production vertex x, y, z, t in mm
    mother: np.ndarray

    def final_muons(self) -> np.ndarray:
        """Rows of the final-state muons."""
        return np.flatnonzero((np.abs(self.pid) == 13) & (self.status == 1))

    def parent(self, row: int) -> int:
        """The particle that decayed to this muon: copies of the muon itself are passed over."""
        row = int(self.mother[row])
        while abs(self.pid[row]) == 13:
            row = int(self.mother[row])
        return row


def read_record(event: Any) -> Record:
    """Copies of the columns; Pythia reuses its own."""
    columns = (event.px(), event.py(), event.pz(), event.en(), event.m())
    vertex = (event.vx(), event.vy(), event.vz(), event.vt())
    return Record(
        np.array(event.pid()),
        np.array(event.status()),
        np.stack(columns, axis=1),
        np.stack(vertex, axis=1),
        np.array(event.mothers())[:, 0] - 1,
    )


def accepted(record: Record, process: Process) -> bool:
    """Whether the event has the muons that the process asks for."""
    px, py, pz = record.momentum[record.final_muons(), :3].T
    pt = np.hypot(px, py)
    inside = np.abs(np.arcsinh(pz / pt)) < 2.7
    hardest = [*sorted(pt[inside], reverse=True), 0.0, 0.0][:2]
    return all(value >= least for value, least in zip(hardest, process.min_pt, strict=True))


def particle_line(number: int, vertex: int, record: Record, row: int, status: int) -> str:
    """P <id> <production vertex> <pid> px py pz e m status."""
    numbers = " ".join(f"{value:.9g}" for value in record.momentum[row])
    return f"P {number} {vertex} {record.pid[row]} {numbers} {status}"


def event_text(number: int, record: Record, channel: int) -> str:
    """One event of the ascii format, version 3: beams -> vertex -1 -> parents -> one vertex each ->
    muons."""
    parents: dict[int, list[int]] = {}
    for row in record.final_muons():
        parents.setdefault(record.parent(row), []).append(int(row))
    lines = [particle_line(1, 0, record, 0, 4), particle_line(2, 0, record, 1, 4), "V -1 0 [1,2]"]
    lines += [particle_line(3 + i, -1, record, parent, 2) for i, parent in enumerate(parents)]
    muon = 3 + len(parents)
    for i, rows in enumerate(parents.values()):
        lines.append(
            f"V {-2 - i} 0 [{3 + i}] @ "
            + " ".join(f"{value:.6g}" for value in record.vertex[rows[0]])
        )
        for row in rows:
            lines.append(particle_line(muon, -2 - i, record, row, 1))
            muon += 1
    head = [
        f"E {number} {1 + len(parents)} {muon - 1}",
        "U GEV MM",
        "W 1",
        f"A 0 signal_process_id {channel}",
    ]
    return "\n".join(head + lines) + "\n"


def make_pythia(xmldoc: Path, process: Process, seed: int) -> Any:
    """A generator of one process."""
    from chromo.models import _pythia8

    pythia = _pythia8.Pythia(str(xmldoc), False)
    for line in [*COMMON, f"Random:seed = {seed}", *process.settings]:
        if not pythia.readString(line):
            raise SystemExit(f"Pythia does not know the setting {line!r}")
    if not pythia.init():
        raise SystemExit(
            f"Pythia did not start; is {xmldoc} the folder share/Pythia8/xmldoc of pythia8mc "
            "8.317.0?"
        )
    return pythia


def next_accepted(pythia: Any, process: Process) -> Record:
    """The next event that has the muons."""
    while True:
        if pythia.next() and accepted(record := read_record(pythia.event), process):
            return record


def main() -> None:
    """Writes the file aside and renames it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("xmldoc", type=Path, help="folder share/Pythia8/xmldoc of Pythia 8.317")
    parser.add_argument("output", type=Path, help="file to write, <name>.hepmc3.gz")
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    generators = [
        make_pythia(options.xmldoc, process, options.seed + i)
        for i, process in enumerate(PROCESSES)
    ]
    text = ["HepMC::Version 3.01.02\nHepMC::Asciiv3-START_EVENT_LISTING\n"]
    for n in range(options.events):
        process = PROCESSES[n % len(PROCESSES)]
        text.append(
            event_text(n, next_accepted(generators[n % len(PROCESSES)], process), process.channel)
        )
    text.append("HepMC::Asciiv3-END_EVENT_LISTING\n\n")
    partial = options.output.with_name(options.output.name + ".partial")
    partial.write_bytes(gzip.compress("".join(text).encode(), mtime=0))
    partial.rename(options.output)
    print(f"{options.output}: {options.events} events, {options.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
