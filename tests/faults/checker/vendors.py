"""What the vendors' sandboxes hold, read from their own logs."""

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path


class Vendor:
    """Records of one vendor as they are now, by kind."""

    def __init__(self, folder, name):
        self.kinds = defaultdict(dict)
        path = Path(folder) / name / f"{name}.log"
        with path.open(encoding="utf-8") as log:
            for line in log:
                # A line that was torn by a kill ends the log; the sandbox drops it, too.
                if not line.endswith("\n"):
                    break
                for kind, identity, _created, _changed, *body in json.loads(line, parse_float=Decimal).get("rows", []):
                    if body and body[0] is not None:
                        self.kinds[kind][identity] = body[0]
                    else:
                        self.kinds[kind].pop(identity, None)

    def all(self, kind):
        return self.kinds[kind].items()


def custom(record, field):
    """A custom field of Kantata OX: it has an id and a value."""
    value = record.get("_custom", {}).get(field)
    return value[1] if value else None


def minutes(hours):
    """Hours as the ERP writes them: 8:15, or -0:45."""
    text = str(hours)
    sign = -1 if text.startswith("-") else 1
    whole, _, part = text.lstrip("-").partition(":")
    return sign * (int(whole) * 60 + int(part or 0))
