// The web chat. Plain JavaScript for old phones: no build, nothing from elsewhere, text only ever as text nodes.

const byId = (id) => document.getElementById(id);
const body = document.body;
const embedded = "embedded" in body.dataset && window.parent !== window;
const log = byId("log");
const field = byId("text");
const pill = byId("new");
const REQUEST_MS = 20000;
const UPLOAD_MS = 300000;
const SILENCE_MS = 45000;
const POLL_MS = 4000;
const KEPT = "chat-outbox";
const WHOSE_KEPT = "chat-whose";

let texts = JSON.parse(body.dataset.texts);
let language = body.dataset.language;
let hiddenTo = 0; // up to this message the chat is out of sight
let newest = 0; // the id of the newest message shown
let question = null; // the message whose buttons may be tapped
let lastQuestion = null;
let answers = null; // the element with those buttons
let lastDay = "";
let atEnd = true;
let left = false;
let whose = null; // where several people use this chat: which of them has it; null: not known yet

// ---- The server ----

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const backoff = (times, most) => Math.min(most, 1000 * Math.pow(2, times)) * (0.75 + Math.random() / 2);

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
}

// The answer as {status, body}; status 0 is "no connection".
async function ask(path, content, file) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), file ? UPLOAD_MS : REQUEST_MS);
  const options = { signal: stop.signal, referrerPolicy: "same-origin", cache: "no-store" };
  if (content) {
    options.method = "POST";
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(content);
  }
  if (file) {
    options.method = "POST";
    options.headers = { "Content-Type": "application/octet-stream" };
    options.body = file;
  }
  try {
    const answer = await fetch(path, options);
    return await unlessLeft({ status: answer.status, body: await answer.json() });
  } catch (error) {
    return await unlessLeft({ status: 0, body: {} });
  } finally {
    clearTimeout(timer);
  }
}

// Who has left the page waits for nothing any more.
const unlessLeft = (answer) => (left ? new Promise(() => {}) : answer);

const worked = (answer) => answer.status >= 200 && answer.status < 300;
const mayWorkLater = (answer) => answer.status === 0 || answer.status === 408 || answer.status === 429 || answer.status >= 500;

// ---- Messages kept until the server has them ----

const memory = { kept: "[]" };

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) || "[]");
  } catch (error) {
    return JSON.parse(memory.kept);
  }
}

function keep(items) {
  memory.kept = JSON.stringify(items);
  try {
    if (items.length) localStorage.setItem(KEPT, memory.kept);
    else localStorage.removeItem(KEPT);
  } catch (error) {
    // A browser that keeps nothing: the page's memory has to do.
  }
}

const drop = (key) => keep(kept().filter((item) => item.key !== key));

const pending = []; // {item, element}: shown here, not yet seen in the server's thread
let sending = false;
let sendAgain = 0;
let misses = 0;

function say(item) {
  keep(kept().concat([item]));
  showPending(item);
  answered();
  toEnd();
  flush();
}

async function flush() {
  clearTimeout(sendAgain);
  if (sending) return;
  sending = true;
  if (whose) await load(); // what waits may be from whoever had the phone before
  let item = kept()[0];
  while (item && (await sendOne(item))) item = kept()[0];
  sending = false;
}

// Whether to go on with the next.
async function sendOne(item) {
  const { key, tap, text, place } = item;
  const content = tap ? { key, tap } : place ? { key, place } : { key, text };
  const answer = await ask("/chat/messages", content);
  if (answer.status === 401) return startAnew();
  setOffline(mayWorkLater(answer));
  if (mayWorkLater(answer)) {
    sendAgain = setTimeout(flush, backoff(misses++, 30000));
    return false;
  }
  misses = 0;
  drop(item.key);
  setOffline(false);
  if (worked(answer)) delivered(item.key);
  else notSent(item.key);
  return true;
}

// ---- Files: kept until the server has them, also while the page is closed ----

const files = [];
const FILES_KEPT = "chat-files";
let uploading = false;
let lastFileAt = 0;

// A browser that keeps no files has them in the page alone.
async function withKeptFiles(act) {
  try {
    return await act(await import(body.dataset.attach));
  } catch (error) {
    return undefined;
  }
}

function fileIsKept() {
  try {
    return localStorage.getItem(FILES_KEPT) !== null;
  } catch (error) {
    return false;
  }
}

function keepFile(item) {
  withKeptFiles(async ({ keepFile: put }) => {
    await put(item);
    localStorage.setItem(FILES_KEPT, "1");
    if (!files.includes(item)) dropFile(item.key); // it was sent meanwhile
  });
}

function dropFile(key) {
  withKeptFiles(async ({ dropFile: remove, keptFiles }) => {
    await remove(key);
    if (!(await keptFiles()).length) localStorage.removeItem(FILES_KEPT);
  });
}

async function takeUpFiles() {
  if (!fileIsKept()) return;
  const found = await withKeptFiles(({ keptFiles }) => keptFiles());
  for (const item of found || []) {
    files.push(item);
    showPending(item);
  }
  if (files.length) upload();
}

function sayFile({ content, as, name, word, album }) {
  lastFileAt = Math.max(Date.now(), lastFileAt + 1); // no two at the same moment: they are sent in this order
  const item = { key: newKey(), at: lastFileAt, label: name || texts[word], content, as, name, album };
  files.push(item);
  keepFile(item);
  showPending(item);
  answered();
  toEnd();
  upload();
}

async function upload() {
  if (uploading) return;
  uploading = true;
  for (let times = 0; files.length; times++) {
    const { key, as, name, album, content } = files[0];
    const query = new URLSearchParams({ key, as, name, album });
    const answer = await ask("/chat/files?" + query, null, content);
    if (answer.status === 401) await startAnew();
    else if (mayWorkLater(answer)) {
      setOffline(true);
      await pause(backoff(times, 30000));
    } else {
      times = -1;
      setOffline(false);
      files.shift();
      dropFile(key);
      if (worked(answer)) delivered(key);
      else notSent(key, texts[answer.body.error] ? answer.body.error : "not_sent");
    }
  }
  uploading = false;
}

function sayPlace(place) {
  say({ key: newKey(), place, label: texts.place });
}

function delivered(key) {
  const one = pending.find((each) => each.item.key === key);
  if (one) setMeta(one.element, "");
  setTimeout(() => pending.some((each) => each.item.key === key) && load(), connected ? 1500 : 0);
}

function notSent(key, word) {
  const place = pending.findIndex((each) => each.item.key === key);
  if (place < 0) return;
  const [one] = pending.splice(place, 1);
  one.element.classList.replace("pending", "failed");
  setMeta(one.element, word || "not_sent");
  setQuestion(lastQuestion);
}

function showPending(item) {
  const element = bubble({ author: "person", text: item.label || item.text, style: "plain" });
  element.classList.add("pending");
  setMeta(element, "sending");
  add(element, null);
  pending.push({ item, element });
}

// The one of ours that this message of the thread is, or none.
function takePending(message) {
  const same = (one) => (message.key ? one.item.key === message.key : (one.item.label || one.item.text) === message.text);
  const place = pending.findIndex(same);
  return place < 0 ? null : pending.splice(place, 1)[0];
}

// ---- The thread ----

function showThread(thread) {
  if (inOtherHands(thread.whose || "")) return;
  const wasAtEnd = atEnd;
  hide(thread.hidden);
  const before = newest;
  let first = null;
  for (const message of thread.messages) {
    if (message.id <= newest) continue;
    newest = message.id;
    const element = place(message);
    if (element && message.author !== "person") first = first || element;
  }
  showAnswers();
  showWaiting(thread);
  arrived();
  seesPage();
  if (newest > before && ready) settle(first, wasAtEnd);
  else if (newest > before) toEnd();
  if (thread.language && thread.language !== language) changeLanguage(thread.language);
}

// Somebody else has the phone: nothing of the one before stays, also not what was never sent. It was not theirs.
function inOtherHands(now) {
  const before = whose === null ? keptWhose() : whose;
  whose = now;
  keepWhose(now);
  if (!before || before === now) return false;
  keep([]);
  withKeptFiles(({ dropAll }) => dropAll());
  files.length = 0;
  try {
    localStorage.removeItem(FILES_KEPT);
  } catch (error) {
    // A browser that keeps nothing.
  }
  if (newest || pending.length) {
    left = true; // nothing that is still on its way is shown
    location.reload();
  }
  return newest > 0 || pending.length > 0;
}

function keptWhose() {
  try {
    return localStorage.getItem(WHOSE_KEPT) || "";
  } catch (error) {
    return "";
  }
}

function keepWhose(now) {
  try {
    if (now) localStorage.setItem(WHOSE_KEPT, now);
    else localStorage.removeItem(WHOSE_KEPT);
  } catch (error) {
    // A browser that keeps nothing.
  }
}

// What the person has taken out of sight vanishes, also what was sent while it happened.
function hide(upTo) {
  if (upTo <= hiddenTo) return;
  hiddenTo = upTo;
  const shown = newest;
  clearLog();
  newest = Math.max(shown, upTo);
  for (const one of pending.splice(0)) one.element.remove();
}

function place(message) {
  if (message.takes_back) return vanish(message.takes_back);
  if (message.author === "person") return placeOwn(message);
  if (!message.text && !message.buttons.length) return null;
  const element = message.style === "heading" ? heading(message) : bubble(message);
  element.dataset.id = message.id;
  placeReal(element, message);
  if (buttonsOf(message).length) setQuestion({ message, element });
  return element;
}

// A counsellor took it back: nothing of it is left, also not the day above it if that was all of it.
function vanish(id) {
  const element = log.querySelector(`[data-id="${id}"]`);
  if (!element) return null;
  const below = element.nextElementSibling;
  const above = element.previousElementSibling;
  element.remove();
  if (below && below.dataset.author) join(below);
  else if (above && above.className === "day" && !(below && below.dataset.id)) {
    above.remove();
    lastDay = "";
  }
  return null;
}

const SENT_AS = {
  photo: "photo", voice: "voice", audio: "voice", video: "file", document: "file", location: "place",
};

// What was sent without words is called by its kind.
const named = (message) => (message.text ? message : { ...message, text: texts[SENT_AS[message.kind]] });

function placeOwn(message) {
  if (message.kind === "started" || message.kind === "stopped") return null;
  answered();
  const own = takePending(message);
  if (own) return settleOwn(own, message);
  if (!message.text && !SENT_AS[message.kind]) return null;
  const element = bubble(named(message));
  placeReal(element, message);
  return element;
}

// One that stands there already stays where it is.
function settleOwn(own, message) {
  drop(own.item.key);
  own.element.classList.remove("pending");
  if (message.text || message.file) own.element.querySelector(".bubble").replaceWith(content(named(message)));
  showDay(message.at, own.element);
  setTime(own.element, message.at);
  return own.element;
}

function placeReal(element, message) {
  const next = pending.length ? pending[0].element : null;
  showDay(message.at, next);
  setTime(element, message.at);
  add(element, next);
}

const putBefore = (next, element) => log.insertBefore(element, next || (answers && answers.parentNode ? answers : null));

// Put a message in its place, and join it to the one above if the same person wrote that.
function add(element, next) {
  putBefore(next, element);
  join(element);
}

function join(element) {
  const above = element.previousElementSibling;
  const author = element.dataset.author;
  const same = Boolean(above && author && above.dataset.author === author && soonAfter(above, element));
  element.classList.toggle("same", same);
  if (same) above.classList.add("joined");
  const who = element.querySelector(".who");
  if (who) who.classList.toggle("unseen", same || !worthSaying(author, above));
}

const TOGETHER_MS = 300000;

function soonAfter(above, element) {
  return !element.dataset.at || new Date(element.dataset.at) - new Date(above.dataset.at) < TOGETHER_MS;
}

// Who writes is said where it changes between the program and a human, and at the beginning.
function worthSaying(author, above) {
  if (author === "counsellor") return true;
  if (author !== "bot") return false;
  for (let one = above; one; one = one.previousElementSibling) {
    if (one.dataset.author === "counsellor") return true;
    if (one.dataset.author === "bot") return false;
  }
  return true;
}

function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

function worded(tag, name, word) {
  const element = make(tag, name, texts[word]);
  element.dataset.text = word;
  return element;
}

function heading(message) {
  return make("h2", "heading", message.text);
}

const WHO = { person: "you", bot: "program", counsellor: "counsellor" };

function bubble(message) {
  const element = make("div", "message " + message.author + " " + message.style);
  element.dataset.author = message.author;
  element.tabIndex = -1;
  element.append(worded("p", "who", WHO[message.author]), content(message), make("p", "meta"));
  return element;
}

function content(message) {
  const element = make("div", "bubble");
  const lines = message.text.split("\n");
  const isFact = message.style === "fact" && lines.length > 1;
  const title = isFact && lines[1] === "" ? lines.shift() : "";
  const source = isFact ? lines.pop() : "";
  const isPaper = message.file && message.file[0] === "document";
  if (message.file && !isPaper) element.append(fileOf(message));
  if (title) element.append(make("strong", "title", title));
  write(element, lines.join("\n").trim());
  if (source) write(element.appendChild(make("small", "source")), source);
  if (isPaper) element.append(fileOf(message));
  for (const one of message.buttons || []) if (one.kind === "link") element.append(fetchLink(one));
  return element;
}

function setMeta(element, word) {
  const meta = element.querySelector(".meta");
  meta.textContent = word ? texts[word] : "";
  if (word) meta.dataset.text = word;
  else delete meta.dataset.text;
}

function setTime(element, at) {
  const meta = element.querySelector(".meta");
  if (!meta) return;
  element.dataset.at = at;
  setMeta(element, "");
  const time = make("time", "", format(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  time.dateTime = at;
  meta.append(time);
}

function showDay(at, next) {
  const day = format(at, { weekday: "long", day: "numeric", month: "long" });
  if (day === lastDay) return;
  lastDay = day;
  putBefore(next, make("p", "day", day));
}

const WRITTEN_AS = { en: "en-GB", sr: "sr-Latn" };

// Some browsers have no words for dates in Albanian, or say that they have Bosnian ones and write "M11 30, Mon":
// then the day is written in numbers.
function format(at, options) {
  const code = document.documentElement.lang;
  const written = WRITTEN_AS[code] || code;
  try {
    if (Intl.DateTimeFormat.supportedLocalesOf(written).length) {
      const said = new Intl.DateTimeFormat(written, options).format(new Date(at));
      if (!/\bM\d/.test(said)) return said;
    }
    const numbers = options.weekday ? { day: "2-digit", month: "2-digit", year: "numeric" } : options;
    return new Intl.DateTimeFormat("de", numbers).format(new Date(at));
  } catch (error) {
    return "";
  }
}

// ---- Links ----

const LINK = /(https?:\/\/[^\s<>"]+)|(\+\d[\d \u00a0\u202f/()-]{5,18}\d|\b0\d{2,3}[ \u00a0\u202f/-]?\d[\d \u00a0\u202f/-]{4,10}\d\b)|\b(112|19[234])\b(?![.,]?\d|[-\/]\d|[ \u00a0]?(?:€|%|[Ee]uro|[Ee]vra))/g;

function write(element, text) {
  let done = 0;
  for (const found of text.matchAll(LINK)) {
    const before = text[found.index - 1] || " ";
    if (/[\w.,/+-]/.test(before) && !found[1]) continue;
    const shown = found[1] ? found[0].replace(/[.,;:!?)\]]+$/, "") : found[0];
    element.append(text.slice(done, found.index), link(shown, Boolean(found[1])));
    done = found.index + shown.length;
  }
  element.append(text.slice(done));
}

// The words beside a picture say the same: so who hears the page is not told it twice.
function fileOf(message) {
  const [kind, name] = message.file;
  const address = "/chat/files/" + message.id;
  if (kind === "voice") {
    const sound = make("audio", "sound", "");
    sound.controls = true;
    sound.preload = "none";
    sound.src = address;
    return sound;
  }
  if (kind !== "photo") {
    const element = make("a", "fetch", name);
    element.href = address;
    element.setAttribute("download", name);
    return element;
  }
  const picture = make("img", "picture", "");
  picture.src = address;
  picture.alt = "";
  picture.addEventListener("error", () => picture.remove());
  picture.addEventListener("load", () => atEnd && toEnd());
  return picture;
}

const WAY_BACK = "/chat/way-back";

function fetchLink(one) {
  if (one.data === WAY_BACK) return wayBackButton(one);
  const element = make("a", "fetch", one.label);
  element.href = one.data;
  element.setAttribute("download", "");
  return element;
}

// The private link is shown here, to whoever asks, and stands in no message.
function wayBackButton(one) {
  const element = make("button", "fetch", one.label);
  element.type = "button";
  element.addEventListener("click", async () => {
    try {
      const { showWayBack } = await import(body.dataset.wayBack);
      await showWayBack({ ask: (content) => ask(WAY_BACK, content), make, putLast: (shown) => putBefore(null, shown), listen, tell, newKey });
    } catch (error) {
      tell("no_line");
    }
  });
  return element;
}

function link(shown, web) {
  const element = make("a", "", shown);
  element.rel = "noopener noreferrer";
  if (web) element.target = "_blank";
  element.href = web ? shown : "tel:" + shown.replace(/[^\d+]/g, "");
  return element;
}

// ---- The buttons under the newest question ----

const ALWAYS_HERE = ["!human", "!danger"];
const buttonsOf = (message) => message.buttons.filter((one) => one.kind !== "link" && !ALWAYS_HERE.includes(one.data));

function setQuestion(next) {
  question = next;
  lastQuestion = next || lastQuestion;
  showAnswers();
}

// After a question is answered its buttons go; those that always hold, as the way out of a talk, stay.
function answered() {
  const always = question && buttonsOf(question.message).every((one) => one.data.startsWith("!"));
  setQuestion(always ? question : null);
}

function showAnswers() {
  if (answers && (!question || pending.length || answers.dataset.of !== String(question.message.id))) {
    answers.remove();
    answers = null;
  }
  if (!question || pending.length) return;
  answers = answers || answersOf(question.message);
  if (answers.parentNode !== log) log.append(answers);
}

function answersOf(message) {
  const element = make("div", "answers");
  element.dataset.of = message.id;
  const choices = make("div", "choices columns-" + Math.min(message.columns, 4));
  const moves = make("div", "moves");
  for (const one of buttonsOf(message)) (one.kind === "answer" ? choices : moves).append(button(one));
  for (const group of [choices, moves]) if (group.firstChild) element.append(group);
  return element;
}

function button(one) {
  const element = make("button", "", one.label);
  element.type = "button";
  element.addEventListener("click", () => tap(one.data, one.label));
  return element;
}

// The tapped button vanishes; the keyboard goes on from the person's own bubble.
function tap(data, label) {
  const inAnswers = answers && answers.contains(document.activeElement);
  say({ key: newKey(), tap: data, label });
  if (inAnswers) pending[pending.length - 1].element.focus({ preventScroll: true });
}

// ---- Where the reader is ----

const end = () => log.scrollHeight - log.clientHeight;

function toEnd() {
  log.scrollTop = end();
  atEnd = true;
  pill.hidden = true;
}

// Show the beginning of what is new, never its end first; leave alone who reads further up.
function settle(first, wasAtEnd) {
  if (!wasAtEnd) pill.hidden = false;
  else if (first && first.offsetTop - 8 < end()) {
    log.scrollTop = first.offsetTop - 8;
    pill.hidden = false;
    atEnd = false;
  } else toEnd();
}

log.addEventListener("scroll", () => {
  atEnd = end() - log.scrollTop < 40;
  if (atEnd) pill.hidden = true;
}, { passive: true });
pill.addEventListener("click", () => {
  toEnd();
  log.focus({ preventScroll: true });
});
if (window.ResizeObserver) new ResizeObserver(() => atEnd && toEnd()).observe(log);

// In a talk with a counsellor they see what has arrived here, and what somebody has looked at.
let inTalk = false;
let here = 0; // up to this message they know that it has arrived
let looked = 0; // and up to this one that it was looked at

async function arrived() {
  const seen = document.visibilityState === "visible";
  const upTo = newest;
  if (!inTalk || left || (seen ? looked : here) >= upTo) return;
  here = upTo;
  if (seen) looked = upTo;
  const answer = await ask("/chat/seen", { up_to: upTo, seen });
  if (worked(answer)) return;
  here = Math.min(here, upTo - 1); // it is said with the next message, or the next look
  looked = Math.min(looked, upTo - 1);
}

document.addEventListener("visibilitychange", arrived);

// ---- A sign on the screen when something is new and no page shows it, for who wants it ----

const PUSH = "chat-push";
const bell = byId("notify");
const canPush = "push" in body.dataset && "PushManager" in window && "serviceWorker" in navigator && "Notification" in window;
let noticed = -1; // up to this message the server knows that somebody sees the page

function pushIsOn(on) {
  try {
    if (on === true) localStorage.setItem(PUSH, "1");
    if (on === false) localStorage.removeItem(PUSH);
    return canPush && localStorage.getItem(PUSH) !== null;
  } catch (error) {
    return false;
  }
}

async function withPush(act) {
  try {
    return await act(await import(body.dataset.push), {
      ask, make, tell, putLast: (shown) => putBefore(null, shown), newest: () => newest,
      isOn: (on) => {
        pushIsOn(on);
        showBell();
      },
    });
  } catch (error) {
    return undefined;
  }
}

function seesPage() {
  if (!pushIsOn() || left || !newest || document.visibilityState !== "visible" || noticed >= newest) return;
  noticed = newest;
  withPush((push, page) => push.here(page));
}

async function showBell() {
  if (!canPush) return;
  const answer = await ask("/chat/push");
  const offered = worked(answer) && (answer.body.may || pushIsOn());
  bell.hidden = !offered;
  if (offered) bell.querySelector("span").textContent = answer.body.texts[pushIsOn() ? "off" : "on"];
}

bell.addEventListener("click", () => withPush(async (push, page) => {
  if (!pushIsOn()) return push.offer(page);
  const said = await push.turnOff(page);
  if (said) told(said);
}));

document.addEventListener("visibilitychange", () => {
  noticed = -1;
  seesPage();
});

function showWaiting(thread) {
  inTalk = thread.waiting;
  byId("waiting").hidden = !thread.waiting;
  const word = thread.counsellor ? "counsellor" : "waiting";
  byId("waiting-text").dataset.text = word;
  byId("waiting-text").textContent = texts[word];
  byId("who").textContent = thread.counsellor ? ": " + thread.counsellor : "";
}

function setOffline(offline) {
  byId("offline").hidden = !offline;
  const word = kept().length ? "offline" : "no_line";
  if (offline && byId("offline-text").dataset.text !== word) byId("offline-text").textContent = texts[word];
  byId("offline-text").dataset.text = word;
}

// ---- The page's own words ----

async function changeLanguage(code) {
  language = code;
  const answer = await ask("/chat/texts/" + encodeURIComponent(code));
  if (!worked(answer)) return;
  texts = answer.body.texts;
  document.documentElement.lang = answer.body.lang;
  byId("own-name").textContent = answer.body.name;
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = texts[one.dataset.text];
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", texts[one.dataset.label]);
  field.placeholder = texts.write;
}

// ---- Keeping up with the thread ----

let connected = false; // whether the stream of events works
let failures = 0;
let stream = null;
let listenAgain = 0;
let silence = 0;
let polling = 0;
let loading = null;

function load() {
  loading = loading || loadAll().finally(() => { loading = null; });
  return loading;
}

// Everything after the newest; whether the server answered.
async function loadAll() {
  let answer;
  do {
    answer = await ask("/chat/messages?after=" + newest);
    if (answer.status === 401) return startAnew();
    setOffline(mayWorkLater(answer));
    if (!worked(answer)) return false;
    showThread(answer.body);
  } while (answer.body.more);
  return true;
}

function listen() {
  clearTimeout(listenAgain);
  if (stream) stream.close();
  if (left || !window.EventSource) return pollAlways();
  stream = new EventSource("/chat/events?after=" + newest);
  stream.addEventListener("thread", (event) => {
    heard();
    showThread(JSON.parse(event.data));
  });
  stream.addEventListener("ping", heard);
  stream.onerror = lost;
  watchSilence();
}

function heard() {
  connected = true;
  failures = 0;
  setOffline(false);
  clearInterval(polling);
  polling = 0;
  watchSilence();
  if (kept().length) flush();
}

// A line that died without a word, as they do on phones.
function watchSilence() {
  clearTimeout(silence);
  silence = setTimeout(lost, SILENCE_MS);
}

function lost() {
  stream.close();
  clearTimeout(silence);
  connected = false;
  failures += 1;
  if (failures >= 3) pollAlways();
  else load();
  clearTimeout(listenAgain);
  listenAgain = setTimeout(listen, backoff(failures, 60000));
}

function pollAlways() {
  if (!polling && !left) polling = setInterval(load, POLL_MS);
}

function wake() {
  if (!connected) listen();
  load();
  flush();
}

// ---- Beginning ----

let starting = null;
let started = false; // whether this page began the chat
let ready = false; // whether what was said before is shown

// Start a chat; whether it worked. Tried with one key until it does, so that it starts once.
function startAnew() {
  starting = starting || start().finally(() => { starting = null; });
  return starting;
}

async function start() {
  clearLog();
  const key = newKey();
  const from = new URLSearchParams(location.search).get("from") || undefined; // the link that brought them here
  for (let times = 0; !left; times++) {
    const answer = await ask("/chat/start", { key, from, embedded });
    setOffline(!worked(answer));
    if (worked(answer)) {
      if (embedded && !started && !(await isKept())) return openOutside();
      started = true;
      if (stream) listen();
      return true;
    }
    await pause(backoff(times, 30000));
  }
  return false;
}

// A browser that keeps nothing for a page within another: there the chat has a page of its own.
const isKept = async () => (await ask("/chat/messages?after=0")).status !== 401;

function openOutside() {
  left = true;
  const element = worded("p", "told", "outside");
  const opener = worded("a", "fetch", "open_outside");
  opener.href = "/";
  opener.target = "_blank";
  element.append(opener);
  log.replaceChildren(element);
  document.querySelector("footer").hidden = true;
  return new Promise(() => {});
}

function clearLog() {
  newest = 0;
  lastDay = "";
  setQuestion(null);
  for (const one of Array.from(log.children)) if (!one.classList.contains("pending")) one.remove();
}

async function begin() {
  const isShared = keptWhose() !== "";
  kept().forEach(showPending);
  if (!isShared) takeUpFiles();
  for (let times = 0; !(await load()); times++) await pause(backoff(times, 15000));
  if (isShared) takeUpFiles(); // only those of whoever has it now
  if (!newest && !started) await startAnew();
  if (!newest) await load();
  if (!log.querySelector(".person")) log.scrollTop = 0; // a new chat is read from its beginning
  ready = true;
  log.setAttribute("aria-live", "polite");
  listen();
  flush();
}

// ---- Leaving ----

// The page around this one goes too. Where the browser does not let us, that page does it itself.
function leaveAround() {
  parent.postMessage({ leave: body.dataset.leaveTo }, "*");
  try {
    top.location.replace(body.dataset.leaveTo);
  } catch (error) {
    // it was told
  }
}

function leave() {
  left = true;
  if (stream) stream.close();
  clearInterval(polling);
  document.title = "";
  body.textContent = "";
  if (embedded) leaveAround();
  location.replace(body.dataset.leaveTo);
}

let lastEscape = -Infinity;

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat) return;
  if (event.timeStamp - lastEscape < 1000) leave();
  lastEscape = event.timeStamp;
});
byId("leave").addEventListener("click", leave);

// ---- Writing ----

function grow() {
  field.style.height = "auto";
  field.style.height = Math.min(field.scrollHeight + 2, 144) + "px";
}

function submit() {
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  grow();
  say({ key: newKey(), text });
}

const hasKeyboard = () => window.matchMedia("(hover: hover) and (pointer: fine)").matches;

field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !hasKeyboard()) return;
  event.preventDefault();
  submit();
});
byId("write").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
  field.focus();
});
for (const one of document.querySelectorAll("[data-tap]")) {
  one.addEventListener("click", () => tap(one.dataset.tap, one.querySelector("[data-text]").textContent));
}

// ---- Beside words ----

let attached = false; // whether what is behind the button is loaded

byId("attach").addEventListener("click", async () => {
  const panel = byId("more");
  if (!attached) {
    try {
      const [{ attachTo }, { smaller }] = await Promise.all([import(body.dataset.attach), import(body.dataset.smaller)]);
      if (!attached) attachTo({ byId, newKey, texts: () => texts, send: sayFile, sendPlace: sayPlace, tell, smaller });
      attached = true;
    } catch (error) {
      return tell("no_line");
    }
  }
  panel.hidden = !panel.hidden;
  if (!panel.hidden) showBell();
  byId("attach").setAttribute("aria-expanded", String(!panel.hidden));
});

// A sentence of the page itself, where something cannot be done.
function tell(word) {
  told(texts[word]).dataset.text = word;
}

function told(text) {
  const element = make("p", "told", text);
  element.setAttribute("role", "status");
  putBefore(null, element);
  toEnd();
  return element;
}

window.addEventListener("online", wake);
window.addEventListener("offline", () => setOffline(true));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());

begin();
