// Shows what a page of the console asks it to, or one kept sentence when it is woken, and leads back there. It fetches nothing.
self.addEventListener("push", (event) => event.waitUntil(shown()));

async function shown() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (pages.some((one) => isConsole(one) && one.visibilityState === "visible")) return;
  const kept = await (await caches.open("desk-notice")).match("/console/notice");
  await self.registration.showNotification(kept ? await kept.text() : "!",
    { tag: "urgent", renotify: true, requireInteraction: true, icon: "/console/static/console-512.png" });
}

const isConsole = (page) => new URL(page.url).pathname.startsWith("/console");

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
    const page = pages.find(isConsole);
    return page ? page.focus() : self.clients.openWindow("/console");
  }));
});
