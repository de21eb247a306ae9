"""`python -m sim.cli` does what `airace` does."""

from sim.cli import main

if __name__ == "__main__":
    main()
