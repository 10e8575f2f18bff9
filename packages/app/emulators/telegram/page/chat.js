const byId = (id) => document.getElementById(id);
const chat = byId('chat');
let user = Number(new URLSearchParams(location.search).get('user') ?? 1001);
let version = -1;
let toasts = null;
const drawn = new Map();

const act = async (what) => {
  const answer = await fetch(`/_emulator/do?user=${user}`, { method: 'POST', body: JSON.stringify(what) });
  if (!answer.ok) toast((await answer.json()).error);
  await look();
};

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function toast(text) {
  const box = byId('toast');
  box.textContent = text;
  box.classList.add('shown');
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => box.classList.remove('shown'), 3500);
}

function media(file) {
  const src = `/_emulator/file?id=${file.id}`;
  if (file.kind === 'video')
    return element('video', { src, controls: true, loop: true, muted: true, playsInline: true });
  if (file.kind === 'photo') return element('img', { src, alt: 'photo' });
  return element('p', {}, file.kind === 'sticker' ? '🖼 sticker' : `📄 ${file.name}`);
}

function button(message, one) {
  if (one.url)
    return element('a', { href: one.url, target: '_blank', rel: 'noreferrer', textContent: `${one.text} ↗` });
  const press = one.pay
    ? () => act({ do: 'pay', message: message.id })
    : () => act({ do: 'press', message: message.id, data: one.callback_data });
  const made = element('button', { type: 'button', textContent: one.text, onclick: press });
  made.dataset.data = one.callback_data ?? '';
  return made;
}

function draw(message) {
  const time = new Date(message.date * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const words = message.text ?? message.caption;
  const bubble = element(
    'div',
    { className: 'bubble' },
    message.file ? media(message.file) : null,
    words === null ? null : element('p', {}, words),
    message.invoice
      ? element(
          'div',
          { className: 'invoice' },
          element('strong', {}, message.invoice.title),
          element('p', {}, message.invoice.description),
        )
      : null,
    message.payment ? element('p', {}, `⭐️ ${message.payment.stars} paid`) : null,
    element('span', { className: 'meta' }, message.edits > 0 ? `edited ${time}` : time),
  );
  const rows = message.buttons.map((row) =>
    element('div', { className: 'row' }, ...row.map((one) => button(message, one))),
  );
  const box = element(
    'article',
    { className: message.from === 'bot' ? 'message' : 'message mine' },
    bubble,
    ...rows,
  );
  box.dataset.message = message.id;
  return box;
}

/** A message is drawn anew only where it has changed: a film that plays goes on. */
/** Whoever reads the newest message goes on doing so, also once a picture has found its size. */
let following = true;
chat.addEventListener('scroll', () => {
  following = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 120;
});
function toNewest() {
  if (following) chat.scrollTop = chat.scrollHeight;
}
for (const loaded of ['load', 'loadedmetadata']) chat.addEventListener(loaded, toNewest, true);

function show(seen) {
  let grown = false;
  const there = new Set(seen.messages.map(({ id }) => id));
  for (const [id, known] of drawn) {
    if (there.has(id)) continue;
    known.box.remove();
    drawn.delete(id);
  }
  chat.querySelector('.empty')?.remove();
  for (const message of seen.messages) {
    const print = JSON.stringify(message);
    const known = drawn.get(message.id);
    if (known?.print === print) continue;
    const box = draw(message);
    if (known) known.box.replaceWith(box);
    else chat.append(box);
    drawn.set(message.id, { print, box });
    grown = true;
  }
  if (seen.messages.length === 0) {
    const start = element('button', {
      type: 'button',
      textContent: 'Start',
      onclick: () => act({ do: 'say', text: '/start' }),
    });
    chat.append(
      element('div', { className: 'empty' }, element('p', {}, 'What can this bot do? Press Start.'), start),
    );
  }
  if (grown) toNewest();
}

function showPeople(seen) {
  const box = byId('user');
  if (box.childElementCount === seen.users.length) return;
  const one = ({ id, first_name, language_code }) =>
    element('option', { value: id, selected: id === user }, `${first_name} (${language_code})`);
  box.replaceChildren(...seen.users.map(one));
}

function showCommands(seen) {
  const one = ({ command, description }) =>
    element(
      'button',
      {
        type: 'button',
        onclick: () => ((byId('commands').hidden = true), act({ do: 'say', text: `/${command}` })),
      },
      element('b', {}, `/${command}`),
      element('span', {}, description),
    );
  byId('commands').replaceChildren(...seen.commands.map(one));
}

async function look() {
  const seen = await (await fetch(`/_emulator/chat?user=${user}`)).json();
  if (seen.version === version) return;
  version = seen.version;
  showPeople(seen);
  showCommands(seen);
  show(seen);
  if (toasts !== null && seen.toasts.length > toasts) toast(seen.toasts.at(-1).text);
  toasts = seen.toasts.length;
}

byId('user').addEventListener('change', (event) => {
  const url = new URL(location.href);
  url.searchParams.set('user', event.target.value);
  location.assign(url);
});
byId('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = byId('text').value;
  byId('text').value = '';
  if (text.trim() !== '') void act({ do: 'say', text });
});
byId('sample').addEventListener('click', () => void act({ do: 'photo', sample: 'flower' }));
byId('menu').addEventListener('click', () => {
  byId('commands').hidden = !byId('commands').hidden;
});
async function attach(event) {
  const [file] = event.target.files;
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCodePoint(...bytes.subarray(at, at + 8192));
  event.target.value = '';
  await act({ do: 'photo', content: btoa(text) });
}
byId('photo').addEventListener('change', (event) => void attach(event));

const loop = () =>
  look()
    .catch(() => undefined)
    .finally(() => setTimeout(loop, 300));
void loop();
