// What only the browser can do for a page. The frame has no size; it works on the page around it, which is
// of the same origin. See components/browser_bridge.py for what each task is told.
"use strict";

const PREFIX = "cscx.typed.";
const KEPT_FOR = 30 * 24 * 3600 * 1000; // milliseconds
const page = window.parent.document;
const listening = new AbortController(); // a frame that is gone listens no more
window.addEventListener("pagehide", () => listening.abort());

let args = {};
let typedHere = false;
let offered = null;

const tell = (type, more) =>
  window.parent.postMessage({ isStreamlitMessage: true, type, ...more }, window.location.origin);

const holder = (key) => `.st-key-${key.trim().replace(/[^a-zA-Z0-9_-]/g, "-")}`;
const listen = (what, then) =>
  page.addEventListener(what, then, { capture: true, signal: listening.signal });

// ---- keep_typed

const same = (one, other) =>
  Object.keys(one).every((name) => one[name].trim() === (other[name] ?? "").trim());

function stored() {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + args.name));
  } catch {
    return null;
  }
}

function forgetOld() {
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
    let at = 0;
    try {
      at = JSON.parse(localStorage.getItem(key)).at;
    } catch {
      // not ours any more
    }
    if (!(Date.now() - at < KEPT_FOR)) localStorage.removeItem(key);
  }
}

function keep(event) {
  const own = Object.values(args.fields).some((key) => event.target.closest?.(holder(key)));
  if (!own) return;
  const words = {};
  for (const [name, key] of Object.entries(args.fields)) {
    words[name] = page.querySelector(`${holder(key)} input, ${holder(key)} textarea`)?.value ?? "";
  }
  typedHere = true;
  try {
    localStorage.setItem(PREFIX + args.name, JSON.stringify({ words, at: Date.now() }));
  } catch {
    // Full or forbidden: the words still reach the server when the field is left.
  }
}

function offer() {
  const found = stored();
  const known = found && args.settled.some((one) => same(found.words, one));
  if (known) localStorage.removeItem(PREFIX + args.name);
  // Words of this very page are on their way by themselves; only those of an earlier one are offered.
  const value = found && !known && !typedHere ? found.words : null;
  const now = JSON.stringify(value);
  if (now === offered || (value === null && offered === null)) return;
  offered = value === null ? null : now;
  tell("streamlit:setComponentValue", { value, dataType: "json" });
}

// ---- enter_counts

function enter(event) {
  const field = event.target.closest?.("[data-testid=stDateInputField]");
  if (event.key !== "Enter" || !field?.closest(holder(args.field))) return;
  const main = page.querySelector("[data-testid=stMain]");
  // A date counts when one leaves its field; so leave it, and come back without opening the calendar.
  setTimeout(() => {
    main.focus({ preventScroll: true });
    field.querySelector("button")?.focus({ preventScroll: true });
  });
}

// ---- one_entry

// Streamlit makes an entry of the browser's history for each part of a change: the filters that go, the id that
// comes, the page. Back stopped between them, where nobody had been. Here one press makes one entry at most.
function oneEntry() {
  const around = window.parent;
  const { pushState, replaceState } = around.History.prototype;
  let pressed = false;
  const press = () => { pressed = true; };
  const ofWindow = (what, then) => around.addEventListener(what, then, { capture: true, signal: listening.signal });
  listen("pointerdown", press);
  listen("keydown", press);
  // A press within a frame is heard of when the frame tells Streamlit.
  ofWindow("message", (event) => event.data?.type === "streamlit:setComponentValue" && press());
  ofWindow("popstate", () => { pressed = false; });
  around.history.pushState = (...entry) => {
    (pressed ? pushState : replaceState).apply(around.history, entry);
    pressed = false;
  };
  listening.signal.addEventListener("abort", () => delete around.history.pushState);
}

// ---- the tasks, and what they do at first and on every run of the page

const TASKS = {
  keep_typed: {
    first() {
      forgetOld();
      listen("input", keep);
      keep({ target: page.activeElement }); // somebody may have been quicker than this frame
    },
    each: offer,
  },
  enter_counts: { first: () => listen("keydown", enter) },
  one_entry: { first: oneEntry },
  cookie: {
    each() {
      const made = `${args.name}=${encodeURIComponent(args.value)}`;
      page.cookie = `${made}; Path=/; SameSite=Strict; Max-Age=${args.seconds}`;
    },
  },
};

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.data?.type !== "streamlit:render") return;
  const begun = Boolean(args.task);
  args = event.data.args;
  const task = TASKS[args.task];
  if (!begun) task?.first?.();
  task?.each?.();
});
tell("streamlit:componentReady", { apiVersion: 1 });
tell("streamlit:setFrameHeight", { height: 0 });
