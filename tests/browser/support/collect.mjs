// The tracking endpoints as browsers meet them: a server with an advertiser, proxies and sites in front of it, and what
// the browser gets.

import { execFileSync } from "node:child_process";
import { createServer, request as ask } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { setUp, startApi } from "./admin.mjs";
import { newPage, reloadUntil } from "./browser.mjs";
import { listen, startServer } from "./servers.mjs";

const HTML = { "content-type": "text/html; charset=utf-8" };

// A server with advertiser 1. `page` is signed in, `create` is the function of `startApi`, `pixel` creates a pixel.
export async function startCollecting(t, browser, args = []) {
  const server = await startServer(t, args);
  const page = await newPage(t, browser);
  await setUp(page, server);
  const create = await startApi(server);
  const advertiser = await create("advertiser", { name: "ProStarr Sportswear" });
  const pixel = (more) => create("pixel", { name: "Purchase", trigger_type: "hybrid", ...more }, `advertiser_id=${advertiser.id}`);
  return { server, page, create, pixel };
}

// A partner whose script tells the page that it ran. `requests` holds the addresses that it got.
export async function startPartner(t) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request.url);
    const [type, body] = request.url.startsWith("/s.js")
      ? ["application/javascript", `window.partner = ${JSON.stringify(request.url)};`]
      : ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'];
    response.writeHead(200, { "content-type": type });
    response.end(body);
  });
  return { url: `http://127.0.0.1:${await listen(t, server)}`, requests };
}

function certificate() {
  const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=127.0.0.1 -keyout - -out -";
  const pem = execFileSync("openssl", args.split(" "), { stdio: ["ignore", "pipe", "ignore"] });
  return { key: pem, cert: pem };
}

// Passes a request on to the server at `target`.
function forward(target, request, response, headers = {}) {
  const { hostname, port } = new URL(target);
  const options = { hostname, port, method: request.method, path: request.url, headers: { ...request.headers, ...headers } };
  const onward = ask(options, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(response);
  });
  request.pipe(onward);
}

// A proxy that speaks https to browsers and tells the server so, for a visitor from another address.
export async function startProxy(t, target) {
  const headers = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" };
  const server = createTlsServer(certificate(), (request, response) => forward(target, request, response, headers));
  return `https://127.0.0.1:${await listen(t, server)}`;
}

// A shop on a site of its own, over https.
export async function startSecureShop(t, page) {
  const server = createTlsServer(certificate(), (_, response) => {
    response.writeHead(200, HTML);
    response.end(page);
  });
  return `https://127.0.0.1:${await listen(t, server)}`;
}

// A site of the server's own origin, with pages of its own by path: a browser prerenders only pages of the same origin.
export async function startFront(t, target, pages) {
  const server = createServer(async (request, response) => {
    const page = pages[request.url.split("?")[0]];
    if (page === undefined) return forward(target, request, response);
    response.writeHead(200, { ...HTML, "cache-control": "no-store" });
    response.end(typeof page === "function" ? await page() : page);
  });
  return `http://127.0.0.1:${await listen(t, server)}`;
}

// Makes the browser prefetch or prerender a page.
export const speculate = (kind, url) =>
  `<script type="speculationrules">${JSON.stringify({ [kind]: [{ source: "list", urls: [url], eagerness: "immediate" }] })}</script>`;

// Loads a tag's image in the page, and resolves with the headers of the answer.
export async function fire(page, url) {
  const answer = page.waitForResponse((response) => response.url() === url);
  await page.evaluate((src) => void (new Image().src = src), url);
  return (await answer).allHeaders();
}

// The visitor's cookie.
export const pxid = async (page) => (await page.context().cookies()).find((cookie) => cookie.name === "pxid");

// Waits until the log has `count` rows of this kind. Resolves with "prefetch" or "real" for each, newest first.
export async function logged(page, server, kind, count) {
  await page.goto(`${server.url}/admin/live?kind=${kind}`);
  await reloadUntil(page, page.locator(`.event:nth-child(${count})`));
  const marks = await page.locator(".event-marks").allInnerTexts();
  return marks.map((text) => (text.includes("prefetch") ? "prefetch" : "real"));
}
