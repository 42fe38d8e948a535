// Shows one neutral sign when it is woken, and leads to the chat. It keeps those words and nothing else, fetches nothing.
const NOTICE = "chat-notice";

async function shown() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (pages.some((one) => isChat(one) && one.visibilityState === "visible")) return;
  const kept = await (await caches.open(NOTICE)).match("/chat/notice");
  const { text, lang, silent } = kept ? await kept.json() : { text: "Chat", lang: "", silent: true };
  await self.registration.showNotification(text, {
    tag: "new", renotify: !silent, silent, lang, icon: "/static/chat-192.png", badge: "/static/chat-192.png",
  });
}

const isChat = (page) => new URL(page.url).pathname === "/";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("push", (event) => event.waitUntil(shown()));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
    const page = pages.find(isChat);
    return page ? page.focus() : self.clients.openWindow("/");
  }));
});
