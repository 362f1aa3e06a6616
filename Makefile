# Two commands: `make run` and `make test`. Everything else is for those who carry on.
SHELL := /bin/sh
PORT ?= 8501
PY := .venv/bin/python
UV := .venv/bin/uv

.PHONY: run test check lock bench screenshots demo-data clean

run: .venv/runtime
	@$(PY) -m recon demo --port $(PORT) $(ARGS)

test: .venv/dev
	@$(PY) -m pytest $(ARGS)

check: .venv/dev
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/ty check --quiet
	@$(PY) -m pytest tests/test_layout.py

bench: .venv/dev
	@$(PY) scripts/bench.py $(ARGS)

screenshots: .venv/dev
	@$(PY) scripts/screenshots.py $(ARGS)

demo-data: .venv/dev
	@$(PY) scripts/make_demo.py

lock: .venv/uv
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements-dev.lock

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
