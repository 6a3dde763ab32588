// The site tag. It looks at the page's address once, when it is loaded, and reports an arrival from an ad. Otherwise it
// does nothing. `site` holds the advertiser's id, the names of the parameters that count, the hosts that count as ads, and
// `test` if no arrival may count.
(function (site) {
  var w = window, d = document, l = location;
  var tag = d.currentScript || d.querySelector('script[src*="/site.js?"]');
  // Calls that came before this script wait in the queue `q`.
  var p = w.pixeld = w.pixeld || function () { (p.q = p.q || []).push(arguments); };
  var sites = p.sites = p.sites || {};
  var mode = tag && tag.getAttribute("data-consent");
  var report;
  // Another site tag of the page may wait for the same call.
  var before = p.consent;
  function decide(yes) { if (yes === true && mode !== null && mode !== "tcf" && mode !== "gpp") send({}); }
  p.consent = function (yes) { if (before) before(yes); decide(yes); };
  if (!tag || sites[site.id]) return;
  sites[site.id] = 1;
  // Each name with its values. It has no prototype, so a parameter may have any name.
  var found = Object.create(null), count = 0;
  new URLSearchParams(l.search).forEach(function (value, name) {
    value = value.trim();
    name = name.trim();
    // A click ID of pixeld has 40 signs and begins with an A. Longer values are refused anyway.
    if (value && count < 60 && (site.names.indexOf(name.toLowerCase()) >= 0 || /^A[\w-]{39}$/.test(value))) {
      (found[name] = found[name] || []).push(value.slice(0, 600));
      count++;
    }
  });
  var from = (/^[\w.+-]+:\/\/[^\/?#]+/.exec(d.referrer) || [""])[0];
  if (from === l.origin) from = "";
  var host = from.replace(/^.*:\/\//, "").replace(/:\d+$/, "").toLowerCase();
  var isAd = count || site.hosts.some(function (own) { return host === own || host.slice(-own.length - 1) === "." + own; });
  if (!isAd) return;
  report = { id: site.id, test: site.test, page_url: (l.origin + l.pathname).slice(0, 1024), referrer: from, parameters: found };

  function send(consent) {
    if (!report) return;
    var body = JSON.stringify(Object.assign(report, consent)), to = new URL("landing", tag.src).href;
    report = null;
    // A text needs no preflight, so an arrival is one request.
    if (w.fetch && "keepalive" in Request.prototype) {
      fetch(to, { method: "POST", body: body, keepalive: true, credentials: "include" }).catch(function () {});
    } else {
      navigator.sendBeacon(to, body);
    }
  }

  // The page's consent platform may be loaded later than this script.
  function whenThere(name, use, tries) {
    if (w[name]) use(w[name]);
    else if (tries) setTimeout(whenThere, 300, name, use, tries - 1);
  }

  function tcf(api) {
    api("addEventListener", 2, function (data, ok) {
      if (!ok || data.gdprApplies !== false && data.eventStatus !== "tcloaded" && data.eventStatus !== "useractioncomplete") return;
      api("removeEventListener", 2, function () {}, data.listenerId);
      send({ gdpr: data.gdprApplies === false ? 0 : 1, gdpr_consent: data.tcString });
    });
  }

  function gpp(api) {
    api("addEventListener", function (event, ok) {
      var ping = ok && event && event.pingData;
      if (!ping || ping.signalStatus !== "ready") return;
      api("removeEventListener", function () {}, event.listenerId);
      var said = { gpp: ping.gppString };
      // Section 2 is the consent string of the TCF.
      if ((ping.applicableSections || []).indexOf(2) >= 0) {
        said.gdpr = 1;
        said.gdpr_consent = (ping.gppString || "").split("~")[(ping.sectionList || []).indexOf(2) + 1];
      }
      send(said);
    });
  }

  function start() {
    if (mode === null) send({});
    else if (mode === "tcf") whenThere("__tcfapi", tcf, 400);
    else if (mode === "gpp") whenThere("__gpp", gpp, 400);
    else (p.q || []).forEach(function (call) { if (call[0] === "consent") decide(call[1]); });
  }

  // A page that is prerendered may never be seen.
  if (d.prerendering) d.addEventListener("prerenderingchange", start, { once: true });
  else start();
})(SITE);
