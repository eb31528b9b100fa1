# The loaders, dbt and the dashboard; docs/operations.md says how to run it.
FROM python:3.12-slim

WORKDIR /app
COPY requirements/runtime.lock requirements/
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/runtime.lock
COPY . .

# All that a run writes is in these two folders, so that the rest can be read-only.
RUN install --directory --owner 10001 --mode 700 /data
ENV PYTHONDONTWRITEBYTECODE=1 \
    MAINTAINX_WAREHOUSE=/data/warehouse.duckdb \
    DBT_TARGET_PATH=/tmp/target \
    DBT_LOG_PATH=/tmp/logs \
    HOME=/tmp
USER 10001:10001
VOLUME /data
ENTRYPOINT ["python", "-m", "loaders"]
CMD ["sync", "--every", "15m", "--log-format", "json"]
