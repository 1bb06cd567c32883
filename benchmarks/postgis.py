"""A PostGIS server for one benchmark: private, in a temporary folder, reached by a local socket."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIVATE = {"listen_addresses": ""}  # all else as installed
TUNED = PRIVATE | {
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "max_parallel_workers_per_gather": str(os.cpu_count() or 1),
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    "fsync": "off",
    "synchronous_commit": "off",
    "max_wal_size": "8GB",
}
UNPRIVILEGED = "postgres"  # who runs the server where we are root, as PostgreSQL refuses to
START_S = 30.0


class Server:
    """A PostgreSQL server with PostGIS, started on creation."""

    def __init__(self, settings: Mapping[str, str] = MappingProxyType(TUNED)) -> None:
        self._programs = _programs()
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="landgis-postgis-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8")
        options = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        self._process = subprocess.Popen(  # noqa: S603 - a program found above
            [self._programs / "postgres", "-D", data, "-k", self._folder, *options],
            user=self._user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )
        atexit.register(self.stop)
        deadline = time.monotonic() + START_S
        while not (self._folder / ".s.PGSQL.5432").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the PostgreSQL server did not start")
            time.sleep(0.1)
        self.ask("CREATE EXTENSION postgis")

    def ask(self, sql: str, *, given: bytes | None = None) -> bytes:
        """Run SQL and give what it prints."""
        return self._run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self._folder,
            "-U", "bench", "-d", "postgres", "-c", sql, given=given,
        )  # fmt: skip

    def version(self) -> str:
        """Give the versions of PostGIS, GEOS and PostgreSQL."""
        parts = "'PostGIS ' || PostGIS_Lib_Version() || ' (GEOS ' || PostGIS_GEOS_Version()"
        server = "current_setting('server_version')"
        return self.ask(f"SELECT {parts} || ', PostgreSQL ' || {server} || ')'").decode().strip()

    def load(self, name: str, rows: pd.DataFrame, *, index_name: str) -> None:
        """Make an indexed table of identifiers and well-known binary."""
        self.ask(f"CREATE UNLOGGED TABLE {name} ({index_name} text, geometry geometry)")
        text = rows.to_csv(index=False, header=False).encode()
        self.ask(f"COPY {name} FROM STDIN CSV", given=text)
        self.ask(f"CREATE INDEX ON {name} USING gist (geometry)")
        self.ask(f"VACUUM ANALYZE {name}")

    def keep(self, name: str, sql: str) -> str:
        """Keep the rows of a query as a table; give the status of the process that made it."""
        make = f"DROP TABLE IF EXISTS {name}; CREATE UNLOGGED TABLE {name} AS {sql}"
        return self.ask(f"{make}; SELECT pg_read_file('/proc/self/status')").decode()

    def table(self, name: str) -> pd.DataFrame:
        """Read a table."""
        return pd.read_csv(BytesIO(self.ask(f"COPY {name} TO STDOUT CSV HEADER")))

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: object, given: bytes | None = None) -> bytes:
        done = subprocess.run(  # noqa: S603 - a program found above
            [self._programs / program, *map(str, arguments)],
            user=self._user,
            input=given,
            capture_output=True,
            check=False,
            cwd=self._folder,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode().strip()}")
        return done.stdout


def _programs() -> Path:
    """Find the newest PostgreSQL: Debian keeps its server programs off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    known = shutil.which("initdb")
    if not debian and not known:
        raise FileNotFoundError("PostgreSQL is not installed")
    return debian[-1] if debian else Path(str(known)).resolve().parent
