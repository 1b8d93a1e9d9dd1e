// DNS in two roles: the provider, where zones are changed, and the resolver, which asks servers what they really answer.

export type AddressType = 'A' | 'AAAA' | 'CNAME';

export interface RecordSet<Type extends AddressType | 'TXT' = AddressType> {
  /** Fully qualified, lower case, with the trailing dot. */
  readonly name: string;
  readonly type: Type;
  /** Seconds. */
  readonly ttl: number;
  /** Addresses, the one target of a CNAME with its trailing dot, or texts without quotes. Sorted. */
  readonly values: readonly string[];
}

/** What is said beside a name, for programs: a managed name's owner. Written texts have at most 255 characters (RFC 1035 section 3.3). */
export type TextSet = RecordSet<'TXT'>;

export interface Server {
  /** IPv4 or IPv6 address. */
  readonly address: string;
  readonly port: number;
  /** For people: `ns1.example.org`. */
  readonly name: string;
}

export interface Zone {
  /** As configured: a managed zone's name (Google Cloud) or the zone's own name (RFC 2136). */
  readonly id: string;
  /** `example.org.` */
  readonly origin: string;
  /** Every authoritative server. Never empty. */
  readonly servers: readonly Server[];
}

export interface DnsReader {
  /** Rejects 'notFound' when there is no such zone, 'forbidden' when it may not be read. */
  zone(id: string): Promise<Zone>;
  /** The A, AAAA and CNAME record sets of exactly this name, from the provider's own data. Empty means: certainly none. */
  read(zone: Zone, name: string): Promise<readonly RecordSet[]>;
  /** The TXT record set of exactly this name, likewise. Undefined means: certainly none. */
  readText(zone: Zone, name: string): Promise<TextSet | undefined>;
}

/** Names that a change would touch. */
export interface TouchedNames {
  readonly addresses: readonly string[];
  readonly texts: readonly string[];
}

/** For whoever plans a change. Some providers can only be asked with a change that is bound to be refused: that is not for mere looking. */
export interface DnsProbe extends DnsReader {
  /**
   * Whether a change would be accepted, found out without changing anything. The reason when not. With `names`, whether
   * changes of exactly these would be: a key may be allowed some names of a zone only, and some types.
   */
  writable(zone: Zone, names?: TouchedNames): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;
}

export interface ZoneChange {
  /** Every address record set that the names have now, exactly as read; and of names that are for texts, every TXT record set. */
  readonly expected: readonly (RecordSet | TextSet)[];
  /** What they shall have instead. Names that are in neither list are not touched. No name has both addresses and texts here. */
  readonly desired: readonly (RecordSet | TextSet)[];
}

export interface DnsProvider extends DnsProbe {
  /**
   * One atomic compare-and-swap: all of it or nothing. Rejects 'conflict' when the zone no longer holds `expected`,
   * 'timeout' when it is unknown whether it happened. Sources: RFC 2136 section 3.2; Cloud DNS changes.create.
   */
  change(zone: Zone, change: ZoneChange): Promise<void>;
}

export type Answer =
  | { readonly kind: 'answer'; readonly records: readonly RecordSet[] }
  | { readonly kind: 'noSuchName' }
  | { readonly kind: 'noData' };

export interface Resolver {
  /** Asks one server, once, for the type given (without recursion). Rejects 'timeout', 'unavailable', 'forbidden'. */
  query(server: Server, name: string, type: AddressType): Promise<Answer>;
}
