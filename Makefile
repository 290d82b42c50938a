# Each target sets up everything that it needs, in one shared virtual environment, .venv.
#
#   make demo PYTHON=python3.12    another Python (3.11 or newer)
#   make demo TORCH_INDEX=         PyTorch as PyPI has it; on Linux that is the build for NVIDIA GPUs

PYTHON ?= python3

# Where PyTorch publishes its builds without CUDA. It is asked for torch and for nothing else; where
# it cannot be reached, pip warns and takes what its usual index offers.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

PYTEST_WORKERS ?= auto
PYTEST_MAX_WORKERS ?= 8

VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Set to 1, every package but torch and this one must have a hash that requirements/ci.txt knows.
LOCKED ?=
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
EXTRA := test
# also where .installed is made for the sake of .installed-dev: one installation then does for both
$(VENV)/.installed-dev: EXTRA := dev

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev demo test test-fast sweep test-tools lock lint format types doctest examples readme docs zizmor audit fuzz reliability package clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## build .venv, or bring it up to date

setup-dev: $(INSTALLED_DEV)  ## the same, and the linters

# --no-deps: the file is complete, and torch, which is not in it, is there.
define INSTALL_LOCKED
$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/ci.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef

# torch goes first and alone, so that the only package ever taken from TORCH_INDEX is torch.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("sktransfer needs Python 3.11 or newer, and $(PYTHON) is " \
	+ sys.version.split()[0] + ". Try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV), once: some 400 MB of downloads, one to five minutes."
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --no-deps --retries 1 $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) torch
	$(if $(LOCKED),$(INSTALL_LOCKED),$(INSTALL) --editable ".[$(EXTRA)]")
	@echo $(if $(LOCKED),dev,$(EXTRA)) > $@

$(INSTALLED_DEV): $(INSTALLED)
	@grep -q dev $(INSTALLED) || $(INSTALL) --editable ".[dev]"
	@touch $@

# Torch's builds without CUDA are on its own index, which tells no hashes to what writes this file.
LOCK := uv pip compile --quiet --universal --python-version 3.11.5 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" -c constraints.txt
NOT_LOCKED := torch triton cuda-bindings cuda-pathfinder cuda-toolkit $(addprefix nvidia-,cublas \
	cuda-cupti cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver cusparse cusparselt-cu13 \
	nccl-cu13 nvjitlink nvshmem-cu13 nvtx)
lock:  ## the hashes in requirements/, after a change of constraints.txt; needs uv and a network
	$(LOCK) --extra dev $(addprefix --no-emit-package ,$(NOT_LOCKED)) pyproject.toml \
	requirements/build.in -o requirements/ci.txt
	$(LOCK) requirements/workflows.in -o requirements/workflows.txt

demo: $(INSTALLED)  ## the main job on real data: a table, and transfer_demo.png
	MPLBACKEND=Agg $(RUN) examples/plot_first_transfer.py --output transfer_demo.png

# One thread per worker: the workers share the cores already.
test: $(INSTALLED)  ## the test suite
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} MPLBACKEND=Agg $(RUN) -m pytest \
	-n $(PYTEST_WORKERS) --maxprocesses $(PYTEST_MAX_WORKERS) $(PYTEST_ARGS)

test-fast: $(INSTALLED)  ## the test suite without what is marked as slow; before a push
	$(MAKE) --no-print-directory test PYTEST_ARGS='-m "not slow" $(PYTEST_ARGS)'

# Of 22,000 cells the 4,000 in which any three parts meet; SWEEP=all runs all of them.
sweep: $(INSTALLED)  ## every source x form of the table x strategy, or SWEEP='classifier-pca-*'
	SWEEP=$${SWEEP:-triples} OMP_NUM_THREADS=1 MPLBACKEND=Agg $(RUN) -m pytest tests/sweep -q \
	-n $(PYTEST_WORKERS) --maxprocesses $(PYTEST_MAX_WORKERS) $(PYTEST_ARGS)

# The packages weigh about a gigabyte, so they have an environment of their own by default.
test-tools:  ## the scripts in examples/tools, on Dask, Ray, Optuna, MLflow, SHAP and torchrun
	$(MAKE) --no-print-directory setup VENV=.venv-tools
	.venv-tools/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	--editable ".[test,tools]"
	OMP_NUM_THREADS=1 .venv-tools/bin/python -m pytest tests/tools tests/export $(PYTEST_ARGS)

lint: $(INSTALLED_DEV)  ## rules, format, spelling, and phrases that we no longer use
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(VENV)/bin/codespell
	$(RUN) tools/check_words.py

format: $(INSTALLED_DEV)  ## ruff: fix what can be fixed
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

types: $(INSTALLED_DEV)  ## mypy
	$(RUN) -m mypy

doctest: $(INSTALLED)  ## the examples in docstrings
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} MPLBACKEND=Agg $(RUN) -m pytest --doctest-modules sktransfer \
	-n $(PYTEST_WORKERS) --maxprocesses $(PYTEST_MAX_WORKERS)

examples: $(INSTALLED)  ## every script in examples/; plots go to build/examples
	mkdir -p build/examples
	set -e; for script in "$(CURDIR)"/examples/*.py "$(CURDIR)"/examples/[!t]*/*.py; do echo "== $${script##*/}"; \
	(cd build/examples && MPLBACKEND=Agg "$(CURDIR)/$(RUN)" "$$script"); done

readme: $(INSTALLED)  ## the Python code in README.md, CONTRIBUTING.md and docs/
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} MPLBACKEND=Agg $(RUN) tools/run_code_blocks.py \
	--outputs docs/_outputs README.md CONTRIBUTING.md docs

docs: $(INSTALLED_DEV)  ## the site, in build/docs; a warning is an error
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} MPLBACKEND=Agg $(RUN) -m sphinx -q -W --keep-going \
	-j auto -b html docs build/docs
	$(RUN) tools/check_links.py build/docs

zizmor:  ## what is unsafe in the workflows; needs zizmor (requirements/workflows.txt)
	zizmor --offline --persona=pedantic .github

audit: $(INSTALLED_DEV)  ## known vulnerabilities of the tested versions; needs a network
	$(RUN) -m pip_audit --disable-pip --no-deps -r constraints.txt

FUZZ_SECONDS ?= 30
FUZZ_EDITS ?= 1000
fuzz: $(INSTALLED_DEV)  ## damaged and edited model files, guided by coverage where atheris is installed
	$(RUN) tests/fuzz/fuzz_saved_models.py $(FUZZ_SECONDS)
	OMP_NUM_THREADS=1 $(RUN) tests/fuzz/fuzz_content.py --edits $(FUZZ_EDITS)
	$(RUN) tests/fuzz/fuzz_by_coverage.py -max_total_time=$(FUZZ_SECONDS)

reliability: $(INSTALLED)  ## what bad inputs get, here and from scikit-learn and skorch: the counts of docs/reliability.md
	OMP_NUM_THREADS=1 MPLBACKEND=Agg $(RUN) -W ignore benchmarks/reliability/bad_inputs.py

package: $(INSTALLED_DEV)  ## the sdist and the wheel, in dist/
	$(RUN) -m build

clean:  ## remove .venv and everything that the targets make
	rm -rf $(VENV) .venv-tools build dist transfer_demo.png .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find sktransfer tests tools examples -type d -name __pycache__ -prune -exec rm -rf {} +
