# The recognizer and the functions as a server: docs/self-hosting.md.
#
# The base by tag; where a registry is at hand, pin it by digest:
#   docker build --build-arg BASE=python:3.11-slim-bookworm@sha256:… .
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /src
# The lock has every package with its hash and nothing else may come. Of rapidocr only its weights
# are used: what its own code needs is not in the lock, hence --no-deps.
COPY requirements/serve.lock ./
RUN python -m venv --without-pip /app/venv \
 && pip --python /app/venv/bin/python install --no-cache-dir --no-compile --no-deps \
      --only-binary :all: --require-hashes -r serve.lock
COPY openapi_shim ./openapi_shim
# Compiled here, since the image is read-only where it runs; by hash, so that two builds are alike.
RUN mv openapi_shim "$(/app/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/" \
 && /app/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app/venv/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="openapi_shim" \
      org.opencontainers.image.description="WeChat's driving licence recognition and cloud functions, served by oneself" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nobody installs anything here any more.
RUN pip uninstall --yes --quiet --root-user-action ignore setuptools wheel pip \
 && install -d -o 10001 -g 10001 -m 0700 /state
WORKDIR /app
COPY --from=build /app/venv /app/venv
COPY LICENSE config.json ./
COPY functions ./functions
ENV PATH=/app/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OPENAPI_SHIM_HOST=0.0.0.0 \
    OPENAPI_SHIM_PORT=8420 \
    OPENAPI_SHIM_ADMIN_PORT=8421 \
    OPENAPI_SHIM_STATE_DIR=/state \
    OPENAPI_SHIM_LOG=json
USER 10001:10001
VOLUME /state
EXPOSE 8420 8421
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["/app/venv/bin/python", "-I", "-S", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['OPENAPI_SHIM_ADMIN_PORT']), timeout=3); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
CMD ["/app/venv/bin/python", "-m", "openapi_shim", "serve"]
