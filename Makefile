# Front door of the project: `make help` lists the targets. Each one first sees to it that .venv is set up.
.DEFAULT_GOAL := help

# The environment's own Python once there is one, so that a later call cannot pick another version by accident.
PYTHON ?= $(shell test -x .venv/bin/python && echo .venv/bin/python || echo python3)
RUN := .venv/bin/python -m reneta.scripts

# $(call opt,module): --module and the value of MODULE, where that is set; $(call flag,waves): --waves where WAVES
# is set and not 0.
upper = $(shell echo $(1) | tr a-z A-Z)
opt = $(if $($(upper)),--$(1) '$($(upper))')
flag = $(if $(filter-out 0,$($(upper))),--$(1))

# What stands on this make's command line is meant for these recipes, not for the simulator and the makefiles
# that it builds its model with.
unexport MAKEFLAGS MFLAGS MAKELEVEL MODULE MODULES CONFIG CHECKPOINT TEST SEED SEEDS COUNT LARGE EVERY WAVES COV SIM PNR PROOF ASSERTS

.PHONY: help setup demo sim lint format test regress fuzz mutate synth formal package image bench bench-doc bench-golden bench-sim bench-training examples training-study training-doc clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv and install everything into it (the other targets do this too)
	@$(PYTHON) scripts/setup.py

demo: setup ## a trained network on recorded words, golden machine and RTL: [CHECKPOINT= CONFIG=]
	@$(RUN).cli demo $(call opt,checkpoint) $(call opt,config)

sim: setup ## run an environment: MODULE=dtv1_ccm [CONFIG= TEST= SEED= WAVES=1 COV=1 SIM=]
	@$(RUN).sim $(call opt,module) $(call opt,config) $(call opt,test) $(call opt,seed) $(call flag,waves) \
		$(call flag,cov) $(call opt,sim)

lint: setup ## check RTL and Python: Verilator, verible, ruff, mypy, generated files
	@$(RUN).lint

format: setup ## rewrite RTL and Python in the project's format
	@$(RUN).lint --format

# pytest has a process for each core: threads beside them would only wait for each other.
test: setup ## run every pytest
	@OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n auto --dist worksteal

regress: setup ## run every environment in every configuration: [SEEDS= MODULES= CONFIG= COV=1]
	@$(if $(MODULES),,$(RUN).random_images --count 20 $(call opt,config) $(call opt,seed))
	@$(RUN).regress $(call opt,seeds) $(call opt,modules) $(call opt,config) $(call opt,seed) $(call flag,cov)

fuzz: setup ## random programs, chip against golden machine: [CONFIG= SEED= COUNT= LARGE=1 EVERY=1]
	@$(RUN).fuzz $(call opt,config) $(call opt,seed) $(call opt,count) \
		$(call flag,large) $(call flag,every)

mutate: setup ## put faults into a module, one by one; its environment must catch each: MODULE=dtv1_ccm
	@$(RUN).mutate $(call opt,module) $(call opt,config) $(call opt,seed)

synth: setup ## map a module to an FPGA, report area and clock: MODULE=dtv1_ccm [CONFIG= PNR=0]
	@$(RUN).synth $(call opt,module) $(call opt,config) $(call opt,pnr)

formal: setup ## run the formal proofs of FIFOs, memory, fork and list counters: [PROOF=name]
	@$(RUN).formal $(PROOF)

package: setup ## rewrite all generated files that are committed
	@$(RUN).gen_pkg
	@$(RUN).gen_act_rom
	@$(RUN).gen_regs
	@$(RUN).config_doc
	@$(RUN).isa_doc
	@$(RUN).step_budget --doc

image: setup ## compile a trained network: CHECKPOINT=best.pt OUT=folder [CONFIG= STEPS= TRAIN=1]
	@$(RUN).cli compile $(if $(CHECKPOINT),'$(CHECKPOINT)') $(call opt,out) $(call opt,config) \
		$(call opt,steps) $(call flag,train)

bench: setup ## cycles of the whole chip on matrix procedures and whole steps, results checked
	@$(RUN).bench

bench-doc: setup ## write the figures of the last `make bench` into the README
	@$(RUN).bench_doc

bench-golden: setup ## time the golden model
	@$(RUN).bench_golden

bench-sim: setup ## time the fast simulation of the chip, and the chip under cocotb: [CONFIG= ASSERTS=1]
	@$(RUN).bench_sim $(call opt,config) $(call flag,asserts)

bench-training: setup ## time delta layers in training beside torch's own
	@$(RUN).bench_training

examples: setup ## train the example networks anew and choose the example utterances
	@$(RUN).make_examples

training-study: setup ## the studies of docs/training.md: thresholds, class-incremental learning
	@$(RUN).training_study

training-doc: setup ## write the results of training into docs/training.md
	@$(RUN).training_doc

clean: ## remove build/
	@rm -rf build

distclean: clean ## remove build/, .venv and all caches
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis src/reneta.egg-info
	@find . -name __pycache__ -prune -exec rm -rf {} +
