"""The target `ducklake` of profiles.yml: dbt itself publishes the marts of a build to a lake.

dbt builds and tests the warehouse as with any other target. At the end of a build without an error
its macro publish_to_lake calls this plugin of dbt-duckdb, and the marts go to the lake in one
transaction, as those of `python -m loaders publish` do.
"""

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt_common.exceptions import DbtRuntimeError

from loaders import settings
from loaders.errors import LoaderError
from loaders.export.lake import check
from loaders.export.publish import published_marts, to_lake


class Plugin(BasePlugin):
    """What dbt-duckdb looks for in the module that profiles.yml names."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Keep the connection on which dbt holds the warehouse and the raw file open.

        Raises DbtRuntimeError where the lake cannot be used: before the build, not at its end.
        """
        self._connection = conn
        try:
            self._warehouse = settings.warehouse_path()
            self._lake = settings.lake(beside=self._warehouse)
            check(self._lake, conn)
        except LoaderError as error:
            raise DbtRuntimeError(str(error)) from None

    def store(self, target_config: TargetConfig) -> None:  # noqa: ARG002
        """Publish all marts. Raises DbtRuntimeError with one line; the lake is then as before."""
        try:
            with self._connection.cursor() as connection:
                connection.execute("set TimeZone = 'UTC'")
                to_lake(connection, self._lake, self._warehouse, published_marts(connection))
        except LoaderError as error:
            raise DbtRuntimeError(str(error)) from None
