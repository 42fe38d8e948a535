// For another site's pages: a button that opens the chat in a frame. It reads nothing of the page that it is in.

(() => {
  const script = document.currentScript;
  const site = new URL(script.src).origin;
  const words = {/*words*/};
  const language = document.documentElement.lang;
  const { open, close } = words[language] || words[language.split("-")[0]] || words.en;
  const from = script.dataset.from ? "?from=" + encodeURIComponent(script.dataset.from) : "";
  const narrow = () => window.innerWidth < 560;

  const put = (tag, style) => {
    const element = document.createElement(tag);
    Object.assign(element.style, style);
    return element;
  };

  const button = put("button", {
    position: "fixed", right: "16px", bottom: "16px", zIndex: 2147483000, minHeight: "48px", padding: "10px 20px",
    border: "0", borderRadius: "24px", background: "#1b635b", color: "#fff", font: "600 17px/1.3 system-ui, sans-serif",
    cursor: "pointer",
  });
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.textContent = open;
  let frame = null;

  function place() {
    const whole = narrow() ? { inset: "0 0 56px 0", width: "100%", height: "auto", borderRadius: "0" }
      : { inset: "auto 16px 76px auto", width: "400px", height: "min(640px, calc(100vh - 96px))", borderRadius: "12px" };
    Object.assign(frame.style, whole);
    if (narrow()) Object.assign(frame.style, { height: "calc(100% - 56px)" });
    Object.assign(button.style, narrow() && !frame.hidden ? { right: "4px", bottom: "4px" } : { right: "16px", bottom: "16px" });
  }

  function make() {
    frame = put("iframe", {
      position: "fixed", zIndex: 2147483000, border: "1px solid #85887f", background: "#f6f2ec", boxSizing: "border-box", colorScheme: "light dark",
    });
    frame.title = open;
    frame.allow = "microphone; geolocation";
    frame.referrerPolicy = "origin";
    frame.src = site + "/embed" + from;
    document.body.append(frame);
  }

  function show(shown) {
    if (!frame) make();
    frame.hidden = !shown;
    frame.style.display = shown ? "block" : "none";
    button.textContent = shown ? close : open;
    button.setAttribute("aria-expanded", String(shown));
    place();
    if (shown) frame.focus();
  }

  button.addEventListener("click", () => show(!frame || frame.hidden));
  window.addEventListener("resize", () => frame && place());
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== site || !event.data.leave) return;
    document.title = "";
    document.body.textContent = "";
    location.replace(event.data.leave);
  });
  document.body.append(button);
})();
