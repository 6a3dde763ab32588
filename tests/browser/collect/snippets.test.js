// The ready snippets of the export page run as the shop systems run them. Each test reads the fire in the browser, or in
// the server's log. PHP runs against stubs of WooCommerce and Magento (`shops/`).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makePixel, setUp } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { startServer, startSite } from "../support/servers.mjs";

const ALL = ["order_id", "value", "currency", "other", "event_id", "content_ids", "num_items"];
const HOSTILE = `A&"1'</script>`;
const shops = fileURLToPath(new URL("shops", import.meta.url));

// The parameter `t` of each kind of tag.
const FORM = { image: "2", script: "1" };

// A server with one pixel. `snippet` gives the pixel's text for a shop system.
async function start(t) {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  const snippet = async (target, kind) => {
    const query = new URLSearchParams([["id", "1"], ["chosen", "yes"], ["for", target], ["kind", kind], ...ALL.map((name) => ["param", name])]);
    await page.goto(`${server.url}/admin/export?${query}`);
    const text = await page.locator("#tag-1").textContent();
    assert.match(text, new RegExp(`/px\\?id=1&t=${FORM[kind]}`));
    return text;
  };
  return { server, browser, page, snippet };
}

// Resolves with the parameters of the next fire.
const fire = (page) => page.context().waitForEvent("request", (request) => request.url().includes("/px?"))
  .then((request) => Object.fromEntries(new URL(request.url()).searchParams));

// Opens a shop's page and resolves with the parameters of its fire.
async function fireOf(t, browser, html) {
  const shop = await startSite(t, { "/": html });
  const visitor = await newPage(t, browser);
  const parameters = fire(visitor);
  await visitor.goto(shop.url);
  return parameters;
}

async function directory(t) {
  const made = await mkdtemp(path.join(tmpdir(), "pixeld-shop-"));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

const php = (...args) => JSON.parse(execFileSync("php", args, { encoding: "utf8" }));

// The log holds the fire, and no parameter broke its rule.
async function assertLogged(page, server, order, kind) {
  await page.goto(`${server.url}/admin/live?kind=fire`);
  const row = page.locator(".event").filter({ hasText: order }).filter({ hasText: new RegExp(`[?&]t=${FORM[kind]}`) }).first();
  await row.waitFor();
  assert.equal(await row.locator(".chip.warn").count(), 0);
}

// Tag Manager puts an expression in the place of each variable.
const LAYER = {
  "ecommerce.transaction_id": HOSTILE, "ecommerce.value": 0.1 + 49.8, "ecommerce.currency": "EUR", "ecommerce.coupon": undefined,
  "ecommerce.items": [{ item_id: "red,1", quantity: 2 }, { item_id: 12 }],
};
const fillVariables = (snippet) => snippet.replace(/\{\{([^}]+)\}\}/g, (_, name) => {
  assert.ok(name in LAYER, name);
  return `window.macro[${JSON.stringify(name)}]`;
});

async function googleTagManager(t, { server, browser, page, snippet }, kind) {
  const text = await snippet("gtm", kind);
  assert.doesNotMatch(text, /=>|\b(const|let)\b|`/, "Tag Manager takes ECMAScript 5");
  const shop = await startSite(t, { "/": "<h1>Thank you</h1>" });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url);
  for (const [layer, expected] of [
    [LAYER, { order_id: HOSTILE, value: "49.9", currency: "EUR", event_id: HOSTILE, content_ids: '["red,1","12"]', num_items: "3" }],
    [{ "ecommerce.transaction_id": "A-2", "ecommerce.value": "12,50" }, { order_id: "A-2", value: "12,50", event_id: "A-2", num_items: "0" }],
  ]) {
    const parameters = fire(visitor);
    await visitor.evaluate(([html, layer]) => {
      window.macro = layer;
      // A script inside inserted HTML does not run. Tag Manager, too, inserts a new element with its text.
      const old = new DOMParser().parseFromString(html, "text/html").querySelector("script");
      document.body.append(Object.assign(document.createElement("script"), { text: old.textContent }));
    }, [fillVariables(text), layer]);
    assert.deepEqual(await parameters, { id: "1", t: FORM[kind], ...expected });
  }
  await assertLogged(page, server, HOSTILE, kind);
}

const CHECKOUT = {
  order: { id: "gid://shopify/Order/5678" }, totalPrice: { amount: 1049.9, currencyCode: "EUR" }, currencyCode: "EUR",
  discountApplications: [{ type: "AUTOMATIC", title: "Sale" }, { type: "DISCOUNT_CODE", title: "AUTUMN" }],
  lineItems: [{ quantity: 2, variant: { product: { id: "11" } } }, { quantity: 1, variant: null }],
};

// The frame of a custom pixel: sandboxed and of no origin, as Shopify's is. Storage and events come from the shop's page.
const shopifyFrame = (snippet) => `<!doctype html><head></head><script>
    const kept = {}, subscribed = {};
    const browser = { localStorage: { setItem: async (key, value) => { kept[key] = value; }, getItem: async (key) => kept[key] ?? null } };
    const analytics = { subscribe: (name, callback) => { subscribed[name] = callback; } };
    addEventListener("message", ({ data }) => subscribed[data.name](data));
  </script><script>${snippet}</script><script>parent.postMessage("ready", "*");</script>`;

async function shopify(t, { server, browser, page, snippet }, kind) {
  const shop = await startSite(t, { "/": "<h1>Shop</h1>", "/frame": shopifyFrame(await snippet("shopify", kind)) });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url);
  await visitor.evaluate(() => new Promise((ready) => {
    addEventListener("message", ready);
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts allow-forms";
    frame.src = "/frame";
    document.body.append(frame);
  }));
  const send = (event) => visitor.evaluate((event) => frames[0].postMessage(event, "*"), event);
  const view = (href) => send({ name: "page_viewed", context: { document: { location: { href } } } });
  const sell = () => send({ name: "checkout_completed", data: { checkout: CHECKOUT } });
  const expected = { id: "1", t: FORM[kind], order_id: "5678", value: "1049.9", currency: "EUR", other: "AUTUMN", event_id: "5678", content_ids: "11", num_items: "3" };

  let parameters = fire(visitor);
  await view("https://shop.example/");
  await sell();
  assert.deepEqual(await parameters, expected);
  await assertLogged(page, server, "5678", kind);
  parameters = fire(visitor);
  await view("https://shop.example/?sspdata=v1.a%2Bb.");
  await view("https://shop.example/cart");
  await sell();
  assert.deepEqual(await parameters, { ...expected, sspdata: "v1.a+b." }, "the token of the click");
}

async function wooCommerce(t, { browser, snippet }, kind) {
  const file = path.join(await directory(t), "snippet.php");
  await writeFile(file, await snippet("woocommerce", kind));
  const [first, again, other] = php(path.join(shops, "woocommerce.php"), file);
  assert.deepEqual([again, other], ["", ""], "each order shows the tag once");
  assert.deepEqual(await fireOf(t, browser, first), {
    id: "1", t: FORM[kind], order_id: 'A&"1', value: "49.900", currency: "EUR", other: "autumn <b>'", event_id: 'A&"1', content_ids: "11,12", num_items: "3",
  });
}

async function magento(t, { server, browser, snippet }, kind) {
  const root = await directory(t);
  await mkdir(path.join(root, "bin"));
  await writeFile(path.join(root, "bin/magento"), '#!/bin/sh\necho "$@"\n');
  await chmod(path.join(root, "bin/magento"), 0o755);
  const output = execFileSync("sh", ["-e", "-c", await snippet("magento", kind)], { cwd: root, encoding: "utf8" });
  assert.equal(output, "module:enable Pixeld_Pixel1\nsetup:upgrade\ncache:flush\n");
  const module = path.join(root, "app/code/Pixeld/Pixel1");
  const visitor = await newPage(t, browser);
  for (const file of ["etc/module.xml", "etc/csp_whitelist.xml", "view/frontend/layout/checkout_onepage_success.xml"]) {
    const xml = await readFile(path.join(module, file), "utf8");
    const fault = await visitor.evaluate((xml) => new DOMParser().parseFromString(xml, "text/xml").querySelector("parsererror")?.textContent, xml);
    assert.equal(fault, undefined, file);
  }
  const policy = await readFile(path.join(module, "etc/csp_whitelist.xml"), "utf8");
  assert.match(policy, new RegExp(`<policy id="img-src">[^]*type="host">${new URL(server.url).host}<`));
  assert.equal(policy.includes("script-src"), kind === "script");
  const [name, tag, without] = php(path.join(shops, "magento.php"), module, "1");
  assert.deepEqual([name, without], ["Pixeld_Pixel1", ""]);
  assert.deepEqual(await fireOf(t, browser, tag), {
    id: "1", t: FORM[kind], order_id: '00000"0007', value: "49.900", currency: "EUR", event_id: '00000"0007', content_ids: '["WS-1,red","<\\/script>"]', num_items: "3",
  });
}

test("ready snippets", async (t) => {
  const bench = await start(t);
  for (const kind of Object.keys(FORM)) {
    for (const [name, run] of Object.entries({ "Google Tag Manager": googleTagManager, Shopify: shopify, WooCommerce: wooCommerce, Magento: magento })) {
      await t.test(`${name}, ${kind} tag`, (t) => run(t, bench, kind));
    }
  }
});
