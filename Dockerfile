# A server for rankers: docker run -p 8080:8080 -v FOLDER_OF_A_RANKER:/ranker:ro fieldwise
FROM python:3.12-slim AS build

RUN python -m venv /opt/fieldwise
ENV PATH=/opt/fieldwise/bin:$PATH
# The CPU build first, or pip takes one with gigabytes of CUDA.
RUN pip install --no-cache-dir torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY fieldwise ./fieldwise
RUN pip install --no-cache-dir '.[serve]'

FROM python:3.12-slim

RUN useradd --uid 10001 --no-create-home --home-dir /tmp fieldwise
COPY --from=build /opt/fieldwise /opt/fieldwise
ENV PATH=/opt/fieldwise/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=120s --timeout=5s CMD ["python", "-c", \
  "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["fieldwise", "serve"]
CMD ["/ranker", "--host", "0.0.0.0"]
