"""dbt-spark with Python models in the running session."""

from typing import Any

from dbt.adapters.base.meta import available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.spark.impl import SparkAdapter
from dbt.adapters.sparksession.connections import OneSession, SparkSessionConnectionManager
from dbt_common.exceptions import DbtRuntimeError


class SparkSessionAdapter(SparkAdapter):
    """The adapter `sparksession`."""

    ConnectionManager = SparkSessionConnectionManager

    def submit_python_job(self, parsed_model: dict[str, Any], compiled_code: str) -> AdapterResponse:
        """Run a Python model as dbt compiled it, with `spark` as its session."""
        names = {"__name__": f"dbt_model_{parsed_model['alias']}", "spark": OneSession.of(self.config.credentials)}
        try:
            exec(compile(compiled_code.strip(), parsed_model["original_file_path"], "exec"), names)
        except Exception as error:
            raise DbtRuntimeError(f"{type(error).__name__} in {parsed_model['original_file_path']}: {error}") from error
        return AdapterResponse(_message="OK")

    @available
    def call_plugin(self, action: str, arguments: dict[str, Any]) -> None:
        """Call `do_<action>` of the profile's plugin: Python that hooks of the project need.

        The module has a class Plugin, which is made once with the session and the credentials.
        """
        if not hasattr(self, "plugin"):
            credentials = self.config.credentials
            self.plugin = credentials.plugin_module.Plugin(OneSession.of(credentials), credentials)
        try:
            getattr(self.plugin, f"do_{action}")(**arguments)
        except RuntimeError as error:
            raise DbtRuntimeError(str(error)) from error
