// A private link to come back to this chat: made, shown once, ended. Loaded when somebody first asks for it.

export async function showWayBack(page) {
  const { ask, make, putLast, listen, tell, newKey } = page;
  const box = document.querySelector(".way-back") || make("div", "way-back");
  box.setAttribute("role", "status");

  const answer = await ask();
  if (answer.status !== 200) return tell("no_line");
  show(answer.body);

  function show({ holds, link, texts }, done) {
    box.replaceChildren(make("p", "", done || holds || texts.none));
    if (link) showLink(location.origin + link, texts);
    const wishes = make("div", "moves");
    add(wishes, holds ? texts.make_new : texts.make, "make");
    if (holds) add(wishes, texts.end, "end");
    add(wishes, texts.only_here, "only_here", texts.is_only_here);
    box.append(wishes);
    putLast(box);
    box.scrollIntoView({ block: "center" });
  }

  // The key stays the same until it has worked: it may have been done before, and nobody have heard of it.
  function add(wishes, label, wish, done) {
    const key = newKey();
    const button = make("button", "", label);
    button.type = "button";
    button.addEventListener("click", async () => {
      let changed = await ask({ do: wish, key });
      if (changed.status === 0) changed = await ask({ do: wish, key });
      if (changed.status !== 200) return tell("no_line");
      show(changed.body, done);
      if (wish === "only_here") listen();
    });
    wishes.append(button);
  }

  function showLink(link, texts) {
    const field = make("input", "");
    field.readOnly = true;
    field.value = link;
    field.setAttribute("aria-label", texts.link);
    field.addEventListener("focus", () => field.select());
    const copy = make("button", "human", texts.copy);
    copy.type = "button";
    copy.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(link);
      } catch (error) {
        document.execCommand("copy"); // an old browser, or one that asks before
      }
      copy.textContent = texts.copied;
    });
    box.append(field, copy, make("p", "", texts.keep));
  }
}
