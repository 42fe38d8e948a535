// The sign on the screen when there is something new: wanted, kept up, ended. Loaded where somebody asks for it.

const WORKER = "/chat/worker.js";
const SCOPE = "/chat/";
const NOTICE = "chat-notice";
const ROUTE = "/chat/push";

const registered = () => navigator.serviceWorker.getRegistration(SCOPE);
const subscribed = async () => (await registered())?.pushManager.getSubscription();

// Asked before the browser asks: what will be seen, and by whom.
export async function offer(page) {
  const { ask, make, putLast, tell } = page;
  const { status, body } = await ask(ROUTE);
  if (status !== 200) return tell("no_line");
  const box = document.querySelector(".notify-offer") || make("div", "way-back notify-offer");
  box.setAttribute("role", "status");
  const moves = make("div", "moves");
  const yes = button(body.texts.yes, async () => {
    yes.disabled = true;
    say((await turnOn(page, body)) || body.texts.is_on);
  });
  moves.append(yes, button(body.texts.no, () => box.remove()));
  box.replaceChildren(make("p", "", body.texts.what), moves);
  putLast(box);
  box.scrollIntoView({ block: "center" });
  yes.focus({ preventScroll: true });

  function say(text) {
    box.replaceChildren(make("p", "", text));
    box.scrollIntoView({ block: "center" });
  }

  function button(label, act) {
    const element = make("button", "", label);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }
}

// What went wrong, in a sentence; nothing where it works.
async function turnOn(page, { key, texts, notice }) {
  try {
    if ((await Notification.requestPermission()) !== "granted") return texts.refused;
    await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
    const worker = await active(await registered());
    const endpoint = (await subscribe(worker.pushManager, key)).endpoint;
    await keep(notice);
    const answer = await page.ask(ROUTE, { do: "on", endpoint });
    if (answer.status === 200) return page.isOn(true), "";
    await forget();
    return answer.status === 0 || answer.status >= 429 ? texts.no_line : texts.refused;
  } catch (error) {
    return texts.refused;
  }
}

// A worker that was just made takes a moment until it can be subscribed for.
async function active(registration) {
  const worker = registration.installing || registration.waiting;
  if (worker && !registration.active) {
    await new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
  }
  return registration;
}

async function subscribe(manager, key) {
  const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
  try {
    return await manager.subscribe(options);
  } catch (error) {
    const old = await manager.getSubscription(); // of another key: our server has a new one
    if (!old) throw error;
    await old.unsubscribe();
    return manager.subscribe(options);
  }
}

function bytes(text) {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (one) => one.charCodeAt(0));
}

export async function turnOff(page) {
  const endpoint = (await subscribed())?.endpoint || "";
  page.isOn(false);
  await forget();
  const { status, body } = await page.ask(ROUTE, { do: "off", endpoint });
  return status === 200 ? body.texts.is_off : "";
}

// Nothing of it is left in this browser.
async function forget() {
  const registration = await registered();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  for (const one of (await registration?.getNotifications()) || []) one.close();
  await registration?.unregister();
  await caches.delete(NOTICE);
}

// The page is open and somebody sees it: the sign goes, and the next thing that is new may show it again.
export async function here(page) {
  for (const one of (await (await registered())?.getNotifications()) || []) one.close();
  const endpoint = (await subscribed())?.endpoint || "";
  const { status, body } = await page.ask(ROUTE, { do: "here", up_to: page.newest(), endpoint });
  if (status === 200 && body.on) return keep(body.notice);
  if (status === 200 || (status >= 400 && status < 429)) {
    page.isOn(false); // the chat is another one now, or what was kept is deleted
    await forget();
  }
}

// The words that the worker shows, and whether with a sound.
async function keep(notice) {
  await (await caches.open(NOTICE)).put("/chat/notice", new Response(JSON.stringify(notice)));
}
