# What `npm run build` makes on Node 24: one bundle, its migrations and the database's binary; nothing else is in it.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc LICENSE ./
# Nothing that builds needs a script to be installed.
RUN npm ci --ignore-scripts
COPY bin ./bin
COPY console/built ./console/built
COPY migrations ./migrations
COPY sandbox ./sandbox
COPY scripts ./scripts
COPY src ./src
RUN npm run -s build

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8787 DATA_DIR=/data
RUN install --directory --owner=node --group=node --mode=0700 /data
COPY --from=build /app/dist .
USER node
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No init is needed: tollgate starts no processes that could be left behind, and listens to SIGTERM itself.
ENTRYPOINT ["node", "--max-semi-space-size=16", "--max-old-space-size=1024", "program/main.js"]
CMD ["serve"]
