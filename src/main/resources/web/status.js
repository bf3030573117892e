'use strict';
// Shows status, members, replicas, pools and tickets, and again whenever an event says that something changed.
const at = (id) => document.getElementById(id);
const LEAST_MS = 500, EVERY_MS = 10000, SHOWN = 200;
let token = sessionStorage.getItem('token') || '';
let due = 0, last = 0, listening = null;

const headers = () => (token ? { Authorization: 'Bearer ' + token } : {});

async function ask(path) {
  const answer = await fetch(path, { headers: headers() });
  if (answer.status === 401) { throw new Error('token'); }
  if (!answer.ok) { throw new Error((await answer.json()).title); }
  return answer.json();
}

function text(id, value, look) {
  at(id).textContent = value;
  if (look !== undefined) { at(id).className = 'big ' + look; }
}

function rows(id, list, cells) {
  const body = document.createDocumentFragment();
  for (const item of list) {
    const row = document.createElement('tr');
    for (const [value, look] of cells(item)) {
      const cell = document.createElement('td');
      cell.textContent = value;
      if (look) { cell.className = look; }
      row.append(cell);
    }
    body.append(row);
  }
  at(id).replaceChildren(body);
}

const clock = (instant) => (instant ? new Date(instant).toLocaleTimeString() : '–');
const moment = (instant) => (Date.now() - new Date(instant) < 72000000 ? clock(instant) : new Date(instant).toLocaleString());
const size = (bytes) => (bytes < 1024 ? bytes + ' bytes' : bytes < 1048576 ? (bytes / 1024).toFixed(1) + ' kB' : megabytes(bytes));
const seconds = (ms) => (ms ? (ms / 1000).toFixed(ms < 10000 ? 1 : 0) + ' s' : '–');
const megabytes = (bytes) => (bytes / 1048576).toFixed(1) + ' MB';

function turn(now) {
  at('turn-card').hidden = !now;
  if (!now) { return; }
  const state = !now.inChannel ? [now.onIrc ? 'not in the channel' : 'not in the group', 'bad'] : now.holds ? ['ours', 'good']
    : now.halted ? ['halted', 'wait'] : now.electing ? ['electing', 'wait'] : ['not ours', ''];
  text('turn', state[0] + ' (' + now.turn + ')', state[1]);
  text('why', now.why);
  text('ask-where', now.onIrc ? 'In the channel' : 'In a shell');
  text('ask', now.onIrc ? now.nick + ': status' : "svcshare query command '" + now.nick + ": status'");
}

function gate(now) {
  at('gate-card').hidden = !now;
  if (!now) { return; }
  text('gate', now.open ? 'open, ' + now.connections + ' connections' : 'closed', now.open ? 'good' : '');
  text('traffic', now.listen + ', ' + megabytes(now.downBytes) + ' down, ' + megabytes(now.upBytes) + ' up');
}

function members(now) {
  at('members-card').hidden = at('members-section').hidden = !now;
  if (!now) { return; }
  const alive = now.members.filter((m) => m.state === 'alive').length;
  const gone = now.members.length - alive;
  text('alive', (now.joined ? '' : 'not joined, ') + alive + (alive === 1 ? ' member' : ' members') + (gone ? ', ' + gone + ' gone' : ''),
    !now.joined ? 'bad' : gone ? 'wait' : 'good');
  text('store', now.name + ' in ' + now.group + ', ' + now.store.keys + (now.store.keys === 1 ? ' key' : ' keys')
    + ' (' + size(now.store.sizeBytes) + ')');
  at('trouble').hidden = !now.trouble;
  text('trouble', now.trouble);
  rows('members', now.members, (m) => [[m.name + (m.self ? ' (this one)' : '')],
    [m.state, { alive: 'good', left: 'wait', failed: 'bad' }[m.state]], [moment(m.since)], [m.address], [m.version]]);
}

function replicas(now) {
  at('replicas-card').hidden = at('replicas-section').hidden = !now;
  if (!now) { return; }
  const usable = now.nodes.filter((n) => n.readable).length;
  const queued = now.nodes.reduce((most, n) => Math.max(most, n.queue.writes), 0);
  text('readable', usable + ' of ' + now.nodes.length + ' usable', usable === 0 ? 'bad' : usable < now.nodes.length ? 'wait' : 'good');
  text('behind', queued ? 'up to ' + queued + ' writes behind' : 'all writes delivered');
  at('no-writes').hidden = !now.trouble;
  text('no-writes', now.trouble ? 'No writes are taken: ' + now.trouble : '');
  rows('replicas', now.nodes, (n) => [[(n.host.includes(':') ? '[' + n.host + ']' : n.host) + ':' + n.port],
    [n.state.replaceAll('-', ' ') + (n.maintenance ? ', in maintenance' : ''),
      { 'in-step': n.maintenance ? 'wait' : 'good', 'catching-up': 'wait', behind: 'wait', 'out-of-step': 'bad' }[n.state]],
    [n.queue.writes + (n.queue.writes ? ' (' + size(n.queue.bytes) + ')' : ''), n.queue.writes ? 'wait' : ''],
    [n.queue.oldest ? moment(n.queue.oldest) : '–'], [n.queue.parked, n.queue.parked ? 'bad' : ''],
    [n.up ? 'yes' : 'no', n.up ? 'good' : 'bad'], [n.why || (n.lastError && !n.up ? n.lastError.what : '')]]);
}

// Says that what is shown may have changed since.
function old(tickets) {
  at('stale').hidden = !tickets.mayBeStale;
  if (!tickets.mayBeStale) { return; }
  const heard = tickets.leaderHeardMs;
  at('stale').textContent = 'Possibly out of date: this server ' + (heard === null
    ? 'has not heard a leader of its group since it was started.'
    : 'last heard from its group ' + Math.round(heard / 1000) + ' s ago.');
}

async function show() {
  last = Date.now();
  try {
    const status = await ask('/api/v1/status');
    // Without a leader there is still what this server knew last.
    const stale = status.pools.ready ? '' : 'stale&';
    const [pools, tickets, group, nodes] = await Promise.all([
      ask('/api/v1/pools?' + stale), ask('/api/v1/tickets?' + stale + 'limit=' + SHOWN),
      status.members ? ask('/api/v1/members') : null, status.replicas ? ask('/api/v1/nodes') : null]);
    at('main').hidden = false;
    at('login').hidden = true;
    text('version', status.version);
    turn(status.turn);
    gate(status.gate);
    members(group);
    replicas(nodes);
    text('engine', status.pools.ready ? status.pools.engine : status.pools.why, status.pools.ready ? 'good' : 'bad');
    const sum = (key) => pools.pools.reduce((total, pool) => total + pool[key], 0);
    text('sums', sum('held') + ' held, ' + sum('waiting') + ' waiting');
    rows('pools', pools.pools, (p) => [[p.name], [p.slotsTaken + ' of ' + p.slots, p.slotsTaken < p.slots ? 'good' : 'wait'],
      [p.waiting, p.waiting ? 'wait' : ''], [seconds(p.meanHoldMs)]]);
    rows('tickets', tickets.tickets, (t) => [[t.ticket], [t.pool], [t.holder],
      [t.state + (t.position ? ' (' + t.position + ')' : ''), { held: 'good', waiting: 'wait', unlocking: 'bad' }[t.state]],
      [clock(t.since)], [clock(t.until)], [t.reason]]);
    old(tickets);
    text('seen', 'as of ' + new Date().toLocaleTimeString());
    listen();
  } catch (e) {
    at('login').hidden = e.message !== 'token';
    text('seen', e.message === 'token' ? 'This server wants a token (role read).' : 'Not up to date: ' + e.message);
  }
}

function soon() {
  if (!due) {
    due = setTimeout(() => { due = 0; show(); }, Math.max(0, last + LEAST_MS - Date.now()));
  }
}

// EventSource cannot send a token, so the stream is read by hand; what is in it does not matter here.
async function listen() {
  if (listening) { return; }
  listening = new AbortController();
  try {
    const answer = await fetch('/api/v1/events', { headers: headers(), signal: listening.signal });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (part.value.includes('event:')) { soon(); }
    }
  } catch (e) {
    // Asked again by the next look.
  }
  listening = null;
}

at('tickets-url').textContent = location.origin + '/api/v1/tickets';
at('enter').addEventListener('click', () => {
  token = at('token').value.trim();
  sessionStorage.setItem('token', token);
  show();
});
setInterval(soon, EVERY_MS);
show();
