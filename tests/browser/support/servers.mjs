// Starts the real program on a free port with a data directory of its own, and small web sites that play the shop and the
// publisher.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { atEnd, shared } from "./lifetime.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "debug", "pixeld");

// Runs the program and passes each line of its output to `read`, until that returns something.
async function run(t, args, read) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PIXELD_")));
  // Without the trap, a limit on the size of files would kill the program instead of failing its writes.
  const child = spawn("sh", ["-c", 'trap "" XFSZ; exec "$0" "$@"', program, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  atEnd(t, async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  });
  const result = await firstResult(child, read);
  if (!result) throw new Error(`pixeld ${args[0]} ended before it printed its address`);
  // Further output must not fill the pipe.
  child.stdout.resume();
  return { ...result, pid: child.pid };
}

async function firstResult(child, read) {
  for await (const line of createInterface({ input: child.stdout })) {
    const result = read(line);
    if (result) return result;
  }
  return null;
}

// Runs `pixeld serve` on a fresh database. Resolves with its `url`, `setupCode`, `directory` and `pid`.
export async function startServer(t, args = []) {
  const directory = await mkdtemp(path.join(tmpdir(), "pixeld-browser-"));
  atEnd(t, () => rm(directory, { recursive: true, force: true }));
  let url = null;
  let setupCode = null;
  let setupLink = null;
  return run(t, ["serve", "--listen", "127.0.0.1:0", "--data-dir", directory, ...args], (line) => {
    url ??= line.match(/ready at (http:\S+)/)?.[1] ?? null;
    setupCode ??= line.match(/set-up code: (\S+)/)?.[1] ?? null;
    setupLink ??= line.match(/http\S+\/admin\/setup\?code=\S+/)?.[0] ?? null;
    return url && setupCode ? { url, setupCode, setupLink, directory } : null;
  });
}

// Runs `pixeld demo`, one for all tests: none of them may change its definitions. Resolves with `url`, `user` and
// `password`.
export const startDemo = shared((t) =>
  run(t, ["demo", "--listen", "127.0.0.1:0"], (line) => {
    const match = line.match(/(http:\S+)\/admin .*user (\S+), password (\S+)/);
    return match && { url: match[1], user: match[2], password: match[3] };
  }));

// Listens on a free port until the test ends.
export async function listen(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  return server.address().port;
}

// A web site on a port of its own. `pages` gives the HTML by path, or a function from the request's URL to it. Cookies do
// not tell ports apart, so the site is to pixeld what a shop is to a subdomain of its own.
export async function startSite(t, pages) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    const page = pages[url.pathname];
    response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" });
    response.end(typeof page === "function" ? page(url) : (page ?? "no such page"));
  });
  return { url: `http://127.0.0.1:${await listen(t, server)}`, pages };
}
