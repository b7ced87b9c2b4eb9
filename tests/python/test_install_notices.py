"""Licenses and the bill of materials of the installed package."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from conftest import ROOT
from installed_package import execute
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document


def test_licenses_and_the_bill_of_materials(package: Path) -> None:
    folder = package / "share/doc/stationhit"
    assert (folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    notice = (folder / "NOTICE").read_text()
    bill = json.loads((folder / "stationhit.spdx.json").read_text())
    assert bill["spdxVersion"] == "SPDX-2.3"
    by_id = {one["SPDXID"]: one for one in bill["packages"]}
    assert len(by_id) == len(bill["packages"])
    for one in bill["packages"]:
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", one["SPDXID"])
        assert re.match(r"\d+\.\d+", one["versionInfo"]), one["name"]
        if one["name"] != "stationhit":
            license_file = folder / "licenses" / (one["name"].replace(" ", "-") + ".txt")
            assert len(license_file.read_text()) > 500
            assert f"{one['name']} {one['versionInfo']}, {one['licenseDeclared']}" in notice
    described, *linked = bill["relationships"]
    assert described["relatedSpdxElement"] == "SPDXRef-stationhit"
    assert {one["relatedSpdxElement"] for one in linked} == by_id.keys() - {"SPDXRef-stationhit"}
    assert validate_full_spdx_document(parse_file(str(folder / "stationhit.spdx.json"))) == []


# Names in symbols of what is compiled into the static libraries, and the packages of the bill.
COMPILED_IN = {"boost": "Boost", "nlohmann": "nlohmann-json", "XXH": "xxHash", "onnx": "ONNX"}


def test_the_bill_of_materials_names_what_the_package_contains(package: Path) -> None:
    bill = json.loads((package / "share/doc/stationhit/stationhit.spdx.json").read_text())
    files = {
        one["packageFileName"]: one["checksums"][0]["checksumValue"]
        for one in bill["packages"]
        if "packageFileName" in one
    }
    bundled = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (package / "lib/stationhit").iterdir()
    }
    assert files == bundled
    contained = [one for one in bill["relationships"] if one["relationshipType"] == "CONTAINS"]
    assert len(contained) == len(bundled)
    shown = [execute("nm", "-C", "--defined-only", one) for one in package.glob("lib/*.a")]
    symbols = "\n".join(shown)
    linked = {name for word, name in COMPILED_IN.items() if re.search(rf"\b{word}(::|\d)", symbols)}
    named = {one["name"] for one in bill["packages"]}
    assert linked <= named
    # A name that is in no symbol would be one of a library that is no longer there.
    assert set(COMPILED_IN.values()) & named <= linked


def test_the_wheel_names_what_is_in_it(python_package: Path) -> None:
    folder = python_package / "stationhit/doc"
    bill = folder / "stationhit.spdx.json"
    assert validate_full_spdx_document(parse_file(str(bill))) == []
    described = {one["name"]: one for one in json.loads(bill.read_text())["packages"]}
    assert {"Boost", "nanobind", "robin-map", "protobuf", "Highway"} <= described.keys()
    bundled = {path.name for path in (python_package / "stationhit/libraries").iterdir()}
    files = [one["packageFileName"] for one in described.values() if "packageFileName" in one]
    assert bundled == set(files)
    for name in described.keys() - {"stationhit"}:
        license_file = folder / "licenses" / f"{name.replace(' ', '-')}.txt"
        assert len(license_file.read_text()) > 500, name
