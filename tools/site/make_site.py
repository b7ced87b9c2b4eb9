"""Makes the documentation as a static site with a search: the Markdown pages of the checkout, the
files that they name, and the C++, C and Python interfaces.

usage: make_site.py FOLDER        (make docs calls it; Doxygen has to be there)

The site is built from a folder of sources beside FOLDER, in which every page has the place that it
has in the checkout. Warnings of Doxygen and Sphinx are errors, as are links that lead nowhere and
pages without text. What the headers leave without a comment is counted; the counts may only go down
(undocumented.txt, which --accept writes anew).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pages
from api_pages import MODULES, Api
from check_site import faults_of_site
from pages import ROOT

HERE = Path(__file__).parent
LANGUAGES = {".py": "python", ".sh": "bash", ".yaml": "yaml", ".cpp": "cpp", ".hpp": "cpp"}
LANGUAGES |= {".c": "c", ".h": "c", ".cmake": "cmake", "Dockerfile": "docker"}
TABLE = "```{{toctree}}\n:caption: {title}\n:hidden:\n:maxdepth: 2\n\n{entries}\n```\n"


def page_in_site(page: str) -> str:
    return "index.md" if page == "README.md" else page


class FilePages:
    """Pages for what the documentation names but is no page of it: files of the checkout with
    their text, folders with a list of their files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listed = pages.tracked_files()
        self.made: set[str] = set()

    def add(self, path: str) -> str:
        """Makes the page, gives its place."""
        name = f"files/{path}.md"
        if name in self.made:
            return name
        self.made.add(name)
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source = ROOT / path
        text = self.list_of(path) if source.is_dir() else self.text_of(path)
        target.write_text(f"---\norphan: true\n---\n# {path}\n\n{text}\n")
        return name

    def text_of(self, path: str) -> str:
        source = ROOT / path
        language = LANGUAGES.get(source.suffix or source.name, "text")
        if source.suffix in (".onnx", ".safetensors", ".root"):
            return f"A binary file of {source.stat().st_size:,} bytes; it is in the checkout."
        if (text := source.read_text()).startswith("#!") and language == "text":
            language = "bash" if "sh" in text.split("\n")[0] else "python"
        return f"````{language}\n{text.rstrip()}\n````"

    def list_of(self, path: str) -> str:
        files = [name for name in self.listed if name.startswith(path + "/")]
        lines = []
        for name in files:
            self.add(name)
            up = "../" * path.count("/")
            lines.append(f"* [{name}]({up}{name}.md)")
        return "\n".join(lines)


def with_links_of_site(page: str, files: FilePages) -> str:
    """The text of a page with links to what the site has."""
    text = (ROOT / page).read_text()
    here = Path(page_in_site(page)).parent
    for link in pages.links_of(page):
        path, anchor = pages.resolved(link)
        if link.is_external or link.target.startswith("#"):
            continue
        name = str(path.relative_to(ROOT))
        if (path / "README.md").exists() and f"{name}/README.md" in pages.site_pages():
            name += "/README.md"
        if path.suffix in (".png", ".svg"):
            continue
        target = page_in_site(name) if name in pages.site_pages() else files.add(name)
        relative = os.path.relpath(target, here) + (f"#{anchor}" if anchor else "")
        text = text.replace(f"]({link.target})", f"]({relative})")
    return text


def write_pages(folder: Path) -> None:
    files = FilePages(folder)
    for page in pages.site_pages():
        target = folder / page_in_site(page)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(with_links_of_site(page, files))
    shutil.copytree(ROOT / "docs/images", folder / "docs/images")
    tables = {**pages.SECTIONS, "Interfaces": ("api/cpp.md", "api/c.rst", "api/python.rst")}
    with (folder / "index.md").open("a") as index:
        for title, entries in tables.items():
            names = [re.sub(r"\.(md|rst)$", "", entry) for entry in entries]
            index.write("\n" + TABLE.format(title=title, entries="\n".join(names)))


def run_doxygen(folder: Path) -> Path:
    """The XML of the public headers."""
    if not shutil.which("doxygen"):
        sys.exit("docs: doxygen is missing: apt-get install doxygen (tools/bootstrap.sh docs)")
    headers = [ROOT / "src" / module / "include" for module in MODULES]
    places = " ".join(f'"{path}"' for path in headers)
    settings = (HERE / "Doxyfile").read_text() + (
        f'OUTPUT_DIRECTORY = "{folder}"\nINPUT = {places}\nSTRIP_FROM_PATH = {places}\n'
        f'INPUT_FILTER = "{sys.executable} {HERE / "doxygen_filter.py"}"\n'
    )
    folder.mkdir(parents=True)
    done = subprocess.run(
        ["doxygen", "-"], input=settings, capture_output=True, text=True, check=False
    )
    if done.returncode or done.stderr:
        sys.exit(f"docs: doxygen says\n{done.stderr}")
    return folder / "xml"


def copy_python(folder: Path) -> Path:
    """The Python package, with the stub of its compiled module if a build has made one."""
    package = folder / "stationhit"
    shutil.copytree(ROOT / "python/stationhit", package)
    stubs = sorted(
        ROOT.glob("build/*/stationhit/_stationhit.pyi"), key=lambda one: one.stat().st_mtime
    )
    if stubs:
        shutil.copy(stubs[-1], package)
    else:
        print(
            "docs: no build has made a stub of the compiled Python module (pip wheel); the members "
            "of HitClassifier that are in it are left out"
        )
    return package


def run_sphinx(source: Path, python: Path, site: Path) -> None:
    text = (ROOT / "CMakeLists.txt").read_text()
    version = re.search(r"project\(stationhit VERSION ([\d.]+)", text)
    assert version
    variables = {"STATIONHIT_VERSION": version[1], "STATIONHIT_PYTHON": str(python)}
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
    done = subprocess.run(
        [*command, "-j", "auto", source, site], env={**os.environ, **variables}, check=False
    )
    if done.returncode:
        sys.exit("docs: sphinx has found faults, see above")


def check_comments(missing: dict[str, list[str]], accept: bool) -> int:
    """How many declarations have no comment; an error where they are more than were accepted."""
    accepted_file = HERE / "undocumented.txt"
    if accept:
        lines = [f"{module} {len(names)}\n" for module, names in missing.items()]
        accepted_file.write_text("".join(lines))
    accepted = dict(line.split() for line in accepted_file.read_text().splitlines())
    for module, names in missing.items():
        if len(names) > int(accepted.get(module, 0)):
            sys.exit(
                f"docs: in the headers of {module} {len(names)} declarations have no comment, "
                f"{accepted.get(module, 0)} were accepted (tools/site/undocumented.txt): "
                + ", ".join(sorted(names))
            )
    return sum(map(len, missing.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--accept", action="store_true", help="writes undocumented.txt anew")
    arguments = parser.parse_args()
    site = arguments.folder.absolute()
    source = site.with_name(site.name + "-source")
    for folder in (site, source):
        shutil.rmtree(folder, ignore_errors=True)
    (source / "pages/_static").mkdir(parents=True)
    write_pages(source / "pages")
    api = Api(run_doxygen(source / "doxygen"))
    python = copy_python(source / "python")
    api.write(source / "pages/api", python)
    shutil.copy(HERE / "conf.py", source / "pages")
    shutil.copy(HERE / "style.css", source / "pages/_static")
    run_sphinx(source / "pages", python, site)
    if faults := faults_of_site(site):
        sys.exit("docs: " + "\n".join(faults))
    n_undocumented = check_comments(api.without_comment(), arguments.accept)
    blocks = [block for page in pages.site_pages() for block in pages.code_blocks_of(page)]
    counts = Counter(map(pages.treatment, blocks))
    print(
        f"docs: {site}/index.html: {len(pages.site_pages())} pages, {len(api.headers)} headers "
        f"({n_undocumented} declarations without a comment); blocks of code: "
        + ", ".join(f"{counts[name]} {name}" for name in sorted(counts))
    )


if __name__ == "__main__":
    main()
