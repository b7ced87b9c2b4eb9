"""Configuration of Sphinx; make_site.py copies it into the folder of the sources."""

import os

from sphinx.domains import Domain
from sphinx.domains.c import CDomain
from sphinx.domains.cpp import CPPDomain

project = "stationhit"
author = "the stationhit authors"
version = release = os.environ["STATIONHIT_VERSION"]
copyright = "the stationhit authors, Apache License 2.0"  # noqa: A001

extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
root_doc = "index"
myst_heading_anchors = 4
highlight_language = "text"
primary_domain = "cpp"

cpp_maximum_signature_line_length = 90
c_maximum_signature_line_length = 90

toc_object_entries_show_parents = "hide"

# Stubs of the Python package; make_site.py says where they are.
if python_folder := os.environ.get("STATIONHIT_PYTHON_STUBS"):
    extensions.append("autoapi.extension")
    autoapi_dirs = [python_folder]
    autoapi_file_patterns = ["*.pyi"]
    autoapi_root = "api/python"
    autoapi_add_toctree_entry = False
    autoapi_options = ["members", "undoc-members", "show-module-summary"]

html_theme = "furo"
html_title = f"stationhit {version}"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}


def without_parameters(domain: type[Domain]) -> type[Domain]:
    """A domain of which parameters are no results of a search."""

    def get_objects(self):
        return (one for one in domain.get_objects(self) if not one[2].endswith("Param"))

    return type(domain.__name__, (domain,), {"get_objects": get_objects})


def setup(app) -> None:
    for domain in (CDomain, CPPDomain):
        app.add_domain(without_parameters(domain), override=True)
