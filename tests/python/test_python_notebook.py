"""The notebook of examples/03_python in a Jupyter kernel: every cell runs and gives the outputs
that the file shows."""

from __future__ import annotations

import base64
import copy
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
from conftest import ROOT, package_variables
from matplotlib.image import imread

NOTEBOOK = ROOT / "examples" / "03_python" / "score_events.ipynb"


@pytest.fixture(scope="module")
def shown() -> nbformat.NotebookNode:
    """The file."""
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def executed(
    python_package: Path, shown: nbformat.NotebookNode, tmp_path_factory: pytest.TempPathFactory
) -> nbformat.NotebookNode:
    """The notebook as a kernel fills it that knows the installed package."""
    folder = tmp_path_factory.mktemp("jupyter")
    notebook = copy.deepcopy(shown)
    place = {"metadata": {"path": str(NOTEBOOK.parent)}}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in package_variables(python_package).items():
            environment.setenv(name, value)
        environment.delenv("MPLBACKEND", raising=False)
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            environment.setenv(name, str(folder))
        client = nbclient.NotebookClient(notebook, timeout=120, resources=place)
        manager = client.create_kernel_manager()
        manager.transport = "ipc"  # opens no port
        manager.ip = str(folder / "kernel")
        client.execute()
    return notebook


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def data_of(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """What a cell shows besides text that it prints, by type."""
    return [output.data for output in cell.outputs if output.output_type != "stream"]


def pixels(data: nbformat.NotebookNode, path: Path) -> np.ndarray:
    path.write_bytes(base64.b64decode(data["image/png"]))
    return imread(path)[..., :3]


def test_the_kernel_gives_what_the_file_shows(
    shown: nbformat.NotebookNode, executed: nbformat.NotebookNode
) -> None:
    for i, (expected, cell) in enumerate(zip(shown.cells, executed.cells, strict=True)):
        if cell.cell_type != "code":
            continue
        assert printed(cell) == printed(expected), f"cell {i}"
        found = [{**data, "image/png": None} for data in data_of(cell)]
        assert found == [{**data, "image/png": None} for data in data_of(expected)], f"cell {i}"


def test_the_picture(
    shown: nbformat.NotebookNode, executed: nbformat.NotebookNode, tmp_path: Path
) -> None:
    """Fonts and the version of Matplotlib move its edges; the red dots are the kept hits."""
    shares = []
    for notebook in (shown, executed):
        (picture,) = data_of(notebook.cells[-1])
        values = pixels(picture, tmp_path / "picture.png")
        assert min(values.shape[:2]) > 200
        red = (values[..., 0] > 0.7) & (values[..., 1] < 0.4)
        shares.append(red.mean())
    assert shares[0] > 1e-3
    assert shares[1] == pytest.approx(shares[0], rel=0.2)
