# The steps are the Makefile's. Build: docker build -t perturber .   Run: docker run -p 8000:8000 perturber
FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /perturber
COPY pyproject.toml README.md LICENSE Makefile ./
COPY tools tools
COPY server server
COPY frontend frontend
COPY assets assets
COPY models models
RUN make system .venv/.run && rm -rf /var/lib/apt/lists/*
EXPOSE 8000
# The container's own address space is the boundary: inside it the server listens on every address.
CMD [".venv/bin/perturber", "serve", "--host", "0.0.0.0"]
