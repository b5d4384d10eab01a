"""Checks the books after a fault campaign: nothing lost, nothing doubled, no difference.

It shares no code with the platform. It reads what the vendors hold from the sandboxes' own logs, what the platform holds from its
database, and what must come out from the generated firm, and prints one JSON document.

Exit codes: 0 everything holds; 1 something does not; 2 it could not be checked.
"""

import argparse
import json
import sys
from collections import Counter

import rules
from firm import Firm
from store import Store
from vendors import Vendor

# What somebody was told is done: the checks that count it.
ACKNOWLEDGED = ("time entries approved", "deals won", "documents", "journals", "payments", "events")
# Findings that are printed in words.
SHOWN = 200


class Books:
    """Everything there is to read, and what was found."""

    def __init__(self, arguments):
        self.firm = Firm(arguments.firm)
        self.crm = Vendor(arguments.sandbox, "salesforce")
        self.psa = Vendor(arguments.sandbox, "kantata-ox")
        self.erp = Vendor(arguments.sandbox, "netsuite")
        self.store = Store(arguments.store, arguments.psql)
        self.forged = arguments.forged
        self.open_exceptions = self.store.rows("SELECT * FROM exception WHERE state = 'OPEN'")
        self.checks, self.totals, self.findings = Counter(), Counter(), []

    def count(self, what, times=1):
        self.checks[what] += times

    def lost(self, text):
        self._found("lost", 1, text)

    def doubled(self, text):
        self._found("doubled", 1, text)

    def broken(self, text):
        self._found("broken", 1, text)

    def equal(self, what, one, other):
        """Two amounts in minor units."""
        self.count("amounts compared")
        if one != other:
            self._found("difference", abs(one - other), f"{what}: {one} and {other}")

    def _found(self, kind, much, text):
        self.totals[kind] += much
        self.findings.append(f"{kind}: {text}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firm", required=True, help="folder of the generated firm")
    parser.add_argument("--sandbox", required=True, help="folder with the sandboxes' logs")
    parser.add_argument("--store", required=True, help="sqlite:PATH or postgres://...")
    parser.add_argument("--psql", help="the psql program, for PostgreSQL")
    parser.add_argument("--forged", type=int, default=0, help="messages on the bus that nobody of ours wrote")
    books = Books(parser.parse_args())
    for rule in rules.ALL:
        rule(books)
    print(
        json.dumps(
            {
                "acknowledged": sum(books.checks[name] for name in ACKNOWLEDGED),
                **{kind: books.totals[kind] for kind in ("lost", "doubled", "difference", "broken")},
                "checks": dict(sorted(books.checks.items())),
                "findings": books.findings[:SHOWN],
            },
            indent=1,
        )
    )
    return 1 if books.findings else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:  # noqa: BLE001: whatever it is, it is no verdict
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(2)
