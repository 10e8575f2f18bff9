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
  <div class="who"><h1>Holdfast</h1><p>emulated Telegram</p></div>
  <label class="sr" for="user">Chat as</label>
  <select id="user"></select>
</header>
<main id="chat" aria-live="polite"></main>
<div id="toast" role="status"></div>
<div id="commands" hidden></div>
<form id="say">
  <button type="button" id="menu" aria-label="Commands">/</button>
  <label class="attach" aria-label="Attach a photo"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.800 4.800l-8.400 8.400a1.700 1.700 0 0 1-2.400-2.400L14.500 7.300"/></svg><input id="photo" type="file" accept="image/*"></label>
  <button type="button" id="sample" aria-label="Send the sample photo"><svg viewBox="0 0 24 24" aria-hidden="true"><rect x="3" y="4" width="18" height="16" rx="3"/><circle cx="9" cy="10" r="1.600"/><path d="m4 18 5.500-5 3.500 3 3-2.500 5 4.500"/></svg></button>
  <input id="text" autocomplete="off" placeholder="Message" aria-label="Message">
  <button id="send" aria-label="Send">➤</button>
</form>
<script type="module">${part('chat.js')}</script>
</body>
</html>`;
