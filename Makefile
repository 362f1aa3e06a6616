# Two commands: `make run` and `make test`. Everything else is for those who carry on.
SHELL := /bin/sh
PORT ?= 8501
PROVE ?= pr
PY := .venv/bin/python
UV := .venv/bin/uv

.PHONY: run test check prove lock bench bench-warm bench-splink bench-files fuzz screenshots demo-data clean test-ray bench-scale

run: .venv/runtime
	@$(PY) -m recon demo --port $(PORT) $(ARGS)

test: .venv/dev
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check: .venv/dev
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/ty check --quiet
	@$(PY) -m pytest tests/test_layout.py

# Kills, failing writes, damaged files, crowds: make prove PROVE=pr|nightly|release ARGS="--write". See docs/reliability.md.
prove: .venv/dev
	@$(PY) scripts/prove.py --size $(PROVE) $(ARGS)

# Beside other ways of matching, in the same run: make bench ARGS="--sizes 10k,100k,1M --seeds 7,8,9 --write".
bench: .venv/dev
	@$(PY) scripts/bench.py $(ARGS)

# A hundred new lines against a ledger kept in memory: make bench-warm ARGS="--sizes 10k,100k,1M --without-full".
bench-warm: .venv/dev
	@PYTHONPATH=. $(PY) scripts/bench_warm.py $(ARGS)

# The same with Splink 5, which lives in a Python of its own and is asked for nothing else.
bench-splink: .venv/dev .venv-splink/ready
	@$(PY) scripts/bench.py --prepare $(ARGS)
	@.venv-splink/bin/python recon/bench/splink_way.py
	@$(PY) scripts/bench.py $(ARGS)

.venv-splink/ready:
	@$(PY) -m venv .venv-splink
	@.venv-splink/bin/python -m pip install --quiet --disable-pip-version-check splink==5.0.0 polars pyarrow
	@echo '*' > .venv-splink/.gitignore
	@touch $@

# Long bank files beside public readers, which live in a Python of their own: make bench-files ARGS="--entries 10000".
bench-files: .venv/dev .venv-readers/ready
	@$(PY) scripts/bench_files.py $(ARGS)

.venv-readers/ready:
	@$(PY) -m venv .venv-readers
	@.venv-readers/bin/python -m pip install --quiet --disable-pip-version-check \
		bankstatementparser==0.0.29 mt-940==5.1.1 ofxtools==1.1.1
	@echo '*' > .venv-readers/.gitignore
	@touch $@

# Every reader against 20,000 damaged files: make fuzz ARGS="--reader camt --count 1000".
fuzz: .venv/dev
	@$(PY) scripts/fuzz.py $(ARGS)

screenshots: .venv/dev
	@$(PY) scripts/screenshots.py $(ARGS)

demo-data: .venv/dev
	@$(PY) scripts/make_demo.py

lock: .venv/uv
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements-dev.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links pyproject.toml --group dev --extra scale \
		-c requirements-dev.lock -o requirements-ray.lock

clean:
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis

# The virtual environment, uv in it, then exactly what the locks say; pip where uv cannot.
.venv/uv:
	@sh scripts/setup.sh venv

.venv/runtime: .venv/uv requirements.lock
	@sh scripts/setup.sh install requirements.lock
	@touch $@

.venv/dev: .venv/uv requirements-dev.lock
	@sh scripts/setup.sh install requirements-dev.lock
	@touch $@ .venv/runtime

# Ray is large and optional: it lives in a virtual environment of its own, beside which its tests run.
test-ray: .venv-ray/ready
	@.venv-ray/bin/python -m pytest tests/scale -m ray $(ARGS)

bench-scale: .venv/dev
	@$(PY) scripts/bench_scale.py $(ARGS)

.venv-ray/ready: requirements-ray.lock
	@VENV=.venv-ray sh scripts/setup.sh venv
	@VENV=.venv-ray sh scripts/setup.sh install requirements-ray.lock
	@touch $@
