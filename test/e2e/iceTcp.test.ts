import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { available, Network } from '../support/network/index.ts';
import { Person } from '../support/Person.ts';
import { keepPeers, protocols } from '../support/protocols.ts';
import { type NamespacedServer, startServerIn } from '../support/serverIn.ts';

const address = '10.78.0.1';

describe.runIf(available('the test with UDP blocked'))('where a firewall drops UDP', () => {
  let network: Network;
  let server: NamespacedServer;
  let browser: Browser;

  beforeAll(async () => {
    network = new Network();
    const namespace = network.namespace('tcp');
    namespace.addAddress(`${address}/24`);
    namespace.run('nft', 'add table inet plenum');
    namespace.run('nft', 'add chain inet plenum out { type filter hook output priority 0; }');
    namespace.run('nft', 'add rule inet plenum out meta l4proto udp drop');
    server = await startServerIn(namespace, address);
    browser = await launchChromium({
      executablePath: namespace.launcher(chromiumPath()),
      args: [`--unsafely-treat-insecure-origin-as-secure=${server.url}`],
    });
  });

  afterAll(async () => {
    try {
      await browser?.close();
      await server?.close();
    } finally {
      network?.close();
    }
  });

  test('media goes over TCP', async () => {
    const ada = await Person.join(browser, server.url, { room: 'tcp', name: 'Ada', initScript: keepPeers });
    const bob = await Person.join(browser, server.url, { room: 'tcp', name: 'Bob', initScript: keepPeers });
    await ada.seesPicture(ada.tile('Bob'));
    await bob.seesPicture(bob.tile('Ada'));
    await bob.hears(1);
    expect(await protocols(ada)).toEqual(['tcp']);
    expect(await protocols(bob)).toEqual(['tcp']);
    expect([...ada.problems, ...bob.problems]).toEqual([]);
  });
});
