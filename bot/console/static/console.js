// The console without a reload: news arrive, what is typed stays. Every page also works without this.
"use strict";

const page = document.body;
const thread = document.getElementById("thread");
const ticket = page.dataset.ticket;
const SIGN_IN = "/console/sign-in";
const WORDS = JSON.parse(document.getElementById("script-words").textContent);
const _ = (text) => WORDS[text] || text; // in the language of the page

// ---- what is typed is kept until it is sent

function drafts(form) {
  const name = "draft:" + form.dataset.draft;
  return {
    load: () => JSON.parse(localStorage.getItem(name) || "null"),
    save: (draft) => localStorage.setItem(name, JSON.stringify(draft)),
    clear: () => localStorage.removeItem(name),
  };
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function keep(form) {
  const { text, key } = form.elements;
  if (text.value) drafts(form).save({ text: text.value, key: key ? key.value : "" });
  else drafts(form).clear();
}

function restore(form) {
  const draft = drafts(form).load();
  const { text, key } = form.elements;
  if (!draft || text.value) {
    if ("takenBack" in text.dataset) withDraft(form, draft);
    return;
  }
  text.value = draft.text;
  if (key && draft.key) key.value = draft.key; // the same key: sent once, even if the answer was lost
  const box = form.closest("details");
  if (box) box.open = true;
}

// Words that come back to be written again stand above what was being typed, and go as a message of their own.
function withDraft(form, draft) {
  const { text } = form.elements;
  if (draft) text.value = `${text.value}\n\n${draft.text}`;
  keep(form);
}

// ---- sending without leaving the page

function complain(form, sentence) {
  form.querySelector(".error")?.remove();
  form.querySelector(".sure")?.remove();
  if (!sentence) return;
  const error = document.createElement("p");
  error.className = "error";
  error.setAttribute("role", "alert");
  error.textContent = sentence;
  form.prepend(error);
}

async function send(form, submitter) {
  const button = submitter || Array.from(form.elements).find((one) => one.tagName === "BUTTON");
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  button.setAttribute("aria-busy", "true");
  try {
    const filled = new FormData(form);
    const body = form.elements.pictures?.files.length ? await withPictures(filled) : withoutPictures(filled);
    if (submitter?.name) body.set(submitter.name, submitter.value);
    const answer = await fetch(form.action, { method: "POST", body });
    if (isSignIn(answer)) signedOut(form);
    else if (answer.ok) await sent(form);
    else await refused(form, await answer.text());
  } catch {
    complain(form, _("There is no connection. Your text is kept; send it again in a moment."));
  } finally {
    form.removeAttribute("aria-busy");
    button.removeAttribute("aria-busy");
  }
}

// ---- pictures are made smaller, and lose what the camera wrote into them

function withoutPictures(filled) {
  filled.delete("pictures");
  return new URLSearchParams(filled);
}

async function withPictures(filled) {
  const chosen = filled.getAll("pictures");
  filled.delete("pictures");
  const { smaller } = await import(page.dataset.smaller);
  for (const one of chosen) {
    filled.append("pictures", await smaller(one, one.type === "image/png" ? one.type : "image/jpeg"), one.name);
  }
  return filled;
}

document.addEventListener("change", (event) => {
  if (event.target.id !== "pictures") return;
  event.target.form.elements.text.required = !event.target.files.length;
  complain(event.target.form, "");
});

function signedOut(form) {
  complain(form, _("You are signed out. Sign in again; your text is kept."));
  stop(_("You are signed out."), true);
}

async function sent(form) {
  const { text, key } = form.elements;
  drafts(form).clear();
  complain(form, "");
  text.value = "";
  if (form.elements.pictures) {
    form.elements.pictures.value = "";
    text.required = true;
  }
  if (key) key.value = newKey();
  const box = form.closest("details");
  if (box) box.open = false;
  await refreshThread();
  toEnd();
}

async function refused(form, html) {
  const made = new DOMParser().parseFromString(html, "text/html");
  const sentence = made.querySelector("#chat-foot .error")?.textContent;
  complain(form, sentence || _("This did not work. Your text is kept; try again in a moment."));
  const sure = made.querySelector("#chat-foot .sure");
  if (sure && form.id === "reply") form.querySelector(".error").after(sure);
}

function wire(form) {
  restore(form);
  form.addEventListener("input", () => {
    keep(form);
    if (form.querySelector(".sure")) complain(form, ""); // other words: they are looked at anew
    if (form.id === "reply") written(form);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, event.submitter?.name ? event.submitter : null);
  });
}

// ---- colleagues see that somebody writes

let told = 0;
let lookedAway = 0;

function written(form) {
  pick(form);
  if (!form.elements.text.value || Date.now() - told < 3000) return;
  told = Date.now();
  fetch(`/console/tickets/${ticket}/typing`, { method: "POST" }).catch(() => {});
}

function showTyping(name) {
  const line = document.getElementById("typing");
  if (!line) return;
  line.textContent = _("{name} is writing in this chat.").replace("{name}", () => name);
  line.hidden = false;
  clearTimeout(lookedAway);
  lookedAway = setTimeout(() => { line.hidden = true; }, 6000);
}

// ---- "/" puts in a canned reply, a fact or a partner

const KINDS = { canned: _("reply"), step: _("step"), fact: _("fact"), partner: _("partner") };
let asked = 0;

const choices = () => Array.from(document.querySelectorAll("#picker [role=option]"));

function closePicker() {
  asked += 1;
  const picker = document.getElementById("picker");
  if (picker) picker.hidden = true;
  document.getElementById("reply-text")?.removeAttribute("aria-activedescendant");
}

async function pick(form) {
  const { text } = form.elements;
  if (!text.value.startsWith("/") || text.value.includes("\n")) return closePicker();
  const mine = ++asked;
  try {
    const answer = await fetch(`/console/tickets/${ticket}/cards?find=${encodeURIComponent(text.value.slice(1))}`);
    if (isSignIn(answer)) return signedOut(form);
    const cards = answer.ok ? await answer.json() : [];
    if (mine === asked) offer(cards);
  } catch {
    closePicker(); // without a connection nothing is offered; what is written stays
  }
}

function offer(cards) {
  const picker = document.getElementById("picker");
  picker.replaceChildren(...cards.map((card, at) => {
    const line = document.createElement("li");
    line.id = `card-${at}`;
    line.setAttribute("role", "option");
    const name = document.createElement("strong");
    name.textContent = card.name;
    const kind = document.createElement("span");
    kind.className = "hint";
    kind.textContent = " " + [KINDS[card.kind], ...(card.other ? [_("not in their language")] : [])].join(", ");
    const words = document.createElement("span");
    words.className = "snippet";
    words.lang = card.language;
    words.textContent = card.text;
    line.append(name, kind, words);
    line.addEventListener("mousedown", (event) => { event.preventDefault(); choose(card); });
    line.card = card;
    return line;
  }));
  picker.hidden = !cards.length;
  if (cards.length) select(0);
}

function select(at) {
  const all = choices();
  all.forEach((one, number) => one.setAttribute("aria-selected", String(number === at)));
  all[at].scrollIntoView({ block: "nearest" });
  document.getElementById("reply-text").setAttribute("aria-activedescendant", all[at].id);
}

function choose(card) {
  const text = document.getElementById("reply-text");
  text.value = card.text;
  closePicker();
  const said = document.getElementById("picked");
  said.textContent = card.other ? _("There is no text in the person's language: translate it before you send it.") : "";
  said.hidden = !card.other;
  keep(text.form);
  text.focus();
}

document.addEventListener("keydown", (event) => {
  const all = choices();
  if (event.target.id !== "reply-text" || document.getElementById("picker").hidden || !all.length) return;
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) select((at + step + all.length) % all.length);
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) choose(all[at].card);
  else if (event.key === "Escape") closePicker();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
});

// ---- keys, wherever nothing is being written

function open(address) {
  if (address) location.assign(address);
}

function beside(step) {
  const items = Array.from(document.querySelectorAll("#queue .item"));
  const at = items.findIndex((one) => one.hasAttribute("aria-current"));
  open(items[at < 0 ? 0 : at + step]?.href);
}

function show(summary, field) {
  const box = document.querySelector(summary);
  if (box) box.open = true;
  document.querySelector(field)?.focus();
}

const keys = {
  "?": () => document.getElementById("keys")?.showModal(),
  "/": () => document.getElementById("reply-text")?.focus(),
  r: () => document.getElementById("reply-text")?.focus(),
  m: () => show(".note-box", "#note-text"),
  t: () => document.querySelector('form[action$="/claim"] button')?.click(),
  n: () => open(document.getElementById("next")?.href),
  j: () => beside(1),
  k: () => beside(-1),
  ...Object.fromEntries([1, 2, 3, 4].map((number) => [number, () => open(document.querySelectorAll(".tabs a")[number - 1]?.href)])),
};

document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, select, textarea, dialog");
  if (event.key === "Escape" && writes && !event.target.closest("dialog")) return event.target.blur();
  if (writes || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});

function wireAll() {
  document.querySelectorAll("form[data-draft]").forEach(wire);
  showKept();
}

// Who has not this chat any more still has the words that they were writing in it.
function showKept() {
  const name = `draft:reply-${ticket}`;
  const draft = JSON.parse(localStorage.getItem(name) || "null");
  const taken = document.querySelector("#chat-foot .taken");
  if (!draft || !taken || taken.querySelector("#kept")) return;
  const label = document.createElement("label");
  label.htmlFor = "kept";
  label.textContent = _("Your text, not sent:");
  const words = document.createElement("textarea");
  words.id = "kept";
  words.rows = 3;
  words.readOnly = true;
  words.value = draft.text;
  const away = document.createElement("button");
  away.type = "button";
  away.className = "quiet small";
  away.textContent = _("Throw it away");
  const box = document.createElement("div");
  away.addEventListener("click", () => { localStorage.removeItem(name); box.remove(); });
  box.append(label, words, away);
  taken.append(box);
}

document.addEventListener("keydown", (event) => {
  const form = event.target.form;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form && form.dataset.draft) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// ---- fetching parts again

const isSignIn = (answer) => answer.redirected && new URL(answer.url).pathname === SIGN_IN;

async function fetched(address) {
  const answer = await fetch(address);
  if (isSignIn(answer)) {
    stop(_("You are signed out. Sign in again to go on; what you typed is kept."), true);
    return null;
  }
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

// A line that is replaced between the press and the release of a finger or button would swallow the click.
let pressed = false;
let late = false;

document.addEventListener("pointerdown", (event) => { pressed = Boolean(event.target.closest("#queue")); });
["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, () => setTimeout(() => {
  pressed = false;
  if (late) refresh("queue");
  late = false;
})));

async function refreshQueue() {
  const queue = document.getElementById("queue");
  if (!queue) return;
  if (document.activeElement?.closest("#queue form.only")) return; // somebody is choosing what to see
  const made = await fetched(`/console/queue?${queue.querySelector("[data-query]").dataset.query}&ticket=${ticket || 0}`);
  if (!made) return;
  late = pressed;
  if (pressed) return;
  const focused = queue.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  queue.replaceChildren(...made.body.childNodes);
  if (focused) queue.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  showTitle();
  showSound();
  showNotify();
}

// ---- somebody needs a person now

const urgent = () => Number(document.getElementById("alert").dataset.urgent);

function showTitle() {
  const attention = Number(document.querySelector("[data-attention]")?.dataset.attention || 0);
  document.title = (urgent() ? `${_("URGENT")} – ` : "") + (attention ? `(${attention}) ` : "") + page.dataset.title;
  showBadge(attention);
  if (attention > known && localStorage.getItem(SOUND) === "on" && !urgent()) tone([0], 660);
  known = attention;
}

// The tab's icon, and that of the installed app, say that there is something; never what.
function showBadge(attention) {
  const icon = document.getElementById("icon");
  const name = urgent() ? "console-urgent" : attention ? "console-new" : "console";
  const address = icon.getAttribute("href").replace(/console(-new|-urgent)?\.svg/, `${name}.svg`);
  if (icon.getAttribute("href") !== address) icon.setAttribute("href", address);
  if (navigator.setAppBadge) (attention ? navigator.setAppBadge(attention) : navigator.clearAppBadge()).catch(() => {});
}

// ---- a sound for what is new, for who wants it; what is urgent rings for everybody

const SOUND = "sound";
let known = Number(document.querySelector("[data-attention]")?.dataset.attention || 0);

function showSound() {
  const button = document.getElementById("sound");
  if (!button) return;
  const on = localStorage.getItem(SOUND) === "on";
  button.hidden = false;
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? _("Sound on") : _("Sound off");
}

document.addEventListener("click", (event) => {
  if (event.target.id !== "sound") return;
  localStorage.setItem(SOUND, localStorage.getItem(SOUND) === "on" ? "off" : "on");
  showSound();
  if (localStorage.getItem(SOUND) === "on") tone([0], 660);
});

// ---- a notification of the system for what is urgent, for who wants it: it names nobody, and says nothing of why

const NOTIFY = "notify";
const PUSHED = "pushed";
const mayNotify = () => "Notification" in window && navigator.serviceWorker && Notification.permission !== "denied";

if (!page.dataset.push) sessionStorage.removeItem(PUSHED); // signed out: the next session is told anew

function showNotify() {
  const button = document.getElementById("notify");
  if (!button || !mayNotify()) return;
  const on = Notification.permission === "granted" && localStorage.getItem(NOTIFY) === "on";
  button.hidden = false;
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? button.dataset.on : button.dataset.off;
}

if (mayNotify()) {
  navigator.serviceWorker.register("/console/static/console-worker.js", { scope: "/console" }).catch(() => {});
  document.addEventListener("click", async (event) => {
    if (event.target.id !== "notify") return;
    const wanted = localStorage.getItem(NOTIFY) !== "on" && (await Notification.requestPermission()) === "granted";
    localStorage.setItem(NOTIFY, wanted ? "on" : "off");
    event.target.hidden = true; // refused for good: then it stays so
    showNotify();
    bePushed(wanted);
  });
  if (page.dataset.push && localStorage.getItem(NOTIFY) === "on" && !sessionStorage.getItem(PUSHED)) bePushed(true);
}

// While no page is open, the browser's push service wakes it. Each time somebody signs in it is told anew.
async function bePushed(wanted) {
  if (!page.dataset.push || !("PushManager" in window)) return;
  try {
    const manager = (await navigator.serviceWorker.ready).pushManager;
    const endpoint = wanted ? (await subscribed(manager)).endpoint : "";
    if (wanted) await (await caches.open("desk-notice")).put("/console/notice", new Response(page.dataset.notice));
    const told = await fetch("/console/push", { method: "POST", body: new URLSearchParams({ endpoint }) });
    if (wanted && told.ok && !told.redirected) sessionStorage.setItem(PUSHED, "yes");
    if (!wanted) await (await manager.getSubscription())?.unsubscribe();
  } catch (error) {
    // a browser without a push service: then an open page has to do
  }
}

async function subscribed(manager) {
  const raw = atob(page.dataset.push.replace(/-/g, "+").replace(/_/g, "/"));
  const options = { userVisibleOnly: true, applicationServerKey: Uint8Array.from(raw, (one) => one.charCodeAt(0)) };
  return manager.subscribe(options).catch(async () => {
    await (await manager.getSubscription())?.unsubscribe(); // of another key: our server has a new one
    return manager.subscribe(options);
  });
}

async function notify() {
  if (!document.hidden || !mayNotify() || localStorage.getItem(NOTIFY) !== "on") return;
  const worker = await navigator.serviceWorker.getRegistration("/console");
  await worker?.showNotification(page.dataset.notice,
    { tag: "urgent", renotify: true, requireInteraction: true, icon: "/console/static/console-512.png" });
}

document.addEventListener("change", (event) => event.target.form?.matches("[data-submits]") && event.target.form.submit());

async function refreshAlert() {
  const made = await fetched(ticket ? `/console/alert?ticket=${ticket}` : "/console/alert");
  if (!made) return;
  const shown = document.getElementById("alert");
  const found = made.getElementById("alert");
  document.getElementById("updated").hidden = found.dataset.version === shown.dataset.version;
  if (found.textContent === shown.textContent) return;
  const more = Number(found.dataset.urgent) > urgent();
  shown.dataset.urgent = found.dataset.urgent;
  shown.replaceChildren(...found.childNodes);
  showTitle();
  if (more) ring();
  if (more) notify();
}

// Three tones. A browser plays them once somebody has clicked on the page; until then the banner and the title speak.
function ring() {
  tone([0, 0.3, 0.6], 880);
}

function tone(begins, high) {
  const sound = new AudioContext();
  begins.forEach((at) => {
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    tone.frequency.value = high;
    loud.gain.setValueAtTime(0.2, sound.currentTime + at);
    loud.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.25);
    tone.connect(loud).connect(sound.destination);
    tone.start(sound.currentTime + at);
    tone.stop(sound.currentTime + at + 0.25);
  });
  setTimeout(() => sound.close(), 2000);
}

const last = (name) => Math.max(0, ...Array.from(thread.querySelectorAll(`[data-${name}]`), (one) => Number(one.dataset[name])));

const LOOKED_AT = 40; // of so many of the newest messages, how they stand now is asked for

function shownUntil() {
  // Messages on their way are asked for again, so that the page learns whether they arrived and were read.
  // So are those whose file is still being fetched.
  const moving = Array.from(thread.querySelectorAll("[data-message]")).slice(-LOOKED_AT).find((one) => "goesOn" in one.dataset);
  const fetching = thread.querySelector('[data-media="waiting"]')?.closest("[data-message]");
  const open = [moving, fetching].filter(Boolean).map((one) => Number(one.dataset.message) - 1);
  return Math.min(last("message"), ...open);
}

async function refreshThread() {
  const seen = document.visibilityState === "visible";
  const address = `/console/tickets/${ticket}/messages?after=${shownUntil()}&note=${last("note")}&move=${last("move")}&seen=${seen}`;
  const made = await fetched(address);
  if (!made) return;
  const atEnd = isAtEnd();
  const added = place(made.body.children);
  if (added && atEnd) toEnd();
  else if (added) document.getElementById("jump").hidden = false;
}

function place(children) {
  let added = false;
  for (const child of Array.from(children)) {
    if (child.dataset.status) followStatus(child);
    else if (document.getElementById(child.id)) replace(child);
    else if (!("old" in child.dataset)) {
      child.classList.add("fresh");
      thread.querySelector("[data-status]").before(child);
      added = true;
    }
  }
  return added;
}

// Who is about to take a message back does not lose the button under the finger.
function replace(child) {
  if (!child.dataset.message) return;
  const shown = document.getElementById(child.id);
  const back = shown.querySelector(".back[open]") && child.querySelector(".back");
  if (back && shown.dataset.state === child.dataset.state) return;
  if (back) back.open = true;
  shown.replaceWith(child);
}

async function followStatus(found) {
  const shown = thread.querySelector("[data-status]");
  if (shown.dataset.status === found.dataset.status) return;
  shown.dataset.status = found.dataset.status;
  const made = await fetched(`/console/tickets/${ticket}`);
  if (!made) return;
  for (const id of ["chat-head", "chat-foot"]) document.getElementById(id).replaceWith(made.getElementById(id));
  wireAll();
}

// ---- the thread's end

let stay = true; // the thread's end stays in view until somebody scrolls up
const isAtEnd = () => thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;

function toEnd() {
  thread.scrollTop = thread.scrollHeight;
  document.getElementById("jump").hidden = true;
}

// ---- news

let source = null;
let stopped = false;
const again = {};

const parts = { thread: refreshThread, queue: refreshQueue, alert: refreshAlert };

// One fetch at a time for each part; what happens meanwhile is fetched once more.
async function refresh(name) {
  if (name in again) {
    again[name] = true;
    return;
  }
  again[name] = false;
  try {
    await parts[name]();
  } catch {
    say(_("The connection is lost. Trying again."));
  }
  const more = again[name];
  delete again[name];
  if (more) refresh(name);
}

function say(sentence, signIn = false) {
  const lost = document.getElementById("lost");
  lost.textContent = sentence;
  lost.hidden = !sentence;
  if (!signIn) return;
  const link = document.createElement("a");
  link.href = `${SIGN_IN}?next=${encodeURIComponent(location.pathname)}`;
  link.textContent = _("Sign in");
  lost.append(" ", link);
}

function stop(sentence, signIn) {
  stopped = true;
  source?.close();
  clearInterval(minute);
  say(sentence, signIn);
}

function follow() {
  if (stopped) return;
  source = new EventSource(page.dataset.events);
  source.addEventListener("open", () => say(""));
  source.addEventListener("changed", (event) => {
    if (event.data.startsWith("typing ")) return showTyping(event.data.slice(7));
    refresh(event.data);
    if (event.data === "queue") refresh("alert"); // taken, or left: then nobody needs to be called any more
  });
  source.addEventListener("error", () => {
    say(_("The connection is lost. Trying again."));
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(follow, 5000); // the browser gave up: a restart, or signed out, which the next fetch finds out
    refresh("queue");
  });
}

let minute = 0;
if (page.dataset.events) {
  follow();
  minute = setInterval(() => { // waiting times grow
    refresh("queue");
    refresh("alert");
    if (urgent()) ring();
  }, 60000);
}
if (thread && ticket) {
  toEnd();
  thread.addEventListener("scroll", () => {
    stay = isAtEnd();
    if (stay) document.getElementById("jump").hidden = true;
  });
  new ResizeObserver(() => { if (stay) toEnd(); }).observe(thread);
  document.getElementById("jump").addEventListener("click", toEnd);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh("thread"); });
}
wireAll();
showSound();
showNotify();

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// ---- signing out leaves nothing of people's on this machine

document.querySelectorAll(".sign-out").forEach((form) => form.addEventListener("submit", () => {
  Object.keys(localStorage).filter((name) => name.startsWith("draft:")).forEach((name) => localStorage.removeItem(name));
}));

// ---- what opens from the menu closes by a tap beside it, and by Esc

const more = document.querySelector(".fold-out");
document.addEventListener("click", (event) => {
  if (more?.open && !more.contains(event.target)) more.open = false;
});
more?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  more.open = false;
  more.querySelector("summary").focus();
});

// ---- a one-time link: what stands behind the # goes into the form, and out of the address

const token = document.getElementById("token");
if (token && location.hash.length > 1) {
  token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}
if (token && token.value) document.getElementById("token-line").hidden = true;
document.getElementById("link")?.addEventListener("focus", (event) => event.target.select());
