"""The door of a checkout: `python convert.py ...` is `cdisc ...`."""

from cdisc.cli import main

if __name__ == "__main__":
    main()
