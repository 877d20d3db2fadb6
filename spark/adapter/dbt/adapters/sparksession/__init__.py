"""dbt-spark on one Spark session, with Python models.

dbt-spark runs SQL in a session of its own, but Python models only at Databricks. This adapter is dbt-spark with two
things more: Python models run in the session that runs the SQL, and the session may be one of a Spark Connect server.
It can go as soon as dbt-spark has both.
"""

from dbt.adapters.base import AdapterPlugin
from dbt.adapters.sparksession.connections import SessionCredentials
from dbt.adapters.sparksession.impl import SparkSessionAdapter
from dbt.include import sparksession

Plugin = AdapterPlugin(
    adapter=SparkSessionAdapter,
    credentials=SessionCredentials,
    include_path=sparksession.PACKAGE_PATH,
    dependencies=["spark"],
)
