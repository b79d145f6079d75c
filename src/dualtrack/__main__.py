"""`python -m dualtrack`: the command line where its script is not on the path."""

from dualtrack.cli import main

if __name__ == "__main__":
    main()
