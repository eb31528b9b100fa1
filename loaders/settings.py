"""Settings from the environment. Their names are an interface (docs/configuration.md)."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload
from urllib.parse import urlsplit

from loaders.errors import SettingsError

# Environment variables that no child process sees, no file keeps and no message repeats.
SECRETS = ("MAINTAINX_API_KEY", "MAINTAINX_WEBHOOK_SECRETS")
PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_BASE_URL = "https://api.getmaintainx.com/v1"
# The copy of the marts for readers, beside the warehouse.
PUBLISHED = "marts.duckdb"
DEFAULT_WAREHOUSE = "warehouse.duckdb"
LARGEST_ORGANIZATION = 10**18
# In a folder of its own, so that its marts.duckdb does not replace the plant's.
DEMO_WAREHOUSE = "demo/warehouse.duckdb"
# What DuckDB would take for the warehouse where a query says `raw.<table>` or `marts.<table>`.
TAKEN = (
    *("raw", "results", "main", "memory", "system", "temp"),
    *("staging", "intermediate", "incremental", "marts", "seeds", "quality", "test_failures"),
)


# Where dbt writes: the folder that a variable names, else one of the project.
DBT_WRITES = {"DBT_TARGET_PATH": "target", "DBT_LOG_PATH": "logs"}
# Catalogs of DuckLake that many programs use at a time; DuckDB's own file lets one in.
LAKES = ("ducklake:sqlite:", "ducklake:postgres:")
# What readers of a lake could not tell from DuckDB's own schemas, or from the name of the lake.
LAKE_SCHEMAS_TAKEN = ("main", "information_schema", "pg_catalog", "lake")
PASSWORD = re.compile("passw(or)?d|pwd|://[^@]*:.*@", re.IGNORECASE)


def dbt_folder(variable: str) -> Path:
    """A folder of DBT_WRITES; dbt reads a relative path from the project too."""
    return PROJECT / (os.environ.get(variable) or DBT_WRITES[variable])


def target() -> Path:
    """The folder for the files that dbt generates."""
    return dbt_folder("DBT_TARGET_PATH")


@dataclass(frozen=True)
class Lake:
    """A DuckLake for the published marts.

    catalog: as DuckDB's ATTACH takes it. data: folder or URL of the Parquet files. schema: of the
    marts. publisher: the command that publishes to it.
    """

    catalog: str
    data: str
    schema: str
    publisher: str = "python -m loaders publish"


@dataclass(frozen=True)
class Settings:
    """Source, key and target of a run.

    base_url: without a trailing slash. organization_ids: None means all that the key sees.
    """

    api_key: str = field(repr=False)
    base_url: str
    organization_ids: tuple[int, ...] | None
    warehouse: Path


def warehouse_path(default: str = DEFAULT_WAREHOUSE) -> Path:
    """The DuckDB file: MAINTAINX_WAREHOUSE, by default `default` in the working folder.

    `~` is the home folder, and a link is the file behind it. Raises SettingsError for a name that a
    schema, or a file beside the warehouse, has, for a folder, and for a file in a folder that does
    not exist: it may be mistyped, or a disk that is not mounted. Only the folder of `default` is
    created.
    """
    path = Path(os.path.expanduser(os.environ.get("MAINTAINX_WAREHOUSE") or default))  # noqa: PTH111
    if path.is_symlink():
        # A link would have a lock and a raw file of its own.
        path = Path(os.path.realpath(path))
    if path.is_dir():
        raise SettingsError(
            f"{path} is a folder: set MAINTAINX_WAREHOUSE to a file, such as"
            f" {path / DEFAULT_WAREHOUSE}"
        )
    if path.stem in TAKEN:
        raise SettingsError(
            f"MAINTAINX_WAREHOUSE cannot be {path.name}, the name of a schema: choose another name"
        )
    if path.name.endswith((".raw.duckdb", ".results.duckdb")):
        raise SettingsError(
            f"MAINTAINX_WAREHOUSE cannot be {path.name}: name the warehouse, and the files"
            " for raw data and results are made beside it"
        )
    if path == Path(default):
        path.parent.mkdir(exist_ok=True)
    if not path.parent.is_dir():
        raise SettingsError(
            f"there is no folder {path.parent}: create it, or correct MAINTAINX_WAREHOUSE"
        )
    return path


def restrict_files() -> None:
    """Make new files and folders private to this user, or as MAINTAINX_UMASK says.

    dbt and other child processes inherit it. Raises SettingsError.
    """
    text = os.environ.get("MAINTAINX_UMASK") or "077"
    if not re.fullmatch("0?0[0-7]{2}", text):
        raise SettingsError(
            "MAINTAINX_UMASK must be 077 (only you read the files), 027 (your group reads them too)"
            f" or another umask that starts with 0, not {text!r}"
        )
    os.umask(int(text, 8))


def demo_hint() -> str:
    """How to use the demo's warehouse instead of a missing one; '' where there is no demo."""
    demo = Path(DEMO_WAREHOUSE)
    if not demo.exists() or demo.absolute() == warehouse_path().absolute():
        return ""
    return f", or set MAINTAINX_WAREHOUSE={DEMO_WAREHOUSE} to use the demo's"


def from_environment() -> Settings:
    """Read every setting. Raises SettingsError, which never repeats the key."""
    api_key = os.environ.get("MAINTAINX_API_KEY", "").strip()
    if not api_key:
        raise SettingsError(
            "MAINTAINX_API_KEY is not set: create a key in MaintainX under Settings >"
            " Integrations > API Keys and export it (`make demo` needs none)"
        )
    if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
        raise SettingsError(
            "MAINTAINX_API_KEY contains characters that no key has (spaces, line breaks, accents):"
            " copy it again from Settings > Integrations > API Keys"
        )
    return Settings(api_key, _base_url(), _organization_ids(), warehouse_path())


@overload
def lake() -> Lake | None: ...
@overload
def lake(beside: Path) -> Lake: ...
def lake(beside: Path | None = None) -> Lake | None:
    """The lake of MAINTAINX_LAKE. Where it is not set, one in files beside the warehouse `beside`,
    or None. Raises SettingsError."""
    catalog = os.environ.get("MAINTAINX_LAKE") or ""
    data = os.environ.get("MAINTAINX_LAKE_DATA") or ""
    schema = os.environ.get("MAINTAINX_LAKE_SCHEMA") or "marts"
    if not re.fullmatch("[a-z_][a-z0-9_]*", schema) or schema in LAKE_SCHEMAS_TAKEN:
        raise SettingsError(
            "MAINTAINX_LAKE_SCHEMA must be a name of lower-case letters, digits and _, and not"
            f" {', '.join(LAKE_SCHEMAS_TAKEN)}, so not {schema!r}"
        )
    if not catalog:
        if data:
            raise SettingsError(
                "MAINTAINX_LAKE_DATA is set and MAINTAINX_LAKE is not: set both, or neither"
            )
        if beside is None:
            return None
        place = beside.absolute()
        catalog = f"{LAKES[0]}{place.with_suffix('.lake.sqlite')}"
        data = str(place.with_suffix(".lake"))
        return Lake(catalog, data, schema, "dbt build --target ducklake")
    if not catalog.startswith(LAKES) or catalog in LAKES:
        raise SettingsError(
            "MAINTAINX_LAKE must be ducklake:sqlite:FILE, or ducklake:postgres: with dbname and"
            " host, such as ducklake:sqlite:lake.sqlite"
        )
    if not data:
        raise SettingsError(
            "MAINTAINX_LAKE_DATA is not set: name the folder of the lake's Parquet files, or a URL"
            " such as s3://bucket/lake"
        )
    for name, text in (("MAINTAINX_LAKE", catalog), ("MAINTAINX_LAKE_DATA", data)):
        if (text.startswith(LAKES[1]) or "://" in text) and PASSWORD.search(text):
            raise SettingsError(
                f"{name} must not hold a password, because it is printed: set PGPASSWORD or write"
                " it to ~/.pgpass; for object storage, create a secret in DuckDB"
            )
    if re.match(r"\w{2,}:(?!//)", data):
        raise SettingsError(
            "MAINTAINX_LAKE_DATA must be a folder, or a URL with two slashes such as"
            f" s3://bucket/lake, not {data!r}"
        )
    if "://" not in data:
        data = str(Path(data).expanduser().absolute())
    if catalog.startswith(LAKES[0]):
        file = Path(catalog.removeprefix(LAKES[0])).expanduser().absolute()
        if not file.parent.is_dir():
            raise SettingsError(
                f"there is no folder {file.parent}: create it, or correct MAINTAINX_LAKE"
            )
        catalog = f"{LAKES[0]}{file}"
    return Lake(catalog, data, schema)


def webhook_secrets() -> list[bytes]:
    """The secrets of the subscriptions, from MAINTAINX_WEBHOOK_SECRETS. Raises SettingsError, which
    never repeats one."""
    text = os.environ.get("MAINTAINX_WEBHOOK_SECRETS", "")
    secrets = [part.strip().encode() for part in text.split(",") if part.strip()]
    if not secrets:
        raise SettingsError(
            "MAINTAINX_WEBHOOK_SECRETS is not set: export the secrets of your subscriptions,"
            " separated by commas (`python -m loaders subscribe` tells how to get them)"
        )
    return secrets


def _base_url() -> str:
    text = (os.environ.get("MAINTAINX_BASE_URL") or DEFAULT_BASE_URL).strip().rstrip("/")
    try:
        url = urlsplit(text)
        is_usable = bool(url.hostname) and url.port != 0
    except ValueError:
        url, is_usable = urlsplit(""), False
    if "@" in text:
        raise SettingsError(
            "MAINTAINX_BASE_URL must not hold a user or a password, because it is printed:"
            " MaintainX takes MAINTAINX_API_KEY alone"
        )
    is_usable = is_usable and url.scheme in ("http", "https") and text.isprintable()
    if not is_usable or set(text) & set(" ?#"):
        raise SettingsError(
            f"MAINTAINX_BASE_URL must be an address such as {DEFAULT_BASE_URL}, not {text!r}"
        )
    return text


def _organization_ids() -> tuple[int, ...] | None:
    text = os.environ.get("MAINTAINX_ORGANIZATION_IDS", "")
    try:
        ids = [int(part) for part in text.split(",") if part.strip()]
        if not all(0 < number <= LARGEST_ORGANIZATION for number in ids):
            raise ValueError
    except ValueError:
        raise SettingsError(
            f"MAINTAINX_ORGANIZATION_IDS must be numbers separated by commas, not {text!r}"
        ) from None
    return tuple(dict.fromkeys(ids)) or None
