// The dashboard: takes sections from /v1/events as they change, and draws each. Text only ever becomes text nodes.
"use strict";

const $ = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") element.addEventListener("click", value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function draw(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// times

const clockSkew = { ms: 0 };  // the bridge's clock less this one's

const now = () => Date.now() + clockSkew.ms;

function lasted(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h >= 48) return `${Math.floor(h / 24)} days`;
  return h ? `${h} h ${m} min` : m ? `${m} min ${s} s` : `${s} s`;
}

/** A time that goes on: every second `tick` writes it anew. */
const since = (instant) => make("time", { datetime: instant, "data-since": instant }, lasted((now() - Date.parse(instant)) / 1000));

const clock = (instant) => new Date(instant).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const day = (instant) => new Date(instant).toLocaleString([], { dateStyle: "short", timeStyle: "medium" });

function tick() {
  for (const element of document.querySelectorAll("time[data-since]")) {
    const text = lasted((now() - Date.parse(element.dataset.since)) / 1000);
    if (element.textContent !== text) element.textContent = text;
  }
}

// tables

/** Rows are replaced as a whole, unless somebody is at a button of theirs: then that button is focused again. */
function table(element, titles, rows, nothing) {
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const head = make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, title))));
  const body = make("tbody", {}, ...rows.map((cells) =>
    make("tr", {}, ...cells.map((cell, column) => make("td", { "data-label": titles[column] }, cell)))));
  if (!rows.length) body.append(make("tr", {}, make("td", { class: "empty", colspan: titles.length }, nothing)));
  element.replaceChildren(head, body);
  if (focused) element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

const storyOf = (call) => make("a", { href: `/calls/${encodeURIComponent(call)}`, "data-key": `story ${call}` }, call.slice(0, 8));

const words = (name) => name.replaceAll("_", " ");

// sections

const sections = {
  bridge(bridge) {
    clockSkew.ms = Date.parse(bridge.at) - Date.now();
    const [text, look] = bridge.draining ? ["Draining", "warn"] : bridge.ready ? ["Ready", "good"] : ["Not ready", "bad"];
    $("state").textContent = text;
    $("state").className = `pill ${look}`;
    document.title = `${text} · ${bridge.calls.on_line} calls · livevox-bridge`;
    const { calls, agents, wrap_ups: wrapUps, settings, webhooks } = bridge;
    $("about").replaceChildren(`version ${bridge.version}, up for `, since(bridge.started_at),
      `, with settings no. ${settings.generation} for `, since(settings.since));
    $("drain").disabled = Boolean(bridge.draining?.hurried);
    $("drain").textContent = bridge.draining ? "Hurry…" : "Stop taking calls…";
    const number = (title, value, more = "", bad = false) =>
      make("div", bad ? { class: "bad" } : {}, make("dt", {}, title), make("dd", {}, String(value), " ", make("small", {}, more)));
    const failing = webhooks.failing.length;
    const all = Object.values(agents.by_state).reduce((sum, count) => sum + count, 0);
    $("numbers").replaceChildren(
      number("Calls on the line", calls.on_line, `of ${calls.max} at most`),
      number("Agents in service", agents.in_service, `of ${all}`, agents.in_service === 0 && all > 0),
      number("Wrap-ups pending", wrapUps.pending + wrapUps.recovered_pending + wrapUps.stray_pending),
      number("Dispositions unconfirmed", wrapUps.unconfirmed, "since the start", wrapUps.unconfirmed > 0),
      number("SIP workers", bridge.workers.running, `room for ${bridge.workers.room_for_calls} calls`),
      number("Journal", bridge.journal.waiting, "records waiting", bridge.journal.waiting > 1000),
      ...(webhooks.count ? [number("Webhooks working", webhooks.count - failing, `of ${webhooks.count}`, failing > 0)] : []),
    );
  },

  alarms(alarms) {
    $("alarms").replaceChildren(...(alarms.length ? alarms.map((alarm) =>
      make("li", { class: alarm.level }, make("b", {}, `${alarm.level === "alarm" ? "Alarm" : "Warning"}: ${alarm.what}`), alarm.do))
      : [make("li", { class: "none" }, "Nothing to look at.")]));
  },

  calls(calls) {
    const level = (side, sample) => sample
      ? make("meter", { min: -60, max: 0, low: -50, value: sample.level_dbfs, title: `${side}: ${sample.level_dbfs} dBFS` }, `${sample.level_dbfs} dBFS`)
      : "–";
    const voice = (sample) => sample?.mos ? make("span", sample.mos < 3.1 ? { class: "trouble" } : {}, sample.mos.toFixed(1)) : "–";
    table($("calls"), ["Call", "Agent", "Caller", "State", "Engine", "For", "Customer", "Bot", "MOS", "Do"], calls.map((call) => [
      storyOf(call.call), call.agent_number, call.caller || "–", words(call.state), call.engine || "–", since(call.started_at),
      level("customer", call.quality?.customer), level("bot", call.quality?.engine), voice(call.quality?.customer),
      make("button", { type: "button", class: "small", "data-key": `end ${call.call}`, onclick: () => hangUp(call) }, "Hang up…"),
    ]), "No call at the moment.");
  },

  wrap_ups(wrapUps) {
    $("waiting").hidden = !wrapUps.length;
    table($("wrap-ups"), ["Call", "Agent", "Caller", "What it is", "For", "What fails", "Do"], wrapUps.map((wrapUp) => [
      storyOf(wrapUp.call), wrapUp.agent_number, wrapUp.caller || "–", wrapUpKinds[wrapUp.kind] ?? words(wrapUp.kind), since(wrapUp.since),
      wrapUp.failing ? make("span", { class: "trouble" }, wrapUp.failing) : "–",
      make("button", { type: "button", class: "small", "aria-label": `Try the wrap-up of ${wrapUp.call.slice(0, 8)} now`,
        "data-key": `try ${wrapUp.call}`, onclick: () => tryNow(wrapUp) }, "Try now…"),
    ]), "None.");
  },

  agents(agents) {
    const groups = [
      ["Ready", "ready", ["ready"]], ["On a call", "busy", ["on_call"]], ["Wrap-up", "busy", ["wrap_up"]],
      ["On their way", "between", ["logging_in", "joining", "not_ready", "cycling", "leaving", "logging_out"]],
      ["Locked", "locked", ["locked"]], ["Out of service", "out", ["paused", "closed", "logged_out"]],
    ];
    const board = $("agents");
    const focused = board.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    board.replaceChildren(...groups.map(([title, look, states]) => {
      const here = agents.filter((agent) => states.includes(agent.state));
      return here.length ? make("section", { class: `column ${look}` },
        make("h3", {}, `${title} (${here.length})`), make("ul", {}, ...here.map(tile))) : null;
    }).filter(Boolean));
    if (!agents.length) board.replaceChildren(make("p", {}, "There are no agents in the settings."));
    if (focused) board.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  },

  hour(minutes) {
    const sum = (key) => minutes.reduce((total, minute) => total + minute[key], 0);
    const worst = (key) => minutes.reduce((most, minute) => Math.max(most, minute[key] ?? 0), 0);
    $("hour").replaceChildren(
      chart("Calls a minute", minutes, "started", `${sum("started")} came, ${sum("ended")} ended`),
      chart("Calls at once", minutes, "at_once", `at most ${worst("at_once")}`),
      chart("Ended with trouble", minutes, "trouble", `${sum("trouble")} of ${sum("ended")}`, true),
      chart("INVITE to 200, p95", minutes, "set_up_ms", `at worst ${worst("set_up_ms")} ms`),
      chart("200 to first audio, p95", minutes, "first_audio_ms", `at worst ${worst("first_audio_ms")} ms`),
    );
  },

  engines(engines) {
    table($("engines"), ["Engine", "Kind", "Circuit", "Calls", "Agents"], engines.map((engine) => [
      engine.name, engine.kind,
      engine.circuit === "closed" ? "closed: takes calls"
        : make("span", { class: "trouble" }, `${words(engine.circuit)}: tried again in ${engine.next_try_s} s`),
      String(engine.calls), String(engine.agents),
    ]), "There are no engines in the settings.");
  },

  recent(recent) {
    latest = recent;
    if (!finding) ended(recent);
  },
};

const wrapUpKinds = { call: "ended call", recovered: "of before the start", stray: "LiveVox's own", repeated: "another try" };

// States whose reason says more than what the agent waits for.
const telling = new Set(["locked", "logged_out", "logging_in", "joining", "not_ready"]);

function tile(agent) {
  const paused = agent.paused || agent.state === "locked";
  const name = `${paused ? "Resume" : "Pause"} ${agent.user_name}`;
  return make("li", {},
    make("b", {}, agent.user_name, " ", make("small", {}, agent.number)),
    make("button", { type: "button", class: "small", "aria-label": name, "data-key": `pause ${agent.number}`, onclick: () => pause(agent, paused) },
      paused ? "Resume" : "Pause"),
    make("span", {}, `${words(agent.state)} for `, since(agent.since), agent.waits_for ? `; waits for ${agent.waits_for}` : ""),
    telling.has(agent.state) && agent.reason ? make("span", {}, agent.reason) : null);
}

function chart(title, minutes, key, caption, bad = false) {
  const svg = draw("svg", { viewBox: "0 0 300 80", preserveAspectRatio: "none", "aria-hidden": "true" });
  const most = Math.max(1, ...minutes.map((minute) => minute[key] ?? 0));
  const last = minutes.at(-1)?.at ?? 0;
  svg.append(draw("line", { class: "axis", x1: 0, x2: 300, y1: 79.5, y2: 79.5 }));
  for (const minute of minutes) {
    const height = 76 * (minute[key] ?? 0) / most;
    if (!height) continue;
    const bar = draw("rect", { class: bad ? "bar bad" : "bar", x: 295 - (last - minute.at) / 12, y: 79 - height, width: 4, height });
    const tip = draw("title", {});
    tip.textContent = `${clock(minute.at * 1000)}: ${minute[key]}`;
    bar.append(tip);
    svg.append(bar);
  }
  return make("figure", {}, make("figcaption", {}, make("b", {}, title), `: ${caption}`), svg);
}

// ended calls

let latest = [];
let finding = null;  // what is looked for, and where the next page begins

function ended(calls) {
  table($("recent"), ["Call", "Ended", "Lasted", "Agent", "Caller", "Outcome", "What went wrong"], calls.map((call) => [
    storyOf(call.call), day(call.at), lasted(call.lasted_s), call.agent, call.caller || "–", words(call.outcome || "–"),
    call.trouble.length || !call.confirmed
      ? make("span", {},
        make("span", { class: "trouble" }, [...call.trouble.map(words), ...(call.confirmed || call.trouble.includes("disposition_unconfirmed") ? [] : ["disposition unconfirmed"])].join(", ")),
        call.confirmed ? null : " ", call.confirmed ? null : retryOf(call))
      : "–",
  ]), finding ? "No call like this." : "None since the start.");
}

const retryOf = (call) => make("button", { type: "button", class: "small", "aria-label": `Retry the wrap-up of ${call.call.slice(0, 8)}`,
  "data-key": `retry ${call.call}`, onclick: () => retry(call) }, "Retry…");

/** A call as the search tells it, as `recent` does. */
const found = (call) => ({
  call: call.call, at: call.closed_at ?? call.started_at, agent: call.agent_number, caller: call.caller,
  lasted_s: (call.closed_at ? Date.parse(call.closed_at) - Date.parse(call.started_at) : 0) / 1000,
  outcome: call.outcome || call.fate || (call.closed_at ? "" : "goes on"), confirmed: call.confirmation !== "unconfirmed", trouble: call.trouble,
});

/** What the form asks for, as parameters of the API. */
function question(form) {
  const { text, since, until, outcome, trouble } = form.elements;
  const asked = new URLSearchParams({ limit: "50" });
  const named = text.value.trim();
  if (named) asked.set(/^\+?[0-9]{10,11}$/.test(named) ? "agent" : "id", named);
  if (since.value) asked.set("from", new Date(since.value).toISOString());
  if (until.value) asked.set("to", new Date(until.value).toISOString());
  if (outcome.value.trim()) asked.set("outcome", outcome.value.trim());
  if (trouble.checked) asked.set("trouble", "any");
  return asked;
}

/** Ask for a page; those after the first are added to it. */
async function find(asked, before) {
  const search = finding = { asked };
  $("more").hidden = true;
  let said;
  try {
    const answer = await fetch(`/v1/calls?${asked}`);
    said = await answer.json();
    if (!answer.ok) throw new Error(said?.error?.message ?? `The bridge answered ${answer.status}.`);
  } catch (error) {
    if (finding === search) $("found").textContent = `Not searched: ${error.message}`;
    return;
  }
  if (finding !== search) return;  // something else is looked for by now
  const calls = [...before, ...said.calls.map(found)];
  ended(calls);
  $("found").textContent = said.next ? `The latest ${calls.length}; there are more.` : `${calls.length} found.`;
  $("more").hidden = !said.next;
  $("more").onclick = () => {
    asked.set("cursor", said.next);
    find(asked, calls);
  };
}

$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  find(question(event.target), []);
});

$("find").addEventListener("reset", () => {
  finding = null;
  $("found").textContent = "";
  $("more").hidden = true;
  ended(latest);
});

// what operators do

let token = "";  // kept as long as this page is open, nowhere else

/** Ask, with the admin token when it is not known yet; then POST. */
function act(title, text, path, body) {
  const dialog = $("ask"), form = dialog.querySelector("form");
  $("ask-title").textContent = title;
  $("ask-text").textContent = text;
  $("ask-token").hidden = token !== "";
  $("ask-error").textContent = "";
  form.onsubmit = async (event) => {
    event.preventDefault();
    token = token || form.elements.token.value.trim();
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: body === undefined ? null : JSON.stringify(body),
      });
      if (answer.ok) return dialog.close();
      const said = await answer.json().catch(() => null);
      if (answer.status === 401 || answer.status === 403) token = "";
      $("ask-error").textContent = said?.error?.message ?? `The bridge answered ${answer.status}.`;
    } catch {
      $("ask-error").textContent = "The bridge cannot be reached.";
    }
    $("ask-token").hidden = token !== "";
  };
  dialog.onclose = () => { form.elements.token.value = ""; };
  dialog.showModal();
}

function pause(agent, paused) {
  const path = `/v1/agents/${agent.number}/${paused ? "resume" : "pause"}`;
  if (paused) act(`Resume ${agent.user_name}?`, "It goes Ready again.", path);
  else act(`Pause ${agent.user_name}?`, "It goes Not Ready after its call, if it has one, and stays so until it is resumed.", path);
}

function hangUp(call) {
  act("Hang up?", `The customer's call ${call.call.slice(0, 8)} on agent ${call.agent_number} ends now, and its disposition is set.`,
    `/v1/calls/${encodeURIComponent(call.call)}/hangup`);
}

const retryPath = (call) => `/v1/calls/${encodeURIComponent(call)}/retry`;

function tryNow(wrapUp) {
  act("Try now?", `LiveVox is asked at once for the disposition of call ${wrapUp.call.slice(0, 8)}, and not when the wait is over.`,
    retryPath(wrapUp.call));
}

function retry(call) {
  act("Retry the wrap-up?", `LiveVox is looked at first. If agent ${call.agent} is still in wrap-up for call ${call.call.slice(0, 8)}, its term code is `
    + "set; otherwise nothing is sent, and you read here what to do.", retryPath(call.call));
}

$("ask-no").addEventListener("click", () => $("ask").close());

$("drain").addEventListener("click", () => {
  const hurry = $("drain").textContent.startsWith("Hurry");
  if (hurry) act("Hurry?", "Customers who still talk go to a human now.", "/v1/drain", { hurry: true });
  else act("Stop taking calls?", "New calls are refused, those that are up may end, then the bridge stops.", "/v1/drain");
});

// news

let heardAt = Date.now();

function listen() {
  const source = new EventSource("/v1/events");
  for (const [name, show] of Object.entries(sections)) {
    source.addEventListener(name, (event) => {
      heardAt = Date.now();
      show(JSON.parse(event.data));
    });
  }
  source.addEventListener("alive", () => { heardAt = Date.now(); });
  source.onerror = () => {  // the browser tries again by itself, unless the answer was an error
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  };
}

setInterval(() => {
  tick();
  const stale = Date.now() - heardAt > 8000;
  $("stale").hidden = !stale;
  if (stale) {
    $("stale-since").textContent = clock(heardAt);
    $("state").textContent = "No connection";
    $("state").className = "pill bad";
  }
}, 1000);

listen();
