import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const part = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/** The page that shows a person's chat with the bot and lets them use it. */
export const chatPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chat · Holdfast</title>
<link rel="stylesheet" href="/_emulator/fonts/index.css">
<style>${part('chat.css')}</style>
<body>
<header>
  <div class="avatar" aria-hidden="true">H</div>
  <div class="who"><h1>Holdfast</h1><p>bot · emulated Telegram</p></div>
  <label class="sr" for="user">Chat as</label>
  <select id="user"></select>
</header>
<main id="chat" aria-live="polite"></main>
<div id="toast" role="status"></div>
<div id="commands" hidden></div>
<form id="say">
  <button type="button" id="menu" aria-label="Commands">/</button>
  <label class="attach" aria-label="Attach a photo">📎<input id="photo" type="file" accept="image/*"></label>
  <button type="button" id="sample" aria-label="Send the sample photo">🌸</button>
  <input id="text" autocomplete="off" placeholder="Message" aria-label="Message">
  <button id="send" aria-label="Send">➤</button>
</form>
<script type="module">${part('chat.js')}</script>
</body>
</html>`;
