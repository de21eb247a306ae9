"""`python -m airace` and `python -m sim` do what the command `airace` does."""

from sim.cli import main

if __name__ == "__main__":
    main()
