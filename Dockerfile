# One image for the API, the worker and the one-shot commands; what it runs is the command's word: serve, worker, migrate.
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
COPY alembic.ini ./
COPY migrations ./migrations
COPY app ./app
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
ENTRYPOINT ["python", "-m", "app.cli"]
CMD ["serve"]
