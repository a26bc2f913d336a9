// Files: chosen or dropped, they go ahead of the form, one by one, each with its progress and a way out; the form then only names them.
// Without this script the field brings them with the form. A picture that does not load gives way to the sign of a file.

const field = document.querySelector("[data-files]");

const broken = (picture) => picture.classList.add("broken");
const look = () => {
  for (const picture of document.querySelectorAll("img[data-picture]")) {
    if (picture.complete && !picture.naturalWidth && picture.currentSrc) broken(picture);
  }
};
document.addEventListener("error", (event) => event.target.matches?.("img[data-picture]") && broken(event.target), true);
document.addEventListener("backchannel:swapped", look);
look();

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

if (field) {
  const form = field.closest("form");
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector("[data-files-list]");
  const said = field.querySelector("[data-files-say]");
  const ids = make("input", { type: "hidden", name: "attachments" });
  const button = form.querySelector("button[type=submit]");
  const most = Number(field.dataset.most);
  let going = 0;
  field.append(ids);

  const settle = () => {
    ids.value = [...list.querySelectorAll("[data-id]")].map((row) => row.dataset.id).join(",");
    button.disabled = going > 0;
  };
  const tell = (row, text, failed) => {
    row.querySelector("[data-file-say]").textContent = text;
    row.classList.toggle("failed", Boolean(failed));
    said.textContent = `${row.dataset.name}: ${text}`;
  };

  const send = (file) => {
    const say = make("span", { className: "quiet small" });
    say.dataset.fileSay = "";
    const bar = make("progress", { max: 1, value: 0 });
    const away = make("button", { type: "button", className: "linklike", textContent: field.dataset.sayCancel });
    away.setAttribute("aria-label", `${field.dataset.sayCancel}: ${file.name}`);
    const row = make("li", { className: "upload" }, make("bdi", { className: "file-name", textContent: file.name }), bar, say, away);
    row.dataset.name = file.name;
    bar.setAttribute("aria-label", file.name);
    list.append(row);
    if (file.size > most) {
      bar.remove();
      tell(row, field.dataset.sayLarge, true);
    }
    const call = new XMLHttpRequest();
    const done = (text, id) => {
      going -= 1;
      bar.remove();
      if (id) row.dataset.id = id;
      away.textContent = field.dataset.sayRemove;
      away.setAttribute("aria-label", `${field.dataset.sayRemove}: ${file.name}`);
      tell(row, text, !id);
      settle();
    };
    away.addEventListener("click", () => {
      const isGoing = bar.isConnected;
      row.remove();
      if (isGoing) going -= 1;
      call.onload = call.onerror = null;
      call.abort();
      settle();
      input.focus();
    });
    if (file.size > most) return;
    const body = new FormData();
    body.append("csrf", form.elements.csrf.value);
    body.append("file", file, file.name);
    call.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    call.onload = () => {
      if (call.status === 201) done(field.dataset.sayDone, call.responseText.trim());
      else done(call.status === 413 ? field.dataset.sayLarge : field.dataset.sayFailed);
    };
    call.onerror = () => done(field.dataset.sayFailed);
    call.open("POST", field.dataset.files);
    call.send(body);
    going += 1;
    settle();
  };

  const take = (files) => {
    for (const file of files) send(file);
  };
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(kind, (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files);
    });
  }
}
