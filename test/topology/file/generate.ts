/**
 * The text of a topology file with a given number of ports on bridges of a hundred, ten bridges to a router, the routers in a
 * star around one. Sound, and without warnings.
 */
export function generateTopology(ports: number): string {
  const bridges = Math.ceil(ports / 100);
  const routers = Math.ceil(bridges / 10);
  const lines = [`name: generated-${ports}`, 'bridges:'];
  for (let bridge = 0; bridge < bridges; bridge++) {
    const count = Math.min(100, ports - bridge * 100);
    lines.push(`  net-${bridge}:`, '    ports:');
    for (let port = 0; port < count; port++)
      lines.push(`      vm-${bridge}-${port}: { bind: local/tap-${bridge}-${port} }`);
  }
  lines.push('routers:', '  core:', '    ports:');
  for (let router = 0; router < routers; router++) {
    lines.push(`      to-${router}: { address: 172.16.${router}.1/30, link: 'edge-${router}:up' }`);
  }
  lines.push('    routes:');
  for (let bridge = 0; bridge < bridges; bridge++) {
    lines.push(`      - { to: ${subnetOf(bridge)}.0/24, via: 172.16.${Math.floor(bridge / 10)}.2 }`);
  }
  for (let router = 0; router < routers; router++) {
    lines.push(`  edge-${router}:`, '    ports:', `      up: { address: 172.16.${router}.2/30 }`);
    for (let bridge = router * 10; bridge < Math.min(bridges, router * 10 + 10); bridge++) {
      lines.push(`      to-net-${bridge}: { address: ${subnetOf(bridge)}.1/24, link: net-${bridge} }`);
    }
    lines.push(`    routes: [{ to: 0.0.0.0/0, via: 172.16.${router}.1 }]`);
  }
  return `${lines.join('\n')}\n`;
}

function subnetOf(bridge: number): string {
  return `10.${Math.floor(bridge / 256)}.${bridge % 256}`;
}
