"""What the platform's own database holds, read with its own tools: sqlite3 or psql."""

import json
import sqlite3
import subprocess


class Store:
    """Rows as dictionaries. Nothing is written."""

    def __init__(self, url, psql):
        self.url, self.psql = url, psql
        self.lite = None
        if url.startswith("sqlite:"):
            path = url.removeprefix("sqlite:")
            self.lite = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            self.lite.row_factory = sqlite3.Row

    def rows(self, select):
        if self.lite:
            return [dict(row) for row in self.lite.execute(select)]
        command = [self.psql or "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        command += ["--command", f"SELECT row_to_json(t) FROM ({select}) t", self.url]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [json.loads(line) for line in said.splitlines() if line]
