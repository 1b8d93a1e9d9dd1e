# The runner: Node, Helm and the program as one bundle, on a base that brings `nsupdate`, git and CA certificates.
# The files that are copied here are put together by `npm run image`; see README.md.

# By digest only, so that the same commit always gives the same image: name@sha256:…
ARG BASE
FROM ${BASE}
ARG BASE
ARG VERSION
ARG REVISION
ARG SOURCE
ARG CREATED

COPY bin/ /usr/local/bin/
COPY program/ /usr/lib/changeover/
# What all of this consists of: CycloneDX 1.6.
COPY sbom.cdx.json /usr/share/sbom/changeover.cdx.json

# A tag would be taken without a word, and be another image tomorrow.
RUN ["/usr/local/bin/node", "-e", "if (!/@sha256:[0-9a-f]{64}$/.test(process.env.BASE)) throw 'BASE has to be given by digest: name@sha256:…'"]

# What V8 makes of the program is kept, so that no start does it anew. For the user below; as any other the program starts a little later.
RUN --mount=type=bind,source=warm,target=/warm ["/usr/local/bin/node", "/warm/compile-cache.ts", "/usr/lib/changeover", "/usr/lib/changeover/cache", "10001"]
ENV NODE_COMPILE_CACHE=/usr/lib/changeover/cache

LABEL org.opencontainers.image.title="changeover" \
      org.opencontainers.image.description="Rebuilds a production from nothing and moves the public over to it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${BASE}"

# Helm and git write below HOME. The root file system may be read-only; /tmp has to be a volume then.
ENV PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp LANG=C.UTF-8
WORKDIR /tmp

# By number, which Pod Security `restricted` can check. Any other user works as well.
USER 10001:10001

# The program is process 1 itself: it ends in order at SIGTERM and SIGINT, and waits for the processes that it starts. What those
# leave behind (git does) it does not know; it ends with the container, or `shareProcessNamespace: true` leaves it to Kubernetes.
ENTRYPOINT ["/usr/local/bin/node", "/usr/lib/changeover/main.mjs"]
