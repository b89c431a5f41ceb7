# The server. What it needs besides, a PostgreSQL with pgvector, is in compose.yaml.
FROM python:3.13-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN python -m venv /opt/faraday && /opt/faraday/bin/pip install --no-cache-dir '.[all]'

FROM python:3.13-slim
COPY --from=build /opt/faraday /opt/faraday
RUN useradd --system --create-home --home-dir /var/lib/faraday faraday
USER faraday
ENV PATH=/opt/faraday/bin:$PATH \
    FARADAY_DATA_DIR=/var/lib/faraday \
    FARADAY_HOST=0.0.0.0 \
    PYTHONUNBUFFERED=1
EXPOSE 8000
VOLUME /var/lib/faraday
HEALTHCHECK --interval=10s --timeout=3s CMD \
  ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["faraday"]
CMD ["serve"]
