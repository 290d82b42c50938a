"""Sphinx configuration: ``make docs`` builds the site into ``build/docs``.

Links to the repository and its issues come from ``[project.urls]`` in ``pyproject.toml``; the
version is the package's.
"""

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

from sphinx.errors import ExtensionError

import sktransfer

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))
import run_code_blocks  # noqa: E402

URLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"].get(
    "urls", {}
)

# ---------------------------------------------------------------------------------------------
# The API reference: grouped by task.  A public name that no group lists goes to the last group.

API_GROUPS = {
    "Estimators": (
        "The two estimators, and one for several tasks of one table.",
        "TransferMLPClassifier TransferMLPRegressor MultiTaskMLP load",
    ),
    "Strategies that train a network": (
        'How far training may move away from the source. The default, `"auto"`, is a weighted '
        "ensemble of several.",
        "strategies.WeightedEnsemble strategies.L2SP strategies.KeepHead strategies.Full "
        "strategies.Frozen strategies.LPFT strategies.Gradual strategies.Discriminative "
        "strategies.Joint strategies.Scratch",
    ),
    "Strategies without a network": (
        "Fitted at once: on columns, on the source's layers, or on its predictions.",
        "strategies.Recalibrate strategies.Tangent strategies.Smooth strategies.Linear "
        "strategies.Probe strategies.Trees strategies.Boosting strategies.EstimatorMember",
    ),
    "Sources": (
        "Most objects need no wrapper: see :doc:`/guide/sources`.",
        "sources.Predictor sources.suggest_columns sources.SourceDescription "
        "sources.describe_source SharedLayerTransformer SelfSupervisedMLP",
    ),
    "Is a source worth it, and which?": (
        "By cross-validation, or by scores that need no training.",
        "model_selection.rank_sources model_selection.transfer_learning_curve "
        "model_selection.forgetting_score metrics.probe_gain_score metrics.logme_score "
        "metrics.h_score metrics.leep_score metrics.nce_score metrics.column_shift_score",
    ),
    "What happened in a fit": (
        "Reports and displays.",
        "inspection.TransferReport inspection.LossCurveDisplay inspection.LayerChangeDisplay "
        "inspection.MemberWeightsDisplay inspection.TransferCurveDisplay "
        "inspection.CoverageDisplay inspection.TaskAffinityDisplay inspection.task_affinity",
    ),
    "Training": (
        "Random changes of training rows, and the balance between tasks.",
        "augmentation.Mixup augmentation.FeatureNoise augmentation.FeatureCorruption "
        "balancing.Equal balancing.Uncertainty balancing.PCGrad",
    ),
    "Export": ("Models for runtimes without Python.", "export.to_onnx"),
}
ERRORS = "Errors and warnings"
EXTENDING = "Building blocks"
MODULES = {"sktransfer": sktransfer} | {
    f"sktransfer.{found.name}": importlib.import_module(f"sktransfer.{found.name}")
    for found in pkgutil.iter_modules(sktransfer.__path__)
    if not found.name.startswith("_")
}


def is_class_page(thing: object) -> bool:
    """Whether the page shows methods; those of errors make their messages, for our own code."""
    return inspect.isclass(thing) and not issubclass(thing, BaseException)


def public_names() -> dict[str, object]:
    """Every public class and function, by its name behind ``sktransfer.``."""
    return {
        f"{name}.{public}".removeprefix("sktransfer.").strip("."): getattr(module, public)
        for name, module in MODULES.items()
        for public in module.__all__
        if inspect.isclass(getattr(module, public)) or inspect.isfunction(getattr(module, public))
    }


def api_section(title: str, text: str, names: list[str], things: dict[str, object]) -> str:
    """A section of the API reference, in reStructuredText."""
    lines = [title, "-" * len(title), "", text, ""]
    for kind, wanted in (("class", True), ("base", False)):
        chosen = [name for name in names if is_class_page(things[name]) is wanted]
        if chosen:  # by a class's name alone Sphinx takes base.rst for all
            lines += [
                ".. autosummary::",
                "   :toctree: .",
                f"   :template: autosummary/{kind}.rst",
                "   :nosignatures:",
            ]
            lines += ["", *(f"   ~sktransfer.{name}" for name in chosen), ""]
    return "\n".join(lines) + "\n"


def write_api_pages(folder: Path) -> None:
    """Two pages: what users call, and what an extension is made of."""
    things = public_names()
    groups = {
        title: (text, [name for name in names.split() if name in things])
        for title, (text, names) in API_GROUPS.items()
    }
    errors = sorted(name for name in things if name.startswith("exceptions."))
    groups[ERRORS] = ("Each derives from a built-in class too.", errors)
    listed = {name for _, names in groups.values() for name in names}
    rest = sorted((name for name in things if name not in listed), key=str.lower)
    index = "API reference\n=============\n\n" + "".join(
        api_section(title, text, names, things) for title, (text, names) in groups.items()
    )
    text = (
        "What strategies, sources, augmentations and balancings of your own are made of, see "
        ":doc:`/extending`."
    )
    extending = "For extensions\n==============\n\n" + api_section(EXTENDING, text, rest, things)
    folder.mkdir(exist_ok=True)
    (folder / "index.rst").write_text(
        index + "\n.. toctree::\n   :hidden:\n\n   extending\n", encoding="utf-8"
    )
    (folder / "extending.rst").write_text(extending, encoding="utf-8")


write_api_pages(ROOT / "docs" / "api")

# ---------------------------------------------------------------------------------------------

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
exclude_patterns = ["auto_examples/**/*.ipynb", "auto_examples/**/*.md5", "_outputs"]
default_role = "code"  # `X` in a docstring is a parameter's name
templates_path = ["_templates"]

myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

autosummary_generate = True
toc_object_entries_show_parents = "hide"  # a page of a class lists its methods by their own names
autodoc_typehints = "none"  # numpydoc's sections say it in words
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "doc_module": "sktransfer",
    "backreferences_dir": "api/backreferences",
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 1,
    "within_subsection_order": "ExampleTitleSortKey",
    "subsection_order": [
        f"../examples/{folder}" for folder in ("choosing", "several", "predictions", "extending")
    ],
    "plot_gallery": True,
    "parallel": True,  # as many at once as sphinx -j says
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
html_title = f"sktransfer {version}"
html_static_path = ["_static"]
html_css_files = ["sktransfer.css"]
html_extra_path = ["llms.txt"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 8,
    "show_toc_level": 2,
    "show_prev_next": True,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": [], "more": [], "guide/README": []},
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "default",
    "pygments_dark_style": "monokai",
    "external_links": [{"name": name, "url": URLS[name]} for name in ("Issues",) if name in URLS],
} | ({"github_url": URLS["Repository"]} if "Repository" in URLS else {})
#: Pages of the first row have no neighbours to list in a sidebar.
html_sidebars: dict[str, list[str]] = {
    page: []
    for page in (
        "index",
        "install",
        "tutorial",
        "own-data",
        "when-not",
        "more",
        "search",
        "genindex",
    )
}

# ---------------------------------------------------------------------------------------------
# What the code blocks of a page print, and their figures, are shown below them.

OUTPUTS = ROOT / "docs" / "_outputs"


def run_pages(app, env, docnames):
    """Run the pages whose code has changed since `make readme` or the last build."""
    pages = [path for path in map(Path, map(env.doc2path, docnames)) if path.suffix == ".md"]
    texts = {path: path.read_text(encoding="utf-8") for path in pages}
    stale = [
        str(path)
        for path, text in texts.items()
        if any(run_code_blocks.python_blocks(text))
        and not run_code_blocks.outputs_file(OUTPUTS, text).exists()
    ]
    command = [sys.executable, run_code_blocks.__file__, "--outputs", str(OUTPUTS), *stale]
    if stale and subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise ExtensionError("code blocks failed, see above")


def with_output(output: dict) -> str:
    """Markdown for what a block has printed, and for its figures."""
    shown = ""
    if output["text"].strip():
        shown += f"\n~~~~{{code-block}} text\n:class: output\n\n{output['text'].rstrip()}\n~~~~\n"
    for name in output["figures"]:
        shown += f"\n~~~~{{image}} /_outputs/{name}\n:alt: figure of the code above\n~~~~\n"
    return shown


def show_outputs(app, docname, source):
    """Insert the outputs into a page's text as Sphinx reads it."""
    kept = run_code_blocks.outputs_file(OUTPUTS, source[0])
    if not str(app.env.doc2path(docname)).endswith(".md") or not kept.exists():
        return
    outputs = iter(json.loads(kept.read_text(encoding="utf-8")))

    def followed(match):
        if match["language"] != "python":
            return match[0]
        return match[0] + "\n" + with_output(next(outputs))

    source[0] = run_code_blocks.FENCE.sub(followed, source[0])


def skip_scikit_learns(app, what, name, obj, skip, options):
    """Leave methods that scikit-learn has written to its own reference."""
    return True if str(getattr(obj, "__module__", "")).startswith("sklearn") else None


def setup(app):
    app.connect("autodoc-skip-member", skip_scikit_learns)
    app.connect("env-before-read-docs", run_pages)
    app.connect("source-read", show_outputs)
