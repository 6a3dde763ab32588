// The snippets and files of the export page, and the means to run them: PHP, a shop's page, the next event.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { inflateRawSync } from "node:zlib";
import { makePixel, setUp } from "./admin.mjs";
import { newPage, startBrowser } from "./browser.mjs";
import { startServer, startSite } from "./servers.mjs";

export const ALL = ["order_id", "value", "currency", "other", "event_id", "content_ids", "num_items"];
export const shops = fileURLToPath(new URL("../collect/shops", import.meta.url));

// The parameter `t` of each kind of tag.
export const FORM = { image: "2", script: "1" };

// A server with pixel 1. `blocks` gives the texts of a target by their ids without the pixel's: `site`, `tag`, `tag-2`,
// `example-1`; `snippet` the pixel's own; `file` the downloaded file.
export async function start(t) {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  // A form has no order.
  const names = (target) => (target === "forms" ? ["other"] : ALL);
  const query = (target, kind, more = []) =>
    new URLSearchParams([["id", "1"], ["chosen", "yes"], ["for", target], ["was", target], ["kind", kind], ...names(target).map((name) => ["param", name]), ...more]);
  const blocks = async (target, kind, more) => {
    await page.goto(`${server.url}/admin/export?${query(target, kind, more)}`);
    const texts = await page.locator("#tags pre").evaluateAll((all) => all.map((pre) => [pre.id, pre.textContent]));
    return Object.fromEntries(texts.map(([id, text]) => [id.replace("-1", ""), text]));
  };
  const snippet = async (target, kind, more) => {
    const { tag } = await blocks(target, kind, more);
    assert.match(tag, new RegExp(`/px\\?id=1&t=${FORM[kind]}`));
    return tag;
  };
  const file = async (target, kind, more) => {
    const answer = await page.request.get(`${server.url}/admin/export/file?${query(target, kind, more)}`);
    assert.equal(answer.status(), 200);
    return { name: answer.headers()["content-disposition"].match(/filename="([^"]+)"/)[1], bytes: await answer.body() };
  };
  return { server, browser, page, blocks, snippet, file };
}

// Resolves with the parameters of the next event that a tag sends.
export const fire = (page) => page.context().waitForEvent("request", (request) => request.url().includes("/px?"))
  .then((request) => Object.fromEntries(new URL(request.url()).searchParams));

// Opens a shop's page and resolves with the parameters of its event.
export async function fireOf(t, browser, html, address = "/") {
  const shop = await startSite(t, { [address.split("?")[0]]: html });
  const visitor = await newPage(t, browser);
  const parameters = fire(visitor);
  await visitor.goto(shop.url + address);
  return parameters;
}

export async function directory(t) {
  const made = await mkdtemp(path.join(tmpdir(), "pixeld-shop-"));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

export const php = (...args) => JSON.parse(execFileSync("php", args, { encoding: "utf8" }));

// PHP reads the file without a fault.
export const lint = (file) => execFileSync("php", ["-l", file], { encoding: "utf8" });

// Writes the files of a ZIP into the directory. Resolves with their paths.
export async function unzip(bytes, root) {
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const paths = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size, name, extra, comment] = [[10, 2], [20, 4], [28, 2], [30, 2], [32, 2]].map(([offset, length]) => bytes.readUIntLE(at + offset, length));
    const local = bytes.readUInt32LE(at + 42);
    const entry = bytes.toString("utf8", at + 46, at + 46 + name);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + size);
    assert.doesNotMatch(entry, /\.\.|^\//);
    await mkdir(path.dirname(path.join(root, entry)), { recursive: true });
    await writeFile(path.join(root, entry), method === 8 ? inflateRawSync(data) : data);
    paths.push(entry);
    at += 46 + name + extra + comment;
  }
  return paths.sort();
}

// The log holds the event, and no parameter broke its rule.
export async function assertLogged(page, server, order, kind) {
  await page.goto(`${server.url}/admin/live?kind=fire`);
  const row = page.locator(".event").filter({ hasText: order }).filter({ hasText: new RegExp(`[?&]t=${FORM[kind]}`) }).first();
  await row.waitFor();
  assert.equal(await row.locator(".chip.warn").count(), 0);
}
