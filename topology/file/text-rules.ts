import { formatIpv4, parseIpv4, parseIpv4Prefix, prefixOf } from '../model/ipv4.ts';
import { formatMac, isGroup, parseMac, ZERO_MAC } from '../model/mac.ts';
import { IPV4_ADDRESS, IPV4_PREFIX, MAC } from '../model/schema/fields.ts';
import type { TextFault, TextRules } from './check-shape.ts';
import { INTERFACE_ADDRESS, NAME } from './topology-schema.ts';

/** What is wrong with an address, a prefix, a MAC address or a name, in the words of whoever wrote it. */
export const TEXT_RULES: TextRules = new Map([
  [IPV4_ADDRESS.title ?? '', addressFault],
  [IPV4_PREFIX.title ?? '', prefixFault],
  [INTERFACE_ADDRESS.title ?? '', interfaceAddressFault],
  [MAC.title ?? '', macFault],
  [NAME.title ?? '', nameFault],
]);

function addressFault(text: string): TextFault | undefined {
  const [address = '', length] = text.split('/');
  if (length === undefined) return bareAddressFault(text);
  const what = 'a prefix length does not belong here';
  return { what, didYouMean: parseIpv4(address) === undefined ? undefined : address };
}

function prefixFault(text: string): TextFault | undefined {
  if (/^(default|any|all|\*)$/i.test(text)) return { didYouMean: '0.0.0.0/0' };
  const fault = withLengthFault(text);
  if (fault !== undefined || parseIpv4Prefix(text) !== undefined) return fault;
  const { address, length } = split(text);
  const parsed = parseIpv4(address);
  if (parsed === undefined) return {};
  const what = `bits are set beyond the first ${length}`;
  return { what, didYouMean: `${formatIpv4(prefixOf(parsed, Number(length)).address)}/${length}` };
}

/**
 * A router's address is a host's: it is not the name of its subnet nor its broadcast address (RFC 1812, section 4.2.2.11; a /31
 * has neither, RFC 3021), and of no block that no host has (RFC 6890).
 */
function interfaceAddressFault(text: string): TextFault | undefined {
  const fault = withLengthFault(text);
  if (fault !== undefined) return fault;
  const { address, length } = split(text);
  const parsed = parseIpv4(address);
  if (parsed === undefined) return {};
  const top = parsed >>> 24;
  if (top === 0 || top === 127 || top >= 224) return { what: 'no host has an address of this block' };
  const bits = 32 - Number(length);
  const host = bits === 32 ? parsed : (parsed & (2 ** bits - 1)) >>> 0;
  if (bits < 2) return undefined;
  if (host === 0)
    return {
      what: 'this is the subnet itself',
      didYouMean: `${formatIpv4(parsed).replace(/\d+$/, lastOctet)}/${length}`,
    };
  return host === 2 ** bits - 1 ? { what: "this is the subnet's broadcast address" } : undefined;
}

function lastOctet(octet: string): string {
  return String(Number(octet) + 1);
}

function split(text: string): { readonly address: string; readonly length: string } {
  const [address = '', length = ''] = text.split('/');
  return { address, length };
}

function withLengthFault(text: string): TextFault | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const fault = bareAddressFault(address);
  if (fault !== undefined) {
    const whole =
      fault.didYouMean === undefined ? undefined : [fault.didYouMean, ...text.split('/').slice(1)].join('/');
    return { ...fault, didYouMean: whole };
  }
  if (length === undefined) return { what: 'the prefix length is missing' };
  if (rest.length > 0 || !/^\d+$/.test(length)) return { what: `"${[length, ...rest].join('/')}" is no prefix length` };
  if (Number(length) > 32) return { what: `an IPv4 prefix has at most 32 bits, not ${length}` };
  return length.length > 1 && length.startsWith('0') ? { what: `"${length}" has a leading zero` } : undefined;
}

function bareAddressFault(text: string): TextFault | undefined {
  if (parseIpv4(text) !== undefined) return undefined;
  if (/^[0-9a-f]*:[0-9a-f:.]*$/i.test(text)) return { what: 'routers have IPv4 addresses only' };
  const parts = text.split('.');
  if (!parts.every((part) => /^\d+$/.test(part))) return {};
  if (parts.length !== 4) return { what: `it has ${parts.length} part${parts.length === 1 ? '' : 's'}, not 4` };
  const large = parts.find((part) => Number(part) > 255);
  if (large !== undefined) return { what: `${large} is above 255` };
  const plain = parts.map(Number).join('.');
  return { what: 'a leading zero means octal to some', didYouMean: plain };
}

function macFault(text: string): TextFault | undefined {
  const mac = parseMac(text);
  if (mac !== undefined) {
    if (mac === ZERO_MAC) return { what: 'no station has this address' };
    return isGroup(mac) ? { what: 'this is a group address, no station has it' } : undefined;
  }
  const digits = text.replaceAll(/[-:.]/g, '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits)) return {};
  const guess = digits.length === 12 ? parseMac(digits.replaceAll(/..(?=.)/g, '$&:')) : undefined;
  return { didYouMean: guess === undefined ? undefined : formatMac(guess) };
}

function nameFault(text: string): TextFault | undefined {
  if (text === '') return { what: 'a name is empty' };
  const bad = /[^\p{L}\p{N}_.+@-]/u.exec(text)?.[0];
  if (bad === undefined) return undefined;
  const reason =
    bad === ':'
      ? ', which stands between device and port'
      : bad === '/'
        ? ', which stands between host and interface'
        : '';
  const guess = text.replaceAll(/[^\p{L}\p{N}_.+@-]+/gu, '-').replace(/^[-.+@]+|-+$/g, '');
  return { what: `a name cannot have ${JSON.stringify(bad)}${reason}`, didYouMean: guess === '' ? undefined : guess };
}
