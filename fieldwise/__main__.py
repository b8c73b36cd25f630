"""``python -m fieldwise`` is the command ``fieldwise``."""

from fieldwise.cli.main import main

if __name__ == "__main__":
    main()
