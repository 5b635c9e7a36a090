# One image for every verb: serve (by default), api, worker, demo, migrate.
# Versions are pinned; raise them together with go.mod and frontend/package.json.

FROM node:20.20.2-bookworm-slim AS web
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-progress
COPY frontend/ ./
RUN npm run build

FROM golang:1.26.8-bookworm AS binary
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/frontend/build ./frontend/build
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/skein ./cmd/skein
# Volumes take their owner from the folders of the image.
RUN mkdir -p /out/data /out/files /out/tmp && chmod 1777 /out/tmp

FROM scratch
COPY --from=binary /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=binary /out/skein /skein
COPY --from=binary /out/tmp /tmp
COPY --from=binary --chown=10001:10001 /out/data /data
COPY --from=binary --chown=10001:10001 /out/files /files
USER 10001:10001
ENV SKEIN_LISTEN=0.0.0.0:8080 SKEIN_DATA=/data SKEIN_LOG=json
VOLUME /data
EXPOSE 8080
# The image has no shell and no curl: the program asks itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["/skein", "health"]
ENTRYPOINT ["/skein"]
CMD ["serve"]
