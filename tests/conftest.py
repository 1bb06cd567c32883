"""What several test files share: the browser, or one line that says why it is not used."""

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def chromium():
    """Path of Debian's chromium; its absence skips, but under CI it fails."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        reason = "chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return binary
