"""`python -m switch` is `daihyo`."""

from switch.cli import main

if __name__ == "__main__":
    main()
