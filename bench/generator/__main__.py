"""`python -m bench.generator --out FOLDER [--rows N] …`"""

from __future__ import annotations

from bench.generator.options import parse
from bench.generator.output import write


def main() -> None:
    options = parse()
    count = write(options)
    print(
        f"{count} attendance rows, {options.customers} customers, {options.contacts} contacts, "
        f"{options.events} events in {options.out}"
    )


if __name__ == "__main__":
    main()
