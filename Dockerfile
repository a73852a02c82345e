# The base images are arguments, so that a mirror, or a base with a shell in it, is a matter of --build-arg.
ARG BUILD_IMAGE=golang:1.26
ARG RUN_IMAGE=scratch

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
ARG COMMIT=
RUN CGO_ENABLED=0 go build -trimpath \
    -ldflags "${VERSION:+-X main.version=${VERSION}} ${COMMIT:+-X main.commit=${COMMIT}}" \
    -o /snakecached ./cmd/snakecached

FROM ${RUN_IMAGE}
COPY --from=build /snakecached /usr/local/bin/snakecached
# As everywhere in containers, clients come from other addresses than the loopback interface's, which protected mode
# would refuse. The log says so at the start, and loudly without a password.
ENV SNAKE_CACHE_PROTECTED_MODE=no
USER 65532:65532
EXPOSE 6379 9121
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["/usr/local/bin/snakecached", "ping"]
ENTRYPOINT ["/usr/local/bin/snakecached"]
