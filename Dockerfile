# pixeld in a small image: docker build -t pixeld . && docker run -p 8080:8080 -v pixeld:/data pixeld
# The set-up code is in the log: docker logs CONTAINER

FROM rust:1.95-slim-bookworm AS build
# SQLite and mimalloc are compiled from C.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /pixeld
COPY . .
RUN cargo build --release --locked --bin pixeld

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin pixeld \
    && install -d -o pixeld -g pixeld /data
COPY --from=build /pixeld/target/release/pixeld /usr/local/bin/pixeld
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/pixeld/
COPY src/collect/visitor/crawlers/LICENSE /usr/share/doc/pixeld/LICENSE-crawler-user-agents
USER pixeld
ENV PIXELD_DATA_DIR=/data PIXELD_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
# The image has no curl; bash opens the connection itself. A full disk does not count: no restart would help there.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["pixeld"]
