# Two commands for a new machine: `make demo` and `make test`. Both need Python 3.11 to 3.13 only.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint format clean

.venv/installed: setup.py pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "dpig needs Python 3.11 to 3.13: make PYTHON=python3.12 ...")'
	@echo '== installing TensorFlow, Keras and dpig into .venv (a minute or two)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/installed-test: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@

DEMO := runs/demo

demo: .venv/installed
	rm -rf $(DEMO)
	@echo '== 1/7 drawing people'
	$(BIN)/dpig-draw --out_dir=$(DEMO)/people --persons=400 --test_persons=40 --images_per_person=6
	@echo '== 2/7 preparing records'
	$(BIN)/dpig-prepare --dataset=market1501 --raw_dir=$(DEMO)/people --out_dir=$(DEMO)/records
	@echo '== 3/7 training a small PG2, both stages (three to six minutes)'
	$(BIN)/dpig-train-pg2 --recipe=tiny --records=$(DEMO)/records/train --test_records=$(DEMO)/records/test --run_dir=$(DEMO)/pg2
	@echo '== 4/7 exporting'
	$(BIN)/dpig-export --run_dir=$(DEMO)/pg2 --out_dir=$(DEMO)/model
	@echo '== 5/7 evaluating on people never seen'
	$(BIN)/dpig-evaluate --model=$(DEMO)/model --records=$(DEMO)/records/test --pairs=600 --out_dir=$(DEMO)/evaluation
	@echo '== 6/7 measuring control: what the picture does when person or pose is exchanged (two minutes)'
	$(BIN)/dpig-control --model=$(DEMO)/model --records=$(DEMO)/records/test --people=$(DEMO)/people --triples=100 --out_dir=$(DEMO)/control
	@echo '== 7/7 reporting, with the ablation of the paper that was measured before (docs/ablation.md)'
	$(BIN)/dpig-report --run_dir=$(DEMO)/pg2 --evaluation=$(DEMO)/evaluation --control=$(DEMO)/control --ablation=docs/ablation --out=$(DEMO)/report.html
	@echo
	@echo 'Open $(DEMO)/report.html; look at $(DEMO)/people/sheet.png and the sheets in $(DEMO)/evaluation'

test: .venv/installed-test lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv build *.egg-info
