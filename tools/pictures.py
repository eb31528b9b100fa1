"""The pictures in docs/images: the dashboard of the demo, in Chromium (`make pictures`)."""

import os
import sys
import tempfile
from pathlib import Path

from loaders.errors import NoDataError
from loaders.export.dashboard import write_dashboard
from loaders.settings import DEMO_WAREHOUSE, PROJECT, warehouse_path
from tests.support.browser import CHROMIUM, browsing

IMAGES = PROJECT / "docs" / "images"
DRAWN = "document.body.dataset.drawn === 'all'"
# Name -> width, height, colour scheme, medium.
PICTURES = {
    "dashboard": (1366, 1280, "light", "screen"),
    "dashboard-dark": (1366, 1280, "dark", "screen"),
    "dashboard-phone": (390, 1280, "light", "screen"),
    "dashboard-print": (1000, 1280, "light", "print"),
}


def main() -> None:
    if CHROMIUM is None:
        sys.exit("error: Chromium is not installed: install the package chromium, then run again")
    os.environ.pop("MAINTAINX_WAREHOUSE", None)
    try:
        page = write_dashboard(warehouse_path(DEMO_WAREHOUSE))
    except NoDataError:
        sys.exit("error: there is no demo yet: run `make demo` first")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browsing(Path(folder)) as browser:
        for name, (width, height, scheme, medium) in PICTURES.items():
            browser.size(width, height)
            browser.media(scheme, medium)
            browser.open(page.resolve().as_uri())
            browser.wait(DRAWN)
            path = IMAGES / f"{name}.png"
            path.write_bytes(browser.screenshot())
            print(f"{path.relative_to(PROJECT)}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
