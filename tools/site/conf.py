"""Configuration of Sphinx; make_site.py copies it into the folder of the sources."""

import os
import re

from sphinx.domains import Domain
from sphinx.domains.c import CDomain
from sphinx.domains.cpp import CPPDomain

project = "stationhit"
author = "the stationhit authors"
version = release = os.environ["STATIONHIT_VERSION"]
copyright = "the stationhit authors, Apache License 2.0"  # noqa: A001

extensions = ["myst_parser", "sphinx_copybutton", "autoapi.extension"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
root_doc = "index"
myst_heading_anchors = 4
highlight_language = "text"
primary_domain = "cpp"

cpp_maximum_signature_line_length = 90
c_maximum_signature_line_length = 90

toc_object_entries_show_parents = "hide"

# The Python package is read, not imported: it need not be built.
autoapi_dirs = [os.environ["STATIONHIT_PYTHON"]]
autoapi_generate_api_docs = False
autoapi_python_class_content = "class"
suppress_warnings = ["autoapi.python_import_resolution"]  # of the compiled module and others

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


def list_parameters(app, what, name, obj, options, lines: list[str]) -> None:
    """Lines "name: meaning" of a docstring become a list, lines that stand apart become code."""
    if lines and lines[0] == ValueError.__doc__:  # which classes of it inherit
        lines.clear()
    result: list[str] = []
    in_list = in_code = False
    for at, line in enumerate(lines):
        is_indented = line.startswith("    ")
        plain = line.replace("*", r"\*")
        if match := re.match(r"(\w+(?:, \w+)*): (.*)", plain):
            result += [] if in_list else [""]
            result.append(f"* ``{match[1]}``: {match[2]}")
            in_list, in_code = True, False
        elif in_list and is_indented:
            result.append(f"  {plain.strip()}")
        elif is_indented and (in_code or not at or not lines[at - 1]):
            result += [".. code-block:: python", ""] if not in_code else []
            result.append(line)
            in_code = True
        else:
            result += [""] if in_list and at else []
            result.append(plain.strip())
            in_list, in_code = False, in_code and not line
    lines[:] = result


def setup(app) -> None:
    app.connect("autodoc-process-docstring", list_parameters)
    for domain in (CDomain, CPPDomain):
        app.add_domain(without_parameters(domain), override=True)
