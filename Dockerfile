# One image for the API, the worker and the single commands. The command says what it runs: serve, worker, migrate.
# In a running container all commands can be used: `docker compose exec api kist reconcile`.
# `docker compose up` runs it with PostgreSQL and Valkey. `make up` does not need it.

FROM python:3.11-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/kist
COPY requirements.lock ./
RUN /opt/kist/bin/pip install --require-hashes -r requirements.lock

FROM python:3.11-slim
# The service's user owns no files of the image, and may write only in KIST_HOME.
RUN groupadd --system --gid 10001 kist \
    && useradd --system --uid 10001 --gid kist --no-create-home --shell /usr/sbin/nologin kist \
    && install -d -o kist -g kist -m 0700 /var/lib/kist
COPY --from=packages /opt/kist /opt/kist
WORKDIR /srv/kist
COPY pyproject.toml alembic.ini ./
COPY migrations ./migrations
COPY app ./app
# The user below may not write bytecode, so it is compiled here; a command then starts in half the time. `kist` is
# written as a program.
RUN /opt/kist/bin/python -m compileall -q app migrations \
    && printf '#!/bin/sh\nexec /opt/kist/bin/python -m app.cli "$@"\n' > /opt/kist/bin/kist \
    && chmod 0755 /opt/kist/bin/kist
ENV PATH=/opt/kist/bin:$PATH \
    PYTHONPATH=/srv/kist \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KIST_HOST=0.0.0.0 \
    KIST_PORT=8000 \
    KIST_HOME=/var/lib/kist
USER kist
VOLUME /var/lib/kist
EXPOSE 8000
ENTRYPOINT ["kist"]
CMD ["serve"]
