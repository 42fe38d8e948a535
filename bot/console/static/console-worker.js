// Shows what a page of the console asks it to, and leads back there. It keeps nothing, and fetches nothing.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
    const page = pages.find((one) => new URL(one.url).pathname.startsWith("/console"));
    return page ? page.focus() : self.clients.openWindow("/console");
  }));
});
