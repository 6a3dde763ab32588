// The ready snippets of the export page run as the shop systems run them. Each test reads the fire in the browser, or in
// the server's log. PHP runs against stubs of WooCommerce and Magento (`shops/`).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { newPage } from "../support/browser.mjs";
import { startSite } from "../support/servers.mjs";
import { FORM, assertLogged, directory, fire, fireOf, lint, php, shops, start, unzip } from "../support/snippets.mjs";

const HOSTILE = `A&"1'</script>`;

// Tag Manager puts an expression in the place of each variable.
const PAGE = "https://shop.example/thanks?order=1";
const LAYER = {
  "Page URL": PAGE,
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
    [{ "Page URL": PAGE, "ecommerce.transaction_id": "A-2", "ecommerce.value": "12,50" }, { order_id: "A-2", value: "12,50", event_id: "A-2", num_items: "0" }],
  ]) {
    const parameters = fire(visitor);
    await visitor.evaluate(([html, layer]) => {
      window.macro = layer;
      // A script inside inserted HTML does not run. Tag Manager, too, inserts a new element with its text.
      const old = new DOMParser().parseFromString(html, "text/html").querySelector("script");
      document.body.append(Object.assign(document.createElement("script"), { text: old.textContent }));
    }, [fillVariables(text), layer]);
    assert.deepEqual(await parameters, { id: "1", t: FORM[kind], page_url: PAGE, ...expected });
  }
  await assertLogged(page, server, HOSTILE, kind);
}

const CHECKOUT = {
  order: { id: "gid://shopify/Order/5678" }, totalPrice: { amount: 1049.9, currencyCode: "EUR" }, currencyCode: "EUR",
  totalTax: { amount: 100 }, shippingLine: { price: { amount: 9.9 } },
  discountApplications: [{ type: "AUTOMATIC", title: "Sale" }, { type: "DISCOUNT_CODE", title: "AUTUMN" }],
  lineItems: [{ quantity: 2, variant: { product: { id: "11" } } }, { quantity: 1, variant: null }],
};

// The frame of a custom pixel: sandboxed and of no origin, as Shopify's is. Storage and events come from the shop's page.
const shopifyFrame = (snippet) => `<!doctype html><head></head><script>
    const kept = {}, subscribed = {};
    const browser = { localStorage: { setItem: async (key, value) => { kept[key] = value; }, getItem: async (key) => kept[key] ?? null, removeItem: async (key) => { delete kept[key]; } } };
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
  const href = "https://shop.example/checkouts/1/thank-you?key=1";
  const sell = () => send({ name: "checkout_completed", context: { document: { location: { href } } }, data: { checkout: CHECKOUT } });
  const expected = { id: "1", page_url: href, t: FORM[kind], order_id: "5678", value: "1049.9", currency: "EUR", other: "AUTUMN", event_id: "5678", content_ids: "11", num_items: "3" };

  let parameters = fire(visitor);
  await view("https://shop.example/");
  await sell();
  assert.deepEqual(await parameters, expected);
  await assertLogged(page, server, "5678", kind);
  parameters = fire(visitor);
  await view("https://shop.example/?sspdata=v1.a%2Bb.");
  await view("https://shop.example/cart");
  await sell();
  assert.deepEqual(await parameters, { ...expected, sspdata: "v1.a+b." }, "the click ID");
  parameters = fire(visitor);
  await sell();
  assert.deepEqual(await parameters, expected, "a click ID is for one order");
}

const WOO = {
  id: "1", page_url: "https://shop.example/checkout/order-received/", order_id: 'A&"1', value: "49.900", currency: "EUR", other: "autumn <b>'",
  event_id: 'A&"1', content_ids: "11,12", num_items: "3",
};

async function wooCommerce(t, { browser, blocks, file }, kind) {
  const root = await directory(t);
  const { site, tag } = await blocks("woocommerce", kind);
  await writeFile(path.join(root, "functions.php"), `<?php\n${site}\n${tag}`);
  const { name, bytes } = await file("woocommerce", kind, [["net", "on"], ["consent", "on"]]);
  assert.equal(name, "pixeld-pixel-1.zip");
  assert.deepEqual(await unzip(bytes, root), ["pixeld-pixel-1/pixeld-pixel-1.php"]);
  for (const [php_file, value, consent] of [["functions.php", "49.900", false], ["pixeld-pixel-1/pixeld-pixel-1.php", "38.000", true]]) {
    const shown = path.join(root, php_file);
    lint(shown);
    const [first, again, other, head] = php(path.join(shops, "woocommerce.php"), shown);
    assert.equal(again, first, "the server counts each order once, so a lost event may come again");
    assert.equal(other, "");
    assert.deepEqual(await fireOf(t, browser, first), { ...WOO, t: FORM[kind], value });
    assert.match(head, /\/site\.js\?id=1/);
    const [refused] = php("-d", "auto_prepend_file=" + path.join(shops, "no_consent.php"), path.join(shops, "woocommerce.php"), shown);
    assert.equal(refused === "", consent, "WP Consent API");
  }
}

async function magento(t, { server, browser, snippet, file }, kind) {
  const root = await directory(t);
  await mkdir(path.join(root, "bin"));
  await writeFile(path.join(root, "bin/magento"), '#!/bin/sh\necho "$@"\n');
  await chmod(path.join(root, "bin/magento"), 0o755);
  const output = execFileSync("sh", ["-e", "-c", await snippet("magento", kind)], { cwd: root, encoding: "utf8" });
  assert.equal(output, "module:enable Pixeld_Pixel1\nsetup:upgrade\ncache:flush\n");
  const module = path.join(root, "app/code/Pixeld/Pixel1");
  const unpacked = await directory(t);
  const paths = await unzip((await file("magento", kind)).bytes, unpacked);
  for (const name of paths) assert.equal(await readFile(path.join(root, "app/code/Pixeld", name), "utf8"), await readFile(path.join(unpacked, name), "utf8"), name);
  const visitor = await newPage(t, browser);
  for (const name of paths.filter((name) => name.endsWith(".xml"))) {
    const xml = await readFile(path.join(unpacked, name), "utf8");
    const fault = await visitor.evaluate((xml) => new DOMParser().parseFromString(xml, "text/xml").querySelector("parsererror")?.textContent, xml);
    assert.equal(fault, undefined, name);
  }
  for (const name of paths.filter((name) => /\.php$|\.phtml$/.test(name))) lint(path.join(unpacked, name));
  const policy = await readFile(path.join(module, "etc/csp_whitelist.xml"), "utf8");
  assert.match(policy, new RegExp(`<policy id="img-src">[^]*type="host">${new URL(server.url).host}<`));
  assert.match(policy, /script-src[^]*connect-src/);
  const [name, tag, without] = php(path.join(shops, "magento.php"), module, "1");
  assert.deepEqual([name, without], ["Pixeld_Pixel1", ""]);
  assert.deepEqual(await fireOf(t, browser, tag), {
    id: "1", t: FORM[kind], page_url: "https://shop.example/checkout/onepage/success/", order_id: '00000"0007', value: "49.900", currency: "EUR",
    event_id: '00000"0007', content_ids: '["WS-1,red","<\\/script>"]', num_items: "3",
  });
  assert.match(await readFile(path.join(module, "view/frontend/templates/site.phtml"), "utf8"), /<script async src="[^"]+\/site\.js\?id=1">/);
}

test("ready snippets", async (t) => {
  const bench = await start(t);
  for (const kind of Object.keys(FORM)) {
    for (const [name, run] of Object.entries({ "Google Tag Manager": googleTagManager, Shopify: shopify, WooCommerce: wooCommerce, Magento: magento })) {
      await t.test(`${name}, ${kind} tag`, (t) => run(t, bench, kind));
    }
  }
});
