import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { LOOPBACK } from '../../stack/ports.js';
import { answerParent } from './child-process.js';
import type { Play, Played, SenderProtocol } from './protocols.js';
import { Player } from './player.js';
import { Subscribers } from './subscribers.js';

/** The shortest that a timer can wait, ms. */
const TICK_MS = 1;

/** As often the busy topic speaks where nothing is played: a connection without data is none, ms. */
const CANARY_MS = 1_000;

const subscribers = new Subscribers();

async function listen(): Promise<{ url: string }> {
  const server = new WebSocketServer({ host: LOOPBACK, port: 0, perMessageDeflate: false });
  server.on('connection', (socket, { socket: transport }) => {
    transport.setNoDelay(true);
    socket.on('message', (data: Buffer) => subscribers.answer(socket, transport, data.toString()));
    socket.on('close', () => subscribers.forget(transport));
  });
  setInterval(() => subscribers.sendCanaries(), CANARY_MS);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `ws://${LOOPBACK}:${port}` };
}

async function play(options: Play): Promise<Played> {
  const player = new Player(subscribers, options);
  const beganAt = performance.now();
  for (let elapsedMs = 0; elapsedMs < options.forMs; elapsedMs = performance.now() - beganAt) {
    player.send(elapsedMs);
    await sleep(TICK_MS);
  }
  return player.played;
}

answerParent<SenderProtocol>({ listen, play });
