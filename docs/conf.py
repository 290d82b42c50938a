"""Sphinx configuration: ``make docs`` builds the site into ``build/docs``."""

import importlib
import inspect
import pkgutil
import warnings
from pathlib import Path

import sktransfer

ROOT = Path(__file__).resolve().parent.parent

#: The API reference has a section per public module, with everything in its ``__all__``.
API = ["sktransfer"] + [
    f"sktransfer.{module.name}"
    for module in pkgutil.iter_modules(sktransfer.__path__)
    if not module.name.startswith("_")
]


def has_members(thing: object) -> bool:
    """Whether the page shows methods; those of errors make their messages, for our own code."""
    return inspect.isclass(thing) and not issubclass(thing, BaseException)


def has_none(thing: object) -> bool:
    """Whether it is a function, an error or a warning."""
    return inspect.isfunction(thing) or (inspect.isclass(thing) and not has_members(thing))


def api_section(module_name: str) -> str:
    """A section of the API reference, in reStructuredText."""
    module = importlib.import_module(module_name)
    things = {name: getattr(module, name) for name in module.__all__}
    text = f"{module_name}\n{'-' * len(module_name)}\n\n"
    if module is not sktransfer:
        text += f".. automodule:: {module_name}\n   :no-members:\n\n"
    text += f".. currentmodule:: {module_name}\n\n"
    for is_kind, kind in ((has_members, "class"), (has_none, "base")):
        template = f"autosummary/{kind}.rst"  # by its name alone Sphinx takes base.rst for all
        names = sorted((n for n, thing in things.items() if is_kind(thing)), key=str.lower)
        if names:
            text += f".. autosummary::\n   :toctree: .\n   :template: {template}\n\n"
            text += "".join(f"   {name}\n" for name in names) + "\n"
    return text


api_page = ROOT / "docs" / "api" / "index.rst"
api_page.parent.mkdir(exist_ok=True)
api_page.write_text(
    "API reference\n=============\n\n" + "".join(map(api_section, API)),
    encoding="utf-8",
)

project = "sktransfer"
author = "sktransfer developers"
project_copyright = "sktransfer developers"
version = release = sktransfer.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["auto_examples/**/*.ipynb", "auto_examples/**/*.md5"]
default_role = "code"  # `X` in a docstring is a parameter's name
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say it in words
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "doc_module": "sktransfer",
    "backreferences_dir": None,
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 1,
    "within_subsection_order": "ExampleTitleSortKey",
    "plot_gallery": True,
    "abort_on_example_error": True,
    # the demo takes a minute with its three seeds; two of them draw the same picture
    "reset_argv": lambda gallery_conf, script_vars: (
        ["--n-seeds", "2", "--output", str(ROOT / "build" / "transfer_demo.png")]
        if script_vars["src_file"].endswith("plot_first_transfer.py")
        else []
    ),
}
suppress_warnings = ["config.cache"]  # the function above cannot be pickled
warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")

html_theme = "pydata_sphinx_theme"
html_title = "sktransfer"
html_static_path = ["_static"]
html_css_files = ["sktransfer.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "default",
    "pygments_dark_style": "monokai",
}
html_sidebars = {"index": [], "install": [], "glossary": [], "changelog": []}


def skip_scikit_learns(app, what, name, obj, skip, options):
    """Leave methods that scikit-learn has written to its own reference."""
    return True if str(getattr(obj, "__module__", "")).startswith("sklearn") else None


def setup(app):
    app.connect("autodoc-skip-member", skip_scikit_learns)
