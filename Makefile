# The short commands. Everything here can also be run with npm; this file adds no logic of its own.

STACK ?= local
# The npm package `node` of the lock file brings a current Node.js, whatever the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.DEFAULT_GOAL := help

# Names reach the shell as one word, whatever is in them.
quoted = '$(subst ','\'',$(1))'
stack = --stack $(call quoted,$(STACK))
context = $(if $(CONTEXT),--context $(call quoted,$(CONTEXT)))

# A variable that is 1 is the option of its name; 0 or nothing is none, and anything else is an error.
lower = $(shell printf %s '$(1)' | tr A-Z a-z)
switch = $(if $($(1)),$(if $(filter 1,$($(1))),--$(call lower,$(1)),$(if $(filter 0,$($(1))),,$(error $(1) takes 1 or 0))))

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: help
help: ## Show this help
	@printf 'TradeStream on Pulumi\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nSTACK=local|staging|production chooses the stack (default: local).\n'
	@printf 'SIMULATED=1 (with up) runs a real API server with a simulated node; needs no root.\n'
	@printf 'HTTPS=1 (with up) adds an ingress controller and cert-manager; stays until purge.\n'
	@printf 'CONTEXT=<name> uses a context of your own $$KUBECONFIG instead of the local cluster;\n'
	@printf 'there, down and purge remove the stack with its data, and ask first (YES=1: they do not).\n'

.PHONY: up
up: node_modules/.package-lock.json ## Bring TradeStream up on this machine, from nothing
	@node scripts/platform/cli.ts up $(context) $(call switch,SIMULATED) $(call switch,HTTPS)

.PHONY: down
down: node_modules/.package-lock.json ## Stop the local cluster; its data stays for the next `make up`
	@node scripts/platform/cli.ts down $(context) $(call switch,YES)

.PHONY: purge
purge: node_modules/.package-lock.json ## Stop the local cluster and delete its data and the stack's state
	@node scripts/platform/cli.ts down --purge $(context) $(call switch,YES)

.PHONY: status
status: node_modules/.package-lock.json ## Show what runs, in which versions, and where to reach it (STACK=…)
	@node scripts/platform/cli.ts status $(stack) $(context)

.PHONY: preview
preview: node_modules/.package-lock.json ## Show what `up` would change (STACK=…)
	@node scripts/platform/cli.ts preview $(stack) $(context)

.PHONY: render
render: node_modules/.package-lock.json ## Print every object of a stack as YAML (STACK=…); needs no cluster
	@npm run --silent render -- $(stack)

.PHONY: policy
policy: node_modules/.package-lock.json ## Check a stack against the policy pack (STACK=…)
	@npm run --silent policy -- $(stack)

.PHONY: check
check: node_modules/.package-lock.json ## Run all tests but those in containers and on a cluster
	@node tests/run.ts --fast

.PHONY: test
test: node_modules/.package-lock.json ## Run all tests, those on a real cluster included
	@node tests/run.ts

.PHONY: soak
soak: node_modules/.package-lock.json ## Run the long forms of the tests: more inputs, other random ones (hours)
	@SOAK=1 node tests/run.ts unit policy cluster commands

.PHONY: evidence
evidence: node_modules/.package-lock.json ## Run the tests on a real cluster, and write docs/evidence.md (SOAK=1: long forms)
	@EVIDENCE=1 node tests/run.ts cluster

.PHONY: bench
bench: node_modules/.package-lock.json ## Measure speed, and write docs/benchmarks.md (ten minutes)
	@node tests/bench/run.ts

.PHONY: golden
golden: node_modules/.package-lock.json ## Write tests/golden anew, to be reviewed in the diff
	@node tests/golden/update.ts
