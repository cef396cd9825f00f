# The bridge in a container. Build: docker build -t livevox-bridge .
# Run it with the host's network: RTP takes two ports of a range a call, which no port mapping carries well.
#   docker run --network host --env-file secrets -v ./bridge.toml:/etc/livevox-bridge/bridge.toml:ro \
#     -v livevox-bridge:/var/lib/livevox-bridge --stop-timeout 660 livevox-bridge

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bridge bridge
COPY sip sip
RUN python -m venv /opt/livevox-bridge && /opt/livevox-bridge/bin/pip install --no-cache-dir .

FROM python:3.11-slim-bookworm
RUN useradd --system --home-dir /var/lib/livevox-bridge --create-home --shell /usr/sbin/nologin livevox-bridge
COPY --from=build /opt/livevox-bridge /opt/livevox-bridge
ENV PATH=/opt/livevox-bridge/bin:$PATH
USER livevox-bridge
# Say journal.path = "/var/lib/livevox-bridge/journal.db" in the settings, and recording.folder likewise. Without the
# volume a new container would know nothing of the old one's calls.
WORKDIR /var/lib/livevox-bridge
VOLUME /var/lib/livevox-bridge
# SIP, RTP (media.ports) and the API (admin.listen).
EXPOSE 5070/udp 20000-29999/udp 8080/tcp
# Drains, which takes sip.drain_s and some minutes more: give it a --stop-timeout above that.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/live', timeout=4)"]
ENTRYPOINT ["livevox-bridge"]
CMD ["run", "--config", "/etc/livevox-bridge/bridge.toml"]
