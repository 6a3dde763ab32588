// The further places of the export page: the container file, Shopware, PrestaShop, any page with its examples, the
// JavaScript call, forms of WordPress, a server, and postbacks. Each runs as people run it.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { newPage } from "../support/browser.mjs";
import { startSite } from "../support/servers.mjs";
import { FORM, directory, fire, fireOf, lint, php, shops, start, unzip } from "../support/snippets.mjs";

const run = promisify(execFile);
const ORDER = { transaction_id: "A&1", value: 59.9, currency: "EUR", coupon: "autumn", items: [{ item_id: "11", quantity: 2 }, { item_id: "12" }] };

// The keys that Tag Manager's own exports have.
const GTM = {
  tag: ["accountId", "containerId", "tagId", "name", "type", "parameter", "fingerprint", "firingTriggerId", "tagFiringOption", "monitoringMetadata", "consentSettings"],
  trigger: ["accountId", "containerId", "triggerId", "name", "type", "customEventFilter", "fingerprint"],
  variable: ["accountId", "containerId", "variableId", "name", "type", "parameter", "fingerprint", "formatValue"],
  builtInVariable: ["accountId", "containerId", "type", "name"],
};
const ALL_PAGES = "2147479553";

async function container(t, { browser, file }, kind) {
  const { name, bytes } = await file("gtm", kind, [["consent", "on"]]);
  assert.equal(name, "pixeld-gtm-1.json");
  const { exportFormatVersion, containerVersion } = JSON.parse(bytes);
  assert.equal(exportFormatVersion, 2);
  assert.deepEqual(containerVersion.container.usageContext, ["WEB"]);
  for (const [part, keys] of Object.entries(GTM)) {
    for (const one of containerVersion[part]) {
      assert.deepEqual(Object.keys(one), keys, part);
      assert.doesNotMatch(one.name, /[:<>&"']/, "Tag Manager refuses such names");
    }
  }
  const [pixel, site] = containerVersion.tag;
  const [trigger] = containerVersion.trigger;
  assert.deepEqual([pixel.firingTriggerId, site.firingTriggerId], [[trigger.triggerId], [ALL_PAGES]]);
  assert.deepEqual(pixel.consentSettings.consentType.list, [{ type: "TEMPLATE", value: "ad_storage" }]);
  const html = (tag) => tag.parameter.find((parameter) => parameter.key === "html").value;
  assert.match(html(site), /\/site\.js\?id=1/);
  const names = new Map(containerVersion.variable.map((variable) => [variable.name, variable.parameter.find((parameter) => parameter.key === "name").value]));
  assert.equal(new Set(names.keys()).size, 5);
  const value = (macro) => {
    if (macro === "Page URL") return "https://shop.example/thanks";
    assert.ok(names.has(macro), `no variable ${macro}`);
    return names.get(macro).split(".").reduce((object, key) => object[key], { ecommerce: ORDER });
  };
  const filled = html(pixel).replace(/\{\{([^}]+)\}\}/g, (_, macro) => JSON.stringify(value(macro)));
  assert.equal(trigger.customEventFilter[0].parameter[1].value, "purchase");
  assert.deepEqual(await fireOf(t, browser, `<h1>Thank you</h1>${filled}`), {
    id: "1", t: FORM[kind], page_url: "https://shop.example/thanks", order_id: "A&1", value: "59.9", currency: "EUR", other: "autumn", event_id: "A&1",
    content_ids: '["11","12"]', num_items: "3",
  });
}

// What Twig makes of each expression for one order.
const TWIG = {
  "url('frontend.checkout.finish.page')": "https://shop.example/checkout/finish",
  "page.order.orderNumber": 'A&"1',
  "page.order.amountTotal|number_format(3, '.', '')": "49.900",
  "context.currency.isoCode": "EUR",
  "page.order.lineItems|filter(item => item.type == 'promotion')|map(item => item.payload.code|default(''))|join(' ')": "autumn",
  "page.order.lineItems|filter(item => item.type == 'product')|map(item => item.payload.productNumber)|join(',')": "SW1,SW2",
  "page.order.lineItems|filter(item => item.type == 'product')|reduce((sum, item) => sum + item.quantity, 0)": "3",
};

async function shopware(t, { browser, blocks, file }, kind) {
  const { site, tag } = await blocks("shopware", kind);
  assert.match(site, /^\{% sw_extends '@Storefront\/storefront\/base\.html\.twig' %\}[^]*\{\{ parent\(\) \}\}[^]*\/site\.js\?id=1/);
  const [, map] = tag.match(/\{% set pixeld = \{\n([^]*?)\n {4}\} %\}/);
  const values = map.trim().split("\n").map((line) => line.trim().match(/^(\w+): (.*),$/).slice(1));
  const query = new URLSearchParams(values.map(([name, expression]) => {
    assert.ok(expression in TWIG, expression);
    return [name, TWIG[expression]];
  }));
  const shown = tag.replace("{{ pixeld|url_encode|raw }}", query).replace(/\{%[^]*?%\}|\{\{ parent\(\) \}\}/g, "");
  assert.deepEqual(await fireOf(t, browser, shown), {
    id: "1", t: FORM[kind], page_url: "https://shop.example/checkout/finish", order_id: 'A&"1', value: "49.900", currency: "EUR", other: "autumn", event_id: 'A&"1',
    content_ids: "SW1,SW2", num_items: "3",
  });
  const root = await directory(t);
  const paths = await unzip((await file("shopware", kind)).bytes, root);
  const views = "PixeldPixel1/src/Resources/views/storefront";
  assert.deepEqual(paths, ["PixeldPixel1/composer.json", `${views}/base.html.twig`, `${views}/page/checkout/finish/index.html.twig`, "PixeldPixel1/src/PixeldPixel1.php"].sort());
  const composer = JSON.parse(await readFile(path.join(root, "PixeldPixel1/composer.json"), "utf8"));
  assert.equal(composer.extra["shopware-plugin-class"], "Pixeld\\Pixel1\\PixeldPixel1");
  assert.equal((await readFile(path.join(root, `${views}/page/checkout/finish/index.html.twig`), "utf8")).trim(), tag);
  lint(path.join(root, "PixeldPixel1/src/PixeldPixel1.php"));
}

async function prestashop(t, { browser, file }, kind) {
  const root = await directory(t);
  const { name, bytes } = await file("prestashop", kind);
  assert.equal(name, "pixeldpixel1.zip");
  assert.deepEqual(await unzip(bytes, root), ["pixeldpixel1/pixeldpixel1.php"]);
  const module = path.join(root, "pixeldpixel1/pixeldpixel1.php");
  lint(module);
  const [hooks, head, tag, without] = php(path.join(shops, "prestashop.php"), module, "PixeldPixel1");
  assert.deepEqual([hooks, without], [["displayHeader", "displayOrderConfirmation"], ""]);
  assert.match(head, /<script async src="[^"]+\/site\.js\?id=1"><\/script>/);
  assert.deepEqual(await fireOf(t, browser, tag), {
    id: "1", t: FORM[kind], page_url: "https://shop.example/order-confirmation", order_id: 'XK&"1', value: "49.900", currency: "EUR", other: "autumn",
    event_id: 'XK&"1', content_ids: "11,12", num_items: "3",
  });
}

// What Liquid makes of each expression for one order.
const LIQUID = {
  "order.name | url_encode": "%231001",
  "order.total_price | divided_by: 100.0": "59.9",
  "order.currency | url_encode": "EUR",
  "order.discount_applications.first.title | url_encode": "autumn",
  "order.line_items | map: 'product_id' | join: ',' | url_encode": "11%2C12",
  "order.line_items | map: 'quantity' | sum": "3",
};

async function anyPage(t, { browser, blocks }, kind) {
  const texts = await blocks("page", kind);
  assert.match(texts.site, /^<script async src="[^"]+\/site\.js\?id=1"><\/script>$/);
  const file = path.join(await directory(t), "page.php");
  const order = "$order = ['id' => 'A&1', 'total' => '59.9', 'currency' => 'EUR', 'coupon' => 'autumn', 'products' => ['11', '12']];";
  await writeFile(file, `<?php ${order} ?>${texts["example-1"]}`);
  const expected = { id: "1", t: FORM[kind], order_id: "A&1", value: "59.9", currency: "EUR", other: "autumn", event_id: "A&1", content_ids: "11,12" };
  assert.deepEqual(await fireOf(t, browser, execFileSync("php", [file], { encoding: "utf8" })), { ...expected, num_items: "2" });
  const liquid = texts["example-2"].replace(/\{\{ (.*?) \}\}/g, (_, expression) => {
    assert.ok(expression in LIQUID, expression);
    return LIQUID[expression];
  });
  assert.deepEqual(await fireOf(t, browser, liquid), { ...expected, order_id: "#1001", event_id: "#1001", num_items: "3" });
  const address = "/thanks?order=A%261&total=59.9&currency=EUR&coupon=autumn&products=11%2C12&count=3";
  const { page_url: named, ...fromAddress } = await fireOf(t, browser, texts["example-3"], address);
  assert.deepEqual(fromAddress, { ...expected, num_items: "3" });
  assert.match(named, /\/thanks\?order=/);
  const layer = `<script>dataLayer = [{ event: "x" }, { event: "purchase", ecommerce: ${JSON.stringify(ORDER)} }];</script>`;
  const { page_url: ignored, ...fromLayer } = await fireOf(t, browser, layer + texts["example-4"]);
  assert.deepEqual(fromLayer, { ...expected, num_items: "3" });

  const waiting = await blocks("page", kind, [["consent", "on"]]);
  assert.match(waiting.site, / data-consent="tcf">/);
  const tcf = `<script>window.__tcfapi = (name, version, answer) => name === "addEventListener" && [{ eventStatus: "cmpuishown" }, { eventStatus: "useractioncomplete", gdprApplies: true, tcString: "C&1", listenerId: 7 }].forEach((data) => answer(data, true));</script>`;
  const asked = await fireOf(t, browser, tcf + waiting.tag);
  assert.deepEqual([asked.gdpr, asked.gdpr_consent], ["1", "C&1"]);
  const without = await fireOf(t, browser, waiting.tag);
  assert.deepEqual([without.gdpr, without.gdpr_consent], ["1", undefined]);
}

test("containers, plugins and pages", async (t) => {
  const bench = await start(t);
  for (const kind of Object.keys(FORM)) {
    for (const [name, play] of Object.entries({ container, shopware, prestashop, anyPage })) {
      await t.test(`${name}, ${kind} tag`, (t) => play(t, bench, kind));
    }
  }
});

// The bodies of the events that a page posts.
const posted = (page) => page.context().waitForEvent("request", (request) => request.url().endsWith("/px") && request.method() === "POST")
  .then((request) => JSON.parse(request.postData()));

test("the JavaScript call", async (t) => {
  const { server, browser, page, blocks } = await start(t);
  const { tag, "tag-2": call, "example-1": form, "example-2": click } = await blocks("call", "script");
  assert.match(tag, /\/pixeld\.js"[^]*\/site\.js\?id=1/);
  const shop = await startSite(t, {
    "/": `${tag}${call}<form id="contact-form" action="/sent"></form><button id="book-now">Book</button>${form}${click}`,
    "/sent": "<h1>Sent</h1>",
  });
  const visitor = await newPage(t, browser);
  let body = posted(visitor);
  await visitor.goto(shop.url);
  const { page_url: here, ...values } = await body;
  assert.deepEqual(values, { id: 1, order_id: "A-1001", value: 129, currency: "EUR", other: "AUTUMN", event_id: "A-1001", content_ids: ["101", "102"], num_items: 2 });
  assert.equal(here, `${shop.url}/`);
  body = posted(visitor);
  await visitor.click("#book-now");
  const first = await body;
  assert.match(first.event_id, /^[0-9a-f]{32}$/);

  // An event that the server did not take comes again, with the same ID.
  let refused = 0;
  await visitor.route("**/px", (route) => (refused++ ? route.continue() : route.fulfill({ status: 503, headers: { "access-control-allow-origin": shop.url, "access-control-allow-credentials": "true" } })));
  const bodies = [];
  visitor.context().on("request", (request) => { if (request.url().endsWith("/px")) bodies.push(JSON.parse(request.postData())); });
  await visitor.click("#book-now");
  await visitor.waitForResponse((answer) => answer.url().endsWith("/px") && answer.status() === 204);
  assert.equal(bodies.length, 2);
  assert.deepEqual(bodies[0], bodies[1]);
  await visitor.unroute("**/px");

  // An event of a page that goes away arrives.
  await visitor.evaluate(() => document.querySelector("#contact-form").requestSubmit());
  await visitor.waitForURL(/\/sent/);
  await page.goto(`${server.url}/admin/live?kind=fire`);
  await page.locator(".event").nth(3).waitFor();
  assert.equal(await page.locator(".event").count(), 4);

  // The answer about consent comes first.
  const { tag: asking } = await blocks("call", "script", [["consent", "on"]]);
  const tcf = `<script>window.__tcfapi = (name, version, answer) => { window.answer = () => answer({ eventStatus: "tcloaded", gdprApplies: true, tcString: "C1" }, true); };</script>`;
  const other = await startSite(t, { "/": tcf + asking + call });
  const asked = await newPage(t, browser);
  await asked.goto(other.url);
  await asked.waitForFunction(() => !window.pixeld.q && window.answer);
  body = posted(asked);
  await asked.evaluate(() => window.answer());
  const answered = await body;
  assert.deepEqual([answered.gdpr, answered.gdpr_consent, answered.order_id], [1, "C1", "A-1001"]);
});

test("forms of WordPress", async (t) => {
  const { browser, blocks } = await start(t);
  const { tag } = await blocks("forms", "script", [["consent", "on"]]);
  // As much of jQuery as the plugins' events need.
  const jquery = `<script>window.heard = {}; window.jQuery = (target) => ({ on: (name, listen) => { window.heard[name] = listen; }, data: () => target.form });</script>`;
  const site = await startSite(t, { "/": `<head></head>${jquery}<script>window.allowed = true; window.wp_has_consent = () => window.allowed;</script>${tag}` });
  const visitor = await newPage(t, browser);
  await visitor.goto(site.url);
  assert.equal(await visitor.locator('script[src*="/site.js?id=1"]').count(), 1);
  for (const [send, form] of [
    [() => document.dispatchEvent(new CustomEvent("wpcf7mailsent", { detail: { contactFormId: 12 } })), "cf7 12"],
    [() => window.heard.wpformsAjaxSubmitSuccess({ target: { form: 7 } }), "wpforms 7"],
    [() => window.heard.gform_confirmation_loaded({}, 3), "gravity 3"],
    [() => window.heard.submit_success({}), "elementor"],
  ]) {
    const body = posted(visitor);
    await visitor.evaluate(send);
    const { id, other } = await body;
    assert.deepEqual([id, other], [1, form]);
  }
  let sent = false;
  visitor.context().on("request", (request) => { sent ||= request.url().endsWith("/px"); });
  await visitor.evaluate(() => { window.allowed = false; window.heard.submit_success({}); });
  await visitor.evaluate(() => fetch("/"));
  assert.equal(sent, false, "no consent, no event");
});

test("a server, by its own languages", async (t) => {
  const { server, page, blocks } = await start(t);
  const program = new URL("../../../target/debug/pixeld", import.meta.url).pathname;
  const { stdout } = await run(process.env.CARGO_TARGET_DIR ? path.join(process.env.CARGO_TARGET_DIR, "debug/pixeld") : program, ["token", "add", "shop", "--role", "collector", "--data-dir", server.directory]);
  const env = { ...process.env, PIXELD_TOKEN: stdout.trim().split(/\s+/).at(-1) };
  const root = await directory(t);
  const { tag: curl, "tag-2": phpText, "tag-3": python, "tag-4": node } = await blocks("server", "server");
  const order = (name) => ({ id: `${name}-"1"`, total: 59.9, currency: "EUR", coupon: "autumn", products: ["11", "12"], count: 2, page_url: "https://shop.example/thanks", click_id: "" });
  const write = async (name, text) => {
    const file = path.join(root, name);
    await writeFile(file, text);
    return file;
  };
  const { stdout: answer } = await run("sh", ["-c", curl], { env });
  assert.equal(JSON.parse(answer).accepted, 1, answer);
  const json = (name) => JSON.stringify(JSON.stringify(order(name)));
  const quoted = (name) => `'${JSON.stringify(order(name)).replaceAll("'", "\\'")}'`;
  const php = await write("server.php", phpText.replace("<?php", `<?php\n$order = json_decode(${quoted("php")}, true);`));
  for (const [command, file] of [
    ["php", php],
    ["python3", await write("server.py", `import json\norder = json.loads(${json("python")})\n${python}`)],
    ["node", await write("server.mjs", `const order = JSON.parse(${json("node")});\n${node}`)],
  ]) {
    const { stdout, stderr } = await run(command, [file], { env });
    assert.equal(stdout + stderr, "", command);
  }
  await page.goto(`${server.url}/admin/live?kind=fire`);
  for (const id of ["A-1001", 'php-"1"', 'python-"1"', 'node-"1"']) await page.locator(".event").filter({ hasText: id }).first().waitFor();
});

test("postbacks name the click ID as networks do", async (t) => {
  const { server, blocks } = await start(t);
  const texts = await blocks("postback", "server");
  assert.match(texts.tag, /\/sspx\?id=1&order_id=\{order_id\}&value=\{amount\}&currency=\{currency\}.*&sspdata=\{click_id\}$/);
  assert.match(texts["tag-5"], /sspdata=\[SSP_DATA\]$/);
  const answer = await fetch(texts.tag);
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /sspdata is no token/);
  assert.ok(texts.tag.startsWith(server.url));
});

test("a page is known by its whole address", async (t) => {
  const { server, browser, page, blocks } = await start(t);
  const { tag } = await blocks("page", "image");
  const shop = await startSite(t, { "/checkout/thanks": `<h1>Thank you</h1>${tag}` });
  const visitor = await newPage(t, browser);
  const parameters = fire(visitor);
  await visitor.goto(`${shop.url}/checkout/thanks?key=secret`);
  await parameters;
  await page.goto(`${server.url}/admin/live?kind=fire`);
  await page.locator(".event").first().waitFor();
  await page.goto(`${server.url}/admin/pixels/1`);
  const top = page.locator("table", { hasText: "Top pages" });
  assert.match(await top.textContent(), /\/checkout\/thanks/);
  assert.doesNotMatch(await top.textContent(), /secret/);
});
