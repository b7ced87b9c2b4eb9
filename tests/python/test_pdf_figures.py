"""The PDF files of figures: fonts are embedded, the title is not a path."""

import re
import zlib
from pathlib import Path

import pytest


def last_objects(pdf: bytes) -> dict[int, bytes]:
    """The newest version of every object, as the cross-reference sections say, the last first."""
    objects: dict[int, bytes] = {}
    start = int(re.findall(rb"startxref\n(\d+)", pdf)[-1])
    while True:
        table, trailer = pdf[start:].split(b"trailer", 1)
        assert table.startswith(b"xref\n")
        number = 0
        for line in table.splitlines()[1:]:
            words = line.split()
            if len(words) == 2:
                number = int(words[0])
                continue
            if words[2] == b"n":
                offset = int(words[0])
                assert pdf[offset:].startswith(b"%d 0 obj" % number), number
                objects.setdefault(number, pdf[offset : pdf.index(b"endobj", offset)])
            number += 1
        before = re.search(rb"/Prev (\d+)", trailer.split(b"%%EOF")[0])
        if not before:
            return objects
        start = int(before[1])


def inflate(content: bytes) -> bytes:
    """The stream of an object."""
    start = re.search(rb"stream\r?\n", content)
    assert start
    return zlib.decompressobj().decompress(content[start.end() :])


@pytest.mark.parametrize("stem", ["roc", "muon_loss_eta", "score_distribution", "training_auc"])
def test_fonts_are_embedded_and_the_title_says_what_is_shown(trained_run: Path, stem: str) -> None:
    """Every font that the page uses is in the list of fonts, with its outlines and widths."""
    pdf = (trained_run / "plots" / f"{stem}.pdf").read_bytes()
    objects = last_objects(pdf)
    resources = next(content for content in objects.values() if b"/ProcSet" in content)
    listed = re.search(rb"/Font\n<<(.*?)>>", resources, re.DOTALL)
    assert listed
    fonts = {name: int(number) for name, number in re.findall(rb"(/F\d+) (\d+) 0 R", listed[1])}
    pages = b"".join(
        inflate(content)
        for content in objects.values()
        if b"/FlateDecode" in content and b"/Length1" not in content and b"Type1C" not in content
    )
    used = set(re.findall(rb"(/F\d+) [\d.]+ Tf", pages))
    assert used and used <= set(fonts), (used, fonts)
    for number in fonts.values():
        font = objects[number]
        widths = re.search(rb"/Widths \[(.*?)\]", font)
        assert widths and len(widths[1].split()) == 224 and b"556" in widths[1] or b"439" in font
        descriptor = objects[int(re.search(rb"/FontDescriptor (\d+)", font)[1])]  # type: ignore[index]
        outlines = re.search(rb"/FontFile[23] (\d+)", descriptor)
        assert outlines and len(inflate(objects[int(outlines[1])])) > 10000
    info = next(content for content in objects.values() if b"/Title" in content)
    assert b"/Title (Toy simulation: " + stem.replace("_", " ").encode() + b")\n" in info
