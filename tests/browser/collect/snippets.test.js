// The ready snippets of the export page, run as the shop systems run them: what they fire is read, and stands in the server's log.
// PHP runs against as much of WooCommerce and Magento as they ask for, since neither can be had here.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makePixel, newPage, setUp, startBrowser, startServer, startSite } from "../support/harness.mjs";

const ALL = ["order_id", "value", "currency", "other", "event_id", "content_ids", "num_items"];
const HOSTILE = `A&"1'</script>`;
const shops = fileURLToPath(new URL("shops", import.meta.url));

// A server with one pixel. `snippet` gives its text for a shop system.
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
    assert.match(text, /\/px\?id=1&t=[12]/);
    return text;
  };
  return { server, browser, page, snippet };
}

// Resolves with the parameters of the next fire.
const fire = (context) => context.waitForEvent("request", (request) => request.url().includes("/px?"))
  .then((request) => Object.fromEntries(new URL(request.url()).searchParams));

async function directory(t) {
  const made = await mkdtemp(path.join(tmpdir(), "pixeld-shop-"));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

const php = (...args) => JSON.parse(execFileSync("php", args, { encoding: "utf8" }));

// The log's row, as the live page tells it: no warning stands there.
async function assertLogged(page, server, order, kind) {
  await page.goto(`${server.url}/admin/live`);
  const rows = page.locator(".event").filter({ hasText: `order ${order}` }).filter({ hasText: `by ${kind} tag` });
  await rows.first().waitFor();
  assert.doesNotMatch(await rows.first().innerText(), /warning/);
}

// Tag Manager puts an expression in place of each variable.
const LAYER = {
  "ecommerce.transaction_id": HOSTILE, "ecommerce.value": 0.1 + 49.8, "ecommerce.currency": "EUR", "ecommerce.coupon": undefined,
  "ecommerce.items": [{ item_id: "red,1", quantity: 2 }, { item_id: 12 }],
};
const tagManager = (snippet, layer) => snippet.replace(/\{\{([^}]+)\}\}/g, (_, name) => {
  assert.ok(name in LAYER, name);
  return `window.macro[${JSON.stringify(name)}]`;
});

test("ready snippets", async (t) => {
  const { server, browser, page, snippet } = await start(t);
  for (const kind of ["image", "script"]) {
    await t.test(`Google Tag Manager fires the ${kind} snippet with what the data layer holds`, async (t) => {
      const text = await snippet("gtm", kind);
      assert.doesNotMatch(text, /=>|\b(const|let)\b|`/, "Tag Manager takes ECMAScript 5");
      const shop = await startSite(t, { "/": "<h1>Thank you</h1>" });
      const visitor = await newPage(t, browser);
      await visitor.goto(shop.url);
      for (const [layer, expected] of [
        [LAYER, { order_id: HOSTILE, value: "49.9", currency: "EUR", event_id: HOSTILE, content_ids: '["red,1","12"]', num_items: "3" }],
        [{ "ecommerce.transaction_id": "A-2", "ecommerce.value": "12,50" }, { order_id: "A-2", value: "12,50", event_id: "A-2", num_items: "0" }],
      ]) {
        const fired = fire(visitor.context());
        await visitor.evaluate(([html, layer]) => {
          window.macro = layer;
          // As Tag Manager does: a script that came as HTML runs only if it is made anew.
          const old = new DOMParser().parseFromString(html, "text/html").querySelector("script");
          document.body.append(Object.assign(document.createElement("script"), { text: old.textContent }));
        }, [tagManager(text), layer]);
        assert.deepEqual(await fired, { id: "1", t: kind === "script" ? "1" : "2", ...expected });
      }
      await assertLogged(page, server, HOSTILE, kind);
    });

    await t.test(`Shopify fires the ${kind} snippet from the frame of a custom pixel, with the token of the click`, async (t) => {
      const text = await snippet("shopify", kind);
      const checkout = {
        order: { id: "gid://shopify/Order/5678" }, totalPrice: { amount: 1049.9, currencyCode: "EUR" }, currencyCode: "EUR",
        discountApplications: [{ type: "AUTOMATIC", title: "Sale" }, { type: "DISCOUNT_CODE", title: "AUTUMN" }],
        lineItems: [{ quantity: 2, variant: { product: { id: "11" } } }, { quantity: 1, variant: null }],
      };
      // The frame is sandboxed and of no origin, as Shopify's is; storage and events come from the shop's page.
      const frame = `<!doctype html><head></head><script>
        const kept = {}, subscribed = {};
        const browser = { localStorage: { setItem: async (key, value) => { kept[key] = value; }, getItem: async (key) => kept[key] ?? null } };
        const analytics = { subscribe: (name, callback) => { subscribed[name] = callback; } };
        addEventListener("message", ({ data }) => subscribed[data.name](data));
      </script><script>${text}</script><script>parent.postMessage("ready", "*");</script>`;
      const shop = await startSite(t, { "/": "<h1>Shop</h1>", "/frame": frame });
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
      const location = (href) => ({ document: { location: { href } } });
      const sale = { name: "checkout_completed", data: { checkout } };
      const expected = { id: "1", t: kind === "script" ? "1" : "2", order_id: "5678", value: "1049.9", currency: "EUR", other: "AUTUMN", event_id: "5678", content_ids: "11", num_items: "3" };

      let fired = fire(visitor.context());
      await send({ name: "page_viewed", context: location("https://shop.example/") });
      await send(sale);
      assert.deepEqual(await fired, expected);
      await assertLogged(page, server, "5678", kind);
      fired = fire(visitor.context());
      await send({ name: "page_viewed", context: location("https://shop.example/?sspdata=v1.a%2Bb.") });
      await send({ name: "page_viewed", context: location("https://shop.example/cart") });
      await send(sale);
      assert.deepEqual(await fired, { ...expected, sspdata: "v1.a+b." });
    });

    await t.test(`WooCommerce shows the ${kind} snippet's tag once for each order`, async (t) => {
      const text = await snippet("woocommerce", kind);
      const file = path.join(await directory(t), "snippet.php");
      await writeFile(file, text);
      const [first, again, other] = php(path.join(shops, "woocommerce.php"), file);
      assert.deepEqual([again, other], ["", ""]);
      const shop = await startSite(t, { "/": first });
      const visitor = await newPage(t, browser);
      const fired = fire(visitor.context());
      await visitor.goto(shop.url);
      assert.deepEqual(await fired, {
        id: "1", t: kind === "script" ? "1" : "2", order_id: 'A&"1', value: "49.900", currency: "EUR", other: "autumn <b>'", event_id: 'A&"1', content_ids: "11,12", num_items: "3",
      });
    });

    await t.test(`Magento's module of the ${kind} snippet writes itself and shows its tag`, async (t) => {
      const text = await snippet("magento", kind);
      const magento = await directory(t);
      await mkdir(path.join(magento, "bin"));
      await writeFile(path.join(magento, "bin/magento"), '#!/bin/sh\necho "$@"\n');
      await chmod(path.join(magento, "bin/magento"), 0o755);
      const said = execFileSync("sh", ["-e", "-c", text], { cwd: magento, encoding: "utf8" });
      assert.equal(said, "module:enable Pixeld_Pixel1\nsetup:upgrade\ncache:flush\n");
      const module = path.join(magento, "app/code/Pixeld/Pixel1");
      const visitor = await newPage(t, browser);
      for (const file of ["etc/module.xml", "etc/csp_whitelist.xml", "view/frontend/layout/checkout_onepage_success.xml"]) {
        const xml = await readFile(path.join(module, file), "utf8");
        const wrong = await visitor.evaluate((xml) => new DOMParser().parseFromString(xml, "text/xml").querySelector("parsererror")?.textContent, xml);
        assert.equal(wrong, undefined, file);
      }
      const policy = await readFile(path.join(module, "etc/csp_whitelist.xml"), "utf8");
      assert.match(policy, new RegExp(`<policy id="img-src">[^]*type="host">${new URL(server.url).host}<`));
      assert.equal(policy.includes("script-src"), kind === "script");
      const [name, shown, none] = php(path.join(shops, "magento.php"), module, "1");
      assert.deepEqual([name, none], ["Pixeld_Pixel1", ""]);
      const shop = await startSite(t, { "/": shown });
      const fired = fire(visitor.context());
      await visitor.goto(shop.url);
      assert.deepEqual(await fired, {
        id: "1", t: kind === "script" ? "1" : "2", order_id: '00000"0007', value: "49.900", currency: "EUR", event_id: '00000"0007', content_ids: '["WS-1,red","<\\/script>"]', num_items: "3",
      });
    });
  }
});
