// A receiver of webhooks on the loopback. It proves signatures as a stranger to our code would.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';

/** {url, messages, answer, verified, close}; `answer` is the status of the next answers. */
export async function receiver() {
  const messages = [];
  const self = { messages, answer: 200 };
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      messages.push({ headers: request.headers, text: body, event: JSON.parse(body) });
      response.writeHead(self.answer, { 'Content-Type': 'text/plain' }).end('seen');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  self.url = `http://127.0.0.1:${server.address().port}/tandem`;
  self.close = () => new Promise((resolve) => server.close(resolve));
  /** Whether a message was signed by the secret. */
  self.verified = ({ headers, text }, secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
    const wanted = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    return headers['webhook-signature'].split(' ').includes(wanted);
  };
  return self;
}
