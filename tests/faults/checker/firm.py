"""The generated firm, and what must come out of its year."""

import json
from decimal import Decimal
from pathlib import Path


class Firm:
    """Records of a generated firm, by file."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.exponents = {row["code"]: row["exponent"] for row in self.all("currencies")}

    def all(self, name):
        with (self.folder / f"{name}.jsonl").open(encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.strip()]

    def minor(self, amount, currency):
        """An amount in the smallest unit of its currency."""
        units = Decimal(str(amount)).scaleb(self.exponents[currency])
        if units != units.to_integral_value():
            raise ValueError(f"{amount} {currency} is no whole number of minor units")
        return int(units)
