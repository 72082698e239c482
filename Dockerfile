# One image for the API, the worker and the one-shot commands; what it runs is the command's word: serve, worker, migrate.
# In a running container every command is there: `docker compose exec api kist reconcile`.
# `docker compose up` puts it together with PostgreSQL and Valkey; `make up` needs none of this.

FROM python:3.11-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/kist
COPY requirements.lock ./
RUN /opt/kist/bin/pip install --require-hashes -r requirements.lock

FROM python:3.11-slim
# The service owns nothing of its own image; KIST_HOME is the one place where it may write.
RUN groupadd --system --gid 10001 kist \
    && useradd --system --uid 10001 --gid kist --no-create-home --shell /usr/sbin/nologin kist \
    && install -d -o kist -g kist -m 0700 /var/lib/kist
COPY --from=packages /opt/kist /opt/kist
WORKDIR /srv/kist
COPY pyproject.toml alembic.ini ./
COPY migrations ./migrations
COPY app ./app
# The user below may not write bytecode, so it is made here: a command starts in half the time. And `kist` is a program.
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
