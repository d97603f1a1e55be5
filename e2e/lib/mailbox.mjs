// A mail server on the loopback that takes every mail and keeps it.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { until } from './journey.mjs';

/** mailbox() gives {port, mails, next(to), close}. A mail is {to, subject, text}: headers as they came, text decoded. */
export async function mailbox() {
  const mails = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.setEncoding('utf8');
    const say = (line) => socket.write(`${line}\r\n`);
    let rest = '';
    let to = '';
    let data = null;
    say('220 mailbox ready');
    socket.on('data', (chunk) => {
      rest += chunk;
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data) {
          if (line !== '.') {
            data.push(line.replace(/^\.\./, '.'));
            continue;
          }
          mails.push(read(to, data));
          data = null;
          say('250 kept');
        } else if (/^RCPT TO:/i.test(line)) {
          to = /<([^>]*)>/.exec(line)?.[1] ?? '';
          say('250 ok');
        } else if (/^DATA/i.test(line)) {
          data = [];
          say('354 go on');
        } else if (/^QUIT/i.test(line)) {
          say('221 bye');
          socket.end();
        } else say('250 ok');
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  let seen = 0;
  return {
    port: server.address().port,
    mails,
    /** The next mail that was not asked for yet; it has to be to this person. */
    async next(to) {
      await until(() => mails.length > seen, true, `a mail to ${to}`);
      const mail = mails[seen++];
      assert.equal(mail.to, to);
      return mail;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function read(to, lines) {
  const blank = lines.indexOf('');
  const subject = /^Subject: (.*)$/m.exec(lines.slice(0, blank).join('\n'))?.[1] ?? '';
  const text = lines
    .slice(blank + 1)
    .join('\n')
    .replace(/=\n/g, '')
    .replace(/(?:=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8'));
  return { to, subject, text };
}

/** The one-time link in a mail. */
export function linkIn(mail) {
  const link = /http:\S+\/set-password\?token=[\w-]+/.exec(mail.text)?.[0];
  assert.ok(link, `a link in ${mail.text}`);
  return link;
}
