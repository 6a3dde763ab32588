// The JavaScript call of a page: pixeld("event", { id: 1, order_id: "A-1001", value: 129.00 }). Calls that came before
// this script wait in pixeld.q. An event goes out as a beacon of its own, and again until the server has it.
(function () {
  "use strict";
  var WAITS = [1000, 4000, 15000];
  var base = new URL(document.currentScript.src).origin;
  var before = window.pixeld;
  // null: events wait for an answer about consent.
  var may = true;
  var signals = {};
  var waiting = [];
  // What waits for another try.
  var unsent = [];

  function random() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (byte) { return (byte + 256).toString(16).slice(1); }).join("");
  }

  function body(values) {
    var all = Object.assign({ page_url: location.href }, values, signals);
    // With an ID of its own, an event that arrives twice counts once.
    if (!all.event_id) all.event_id = random();
    return all;
  }

  // The answer of a script tag loads the extra pixels.
  function load(values) {
    var query = new URLSearchParams();
    for (var name in values) {
      if (values[name] !== undefined && values[name] !== null) {
        query.append(name, Array.isArray(values[name]) ? JSON.stringify(values[name]) : values[name]);
      }
    }
    document.head.appendChild(Object.assign(document.createElement("script"), { async: true, src: base + "/px?" + query }));
  }

  function send(text, tries) {
    function again() {
      if (tries >= WAITS.length) return;
      unsent.push(text);
      setTimeout(function () {
        var at = unsent.indexOf(text);
        if (at < 0) return;
        unsent.splice(at, 1);
        send(text, tries + 1);
      }, WAITS[tries]);
    }
    // A text needs no question to the server beforehand.
    fetch(base + "/px", { method: "POST", body: text, credentials: "include", keepalive: true })
      .then(function (answer) { if (answer.status === 503) again(); }, again);
  }

  function event(values) {
    if (may === false) return;
    if (may === null) { waiting.push(values); return; }
    var all = body(values);
    if (Number(all.t) === 1) load(all); else send(JSON.stringify(all), 0);
  }

  function answered(allowed) {
    may = allowed;
    waiting.splice(0).forEach(event);
  }

  function askTcf() {
    may = null;
    // Without a consent tool, events are reported without the visitor.
    if (typeof window.__tcfapi !== "function") { signals = { gdpr: 1 }; return answered(true); }
    window.__tcfapi("addEventListener", 2, function (data, isDone) {
      if (!isDone || (data.eventStatus !== "tcloaded" && data.eventStatus !== "useractioncomplete")) return;
      signals = { gdpr: data.gdprApplies === false ? 0 : 1, gdpr_consent: data.tcString || "" };
      answered(true);
    });
  }

  function consent(answer) {
    if (answer === "tcf") askTcf(); else if (answer === "wait") may = null; else answered(Boolean(answer));
  }

  function pixeld(command, value) {
    if (command === "event") event(Object.assign({}, value));
    if (command === "consent") consent(value);
  }
  for (var name in before) if (name !== "q") pixeld[name] = before[name];
  window.pixeld = pixeld;
  ((before && before.q) || []).forEach(function (call) { pixeld.apply(null, call); });

  addEventListener("pagehide", function () {
    unsent.splice(0).forEach(function (text) { navigator.sendBeacon(base + "/px", text); });
  });
})();
