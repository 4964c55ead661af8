import { MICROSECONDS, type Resolution } from './capture-interface.ts';
import { numberOf, OPTION, textOf, type PcapngOption } from './pcapng-option.ts';

/** What the options of an interface description say. */
interface InterfaceOptions {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly resolution: Resolution;
  /** What is added to its times. */
  readonly offsetSeconds: number;
  readonly fcsLength: number;
}

/**
 * What the options of an interface description say, and what holds where they are silent.
 *
 * @throws CaptureError `bad-option` for a number of another length than it must have
 * @see draft-ietf-opsawg-pcapng, section 4.2
 */
export function interfaceOptionsOf(options: readonly PcapngOption[], littleEndian: boolean): InterfaceOptions {
  let name: string | undefined;
  let description: string | undefined;
  let resolution = MICROSECONDS;
  let offsetSeconds = 0;
  let fcsLength = 0;
  for (const option of options) {
    switch (option.code) {
      case OPTION.interfaceName:
        name = textOf(option);
        break;
      case OPTION.interfaceDescription:
        description = textOf(option);
        break;
      case OPTION.timestampResolution:
        resolution = resolutionOf(numberOf(option, 1, littleEndian));
        break;
      case OPTION.timestampOffset:
        offsetSeconds = numberOf(option, 8, littleEndian);
        break;
      case OPTION.fcsLength:
        fcsLength = octetsOf(numberOf(option, 1, littleEndian));
        break;
      default:
    }
  }
  return { name, description, resolution, offsetSeconds, fcsLength };
}

/** if_tsresol: a negative power of 10, or of 2 if the highest bit is set. */
function resolutionOf(octet: number): Resolution {
  return { base: octet < 0x80 ? 10 : 2, exponent: octet & 0x7f };
}

/** if_fcslen: bits, says the specification; octets, say many writers. */
function octetsOf(value: number): number {
  return value < 8 ? value : value >>> 3;
}
