"""`python -m jari` is `jari`."""

from jari.cli import main

if __name__ == "__main__":
    main()
