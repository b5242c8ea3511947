# The commands of CONTRIBUTING.md, by name: `just setup`, `just test`, …

# Install Jari from this checkout, with everything that its tests need.
setup:
    pip install -e ".[dev]"

# Run all tests, the README's blocks included.
test *args:
    pytest {{args}}

# Lint, format, types and layers.
lint:
    ruff check .
    ruff format --check .
    mypy
    lint-imports

# Compare with gensim and write the README's table.
bench *args:
    python -m benchmarks {{args}}

# All that must hold before a change is taken.
ci:
    .ci/run
